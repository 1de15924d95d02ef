"""Answers and score maps as pictures (visualization): always a new image, never the caller's.

    hinton    a score map as Hinton squares
    lattice   the order of the digits against the positions, with the path of the answer

    reading           boxes and digits drawn over a picture
    draw_detections   boxes and landmarks drawn over a picture
    draw_labels       the classes of a scene drawn over a picture, with a legend

    figure1            how a line was read: line, four maps, vote, lattice, windows of the answer
    detection_figure   what was found, and the score map of every scale
    parsing_figure     a parsed scene, and what each scale makes of it

All images are RGB uint8 ``(H, W, 3)``. ``figure1`` draws, for any input, what Figure 1 of the lecture shows
for one (LeCun, NYU Deep Learning 2020, lecture 6.1, "Multiple classifiers on zip code recognition"), and
``detection_figure`` what Figure 3 does.

An answer can be looked at in three ways. A notebook shows it by itself (``_repr_html_``). Its ``plot()`` puts
it on matplotlib axes, beside other plots and for print. The functions here give arrays of pixels: for files,
videos and reports, and they need no matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.detect.detections import NO_TRACK
from windowpane.errors import ArgumentError
from windowpane.images.drawing import ACCENT, FAINT, PAPER, TEXT, Colour, Image, blank, resized, write
from windowpane.parse.labelmap import LabelMap, class_colours
from windowpane.show.canvas import Page, beside, captioned, framed, in_rows, rgb, squares

if TYPE_CHECKING:
    from windowpane.detect.detections import Detections
    from windowpane.detect.steps import DetectSteps
    from windowpane.parse.steps import ParseSteps
    from windowpane.read.reading import Reading
    from windowpane.read.steps import ReadSteps

GROUND: Colour = (128, 128, 128)
DOUBT: Colour = (100, 108, 120)

FIGURE = 960
"""Width of a figure of what was found, pixels."""

DIGITS = 10
"""Labels 0 to 9 of the reader's maps are drawn; the last, "no whole digit here", is what remains."""


# -- Score maps -------------------------------------------------------------------------------------------


def hinton(
    scores: NDArray[np.floating], *, cell: tuple[int, int] = (16, 16), ticks: Sequence[int] | None = None
) -> Image:
    """Draw a score map as Hinton squares.

    A cell is white above one half and black below, the square the larger the surer the score; at one half
    only the grey ground is seen.

    Parameters
    ----------
    scores
        (K, T): Scores in 0..1, a row a class, a column a position.
    cell
        Height and width of a cell, pixels.
    ticks
        The columns to mark in a strip under the map, which is as high as a cell.

    Returns
    -------
    ndarray of shape (K * height, T * width, 3)
        And ``height`` rows more with a strip.

    Raises
    ------
    ArgumentError
        If the scores are no ``(K, T)`` array.
    """
    if scores.ndim != 2:
        raise ArgumentError(
            f"scores of shape {scores.shape} given; a score map is (labels, columns): for a map (K, rows,"
            " columns) give one row, as in scores[:, 0]"
        )
    height, width = cell
    away_y = np.abs((np.arange(height) + 0.5) / height - 0.5)[:, None]
    away_x = np.abs((np.arange(width) + 0.5) / width - 0.5)[None, :]
    away = np.maximum(away_y, away_x)  # from the middle of the cell: 0 there, 0.5 at its border
    half_side = 0.46 * np.abs(2 * np.clip(scores, 0, 1) - 1)[:, None, :, None]
    cover = np.clip((half_side - away[None, :, None, :]) * min(cell) + 0.5, 0, 1) * (half_side > 0)
    tone = np.where(scores > 0.5, 255, 0)[:, None, :, None]
    grey = GROUND[0] + cover * (tone - GROUND[0])
    rows, columns = scores.shape
    image = rgb(np.round(grey).reshape(rows * height, columns * width).astype(np.uint8))
    if ticks is None:
        return image
    strip = blank(height, image.shape[1])
    for column in ticks:
        x = column * width + width // 2
        strip[: height - 3, max(0, x - 1) : x + 2] = ACCENT
    return np.vstack([image, strip])


