"""What kind of face is it (head pose, roll, individual typology angle)? Told from landmarks, for groups.

All take the five landmarks (n, 5, 2) of `windowpane.data.photographs`: left eye, right eye, nose tip, corners
of the mouth. None needs the mouth, which a mask hides. A landmark that is not known (NaN) makes the answer
"unknown".

    pose    how far the tip of the nose is from the middle of the eyes, along the line of the eyes, over
            their distance: frontal up to 0.2 (some 20 degrees), half turned up to 0.55 (some 45), or profile
    turn    the angle of the line of the eyes: upright, tilted from 25 degrees, lying from 65, upside down
    tone    the individual typology angle (ITA) of the cheeks, which lie under the eyes at the height of the
            tip of the nose: atan((L* - 50) / b*) in CIELAB, in the classes of Chardon et al. (1991) from
            light to dark, of which the first two and the last two are one here

The tone is that of the picture, not of the person: light, exposure and white balance move it by more than a
class. It is told of frontal faces with eyes `CHEEKS` pixels apart and more, in colour pictures alone.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

UNKNOWN = "unknown"
HALF, PROFILE = 0.2, 0.55
"""From which offset of the nose, over the distance of the eyes, a face is half turned and in profile."""
TURNS = {"upright": 25.0, "tilted": 65.0, "lying": 115.0, "upside down": 180.0}
"""Degrees up to which a face is so."""
TONES = {"dark": 10.0, "tan": 28.0, "intermediate": 41.0, "light": 90.0}
"""Degrees of the typology angle up to which a skin is so."""
CHEEKS = 12.0
"""Least distance of the eyes, in pixels, for a cheek to have pixels of its own."""
GREY = 4.0
"""Least mean distance of red and green, and of green and blue, of a picture in colour."""


def poses(landmarks: Floats) -> NDArray[np.str_]:
    """Return whether each face is "frontal", "half", "profile" or "unknown": (n,)."""
    across, _, apart = _axes(landmarks)
    nose = landmarks[:, 2] - landmarks[:, :2].mean(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        aside = np.abs((nose * across).sum(axis=1)) / apart
    names = np.array(["frontal", "half", "profile"])[np.searchsorted([HALF, PROFILE], aside) % 3]
    return np.where(np.isfinite(aside), names, UNKNOWN)


def turns(landmarks: Floats) -> NDArray[np.str_]:
    """Return whether each face is one of `TURNS` or "unknown": (n,)."""
    across, _, _ = _axes(landmarks)
    angle = np.abs(np.degrees(np.arctan2(across[:, 1], across[:, 0])))
    place = np.searchsorted(list(TURNS.values()), angle) % len(TURNS)
    return np.where(np.isfinite(angle), np.array(list(TURNS))[place], UNKNOWN)


def tones(pixels: NDArray[np.uint8], landmarks: Floats) -> NDArray[np.str_]:
    """Return the skin tone of each face of a picture, one of `TONES` or "unknown": (n,)."""
    told = np.full(len(landmarks), UNKNOWN, dtype="U16")
    if not _coloured(pixels):
        return told
    _, _, apart = _axes(landmarks)
    for face in np.flatnonzero((poses(landmarks) == "frontal") & (apart >= CHEEKS)):
        angle = _typology_angle(pixels, landmarks[face], float(apart[face]))
        if np.isfinite(angle):
            place = int(np.searchsorted(list(TONES.values()), angle))
            told[face] = list(TONES)[min(place, len(TONES) - 1)]
    return told
    _, _, apart = _axes(landmarks)
    for face in np.flatnonzero((poses(landmarks) == "frontal") & (apart >= CHEEKS)):
        angle = _typology_angle(pixels, landmarks[face], float(apart[face]))
        if np.isfinite(angle):
            told[face] = list(TONES)[min(np.searchsorted(list(TONES.values()), angle), len(TONES) - 1)]
    return told


def _axes(landmarks: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the directions along and down from the eyes (n, 2), and the distance of the eyes (n,)."""
    between = landmarks[:, 1] - landmarks[:, 0]
    apart = np.hypot(*between.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        across = between / apart[:, None]
    return across, np.column_stack([-across[:, 1], across[:, 0]]), apart


def _coloured(pixels: NDArray[np.uint8]) -> bool:
    red, green, blue = np.moveaxis(pixels.astype(np.int16), 2, 0)
    return bool(min(np.abs(red - green).mean(), np.abs(green - blue).mean()) >= GREY)


def _typology_angle(pixels: NDArray[np.uint8], points: Floats, apart: float) -> float:
    """Return the angle of the median colour of both cheeks, in degrees; NaN for cheeks out of the picture."""
    _, (down,), _ = _axes(points[None])
    depth = float((points[2] - points[:2].mean(axis=0)) @ down)
    reach = max(1, round(0.12 * apart))
    patches = [np.zeros((0, 3), np.uint8)]
    for x, y in np.rint(points[:2] + depth * down).astype(int).tolist():
        patch = pixels[max(0, y - reach) : max(0, y + reach + 1), max(0, x - reach) : max(0, x + reach + 1)]
        patches.append(patch.reshape(-1, 3))
    colours = np.concatenate(patches)
    if not len(colours):
        return float("nan")
    lab = cv2.cvtColor((colours[None] / 255).astype(np.float32), cv2.COLOR_RGB2LAB)[0]
    light, _, yellow = np.median(lab, axis=0).tolist()
    return float(np.degrees(np.arctan2(light - 50, max(yellow, 1e-6))))
