"""Compose pictures of numbers from the digits of one hand (synthetic data): lines to train and to test with.

Two layers, as in life: first the *ink* (which digits, how they stand beside each other, slant, stroke width,
dashes between them), then the *look* (paper, ruled lines and boxes, light, camera). `compose` makes the ink,
`photograph` the look. A seeded generator gives the same picture every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.hands import FIRST_STRANGE, LETTERS, SEPARATORS, SIGNS, Hand

Look = Literal["clean", "photo", "any"]
Rng = np.random.Generator
Floats = NDArray[np.floating]

PATCH = 64  # a character is warped into a square of this many pixels
BODY = 40  # height of a digit in it, pixels
CANVAS = 76  # height of the strip on which characters are set, pixels


@dataclass(frozen=True, slots=True)
class Style:
    """How the digits of a line are written. Lengths are in digit heights, angles in radians.

    Attributes
    ----------
    gap
        Range of the mean distance between neighbours' ink, negative = overlap.
    sway
        Its spread within the line.
    slant
        Spread of the line's shear.
    wobble
        Strength of elastic distortion.
    size, lift
        Spread of the digits' heights and baselines.
    weight
        Range of stroke-width change.
    signs
        How often a dash, dot or letter stands beside the digits.
    set_solid
        How often a typeface keeps its own distances, as print mostly does; else the gap widens them.
    """

    gap: tuple[float, float] = (-0.1, 0.45)
    sway: float = 0.08
    slant: float = 0.18
    wobble: float = 1.0
    size: float = 0.09
    lift: float = 0.05
    weight: tuple[float, float] = (-0.7, 1.0)
    signs: float = 0.2
    set_solid: float = 0.0


TRAINING = Style(set_solid=0.6)
PLAIN = Style(
    gap=(0.05, 0.35), sway=0.05, slant=0.0, wobble=0.0, size=0.04, lift=0.03, weight=(0, 0), signs=0
)
TOUCHING = Style(
    gap=(-0.2, 0.0), sway=0.0, slant=0.0, wobble=0.0, size=0.04, lift=0.03, weight=(0, 0), signs=0
)


@dataclass(frozen=True, slots=True)
class Ink:
    """Written digits.

    Attributes
    ----------
    coverage
        (H, W) uint8, 255 = full ink.
    text
        What they say.
    centres
        (n,) x in pixels.
    script
        All that is written but blanks: digits, separators, ``?`` for a letter; signs are left out.
    middles
        X of each character of the script, in pixels.
    """

    coverage: NDArray[np.uint8]
    text: str
    centres: NDArray[np.float32]
    script: str
    middles: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of a number.

    Attributes
    ----------
    pixels
        (H, W, 3) uint8 RGB.
    text
        Its digits.
    centres
        (n,) x of the digits in pixels.
    script, middles
        As of `Ink`, where more is known than the digits; NaN for a middle that is not known.
    """

    pixels: NDArray[np.uint8]
    text: str
    centres: NDArray[np.float32]
    script: str = ""
    middles: NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