def lattice(
    voted: NDArray[np.floating], columns: Sequence[int], text: str, *, cell: tuple[int, int] = (16, 16)
) -> Image:
    """Draw the order of the digits against the positions, and the path of the answer through it.

    A row is one digit of the answer, the first at the bottom; a square is the score of that digit at that
    position. The path runs from the lower left to the upper right corner: rightwards nothing is read, and
    each step up reads the digit of the cell that it crosses. So a repeated digit is two steps, not one.

    Parameters
    ----------
    voted
        (K, T): Log-probabilities, row d the digit d.
    columns
        Where each digit of ``text`` is read.
    text
        The digits of the answer.
    cell
        Height and width of a cell, pixels.

    Returns
    -------
    ndarray of shape (len(text) * height, T * width, 3)
        One empty row if there is no text.

    Raises
    ------
    ArgumentError
        If there is not one column for each digit.
    """
    if len(columns) != len(text):
        raise ArgumentError(
            f"{len(columns)} columns given for the {len(text)} digits of {text!r}: give one for each"
        )
    height, width = cell
    if not text:
        return hinton(np.full((1, voted.shape[1]), 0.5), cell=cell)
    image = hinton(np.exp(voted[[int(digit) for digit in reversed(text)]]), cell=cell)
    bottom = image.shape[0] - 2  # a line on the very border would be cut in half
    path = [(0, bottom)]
    for place, column in enumerate(columns):
        x, y = column * width + width // 2, image.shape[0] - (place + 1) * height
        cv2.rectangle(image, (column * width, y), ((column + 1) * width, y + height), ACCENT, 1)
        path += [(x, path[-1][1]), (x, max(y, 1))]
    path.append((image.shape[1] - 1, path[-1][1]))
    cv2.polylines(image, [np.array(path, np.int32)], False, ACCENT, 3, cv2.LINE_AA)
    return image


# -- Drawn over a picture ----------------------------------------------------------------------------------


def reading(image: Image, answer: Reading) -> Image:
    """Draw the box and the text of every digit over a copy of ``image``, (H, W, 3) uint8 RGB.

    Small pictures are enlarged by a whole number so that the tags stay legible, and the picture grows at the
    top where a tag would not fit. A rejected answer is grey.
    """
    _check(image)
    heights = [digit.box[3] - digit.box[1] for digit in answer.digits]
    tallest = max(heights, default=image.shape[0])
    zoom = max(1, round(72 / max(tallest, 1)))
    font = float(np.clip(tallest * zoom / 110, 0.6, 1.6))
    tag = round(34 * font)
    room = min((digit.box[1] for digit in answer.digits), default=image.shape[0]) * zoom
    extra = max(0, round(tag + 4 - room))
    size = (image.shape[1] * zoom, image.shape[0] * zoom)
    canvas = blank(size[1] + extra, size[0])
    canvas[extra:] = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC)
    colour = DOUBT if answer.rejected else ACCENT
    for digit in answer.digits:
        x0, y0, x1, y1 = (round(value * zoom) for value in digit.box)
        y0, y1 = y0 + extra, y1 + extra
        cv2.rectangle(canvas, (x0, y0), (x1, y1), colour, 2, cv2.LINE_AA)
        cv2.rectangle(canvas, (x0 - 1, y0 - tag), (x0 + round(24 * font), y0), colour, cv2.FILLED)
        write(canvas, digit.text, x0 + round(4 * font), y0 - round(8 * font), PAPER, font, 2)
    return canvas


