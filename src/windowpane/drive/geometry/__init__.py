"""Cameras, their calibration, and rigid motions (SE(3))."""