def compose(rng: Rng, hand: Hand, text: str, style: Style = TRAINING) -> Ink:
    """Write a string in one hand; its characters are drawn from the hand's at random.

    It may hold blanks, and letters and signs that the hand has.
    """
    slant = float(rng.normal(0, style.slant)) if not hand.printed else float(rng.normal(0, style.slant / 3))
    stretch = float(np.exp(rng.normal(0, 0.12 if style.wobble else 0)))
    gap, drift = rng.uniform(*style.gap), rng.normal(0, style.lift)
    if hand.advances is not None and rng.random() < style.set_solid:
        gap = 0.0
    sequence = _with_signs(rng, hand, text, style.signs)
    pieces: list[tuple[int, NDArray[np.uint8], str]] = []
    cursor = 0.0
    for position, character in enumerate(sequence):
        if character == " ":
            cursor += BODY * float(rng.uniform(0.3, 0.6))
            continue
        index = int(rng.choice(hand.places[character]))
        lift = BODY * (drift * (position - len(sequence) / 2) / 3 + rng.normal(0, style.lift))
        patch = _warp(rng, hand, index, slant, stretch, lift if not hand.printed else lift / 3, style)
        columns = np.flatnonzero(patch.max(0) > 60)
        if not len(columns):
            columns = np.array([PATCH // 2])
        x0, x1 = int(columns[0]), int(columns[-1]) + 1
        width = x1 - x0
        if hand.advances is not None:  # a typeface sets its own distances
            room = BODY / hand.height * float(hand.advances[index]) * stretch
            left = cursor + (room - width) / 2
            cursor += room + BODY * max(gap, 0) * 0.4
        else:
            space = BODY * (gap + rng.normal(0, style.sway))
            if gap < 0:  # an overlap is a share of the digit's width
                space = max(gap, -0.25) * width + BODY * rng.normal(0, style.sway) * 0.3
            left = cursor + (space if position else 0)
            cursor = left + width
        pieces.append((round(left), patch[:, x0:x1], character))
    return _set(rng, pieces, style)


def photograph(
    rng: Rng, ink: Ink, look: Look = "any", *, tight: float | None = None, photos: float = 0.6
) -> Picture:
    """Show written digits as a picture of 12 to 120 pixels height.

    clean: dark ink on light paper, as from a scanner. photo: coloured paper and ink of either polarity,
    textures, ruled lines and boxes, shadow, blur, noise, JPEG. any: either; photos is how often a photo.

    Parameters
    ----------
    tight
        The margin around the ink in digit heights; random if None.
    """
    if look == "any":
        look = "photo" if rng.random() < photos else "clean"
    messy = look == "photo"
    margins = BODY * (rng.uniform(0, 0.35, 4) if rng.random() < 0.7 else rng.uniform(0, 1.1, 4))
    if tight is not None:
        margins[:] = BODY * tight
    left, top, right, bottom = margins.astype(int)
    coverage = cv2.copyMakeBorder(ink.coverage, top, bottom, left, right, cv2.BORDER_CONSTANT, value=0)
    scale = float(np.exp(rng.uniform(np.log(13), np.log(56)))) / BODY
    size = (max(8, round(coverage.shape[1] * scale)), max(8, round(coverage.shape[0] * scale)))
    ratio = size[0] / coverage.shape[1]
    smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    form = _form(rng, coverage.shape, ink, (left, top)) if messy and rng.random() < 0.4 else None
    cover = cv2.resize(coverage, size, interpolation=smooth).astype(np.float32) / 255
    paper, pen = _colours(rng, messy)
    field: Floats = _paper(rng, size, messy)[..., None] * paper
    if form is not None:
        faint = rng.uniform(0.15, 0.9) * (cv2.resize(form, size, interpolation=smooth) / 255)[..., None]
        field = field * (1 - faint) + faint * (pen if rng.random() < 0.5 else _colours(rng, True)[1])
    strength = cover[..., None] * rng.uniform(0.55 if messy else 0.8, 1.0)
    pixels: Floats = field * (1 - strength) + pen * strength
    if messy:
        pixels = _camera(rng, pixels, BODY * scale)
    else:
        pixels += rng.normal(0, rng.uniform(0, 3), pixels.shape[:2]).astype(np.float32)[..., None]
    picture = np.clip(pixels, 0, 255).astype(np.uint8)
    if messy and rng.random() < 0.4:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 92))]
        jpeg = cv2.imencode(".jpg", picture, quality)[1]
        picture = np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)
    centres, middles = (((x + left) * ratio).astype(np.float32) for x in (ink.centres, ink.middles))
    return Picture(picture, ink.text, centres, ink.script, middles)


