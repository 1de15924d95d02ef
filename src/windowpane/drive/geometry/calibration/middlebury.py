"""Middlebury's ``calib.txt`` of rectified pictures (stereo benchmark); lengths are millimetres.

    cam0=[3997.684 0 1176.728; 0 3997.684 1011.728; 0 0 1]
    cam1=[...]  doffs=131.111  baseline=193.001  width=2964  height=1988

Source: Scharstein et al. 2014, "High-resolution stereo datasets with subpixel-accurate ground truth".
"""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np

from windowpane.drive.geometry.calibration.records import Calibration, from_projections, matrix

MILLIMETRE = 0.001


def is_middlebury(text: str) -> bool:
    """Say whether a text is such a file."""
    return re.search(r"^\s*cam0\s*=\s*\[", text, re.MULTILINE) is not None


def read(text: str) -> Calibration:
    """Return the calibration."""
    values = dict(re.findall(r"^\s*(\w+)\s*=\s*(.*?)\s*$", text, re.MULTILINE))
    left, right = (matrix(re.sub(r"[\[\];,]", " ", values[name]).split(), 3) for name in ("cam0", "cam1"))
    size = int(float(values["height"])), int(float(values["width"]))
    shift = np.array([[-right[0, 0] * MILLIMETRE * float(values["baseline"])], [0], [0]])
    told = from_projections(np.hstack([left, np.zeros((3, 1))]), np.hstack([right, shift]), size)
    return replace(told, metric=True)
