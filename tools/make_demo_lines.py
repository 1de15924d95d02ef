"""Write the built-in lines of ``windowpane demo``: numbers written by a pen that we move ourselves.

    python tools/make_demo_lines.py [FOLDER]        (default: src/windowpane/demo)

Each digit is a skeleton: one or more strokes, each a few points that a smooth curve passes through, in a box
one unit high (x to the right, y downwards). A hand adds slant, tilt, uneven size, a wandering baseline and a
wobble; a pen adds width and pressure; a paper adds grain, fibres, ruled lines and uneven light. Nothing comes
from a data set or a typeface, so the pictures are as free as the code. Same seed, same pictures.
"""

from __future__ import annotations

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.writing.strokes import SKELETONS, smooth

Floats = NDArray[np.float64]
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Hand:
    """How somebody writes. Lengths are in digit heights, angles are tangents."""

    slant: float  # lean to the right
    gap: float  # free space between two digits; negative: they touch
    variant: tuple[int, ...] = (0, 1)  # which of the ways of writing a digit this hand uses
    wobble: float = 0.018  # scatter of each point of a skeleton
    size_scatter: float = 0.07
    baseline_scatter: float = 0.04
    rise: float = 0.0  # slope of the baseline, upwards positive
    breadth: float = 1.0


@dataclass(frozen=True)
class Pen:
    """What is written with. ``width`` in pixels; ``grain``: share of the paper's tooth that stays bare."""

    colour: Colour
    width: float
    opacity: float = 0.92
    grain: float = 0.0
    pressure: float = 0.2


@dataclass(frozen=True)
class Paper:
    """What is written on. ``shade``: how much darker the light makes the far side; ``rules``: ruled lines."""

    colour: Colour
    roughness: float = 4.0
    shade: float = 0.0
    rules: Colour | None = None
    fibres: Colour | None = None
    smears: float = 0.0


@dataclass(frozen=True)
class Line:
    """One built-in picture: its file, what is written on it, and what the picture is meant to show."""

    file: str
    label: str
    note: str
    hand: Hand
    pen: Pen
    paper: Paper
    height: int = 84  # of a digit, in pixels


LINES = (
    Line(
        "ink.png",
        "07733",
        "Fountain pen on writing paper: Holmdel, where ConvNets first read ZIP codes.",
        Hand(slant=0.22, gap=0.16, variant=(1,)),
        Pen((34, 46, 104), width=5.5, opacity=0.93, grain=0.05, pressure=0.35),
        Paper((247, 243, 232), roughness=2.5, shade=0.06),
    ),
    Line(
        "pencil.png",
        "23206",
        "A thin, grainy pencil: the ZIP code of the lecture's figure.",
        Hand(slant=0.10, gap=0.22, rise=0.03),
        Pen((72, 72, 76), width=3.4, opacity=0.85, grain=0.55, pressure=0.3),
        Paper((238, 237, 233), roughness=5, shade=0.10),
    ),
    Line(
        "chalk.png",
        "10003",
        "Light on dark: chalk on a blackboard that was wiped in a hurry.",
        Hand(slant=0.05, gap=0.20, wobble=0.02),
        Pen((236, 238, 230), width=8.5, opacity=0.92, grain=0.42, pressure=0.15),
        Paper((38, 54, 48), roughness=5, shade=0.15, smears=14),
        height=96,
    ),
    Line(
        "ruled.png",
        "94720",
        "Ballpoint on ruled paper: the rules run through the digits.",
        Hand(slant=0.30, gap=0.10, variant=(0,), rise=-0.02, baseline_scatter=0.06),
        Pen((28, 52, 150), width=3.8, opacity=0.88, grain=0.10, pressure=0.25),
        Paper((252, 251, 246), roughness=2, shade=0.05, rules=(150, 178, 214)),
        height=72,
    ),
    Line(
        "marker.png",
        "11811",
        "A thick marker on cardboard: digits that repeat must stay two digits.",
        Hand(slant=-0.04, gap=0.20, variant=(0,), wobble=0.022, size_scatter=0.09, baseline_scatter=0.06),
        Pen((26, 24, 26), width=13, opacity=0.96, grain=0.04, pressure=0.08),
        Paper((190, 152, 108), roughness=7, shade=0.12, fibres=(150, 112, 74)),
        height=100,
    ),
    Line(
        "shadow.png",
        "31415926",
        "A long number on a yellow note: digits touch, and half of it lies in shadow.",
        Hand(slant=0.16, gap=-0.01, wobble=0.02, size_scatter=0.10, baseline_scatter=0.06, rise=0.015),
        Pen((46, 40, 44), width=4.2, opacity=0.9, grain=0.12, pressure=0.25),
        Paper((246, 226, 138), roughness=3, shade=0.42),
        height=64,
    ),
)