def draw_detections(image: Image, detections: Detections) -> Image:
    """Draw the box and the landmarks of every detection over a copy of ``image``, (H, W, 3) uint8 RGB.

    The name of its class stands above the box where the net knows several, and its number where it is
    tracked.
    """
    _check(image)
    canvas = image.copy()
    line = max(1, round(min(image.shape[:2]) / 240))
    for one in detections:
        x0, y0, x1, y1 = (round(value) for value in one.box)
        cv2.rectangle(canvas, (x0, y0), (x1, y1), ACCENT, line)
        for x, y in () if one.landmarks is None else one.landmarks:
            cv2.circle(canvas, (int(x), int(y)), max(1, (x1 - x0) // 30), ACCENT, cv2.FILLED)
        words = [one.name] if len(detections.names) > 1 else []
        if words := words + ([] if one.id in (None, NO_TRACK) else [str(one.id)]):
            write(canvas, " ".join(words), x0, y0 - 2 * line, ACCENT, 0.5 * line, line)
    return canvas


def draw_labels(image: Image, scene: LabelMap) -> Image:
    """Draw the classes of a scene over a copy of ``image``, (H, W, 3) uint8 RGB, and a legend below it.

    The legend names the classes of at least half a percent with their share of the picture, largest first.
    """
    _check(image)
    height, width = image.shape[:2]
    if (height, width) != (scene.height, scene.width):
        raise ArgumentError(
            f"a picture of {width} x {height} pixels given, and a scene of {scene.width} x {scene.height}:"
            " give the picture that was parsed"
        )
    colours = class_colours(len(scene.names))
    tinted = np.asarray(cv2.addWeighted(image, 0.45, colours[scene.class_ids], 0.55, 0), np.uint8)
    across = max(1, tinted.shape[1] // 160)
    legend = blank(8 + 22 * -(-len(scene.largest) // across), tinted.shape[1])
    for number, name in enumerate(scene.largest):
        x, y = 6 + number % across * 160, 18 + number // across * 22
        colour = tuple(int(value) for value in colours[scene.names.index(name)])
        cv2.rectangle(legend, (x, y - 10), (x + 14, y + 2), colour, cv2.FILLED)
        write(legend, f"{name} {100 * scene.shares[name]:.0f} %", x + 20, y, TEXT, 0.4)
    return np.vstack([tinted, legend])


def _check(image: Image) -> None:
    """Refuse what is no picture, before anything is drawn."""
    if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
        raise ArgumentError(
            f"an image of shape {image.shape}, {image.dtype}, given; expected (H, W, 3), uint8, RGB: load it"
            " with windowpane.load_image"
        )


# -- The figures of the lecture ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Taken:
    """One digit of the answer: the map that is surest of it, its column there, and its place on the line."""

    text: str
    confidence: float
    head: int
    column: int
    x0: int
    x1: int


def figure1(steps: ReadSteps) -> Image:
    """Draw how a line was read, as the lecture's Figure 1 does, on one white page.

    From top to bottom: the line; the four score maps, each cell under the middle of what its window sees,
    with ticks where that window's map is the surest of a digit of the answer; the vote; the lattice with its
    path. At the right: for each digit of the answer the window through which it was seen best.
    """
    line = 255 - steps.ink
    zoom = int(np.clip(900 // line.shape[1], 3, 6))
    step = steps.window.stride[1] * zoom
    cell = (max(8, round(0.8 * step)), step)
    taken = _taken(steps)

    page = Page(margin=max(64, zoom * 8))
    page.add("The line, 32 pixels high, ink black on white", framed(squares(line, zoom)))
    for head, score_map in enumerate(steps.maps):
        ticks = [one.column for one in taken if one.head == head]
        picture = hinton(np.exp(score_map.scores[:DIGITS, 0]), cell=cell, ticks=ticks)
        left = _left(score_map.window.centre(0, 0)[0], zoom, step)
        page.add(f"Window of {score_map.window.width} pixels", picture, left, "0123456789", cell[0])
    left = _left(steps.window.centre(0, 0)[0], zoom, step)
    picture = hinton(np.exp(steps.voted[:DIGITS]), cell=cell, ticks=steps.columns)
    page.add("Vote of the four windows", picture, left, "0123456789", cell[0])
    text = "".join(digit.text for digit in steps.reading.digits)
    title = "Order of the digits, and the shortest path" if text else "No digit found: no path"
    tall = (max(22, cell[0]), step)
    picture = lattice(steps.voted, steps.columns, text, cell=tall)
    page.add(title, picture, left, text[::-1], tall[0])
    return beside(page.image(), _windows(line, taken, zoom))


def _left(centre: float, zoom: int, step: int) -> int:
    """Where a map starts so that its first cell, ``step`` wide, lies under ``centre`` of the line."""
    return max(0, round(centre * zoom - step / 2))


def _taken(steps: ReadSteps) -> list[_Taken]:
    """For each digit of the answer, the map that gives it the highest score at its place."""
    taken = []
    for digit, column in zip(steps.reading.digits, steps.columns, strict=True):
        x, y = steps.window.centre(0, column)
        cells = []
        for head, score_map in enumerate(steps.maps):
            near = int(np.clip(score_map.window.cell(x, y)[1], 0, score_map.scores.shape[2] - 1))
            cells.append((float(score_map.scores[int(digit.text), 0, near]), head, near))
        _, head, near = max(cells)
        x0, _, x1, _ = steps.maps[head].window.box(0, near)
        taken.append(_Taken(digit.text, digit.confidence, head, near, round(x0), round(x1)))
    return taken


def _windows(line: Image, taken: Sequence[_Taken], zoom: int) -> Image:
    """The windows of the answer below each other, each with its digit and confidence."""
    zoom = max(2, zoom - 2)
    page = Page(margin=8)
    for place, one in enumerate(taken):
        crop = np.full((line.shape[0], one.x1 - one.x0), 255, np.uint8)
        x0, x1 = max(one.x0, 0), min(one.x1, line.shape[1])
        crop[:, x0 - one.x0 : x1 - one.x0] = line[:, x0:x1]
        picture = framed(squares(crop, zoom))
        side = blank(picture.shape[0], 100)
        write(side, one.text, 14, picture.shape[0] // 2 + 8, TEXT, 1.3, 2)
        write(side, f"{100 * one.confidence:.1f} %", 14, picture.shape[0] // 2 + 32, FAINT, 0.5)
        page.add("Windows of the answer" if place == 0 else "", np.hstack([picture, side]))
    return page.image()


def detection_figure(steps: DetectSteps) -> Image:
    """Draw what was found and, as the lecture's Figure 3 does, the score map of every scale, on a white page.

    A cell of a map is the lighter the higher its best score, on one scale of grey for all maps; a cell whose
    score is high enough for a box has the colour of the boxes. Candidates that the
    second stage of the cascade left out are grey.
    """
    page = Page(margin=24)
    found = steps.picture.copy()
    left_out = len(steps.candidates) > len(steps.detections)
    if left_out:
        for one in steps.candidates:
            x0, y0, x1, y1 = (round(value) for value in one.box)
            cv2.rectangle(found, (x0, y0), (x1, y1), FAINT, max(1, round(min(found.shape[:2]) / 400)))
    found = draw_detections(found, steps.detections)
    title = "What is found, and in grey what the second stage left out" if left_out else "What is found"
    page.add(title, _shown(found, min(1, FIGURE / found.shape[1])))
    maps = [score_map.scores.max(axis=0) for score_map in steps.maps]
    if maps:
        every = np.concatenate([scores.ravel() for scores in maps])
        low, high = np.quantile(every, 0.01), every.max()
        zoom = 0.55 * FIGURE / maps[0].shape[1]  # the next one, 0.71 as wide, fits beside it
        tiles = []
        for scores, level in zip(maps, steps.levels, strict=True):
            grey = 255 * np.clip((scores - low) / max(high - low, 1e-6), 0, 1)
            image = rgb(grey.astype(np.uint8))
            image[scores > steps.logit_threshold] = ACCENT
            tiles.append(captioned(_shown(image, zoom), f"Scale {level.scale[0]:.2f}"))
        for number, row in enumerate(in_rows(tiles, FIGURE)):
            page.add("" if number else "Score map of every scale", row)
    return page.image()


def parsing_figure(explanation: ParseSteps) -> Image:
    """Draw a parsed scene, and below it every scale: what the net sees, and what it makes of it.

    There a cell has the colour of the class that is the best for this scale alone.
    """
    page = Page(margin=24)
    drawn = draw_labels(explanation.picture, explanation.scene)
    page.add("The scene, a class for every pixel", _shown(drawn, min(1, FIGURE / drawn.shape[1])))
    names = explanation.scene.names
    zoom = 0.4 * FIGURE / explanation.picture.shape[1]  # all scales together, 1 + 1/2 + ..., fit in a row
    seen, made = [], []
    for level, scores in zip(explanation.levels, explanation.maps, strict=True):
        image = level.image - level.image.min()
        image = (255 * image / max(float(image.max()), 1e-6)).astype(np.uint8)
        width = max(24, round(zoom * explanation.picture.shape[1] * level.scale[0]))
        caption = f"Scale {level.scale[0]:.3g}"
        seen.append(captioned(_shown(image, width / image.shape[1]), caption))
        best = scores.reshape(len(names), -1, *scores.shape[1:]).max(axis=1).argmax(axis=0)
        tile = class_colours(len(names))[best]
        made.append(captioned(_shown(tile, width / tile.shape[1]), caption))
    for title, tiles in (("What the net sees of it", seen), ("What it makes of each scale", made)):
        for number, row in enumerate(in_rows(tiles, FIGURE)):
            page.add("" if number else title, row)
    return page.image()


def _shown(image: Image, zoom: float) -> Image:
    """Shrink by the mean of the pixels, enlarge so that each is a square: the reader should see them."""
    return resized(image, zoom, cv2.INTER_NEAREST)
