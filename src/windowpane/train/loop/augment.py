"""Labelled pictures seen differently every time (data augmentation): random affine views, colour jitter."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from windowpane.data.scenes import UNKNOWN, Labels, Picture
from windowpane.images.crops import as_bytes

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Augmentation:
    """How labelled pictures are seen in training.

    Attributes
    ----------
    height, width
        Of a view, pixels.
    zoom
        Of the picture, at most, as a factor from its size to be seen whole.
    turn
        Degrees, at most.
    colour
        How much light and colours change; 0 = not at all.
    mix
        Share of the views that get a piece of another one.
    """

    height: int
    width: int
    zoom: float = 1.7
    turn: float = 5.0
    colour: float = 0.25
    mix: float = 0.0


def augmented(
    rng: Rng, picture: Picture, labels: Labels, augmentation: Augmentation
) -> tuple[Picture, Labels]:
    """Return a view of a labelled picture: a random affine one, under another light."""
    picture, labels = random_affine(rng, picture, labels, augmentation)
    return colour_jitter(rng, picture, augmentation.colour), labels


def random_affine(
    rng: Rng, picture: Picture, labels: Labels, augmentation: Augmentation
) -> tuple[Picture, Labels]:
    """Return a picture and its labels mirrored, zoomed and turned; beyond the edges all is unknown."""
    height, width = picture.shape[:2]
    size = (augmentation.width, augmentation.height)
    whole = max(size[1] / height, size[0] / width)
    scale = whole * float(np.exp(rng.uniform(np.log(0.75), np.log(augmentation.zoom))))
    angle = np.radians(rng.uniform(-augmentation.turn, augmentation.turn))
    flip = -1.0 if rng.random() < 0.5 else 1.0
    turned = np.array([[np.cos(angle) * flip, -np.sin(angle)], [np.sin(angle) * flip, np.cos(angle)]]) * scale
    # The middle of the view looks at a place of the picture at which not much lies beyond its edges.
    room = np.maximum(0, 0.5 - 0.5 * np.array([size[0] / width, size[1] / height]) / scale)
    middle = (0.5 + rng.uniform(-1, 1, 2) * room) * (width, height)
    matrix = np.column_stack([turned, np.array(size) / 2 - turned @ middle])
    smooth = as_bytes(cv2.GaussianBlur(picture, (0, 0), 0.35 / scale)) if scale < 0.6 else picture
    image = cv2.warpAffine(smooth, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
    known = cv2.warpAffine(
        labels, matrix, size, flags=cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT, borderValue=UNKNOWN
    )
    return as_bytes(image), as_bytes(known)


def colour_jitter(rng: Rng, picture: Picture, amount: float) -> Picture:
    """Return a picture under another light: brightness, contrast, the colours' strength and their balance."""
    if amount <= 0:
        return picture
    grey = np.full((3, 3), 1 / 3)
    colours = grey + (np.eye(3) - grey) * rng.uniform(1 - amount, 1 + amount)
    colours *= rng.uniform(1 - amount / 2, 1 + amount / 2, (3, 1))
    middle = (colours @ cv2.mean(picture)[:3]).mean()
    contrast, brighter = rng.uniform(1 - amount, 1 + amount), rng.uniform(-1, 1) * 120 * amount
    more = np.full(3, middle - contrast * middle + brighter)
    return as_bytes(cv2.transform(picture, np.column_stack([contrast * colours, more])))