def write(text: str, hand: Hand, rng: np.random.Generator) -> list[Floats]:
    """Strokes of ``text``, each (M, 2) in digit heights, the baseline near y = 1."""
    strokes, x = [], 0.0
    for digit in text:
        ways = SKELETONS[digit]
        way = ways[hand.variant[rng.integers(len(hand.variant))] % len(ways)]
        size = 1 + rng.normal(0, hand.size_scatter)
        breadth = hand.breadth * (1 + rng.normal(0, 0.08))
        slant = hand.slant + rng.normal(0, 0.03)
        turn = rng.normal(0, 0.03)
        drop = rng.normal(0, hand.baseline_scatter)
        curves = []
        for stroke in way.split(" / "):
            points = np.array([point.split(",") for point in stroke.split()], float) / 100
            points += rng.normal(0, hand.wobble, points.shape)
            u, v = points[:, 0] * breadth, points[:, 1] - 1
            curve = np.stack([u - v * slant - v * turn, 1 + v + u * turn], axis=1)
            curves.append(smooth((curve - [0, 1]) * size + [0, 1 + drop]))
        left = min(float(c[:, 0].min()) for c in curves)
        for curve in curves:
            strokes.append(curve + np.array([x - left, 0]))
        x = max(float(c[:, 0].max()) for c in strokes) + hand.gap + rng.normal(0, 0.025)
    for curve in strokes:
        curve[:, 1] -= hand.rise * curve[:, 0]
    return strokes


def coverage(strokes: list[Floats], pen: Pen, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """How much of each pixel the pen covers, 0..1; drawn four times larger, with the pressure changing."""
    fine = 4
    canvas = np.zeros((shape[0] * fine, shape[1] * fine), np.uint8)
    for curve in strokes:
        steps = np.linspace(0, 1, len(curve))
        press = 1 + pen.pressure * (np.sin(2 * np.pi * (steps * rng.uniform(0.6, 1.6) + rng.random())))
        press *= np.minimum(1, 0.55 + 6 * np.minimum(steps, 1.06 - steps))  # the pen lands and lifts
        radii = np.maximum(1, pen.width / 2 * fine * press)
        for (x0, y0), (x1, y1), radius in zip(curve[:-1] * fine, curve[1:] * fine, radii, strict=False):
            cv2.line(
                canvas, (round(x0), round(y0)), (round(x1), round(y1)), 255, round(2 * radius), cv2.LINE_AA
            )
    return np.asarray(cv2.resize(canvas, shape[::-1], interpolation=cv2.INTER_AREA) / 255.0, np.float64)


def noise(shape: tuple[int, int], blur: float, rng: np.random.Generator) -> Floats:
    """Smooth noise of unit variance; ``blur`` in pixels."""
    field = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), blur) if blur > 0 else rng.normal(size=shape)
    return np.asarray((field - field.mean()) / field.std())


