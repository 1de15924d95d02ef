"""A robot that sees with two eyes (stereo, navigation): ground, motion, and what can be driven on."""