def vary(
    rng: Rng, picture: NDArray[np.uint8], label: str, boxes: NDArray[np.float32], *, piece: float = 0.35
) -> Picture:
    """Return a variation of a real picture (H, W, 3) of a number with a box (n, 4) for every digit.

    Another shear, size, light and sharpness; piece is how often only some neighbouring digits are taken.
    """
    first, last = 0, len(label)
    if len(label) > 2 and rng.random() < piece:
        first = int(rng.integers(0, len(label) - 1))
        last = int(rng.integers(first + 1, len(label) + 1))
    height, width = picture.shape[:2]
    x0 = 0.0 if first == 0 else float(boxes[first - 1, 2] + boxes[first, 0]) / 2
    x1 = float(width) if last == len(label) else float(boxes[last - 1, 2] + boxes[last, 0]) / 2
    if x1 - x0 < 8:
        first, last, x0, x1 = 0, len(label), 0.0, float(width)
    zoom_x, zoom_y = np.exp(rng.normal(0, 0.12, 2)) * rng.uniform(0.5, 1.2)
    shear = float(rng.normal(0, 0.15))
    size = (max(8, round((x1 - x0) * zoom_x)), max(8, round(height * zoom_y)))
    matrix = np.array([[zoom_x, shear, -x0 * zoom_x - shear * height / 2], [0, zoom_y, 0]])
    warped = cv2.warpAffine(picture, matrix, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    pixels: Floats = warped.astype(np.float32)
    pixels = (pixels - 128) * rng.uniform(0.6, 1.2) + 128 + rng.uniform(-30, 30)
    if rng.random() < 0.5:
        pixels = _camera(rng, pixels, float(np.median(boxes[:, 3] - boxes[:, 1])) * zoom_y)
    if rng.random() < 0.1:
        pixels = 255 - pixels
    centres = ((boxes[first:last, 0] + boxes[first:last, 2]) / 2 - x0) * zoom_x
    lift = ((boxes[first:last, 1] + boxes[first:last, 3]) / 2 - height / 2) * shear
    return Picture(
        np.clip(pixels, 0, 255).astype(np.uint8), label[first:last], (centres + lift).astype(np.float32)
    )


def splice(parts: Sequence[Picture]) -> Picture:
    """Set pieces of real pictures side by side as one: real digits on real paper in new orders.

    Parameters
    ----------
    parts
        Of like make; they are brought to one height and one mean light.
    """
    height = int(np.median([part.pixels.shape[0] for part in parts]))
    pieces, centres, x = [], [], 0.0
    mean = np.mean([part.pixels.mean() for part in parts])
    for part in parts:
        scale = height / part.pixels.shape[0]
        width = max(4, round(part.pixels.shape[1] * scale))
        piece = cv2.resize(part.pixels, (width, height), interpolation=cv2.INTER_AREA).astype(np.float32)
        pieces.append(piece + (mean - piece.mean()))
        centres.append(part.centres * (width / part.pixels.shape[1]) + x)
        x += width
    pixels = np.clip(np.concatenate(pieces, axis=1), 0, 255).astype(np.uint8)
    return Picture(pixels, "".join(part.text for part in parts), np.concatenate(centres).astype(np.float32))


def _with_signs(rng: Rng, hand: Hand, text: str, share: float) -> list[str]:
    """Put signs between and letters around the digits, now and then."""
    sequence = list(text)
    signs = [character for character in hand.places if character in SIGNS]
    letters = [character for character in hand.places if character in LETTERS]
    if not signs or not letters or rng.random() >= share:
        return sequence
    if text and rng.random() < 0.6:
        for _ in range(int(rng.integers(1, 3))):
            sequence.insert(int(rng.integers(0, len(sequence) + 1)), str(rng.choice(signs)))
    else:
        word = [str(c) for c in rng.choice(letters, int(rng.integers(1, 5)))]
        sequence = word + sequence if rng.random() < 0.7 else sequence + word
    return sequence


def _warp(
    rng: Rng, hand: Hand, index: int, slant: float, stretch: float, lift: float, style: Style
) -> NDArray[np.uint8]:
    """Warp one character of a hand into a patch: size, slant, a little turn, elastic distortion."""
    image = hand.images[index]
    free = 0.0 if hand.printed else 1.0
    scale = hand.height / BODY / float(np.exp(rng.normal(0, style.size * free)))
    turn = float(rng.normal(0, 0.06)) * free * (style.wobble > 0)
    shear = slant + float(rng.normal(0, 0.05)) * free * (style.wobble > 0)
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    matrix = np.array([[cos / stretch, shear * scale - sin, 0.0], [sin, cos, 0.0]])
    middle = np.array([PATCH / 2 - 0.5, PATCH / 2 - 0.5 + lift])
    matrix[:, 2] = (image.shape[0] - 1) / 2 - matrix[:, :2] @ middle
    if not style.wobble or rng.random() < 0.25:
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        if scale > 1:
            image = cv2.GaussianBlur(image, (3, 3), 0)
        return np.asarray(cv2.warpAffine(image, matrix, (PATCH, PATCH), flags=flags), np.uint8)
    amplitude = style.wobble * abs(rng.normal(0, 1.3)) * scale * (1.0 if free else 0.35)
    bend = _bends()[rng.integers(len(_bends()))]
    x = _GRID_X * np.float32(matrix[0, 0]) + _GRID_Y * np.float32(matrix[0, 1]) + np.float32(matrix[0, 2])
    y = _GRID_X * np.float32(matrix[1, 0]) + _GRID_Y * np.float32(matrix[1, 1]) + np.float32(matrix[1, 2])
    x += np.float32(amplitude) * bend[0]
    y += np.float32(amplitude) * bend[1]
    return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR), np.uint8)


