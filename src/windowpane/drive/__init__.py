"""A robot that sees with two eyes: stereo, ground, motion, and what can be driven on."""
