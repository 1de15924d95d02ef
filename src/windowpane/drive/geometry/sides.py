"""How people name the left and the right one of two cameras (stereo naming): folders, files and topics.

partner("cam0/left_012.png")     "cam0/right_012.png"
"""

from __future__ import annotations

import re
from collections.abc import Iterator

SIDES = (
    *(("left", "right"), ("Left", "Right"), ("LEFT", "RIGHT")),
    *(("image_0", "image_1"), ("image_00", "image_01"), ("image_2", "image_3"), ("image_02", "image_03")),
    *(("image_l", "image_r"), ("cam0", "cam1"), ("cam_0", "cam_1"), ("camera0", "camera1")),
    *(("camera_0", "camera_1"), ("infra1", "infra2"), ("infra_1", "infra_2"), ("ir1", "ir2")),
)
"""What two names differ in, anywhere in them."""
LETTERS = (("l", "r"), ("L", "R"))
"""The same, where nothing but digits, a dash or the like is beside them: ``000_l.png``, ``L12.png``."""


def partners(name: str) -> Iterator[str]:
    """Yield what the right one may be called whose left one has this name, the likeliest first."""
    for left, right in SIDES:
        if mentions(name, left):
            before, after = name.rsplit(left, 1)
            yield before + right + after
            yield name.replace(left, right)
    for left, right in LETTERS:
        if mentions(name, left):
            yield re.sub(_alone(left), right, name)


def partner(name: str, names: set[str]) -> str | None:
    """Return the right one of those names whose left one is given, None where there is none."""
    return next((one for one in partners(name) if one in names and one != name), None)


def mentions(name: str, side: str) -> bool:
    """Say whether a name has one of the words, or the letters, of a side in it."""
    return re.search(_alone(side) if len(side) == 1 else re.escape(side), name) is not None


def _alone(letter: str) -> str:
    return rf"(?<![A-Za-z]){letter}(?![A-Za-z])"
