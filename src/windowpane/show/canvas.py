"""What figures and screens are laid out of (layout): pages, rows of tiles, panes, lines of status.

A *page* is white, for reading; a *pane* is a frame of an operator's screen. What is drawn with is
`windowpane.images.drawing`. All images are RGB uint8 ``(H, W, 3)``, always new ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import cv2
import numpy as np

from windowpane.images.drawing import (
    DARK,
    FAINT,
    TEXT,
    Colour,
    Image,
    blank,
    resized,
    text_width,
    write,
)

FRAME: Colour = (200, 204, 210)
BAR: Colour = (236, 238, 241)
"""Of a pane's title and of what is written on the dark."""
DOUBT: Colour = (255, 170, 60)
"""Of what is amiss, on the dark."""
TITLE = 20  # height of a pane's title, pixels


# -- White pages -------------------------------------------------------------------------------------------


class Page:
    """Pictures below each other on white, each with a title and, at its left, a label for each row.

    Parameters
    ----------
    margin
        Pixels that are left free at the left, for the labels.
    """

    def __init__(self, margin: int) -> None:
        self.margin = margin
        self.parts: list[Image] = []

    def add(self, title: str, picture: Image, left: int = 0, labels: str = "", row: int = 0) -> None:
        """Append ``picture``, ``left`` pixels right of the margin; its rows are ``row`` pixels high."""
        head = 34 if title else 10
        left += self.margin
        wide = max(picture.shape[1], text_width(title, 0.55))
        part = blank(head + picture.shape[0], left + wide)
        part[head:, left : left + picture.shape[1]] = picture
        write(part, title, left, head - 10, FAINT, 0.55)
        for place, label in enumerate(labels):
            baseline = head + round((place + 0.5) * row) + 5
            write(part, label, left - 18, baseline, FAINT, min(0.5, row / 28))
        self.parts.append(part)

    def image(self) -> Image:
        """Everything added so far, (H, W, 3)."""
        width = max((part.shape[1] for part in self.parts), default=0) + 24
        page = blank(24, width)
        for part in self.parts:
            wide = blank(part.shape[0] + 8, width)
            wide[: part.shape[0], : part.shape[1]] = part
            page = np.vstack([page, wide])
        return page


def in_rows(tiles: Sequence[Image], width: int) -> Iterator[Image]:
    """Put tiles beside each other, their lower edges in line, in rows no wider than ``width``."""
    row: list[Image] = []
    for tile in tiles:
        if row and sum(one.shape[1] for one in [*row, tile]) > width:
            yield _in_line(row)
            row = []
        row.append(tile)
    yield _in_line(row)


def _in_line(row: Sequence[Image]) -> Image:
    height = max(tile.shape[0] for tile in row)
    return np.hstack([np.vstack([blank(height - tile.shape[0], tile.shape[1]), tile]) for tile in row])


def beside(one: Image, other: Image) -> Image:
    """Put two images beside each other, their upper edges in line."""
    image = blank(max(one.shape[0], other.shape[0]) + 16, one.shape[1] + other.shape[1])
    image[: one.shape[0], : one.shape[1]] = one
    image[: other.shape[0], one.shape[1] :] = other
    return image


def captioned(image: Image, text: str) -> Image:
    """Return an image with room at its right and a line of text below."""
    height, width = image.shape[:2]
    tile = blank(height + 28, max(width, 90) + 16)
    tile[:height, :width] = image
    write(tile, text, 0, height + 18, FAINT, 0.5)
    return tile


def framed(image: Image) -> Image:
    """Return an image with a thin line along its border."""
    drawn = image.copy()
    cv2.rectangle(drawn, (0, 0), (image.shape[1] - 1, image.shape[0] - 1), FAINT, 1)
    return drawn


def rgb(grey: Image) -> Image:
    """Return grey (H, W) as RGB."""
    return np.repeat(grey[..., None], 3, axis=2)


def squares(grey: Image, zoom: int) -> Image:
    """Return grey (H, W) as RGB, every pixel a square of ``zoom`` pixels, so that the reader sees them."""
    return rgb(np.kron(grey, np.ones((zoom, zoom), np.uint8)))


# -- Dark screens ------------------------------------------------------------------------------------------


def pane(title: str, image: Image, width: int, legend: Sequence[tuple[Colour, str]] = ()) -> Image:
    """Return an image in a frame ``width`` wide with a title, and what its colours mean, above."""
    inner = width - 8
    image = image if image.shape[1] == inner else resized(image, inner / image.shape[1])
    whole = blank(image.shape[0] + TITLE + 8, width, FRAME)
    whole[:TITLE] = BAR
    write(whole, title, 8, TITLE - 6, TEXT, 0.42)
    x = width - 8
    for colour, name in reversed(legend):
        x -= text_width(name, 0.36) + 24
        cv2.rectangle(whole, (x, 5), (x + 10, TITLE - 6), colour, cv2.FILLED)
        write(whole, name, x + 14, TITLE - 6, TEXT, 0.36)
    whole[TITLE + 4 : -4, 4:-4] = image
    return whole


def status(told: Sequence[str], reasons: Sequence[str], width: int) -> Image:
    """Return the two lines below a screen: what is told of the moment, and what is amiss."""
    strip = blank(44, width, DARK)
    write(strip, "   ".join(told), 8, 17, BAR, 0.42)
    write(strip, "; ".join(reasons)[: width // 7], 8, 36, DOUBT, 0.42)
    return strip
