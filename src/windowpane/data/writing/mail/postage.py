"""What else is on an envelope (synthetic data): stamps, postmarks, meter frankings, bar codes, registration.

Each draws on a `Sheet` below and right of a place, and brings numbers that are no postcode of the address.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from windowpane.data.writing.mail.sheets import Colour, Pen, Rng, Sheet

BLACK: Colour = (35, 35, 40)
BLUE: Colour = (60, 90, 160)
RED: Colour = (190, 50, 60)
ORANGE: Colour = (250, 150, 90)

Draw = Callable[[Rng, Sheet, Pen, int, int, int], None]
"""Draws with a pen at (x, y) in a size, pixels."""


def stamp(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a stamp with a picture and a value, often with a postmark over it."""
    height, width = round(size * rng.uniform(0.9, 1.3)), size
    noise = rng.uniform(0, 255, (5, 4, 3)).astype(np.float32)
    picture = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    part = sheet.pixels[y : y + height, x : x + width]
    part[:] = picture[: part.shape[0], : part.shape[1]].clip(0, 255)
    _frame(sheet, x, y, width, height, (240, 240, 235), max(2, size // 25))
    value = Pen(pen.face, max(8, size // 6), (250, 250, 250) if rng.random() < 0.5 else BLACK)
    value.write(rng, sheet, [str(rng.integers(1, 400))], x + size * 0.1, y + height * 0.9)
    if rng.random() < 0.8:
        left = x - round(size * rng.uniform(0.4, 1.2))
        postmark(rng, sheet, pen, left, y + round(height * rng.uniform(0, 0.3)), size)


def postmark(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a ring with a date in it, and waves."""
    mask = np.zeros((size, 3 * size), np.uint8)
    for radius in (0.46, 0.3):
        cv2.circle(mask, (size // 2, size // 2), round(radius * size), 255, max(1, size // 50), cv2.LINE_AA)
    across = np.arange(size, 3 * size)
    for row in range(5):
        waves = size * (0.2 + 0.15 * row) + size * 0.03 * np.sin(across / size * 9)
        points = np.stack([across, waves], axis=1).round().astype(np.int32)
        cv2.polylines(mask, [points], False, 255, max(1, size // 60), cv2.LINE_AA)
    sheet.ink(mask, x, y, BLACK, rng.uniform(0.4, 0.9))
    small = Pen(pen.face, max(7, size // 9), BLACK, strength=rng.uniform(0.5, 0.9))
    small.write(rng, sheet, _date(rng), x + size * 0.2, y + size * 0.55, 0.4)


def meter(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a meter franking: a frame with the price, and beside it the date and the machine's number."""
    colour = (RED, BLUE, BLACK)[rng.integers(3)]
    small = Pen(pen.face, max(9, size // 8), colour)
    price = f"{rng.integers(0, 10):03d},{rng.integers(100):02d}"
    rows = [["EUR", price], _date(rng), [_letters(rng, 2), f"{rng.integers(10**6):06d}"]]
    rng.shuffle(rows)
    for row, words in enumerate(rows):
        small.write(rng, sheet, words, x + size * 0.1, y + size * (0.3 + 0.28 * row))
    _frame(sheet, x, y, round(1.6 * size), round(1.1 * size), colour, 2)
    serial = [f"{rng.integers(10**4):04d}", _letters(rng, 2), f"{rng.integers(10**6):06d}"]
    small.write(rng, sheet, serial, x - size * 1.2, y + size * 0.9)


def permit(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Write a line or three on who has paid: a date, a sorting centre, a permit's number."""
    small = Pen(pen.face, max(8, size // 9), BLACK)
    town = [f"{rng.integers(1, 99):02d}", _letters(rng, 6), "PIC"]
    rows = [_date(rng), [_letters(rng, 2), f"{rng.integers(10**4):04d}"], town]
    rows += [["PERMIT", "NO", str(rng.integers(1, 9999))]] if rng.random() < 0.4 else []
    for row, words in enumerate(rows):
        small.write(rng, sheet, words, x, y + size * (0.25 + 0.22 * row))


def registered(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a registration label: R, a bar code, and a long number in groups below or above it."""
    bars(rng, sheet, pen, x, y, size)
    groups = [
        f"{rng.integers(10**n):0{n}d}" for n in ((3, 3, 3), (2, 3, 3, 4, 1), (4, 4), (9,))[rng.integers(4)]
    ]
    words = [_letters(rng, 2), *groups, *([_letters(rng, 2)] if rng.random() < 0.5 else [])]
    Pen(pen.face, max(9, size // 8), BLACK).write(rng, sheet, words, x, y + size * 0.75, 0.6)


def bars(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a bar code with full bars."""
    count = rng.integers(40, 90)
    widths = rng.integers(1, 4, 2 * count) * max(1, size // 120)
    mask = np.zeros((size // 2, int(widths.sum())), np.uint8)
    edges = np.concatenate([[0], widths.cumsum()])
    for start, stop in zip(edges[:-1:2], edges[1::2], strict=True):
        mask[:, start:stop] = 255
    sheet.ink(mask, x, y, BLACK)


def clerk_bars(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a row of short bars, the code that a sorting machine prints for the next one."""
    colour = (ORANGE, BLACK)[rng.integers(2)]
    pitch = max(4, size // 14)
    for number in range(rng.integers(40, 70)):
        height = pitch * (2 if rng.random() < 0.5 else 1)
        if rng.random() < 0.8:
            mask = np.full((height, max(1, pitch // 3)), 255, np.uint8)
            sheet.ink(mask, x + number * pitch, y - height, colour, 0.8)


def matrix(rng: Rng, sheet: Sheet, pen: Pen, x: int, y: int, size: int) -> None:
    """Draw a two-dimensional code."""
    cells = (rng.random((18, 18)) < 0.5).astype(np.uint8) * 255
    cells[:, 0] = cells[-1] = 255
    side = max(18, size // 2)
    sheet.ink(
        np.asarray(cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST), np.uint8), x, y, BLACK
    )


FRANKINGS: tuple[Draw, ...] = (stamp, stamp, meter, permit)


def _frame(sheet: Sheet, x: int, y: int, width: int, height: int, colour: Colour, thick: int) -> None:
    mask = np.zeros((height, width), np.uint8)
    cv2.rectangle(mask, (0, 0), (width - 1, height - 1), 255, thick)
    sheet.ink(mask, x, y, colour)


def _date(rng: Rng) -> list[str]:
    day, month, year = rng.integers(1, 29), rng.integers(1, 13), rng.integers(1980, 2027)
    joint = [".", "-", "/"][rng.integers(3)]
    short = year % 100 if rng.random() < 0.5 else year
    return [
        f"{day:02d}{joint}{month:02d}{joint}{short:02d}",
        *([f"{rng.integers(24):02d}"] if rng.random() < 0.2 else []),
    ]


def _letters(rng: Rng, count: int) -> str:
    return "".join(rng.choice(list("ABCDEFGHJKLMNPRSTUVWX"), count))
