"""Compose envelopes (synthetic data): the address, its sender, what is franked, printed and stuck beside it.

    desk = Stationery(faces, scripts, hands)
    envelope = compose_envelope(np.random.default_rng(1), desk, country("FR"))
    envelope.code       # "33000", at envelope.box

Layouts are those of mail in Latin script: the address in the middle, or in a window at the right or left; the
sender in the upper left corner or on a line above the address; the franking at the upper right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.hands import Hand
from windowpane.data.writing.mail import postage
from windowpane.data.writing.mail.addresses import Address, address, remark, telephone
from windowpane.data.writing.mail.sheets import Box, Colour, Pen, Rng, Sheet, Written
from windowpane.read.mail.countries import Country

INKS: tuple[Colour, ...] = ((25, 25, 30), (50, 50, 60), (40, 50, 120), (30, 40, 90), (90, 90, 95))


@dataclass(frozen=True, slots=True)
class Stationery:
    """What envelopes are written with.

    Attributes
    ----------
    faces
        Typefaces of print.
    scripts
        Typefaces whose letters look written by hand.
    hands
        Of writers, whose digits go with the latter.
    """

    faces: Sequence[Path]
    scripts: Sequence[Path]
    hands: Sequence[Hand]

    def pen(self, rng: Rng, height: int, *, by_hand: bool) -> Pen:
        """Return one of its pens; every family of typefaces is taken as often."""
        colour = INKS[rng.integers(len(INKS))]
        if by_hand and self.hands:
            able = [hand for hand in self.hands if len(hand.digits) == 10] or self.hands
            face = (self.scripts or self.faces)[int(rng.integers(len(self.scripts or self.faces)))]
            return Pen(face, height, colour, able[int(rng.integers(len(able)))], rng.uniform(0.75, 1))
        families = sorted({face.parent for face in self.faces})
        family = families[rng.integers(len(families))]
        members = [face for face in self.faces if face.parent == family]
        return Pen(members[rng.integers(len(members))], height, colour, None, rng.uniform(0.7, 1))


@dataclass(frozen=True, slots=True)
class Envelope:
    """A picture of an envelope.

    Attributes
    ----------
    pixels
        (H, W, 3) uint8 RGB.
    country
        The two letters of that of the address.
    code
        The digits of its postcode.
    box
        Around them, x0, y0, x1, y1 in pixels.
    written
        All that is written on it, digits by themselves.
    """

    pixels: NDArray[np.uint8]
    country: str
    code: str
    box: Box
    written: tuple[Written, ...]


def compose_envelope(rng: Rng, desk: Stationery, country: Country) -> Envelope:
    """Return a made-up envelope to an address in a country, most often from there too."""
    width = int(rng.integers(1000, 1700))
    height = round(width / rng.choice([1.4, 1.55, 2.0, 2.1]))
    sheet = Sheet(_paper(rng, height, width))
    by_hand = rng.random() < 0.35
    size = width * (rng.uniform(0.016, 0.024) if by_hand else rng.uniform(0.0105, 0.018))
    pen = desk.pen(rng, max(11, round(size)), by_hand=by_hand)
    written = address(rng, country)
    wide = max(pen.width(line) for line in written.lines)
    x, y = _address_place(rng, sheet, pen, wide, len(written.lines), windowed=not by_hand)
    _sender(rng, sheet, desk, pen, address(rng, country), (x, y))
    _franking(rng, sheet, desk.pen(rng, pen.height, by_hand=False))
    box = _address(rng, sheet, pen, country, written, x, y)
    return _photographed(rng, sheet, country.name, written.code, box)


# -- What is on it -----------------------------------------------------------------------------------------


def _address_place(
    rng: Rng, sheet: Sheet, pen: Pen, wide: float, lines: int, *, windowed: bool
) -> tuple[float, float]:
    """Choose where the address begins, its first baseline, and cut a window for it where there is one."""
    height, width = sheet.pixels.shape[:2]
    tall = 1.9 * pen.height * lines
    style = ("middle", "right", "left")[rng.choice(3, p=[0.45, 0.4, 0.15])]
    left, right = {"middle": (0.3, 0.5), "right": (0.48, 0.62), "left": (0.06, 0.2)}[style]
    x = min(rng.uniform(left, right) * width, width * 0.97 - wide)
    y = min(rng.uniform(0.4, 0.62) * height, height * 0.92 - tall)
    if windowed and rng.random() < 0.5:
        edge = pen.height * rng.uniform(1.2, 3)
        corners = (
            np.array([x - edge, y - edge - pen.height, x + wide + edge * 2, y + tall]).round().astype(int)
        )
        shade = sheet.pixels[corners[1] : corners[3], corners[0] : corners[2]]
        shade += rng.uniform(-14, 14)
        grey = [float(rng.uniform(120, 220))] * 3
        cv2.rectangle(sheet.pixels, corners[:2].tolist(), corners[2:].tolist(), grey, int(rng.integers(1, 4)))
        if rng.random() < 0.35:  # a reference of the sender's at the top of the window
            small = Pen(pen.face, max(8, round(pen.height * 0.6)), pen.colour)
            words = [f"{rng.integers(10 ** rng.integers(3, 8))}" for _ in range(rng.integers(1, 4))]
            small.write(rng, sheet, words, x, y - 1.6 * pen.height)
    return x, y


def _address(rng: Rng, sheet: Sheet, pen: Pen, country: Country, written: Address, x: float, y: float) -> Box:
    """Write the address; return the box of its code."""
    pitch = pen.height * rng.uniform(1.5, 2.1)
    row, first, last = written.place
    box: Box = (0, 0, 0, 0)
    for number, words in enumerate(written.lines):
        start = x + pen.height * rng.uniform(-0.2, 0.2) * (pen.hand is not None)
        if country.place == "alone" and number == row and first == last and rng.random() < 0.5:
            boxes = _spread(rng, sheet, pen, words[first], start, y)
        else:
            boxes = pen.write(rng, sheet, words, start, y)
        if number == row:
            box = (boxes[first][0], boxes[first][1], boxes[last][2], boxes[last][3])
        y += pitch
    if pen.hand is None and rng.random() < 0.15:
        pen.write(rng, sheet, remark(rng), x, y + pitch * rng.uniform(0, 1.5))
    elif rng.random() < 0.2:
        postage.clerk_bars(rng, sheet, pen, round(x), round(y), 6 * pen.height)
    return box


def _spread(rng: Rng, sheet: Sheet, pen: Pen, code: str, x: float, y: float) -> list[Box]:
    """Write each digit of a code by itself, often in boxes that are printed for them."""
    step, start = pen.height * rng.uniform(1.2, 1.7), x
    if boxed := rng.random() < 0.5:
        mask = np.zeros((round(pen.height * 1.7), round(step * len(code)) + 2), np.uint8)
        for place in range(len(code)):
            corner = round(place * step)
            cv2.rectangle(mask, (corner, 0), (corner + round(step) - 3, mask.shape[0] - 1), 255, 1)
        sheet.ink(mask, round(x), round(y - pen.height * 1.35), postage.ORANGE)
    first = len(sheet.written)
    for place, digit in enumerate(code):
        pen.write(rng, sheet, [digit], x + step * (place + 0.3 * boxed), y)
    end = sheet.written[-1].box[2]
    box = (sheet.written[first].box[0], y - pen.height, end, y)
    sheet.written[first:] = [Written(code, box)]
    return [(start, *box[1:])]


def _sender(
    rng: Rng, sheet: Sheet, desk: Stationery, pen: Pen, written: Address, place: tuple[float, float]
) -> None:
    """Write the sender in the upper left corner, or on one line above the address; or no one."""
    height, width = sheet.pixels.shape[:2]
    kind = rng.choice(["corner", "line", "none"], p=[0.6, 0.15, 0.25])
    small = Pen(
        pen.face, max(9, round(pen.height * rng.uniform(0.55, 1))), pen.colour, pen.hand, pen.strength
    )
    if kind == "line":
        tiny = Pen(pen.face, max(8, round(pen.height * 0.5)), pen.colour)
        words = [word for line in written.lines for word in line]
        tiny.write(rng, sheet, words, min(place[0], width - tiny.width(words)), place[1] - 2.2 * pen.height)
    elif kind == "corner":
        if small.hand is None:
            small = desk.pen(rng, small.height, by_hand=False)
        lines = list(written.lines) + ([telephone(rng)] if rng.random() < 0.25 else [])
        y = rng.uniform(0.07, 0.14) * height
        for line in lines:
            small.write(rng, sheet, line, width * 0.04, y)
            y += small.height * 1.8


def _franking(rng: Rng, sheet: Sheet, pen: Pen) -> None:
    """Draw what is at the upper right, and labels and bars elsewhere."""
    height, width = sheet.pixels.shape[:2]
    size = round(width * rng.uniform(0.09, 0.13))
    if rng.random() < 0.9:
        draw = postage.FRANKINGS[rng.integers(len(postage.FRANKINGS))]
        draw(rng, sheet, pen, round(width * 0.96 - 1.6 * size), round(height * 0.05), size)
    if rng.random() < 0.15:
        postage.registered(rng, sheet, pen, round(width * rng.uniform(0.04, 0.2)), round(height * 0.72), size)
    if rng.random() < 0.15:
        postage.matrix(rng, sheet, pen, round(width * rng.uniform(0.55, 0.8)), round(height * 0.2), size)
    if rng.random() < 0.3:
        postage.clerk_bars(rng, sheet, pen, round(width * rng.uniform(0.3, 0.5)), round(height * 0.97), size)


# -- How it is seen ----------------------------------------------------------------------------------------


def _paper(rng: Rng, height: int, width: int) -> NDArray[np.float32]:
    colour = np.array([[250, 250, 248], [240, 232, 214], [214, 190, 150], [225, 230, 240]])[
        rng.choice(4, p=[0.6, 0.2, 0.1, 0.1])
    ]
    grain = cv2.resize(rng.standard_normal((height // 2, width // 2), np.float32), (width, height))
    return np.asarray(colour + grain[..., None] * rng.uniform(0, 3), np.float32)


def _photographed(rng: Rng, sheet: Sheet, country: str, code: str, box: Box) -> Envelope:
    """Lay the sheet on a table, a little askew, in uneven light, and take it with noise and blur."""
    height, width = sheet.pixels.shape[:2]
    askew = rng.random() < 0.7
    angle = rng.normal(0, 2.5) if askew else 0.0
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, rng.uniform(0.92, 1) if askew else 1.0)
    warp = np.vstack([matrix, [0, 0, 1]])
    if askew:
        warp[2, :2] = rng.normal(0, 0.02, 2) / width
    table = [float(value) for value in rng.uniform(40, 200, 3)]
    pixels = cv2.warpPerspective(sheet.pixels, warp, (width, height), borderMode=0, borderValue=table)
    if rng.random() < 0.6:
        light = cv2.resize(rng.uniform(0.65, 1, (2, 3)), (width, height))
        pixels = pixels * light[..., None]
    pixels = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 1.1))
    noise = rng.standard_normal((height, width), np.float32) * rng.uniform(0.5, 5)
    seen = np.clip(pixels + noise[..., None], 0, 255).astype(np.uint8)
    file = cv2.imencode(".jpg", seen, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(55, 95))])[1]
    seen = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR), np.uint8)
    written = tuple(Written(one.text, _moved(one.box, warp)) for one in sheet.written)
    return Envelope(seen, country, code, _moved(box, warp), written)


def _moved(box: Box, warp: NDArray[np.float64]) -> Box:
    x0, y0, x1, y1 = box
    corners = warp @ np.array([[x0, x1, x1, x0], [y0, y0, y1, y1], [1, 1, 1, 1]])
    x, y = corners[:2] / corners[2]
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())