_GRID_Y, _GRID_X = np.mgrid[0:PATCH, 0:PATCH].astype(np.float32)
_BENDS: list[NDArray[np.float32]] = []


def _bends() -> list[NDArray[np.float32]]:
    """Return smooth random displacement fields (2, 64, 64) of unit spread (Simard et al. 2003)."""
    if not _BENDS:
        rng = np.random.default_rng(0)
        for _ in range(256):
            raw = rng.normal(size=(2, PATCH, PATCH)).astype(np.float32)
            smooth = np.stack([cv2.GaussianBlur(axis, (0, 0), float(rng.uniform(6, 11))) for axis in raw])
            _BENDS.append(smooth / smooth.std())
    return _BENDS


def _set(rng: Rng, pieces: Sequence[tuple[int, NDArray[np.uint8], str]], style: Style) -> Ink:
    """Set characters on one strip, change the stroke width of all, cut the strip to the ink."""
    edge = 8
    start = min((left for left, _, _ in pieces), default=0)
    end = max((left + patch.shape[1] for left, patch, _ in pieces), default=PATCH)
    strip = np.zeros((CANVAS, end - start + 2 * edge), np.uint8)
    top = (CANVAS - PATCH) // 2
    said = []
    for left, patch, character in pieces:
        x = left - start + edge
        place = strip[top : top + PATCH, x : x + patch.shape[1]]
        np.maximum(place, patch, out=place)
        said.append((_in_script(character), x + patch.shape[1] / 2))
    weight = rng.uniform(*style.weight)
    if abs(weight) > 0.15:
        strip = _reweigh(strip, float(weight))
    rows = np.flatnonzero(strip.max(1) > 60)
    y0, y1 = (int(rows[0]), int(rows[-1]) + 1) if len(rows) else (0, CANVAS)
    script = "".join(character for character, _ in said)
    text = "".join(character for character in script if character.isdigit())
    centres = np.array([x for character, x in said if character.isdigit()], np.float32)
    middles = np.array([x for character, x in said if character], np.float32)
    return Ink(strip[max(0, y0 - 1) : y1 + 1], text, centres, script, middles)


def _in_script(character: str) -> str:
    """Return what a character is in a script."""
    if (character.isdigit() and character.isascii()) or character in SEPARATORS:
        return character
    return "?" if character.isalpha() or ord(character) >= FIRST_STRANGE else ""


