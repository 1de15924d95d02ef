"""What was read on pages and envelopes, drawn over the picture (visualization): where, and how sure.

All images are RGB uint8 ``(H, W, 3)``, always new ones. What is drawn over a line, digit by digit, is
`windowpane.show.draw.reading`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from windowpane.images.drawing import ACCENT, PAPER, TEXT, Colour, Image, blank, text_width, write
from windowpane.show.draw import DOUBT

if TYPE_CHECKING:
    from windowpane.read.mail.postal_code import PostalCode
    from windowpane.read.reading import Box, Reading


def draw_readings(image: Image, readings: Sequence[Reading]) -> Image:
    """Draw the box of every number on a page over a copy of ``image``, and above it what was read, how sure.

    A rejected one is grey.
    """
    canvas = image.copy()
    for one in readings:
        _mark(canvas, one.box, f"{one.text} {one.confidence:.0%}", DOUBT if one.rejected else ACCENT)
    return canvas


def draw_postal_code(image: Image, answer: PostalCode) -> Image:
    """Draw the box of the postcode over a copy of ``image``, and below the picture what else it may be.

    A rejected one is grey, and below stands why.
    """
    canvas = image.copy()
    if answer.box is not None:
        colour = DOUBT if answer.rejected else ACCENT
        least = image.shape[1] / 1400  # it is the only tag, so it may be large
        _mark(canvas, answer.box, f"{answer.code} {answer.confidence:.1%}", colour, least)
    others = [f"{one.text} {one.confidence:.1%}" for one in answer.alternatives]
    said = [answer.reason] * bool(answer.reason) + [f"or {', '.join(others)}"] * bool(others)
    size = max(0.4, image.shape[1] / 1600)
    caption = blank(round(34 * size) * len(said), canvas.shape[1])
    for number, line in enumerate(said, start=1):
        write(caption, line, round(10 * size), round((34 * number - 11) * size), TEXT, 0.7 * size)
    return np.vstack([canvas, caption])


def _mark(canvas: Image, box: Box, text: str, colour: Colour, least: float = 0.35) -> None:
    """Draw a box, a little larger, and a tag with a text above it, or below where there is no room."""
    x0, y0, x1, y1 = box
    line = max(1, round(min(canvas.shape[:2]) / 350))
    around = 2 * line
    x0, y0, x1, y1 = round(x0) - around, round(y0) - around, round(x1) + around, round(y1) + around
    cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, line)
    size = max(least, min((y1 - y0) / 45, 1.5))
    tall, wide = round(30 * size), text_width(text, size) + round(10 * size)
    top = y0 - tall if y0 >= tall else y1
    left = max(0, min(x0, canvas.shape[1] - wide))
    cv2.rectangle(canvas, (left, top), (left + wide, top + tall), colour, cv2.FILLED)
    write(canvas, text, left + round(5 * size), top + round(22 * size), PAPER, size, max(1, round(2 * size)))