def ground(paper: Paper, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """The empty paper, (H, W, 3) in 0..255, before any light falls on it."""
    grain = 0.6 * noise(shape, 0.7, rng) + 0.5 * noise(shape, 2.5, rng) + 0.5 * noise(shape, 25, rng)
    picture = np.array(paper.colour, float) + (grain * paper.roughness)[..., None]
    if paper.smears:
        wiped = cv2.GaussianBlur(rng.normal(size=shape), (0, 0), sigmaX=60, sigmaY=5)
        picture += (np.clip(wiped / wiped.std(), 0, 3) * paper.smears)[..., None]
    if paper.fibres:
        for _ in range(shape[0] * shape[1] // 500):
            x, y = int(rng.integers(shape[1])), int(rng.integers(shape[0]))
            dx, dy = rng.normal(0, 9), rng.normal(0, 2)
            layer = picture.copy()
            cv2.line(layer, (x, y), (round(x + dx), round(y + dy)), paper.fibres, 1, cv2.LINE_AA)
            picture = 0.65 * picture + 0.35 * layer
    return picture


def rule(picture: Floats, colour: Colour, pitch: float, first: float) -> None:
    """Draw ruled lines over the whole width, every ``pitch`` pixels from ``first`` on, slightly tilted."""
    height, width = picture.shape[:2]
    y = first - pitch * int(first // pitch)
    while y < height:
        cv2.line(
            picture, (0, round(y * 16)), (width * 16, round((y + 3) * 16)), colour, 1, cv2.LINE_AA, shift=4
        )
        y += pitch


def light(picture: Floats, shade: float, rng: np.random.Generator) -> Floats:
    """Darken towards one side, by at most ``shade``: a gentle fall, or a hand's shadow when it is strong."""
    height, width = picture.shape[:2]
    x = np.linspace(0, 1, width)[None, :] + 0.25 * np.linspace(-0.5, 0.5, height)[:, None]
    fall = 1 / (1 + np.exp(-(x - 0.55) * (30 if shade > 0.3 else 4)))
    level: Floats = 1 - shade * fall + 0.01 * noise((height, width), 40, rng)
    return np.asarray(picture * level[..., None])


def draw(line: Line, rng: np.random.Generator) -> NDArray[np.uint8]:
    """The finished picture of ``line``, (H, W, 3) uint8 RGB."""
    strokes = [stroke * line.height for stroke in write(line.label, line.hand, rng)]
    low = np.min([stroke.min(axis=0) for stroke in strokes], axis=0)
    high = np.max([stroke.max(axis=0) for stroke in strokes], axis=0)
    margin = np.array([0.42, 0.30]) * line.height
    strokes = [stroke - low + margin for stroke in strokes]
    width, height = (int(side) for side in np.ceil(high - low + 2 * margin))
    shape = (height, width)

    picture = ground(line.paper, shape, rng)
    if line.paper.rules:
        rule(picture, line.paper.rules, 0.62 * line.height, margin[1] + 0.98 * line.height)
    ink = coverage(strokes, line.pen, shape, rng)
    tooth = np.clip(0.5 + 0.4 * noise(shape, 0.8, rng), 0, 1)
    ink *= line.pen.opacity * (1 - line.pen.grain * tooth)
    picture = picture + ink[..., None] * (np.array(line.pen.colour, float) - picture)
    picture = light(picture, line.paper.shade, rng)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.6) + rng.normal(0, 1.2, (*shape, 1))
    return np.clip(np.round(picture), 0, 255).astype(np.uint8)


def main() -> None:
    """Write every line as a PNG, and ``labels.csv`` beside them."""
    here = Path(__file__).resolve().parent.parent
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here / "src" / "windowpane" / "demo"
    folder.mkdir(parents=True, exist_ok=True)
    for number, line in enumerate(LINES):
        picture = draw(line, np.random.default_rng([2020, number]))
        cv2.imwrite(str(folder / line.file), picture[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])
    with open(folder / "labels.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["file", "label", "note"])
        rows.writerows([line.file, line.label, line.note] for line in LINES)


if __name__ == "__main__":
    main()