def _reweigh(strip: NDArray[np.uint8], weight: float) -> NDArray[np.uint8]:
    """Make strokes thinner (weight towards -1) or bolder (towards 1)."""
    soft = cv2.GaussianBlur(strip, (0, 0), 1.0 + abs(weight))
    level = 128 - 72 * weight if weight > 0 else 128 - 60 * weight
    faded = cv2.subtract(soft, (level - 32,))  # type: ignore[call-overload]
    changed = np.asarray(cv2.convertScaleAbs(faded, alpha=4.0), np.uint8)
    # a thin stroke must not vanish: what is left of it keeps its core
    return np.maximum(changed, strip // 3) if weight < 0 else np.maximum(changed, strip)


def _form(rng: Rng, shape: tuple[int, ...], ink: Ink, corner: tuple[int, int]) -> NDArray[np.uint8]:
    """Draw what a form prints: a ruled line, two lines, a box around all, a box a digit, a stain, waves."""
    height, width = shape[:2]
    form = np.zeros((height, width), np.uint8)
    top, bottom = corner[1], corner[1] + ink.coverage.shape[0]
    thick = int(rng.integers(1, 4))
    kind = rng.integers(6)
    if kind <= 1:
        for y in [bottom + rng.integers(-5, 8), top + rng.integers(-9, 4)][: kind + 1]:
            tilt = int(rng.integers(-3, 4))
            cv2.line(form, (0, int(y)), (width, int(y) + tilt), 255, thick, cv2.LINE_AA)
    elif kind == 2:
        pad = int(rng.integers(1, 12))
        ends = (corner[0] - pad, top - pad), (corner[0] + ink.coverage.shape[1] + pad, bottom + pad)
        cv2.rectangle(form, *ends, 255, thick, cv2.LINE_AA)
    elif kind == 3 and len(ink.centres) > 1:
        middle = (ink.centres[1:] + ink.centres[:-1]) / 2 + corner[0]
        half = float(np.median(np.diff(ink.centres))) / 2
        for x in [ink.centres[0] + corner[0] - half, *middle, ink.centres[-1] + corner[0] + half]:
            cv2.line(form, (int(x), top - 6), (int(x), bottom + 6), 255, thick, cv2.LINE_AA)
        cv2.rectangle(
            form, (int(ink.centres[0] + corner[0] - half), top - 6), (int(x), bottom + 6), 255, thick
        )
    elif kind == 4:
        for _ in range(int(rng.integers(1, 4))):
            centre = (int(rng.integers(width)), int(rng.integers(height)))
            axes = (int(rng.integers(3, 30)), int(rng.integers(2, 20)))
            filled = -1 if rng.random() < 0.5 else 2
            cv2.ellipse(
                form, centre, axes, float(rng.uniform(0, 180)), 0, 360, int(rng.integers(60, 200)), filled
            )
        form = np.asarray(cv2.GaussianBlur(form, (0, 0), 2), np.uint8)
    else:  # the waves of security paper
        period, amplitude, phase = rng.uniform(4, 11), rng.uniform(0, 14), rng.uniform(0, 6.3)
        bend = amplitude * np.sin(np.arange(width) * rng.uniform(0.01, 0.09) + phase)
        rows = np.arange(height)[:, None] + bend[None] + rng.uniform(-0.6, 0.6) * np.arange(width)[None]
        wave = np.sin(rows * (2 * np.pi / period))
        form = np.clip((wave - 0.4) * 300, 0, 150).astype(np.uint8)
    return form


def _colours(rng: Rng, messy: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Draw the colours (3,) of paper and ink."""
    if not messy:
        return (np.full(3, rng.uniform(215, 255), np.float32), np.full(3, rng.uniform(0, 70), np.float32))
    while True:
        paper, pen = rng.uniform(0, 255, 3), rng.uniform(0, 255, 3)
        if rng.random() < 0.6:  # mostly greyish
            paper = paper.mean() + 0.25 * (paper - paper.mean())
        if rng.random() < 0.6:
            pen = pen.mean() + 0.35 * (pen - pen.mean())
        if rng.random() < 0.65:  # mostly dark on light
            paper, pen = 255 - (255 - paper) * 0.4, pen * 0.55
        if np.abs(paper.mean() - pen.mean()) > 50:  # what no one could read is no test and no lesson
            return paper.astype(np.float32), pen.astype(np.float32)


_TEXTURES: list[NDArray[np.float32]] = []


def _paper(rng: Rng, size: tuple[int, int], messy: bool) -> NDArray[np.float32]:
    """Return a field (H, W) of light, around 1: grain, fibres and clouds of the paper, shadow on it."""
    width, height = size
    field = np.ones((height, width), np.float32)
    if not messy:
        return field
    if not _TEXTURES:
        seeded = np.random.default_rng(1)
        for index in range(24):
            raw = seeded.normal(size=(320, 1024)).astype(np.float32)
            texture = cv2.GaussianBlur(raw, (0, 0), 1.0 + 1.5 * (index % 8), sigmaY=1.0 + 2 * (index % 5))
            _TEXTURES.append(texture / texture.std())
    texture = _TEXTURES[rng.integers(len(_TEXTURES))]
    if width <= texture.shape[1] and height <= texture.shape[0]:
        y = int(rng.integers(0, texture.shape[0] - height + 1))
        x = int(rng.integers(0, texture.shape[1] - width + 1))
        field += np.float32(rng.uniform(0, 0.05)) * texture[y : y + height, x : x + width]
    if rng.random() < 0.4:
        knots = rng.uniform(0.45, 1.0, (2, int(rng.integers(2, 6)))).astype(np.float32)
        field *= cv2.resize(knots, (width, height), interpolation=cv2.INTER_CUBIC)
    return field


def _camera(rng: Rng, pixels: NDArray[np.float32], height: float) -> NDArray[np.float32]:
    """Blur and disturb (H, W, 3) as a hand-held phone does; height: of the digits, pixels."""
    if rng.random() < 0.5:
        sigma = float(rng.uniform(0.3, 0.04 * height + 0.4))
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.float32)
    if rng.random() < 0.12:
        length = max(2, int(rng.uniform(0.04, 0.12) * height))
        kernel = np.full((1, length) if rng.random() < 0.5 else (length, 1), 1 / length, np.float32)
        pixels = np.asarray(cv2.filter2D(pixels, -1, kernel), np.float32)
    return pixels + rng.normal(0, rng.uniform(0, 9), pixels.shape[:2]).astype(np.float32)[..., None]
