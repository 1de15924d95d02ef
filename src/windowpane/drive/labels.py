"""The five labels of the lecture, which stereo gives to what is near and the net to all up to the horizon.

    SUPER_GROUND     nothing but ground in the window, and no doubt about it
    GROUND           ground in its middle; something else too, or less sure
    FOOTLINE         the foot of an obstacle in its middle: the place where a robot has to stop
    OBSTACLE         an obstacle in its middle; something else too, or less sure
    SUPER_OBSTACLE   nothing but obstacle

Every pixel with a range is ground or obstacle by its height above the ground (`stereo_labels`); every window
of a band has the label of the pixels in it (`label_windows`).

Sources: lecture 6.1 (figure 4); Hadsell et al., IROS 2008, "Deep belief net learning in a long-range vision
system for autonomous off-road driving".
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
LabelsOf = NDArray[np.int8]

UNLABELLED = -1
"""What a window has instead of a label, where too little is known of it."""


class Label(IntEnum):
    """One of the five labels; the numbers are the places in the net's last layer."""

    SUPER_GROUND = 0
    GROUND = 1
    FOOTLINE = 2
    OBSTACLE = 3
    SUPER_OBSTACLE = 4


NAMES = tuple(label.name.lower().replace("_", "-") for label in Label)

COLOURS: NDArray[np.uint8] = np.array(
    [(40, 190, 60), (150, 215, 120), (150, 40, 160), (240, 130, 110), (215, 30, 40)], np.uint8
)
"""RGB of each label, as in the lecture's figure 4: green, purple, red; the paler, the less sure."""

KNOWN = 0.25  # so much of a window must be known for a label
WHOLE = 0.6  # and so much for a super label
PURE = 0.95  # of which so much must be of one kind


class Shares(NamedTuple):
    """What is in windows: arrays of one shape, float, shares of pixels 0..1.

    ground, obstacle: of the whole window. middle_ground, middle_obstacle: of its middle, 4 x 9 pixels of
    12 x 25. What is missing to 1 is not known. foot: bool, an obstacle's foot is in the middle.
    """

    ground: Floats
    obstacle: Floats
    middle_ground: Floats
    middle_obstacle: Floats
    foot: NDArray[np.bool_]


def five_labels(shares: Shares) -> tuple[LabelsOf, Floats]:
    """Return the label of each window, `UNLABELLED` where less than a quarter is known, and how sure it is.

    Both have the shape of the shares, int8 and float32; the confidence is the share that is known and of the
    label's kind, 0..1.
    """
    known = shares.ground + shares.obstacle
    purity = shares.ground / np.maximum(known, 1e-6)
    middle = shares.middle_ground - shares.middle_obstacle
    # Where the middle is not known the rest of the window speaks for it.
    is_ground = np.where(middle == 0, purity >= 0.5, middle > 0)
    labels = np.where(is_ground, Label.GROUND, Label.OBSTACLE).astype(np.int8)
    labels[(purity >= PURE) & (known >= WHOLE)] = Label.SUPER_GROUND
    labels[(purity <= 1 - PURE) & (known >= WHOLE)] = Label.SUPER_OBSTACLE
    labels[shares.foot] = Label.FOOTLINE
    labels[known < KNOWN] = UNLABELLED
    agreeing = np.where(labels <= Label.GROUND, shares.ground, shares.obstacle)
    confidence = np.where(labels == Label.FOOTLINE, known, agreeing)
    return labels, np.where(labels == UNLABELLED, 0, confidence).astype(np.float32)
