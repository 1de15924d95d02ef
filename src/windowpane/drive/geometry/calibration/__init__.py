"""Calibration files of stereo cameras (intrinsics and extrinsics): a module a format, one record for all."""
