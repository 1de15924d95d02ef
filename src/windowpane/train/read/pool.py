"""The pool of training lines (synthetic data): composed once by several processes, then read again and again.

A line is what `windowpane.read.line.normalize` makes of a composed or real picture: 32 pixels high, digits
where the normalizer put them, faults included. Shards are written one by one, so an interrupted pool goes on
where it stopped, and every shard has its own seed, so the pool does not depend on the number of processes.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.digits import LabelledLine, folder_lines, mnist, orand, usps
from windowpane.data.glyphs import glyphs
from windowpane.data.split import SHARE, Fold, every_so_many
from windowpane.data.writing.hands import (
    LETTERS,
    SIGNS,
    Hand,
    by_family,
    cut_from_lines,
    dotted,
    old_style,
    typefaces,
    writers,
)
from windowpane.data.writing.lines import TRAINING, Picture, compose, photograph, splice, vary
from windowpane.data.writing.segments import segment_hand
from windowpane.data.writing.words import hands_of
from windowpane.errors import DataError, WindowpaneError
from windowpane.images import load
from windowpane.read.line import Line, LineView, cut, find_band, find_writing, ink_map, normalize
from windowpane.train.loop.stage import Progress
from windowpane.train.read.lettering import KINDS as LETTERING
from windowpane.train.read.lettering import lettering, written
from windowpane.train.read.real import KINDS as REAL
from windowpane.train.read.real import Draw
from windowpane.train.read.symbols import OPEN

Item = TypeVar("Item")
SHARD = 4096  # lines
WIDEST = 420  # of a line, pixels
DISPLAYS = 120  # of which segments are drawn
SCRIPTS = {"bangla": 32.0, "devanagari": 32.0, "telugu": 32.0}  # height of a digit in them, pixels
DARK = ("displays",)  # kinds of real lines that are dark on light, though they do not look it
NO_NUMBER = ("nothing", "words", "displays", "plates")  # kinds whose digits are none, or not surely known
AMONG_LETTERS = ("mixed", "receipts")  # kinds in which a zero may as well be an O


@dataclass(frozen=True, slots=True)
class Sources:
    """What lines are made from: data root (or None), folder of fonts (or None), folders of one's own lines.

    Attributes
    ----------
    shares
        How often each kind of line is made, by name: "writers" (MNIST), "usps", "print" (any typeface),
        "families" (a family of typefaces, then one of it), "orand" (real amounts, varied), "spliced" (pieces
        of them in new orders), "orand_hand" (their digits on composed paper), "mixed" (numbers with
        separators and words, in typefaces and hands), "words" (nothing but words), "segments" (displays that
        we draw), "bangla", "devanagari" and "telugu" (their digits), the real lines of
        `windowpane.train.read.real`, "own" (pictures of one's own, varied), "nothing" (no whole digit at the
        right size).
    photos
        How often composed digits are photographed badly.
    closest
        The least distance of neighbours, in digit heights; negative = overlap, as a share of the width.
    stretch
        How much wider lines become at most; every second one does, for the reader's second look.
    letters
        Sets of letters to write words with.
    """

    data: Path | None
    fonts: Path | None
    own: tuple[Path, ...]
    shares: tuple[tuple[str, float], ...]
    photos: float = 0.6
    closest: float = TRAINING.gap[0]
    stretch: float = 1.0
    letters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lines:
    """Training lines.

    Attributes
    ----------
    inks
        (32, W) uint8 each.
    texts
        Transcripts, see `windowpane.train.read.symbols`.
    centres
        X of every character of them, in line pixels; NaN = not known.
    """

    inks: list[NDArray[np.uint8]]
    texts: list[str]
    centres: list[NDArray[np.float32]]

    def __len__(self) -> int:
        return len(self.inks)


class Maker:
    """Makes lines, one seeded shard after the other."""

    def __init__(self, sources: Sources, *, validation: bool) -> None:
        self.kinds = [name for name, share in sources.shares if share > 0]
        weights = np.array([share for _, share in sources.shares if share > 0], float)
        self.weights = weights / weights.sum()
        self.fold: Fold = "tune" if validation else "train"
        self.hands: dict[str, list[Hand]] = {}
        self.lettered: list[Hand] = []
        self.real: dict[str, list[LabelledLine]] = {}
        self.draws: dict[str, Draw] = {}
        kinds = set(self.kinds)
        if sources.data:
            self._find_people(sources.data, kinds, validation=validation)
            self.draws = {name: make(sources.data, self.fold) for name, make in REAL.items() if name in kinds}
        if kinds & {"print", "families", *LETTERING} and sources.fonts:
            self.hands["print"] = _with_variants(typefaces(sources.fonts, held_out=False))
            self.lettered = [hand for hand in self.hands["print"] if LETTERS[0] in hand.places]
            self.families = by_family(self.hands["print"])
        if "segments" in kinds:
            seeded = np.random.default_rng(int(validation))
            self.hands["segments"] = [segment_hand(seeded, f"display {number}") for number in range(DISPLAYS)]
        if kinds & set(LETTERING):
            people = self.hands.get("writers", [])
            self.groups = lettering(sources.data, sources.letters, self.lettered, people, self.fold)
        if "own" in kinds:
            self.real["own"] = split(_own(sources.own), validation=validation)
        self.photos = sources.photos
        self.style = replace(TRAINING, gap=(sources.closest, TRAINING.gap[1]))
        self.stretch = sources.stretch
        self._load = lru_cache(maxsize=2048)(load)  # all of ORAND, not all of a large folder

    def _find_people(self, data: Path, kinds: set[str], *, validation: bool) -> None:
        """Read the hands and lines of the public sets that some kinds are made from."""
        if kinds & {"writers", *LETTERING}:
            chosen = writers(mnist(data, "train"))
            self.hands["writers"] = _part(chosen, validation=validation)
        if "usps" in kinds:
            digits = usps(data, "train")
            self.hands["usps"] = writers(digits.where(every_so_many(len(digits)) == validation))
        for script in sorted(kinds & set(SCRIPTS)):
            self.hands[script] = hands_of(glyphs(data, script, self.fold), SCRIPTS[script])
        if kinds & {"orand", "orand_hand", "spliced"}:
            lines = split(orand(data, "train"), validation=validation)
            self.real["orand"] = lines
            self.hands["orand_hand"] = [cut_from_lines(lines, name="ORAND")]

    def shard(self, seed: int, count: int = SHARD) -> Lines:
        """Return a shard of lines; the same seed gives the same lines."""
        rng = np.random.default_rng(seed)
        lines = Lines([], [], [])
        tries = 0
        while len(lines) < count:
            tries += 1
            if tries > 20 * (len(lines) + 50):
                raise DataError(
                    f"hardly a picture gives a line of at most {WIDEST} pixels, about 18 digits: crop"
                    " pictures of longer numbers, and see what `windowpane check` says of the folder"
                )
            kind = str(rng.choice(self.kinds, p=self.weights))
            if kind == "nothing":
                ink, text, centres = self._nothing(rng)
            else:
                picture = self._picture(rng, kind)
                view = self._view(rng)
                line = darker(picture.pixels, view) if kind in DARK else normalize(picture.pixels, view)
                ink, (text, middles) = line.ink, transcript(picture)
                centres = np.array([line.to_line(float(x), 0)[0] for x in middles], np.float32)
            if ink.shape[1] <= WIDEST:
                lines.inks.append(ink)
                lines.texts.append(text)
                lines.centres.append(centres)
        return lines

    def picture(self, rng: np.random.Generator) -> Picture:
        """Return one picture of a number whose digits are surely known, as the lines are made from."""
        while (kind := str(rng.choice(self.kinds, p=self.weights))) in (*NO_NUMBER, *AMONG_LETTERS):
            pass
        return self._picture(rng, kind)

    def _view(self, rng: np.random.Generator) -> LineView:
        zoom, shift = float(np.exp(rng.uniform(-0.22, 0.2))), rng.uniform(-2.5, 2.5)
        stretched = self.stretch > 1 and rng.random() < 0.5
        return LineView(zoom, shift, stretch=float(rng.uniform(1, self.stretch)) if stretched else 1.0)

    def _picture(self, rng: np.random.Generator, kind: str) -> Picture:
        if kind == "spliced":
            return splice([self._real(rng, "orand", 0.9) for _ in range(int(rng.integers(2, 4)))])
        if kind in self.real:
            return self._real(rng, kind, 0.35)
        if kind in self.draws:
            return self.draws[kind](rng)
        if kind in LETTERING:
            return photograph(rng, written(rng, self.groups, kind, self.style), photos=self.photos)
        hands = self.families[rng.integers(len(self.families))] if kind == "families" else self.hands[kind]
        hand = hands[rng.integers(len(hands))]
        length = 5 if rng.random() < 0.4 else int(rng.choice(np.arange(1, 11), p=_LENGTHS))
        digits = hand.digits
        text = "".join(rng.choice(digits, length))
        if rng.random() < 0.12:  # runs of one digit are rare by chance and common in numbers
            start = int(rng.integers(0, length))
            run = int(rng.integers(2, 5))
            text = (text[:start] + text[start] * run + text[start + run :])[: max(length, 2)]
        return photograph(rng, compose(rng, hand, text, self.style), photos=self.photos)

    def _real(self, rng: np.random.Generator, kind: str, piece: float) -> Picture:
        line = self.real[kind][rng.integers(len(self.real[kind]))]
        pixels = self._load(line.path)
        boxes = line.boxes if line.boxes is not None else _even_boxes(pixels, line.label)
        return vary(rng, pixels, line.label, boxes, piece=piece)

    def _nothing(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], str, NDArray[np.float32]]:
        """Return a line without a whole digit at the right size and height, as most of a page is."""
        kinds = [k for k in self.kinds if k not in NO_NUMBER]
        picture = self._picture(rng, str(rng.choice(kinds)))
        nowhere = np.zeros(0, np.float32)
        choice = rng.integers(4)
        if choice == 0 and "print" in self.hands:
            hand = self.lettered[rng.integers(len(self.lettered))]
            word = [str(c) for c in rng.choice(list(LETTERS + SIGNS), int(rng.integers(2, 12)))]
            picture = photograph(rng, compose(rng, hand, "".join(word)))
            line = normalize(picture.pixels)
            middles = [line.to_line(float(x), 0)[0] for x in picture.middles]
            return line.ink, picture.script, np.array(middles, np.float32)
        ink = ink_map(picture.pixels)
        x0, y0, x1, y1 = find_band(ink)
        zoom, shift = 1.0, 0.0
        if choice == 1:
            zoom = float(rng.uniform(0.25, 0.5))
        elif choice == 2:
            zoom = float(rng.uniform(1.9, 3.5))
            shift = float(rng.uniform(-12, 12))
        else:  # the gap between two rows of digits
            shift = float(rng.choice([-1, 1])) * float(rng.uniform(13, 18))
            both = cut(ink, (x0, y0, x1, y1), LineView(shift=shift)).ink
            farther = LineView(shift=shift - np.sign(shift) * float(rng.uniform(29, 36)))
            other = cut(ink, (x0, y0, x1, y1), farther).ink
            return (np.maximum(both, other) if rng.random() < 0.6 else both), "", nowhere
        line = cut(ink, (x0, y0, x1, y1), LineView(zoom, shift))
        return line.ink[:, :WIDEST], "", nowhere


_LENGTHS = np.array([0.08, 0.1, 0.14, 0.16, 0.16, 0.14, 0.09, 0.07, 0.03, 0.03])


def _own(folders: tuple[Path, ...]) -> list[LabelledLine]:
    """Read one's own lines; raises DataError where there are too few to keep some aside."""
    own = [line for folder in folders for line in folder_lines(folder)]
    if len(own) < SHARE:
        raise DataError(
            f"{len(own)} pictures in {', '.join(map(str, folders))}: at least {SHARE} are"
            " needed, for one in ten is kept aside to calibrate the net"
        )
    return own


def darker(pixels: NDArray[np.uint8], view: LineView) -> Line:
    """Return the line of a picture whose ink is known to be darker than what it stands on."""
    inks = [find_writing(pixels, inverted=inverted).line(view) for inverted in (False, True)]
    grey = pixels.mean(axis=2)

    def light(line: Line) -> float:
        rows, columns = np.nonzero(line.ink > 128)
        x = np.clip(line.left + columns / line.scale[0], 0, grey.shape[1] - 1).astype(int)
        y = np.clip(line.top + rows / line.scale[1], 0, grey.shape[0] - 1).astype(int)
        return float(grey[y, x].mean()) if len(x) else np.inf

    return min(inks, key=light)


def transcript(picture: Picture) -> tuple[str, NDArray[np.float32]]:
    """Return what is written in a picture, with the place of each character, in its pixels.

    Where only the digits are told, anything may stand between them.
    """
    if picture.script:
        return picture.script, picture.middles
    return "".join(digit + OPEN for digit in picture.text), np.repeat(picture.centres, 2)


def split(lines: list[LabelledLine], *, validation: bool) -> list[LabelledLine]:
    """Return the lines of the validation set (one in ten, in the order of their names) or the others."""
    return _part(sorted(lines, key=lambda line: line.path.name), validation=validation)


def _part(items: list[Item], *, validation: bool) -> list[Item]:
    kept = every_so_many(len(items))
    return [item for item, is_kept in zip(items, kept, strict=True) if is_kept == validation]


def make_pool(
    folder: Path, sources: Sources, *, lines: int, seed: int, processes: int, progress: Progress | None = None
) -> list[Path]:
    """Write the shards of a pool that are not there yet; return all of them, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    counts = [min(SHARD, lines - first) for first in range(0, lines, SHARD)]
    paths = [folder / f"shard-{index:04d}.npz" for index in range(len(counts))]
    jobs = [
        (path, seed * 100_003 + index, count)
        for index, (path, count) in enumerate(zip(paths, counts, strict=True))
        if not path.exists()
    ]
    if jobs:
        context = get_context("spawn")
        with ProcessPoolExecutor(processes, context, initializer=_start, initargs=(sources,)) as workers:
            for done, _ in enumerate(workers.map(_write, *zip(*jobs, strict=True)), start=1):
                if progress:
                    progress(f"composing {folder.name}", done, len(jobs), f"{counts[0]} lines each")
    return paths


def read_shard(path: Path) -> Lines:
    """Read a shard back."""
    with np.load(path) as file:
        inks = np.split(file["inks"], np.cumsum(file["widths"])[:-1], axis=1)
        texts = [str(text) for text in file["texts"]]
        centres = np.split(file["centres"], np.cumsum([len(text) for text in texts])[:-1])
    return Lines(inks, texts, centres)


_maker: Maker | WindowpaneError | None = None


def _start(sources: Sources) -> None:
    global _maker
    cv2.setNumThreads(1)
    try:
        _maker = Maker(sources, validation=False)
    except WindowpaneError as error:  # raised by the first job: of one raised here no one would hear why
        _maker = error


def _write(path: Path, seed: int, count: int) -> Path:
    if isinstance(_maker, WindowpaneError):
        raise _maker
    assert _maker is not None
    lines = _maker.shard(seed, count)
    partial = path.with_suffix(".part")
    with partial.open("wb") as file:
        np.savez(
            file,
            inks=np.concatenate(lines.inks, axis=1),
            widths=np.array([ink.shape[1] for ink in lines.inks]),
            texts=np.array(lines.texts),
            centres=np.concatenate(lines.centres),
        )
    partial.rename(path)
    return path


def _with_variants(faces: list[Hand]) -> list[Hand]:
    """Add dot-matrix prints of bold typefaces, and old-style figures of some with a capital I."""
    bold = [face for face in faces if (face.images[:10] > 128).mean() > 0.06]
    rows = np.resize([8, 9, 10, 12], len(bold))
    dots = [dotted(face, count) for face, count in zip(bold[::4], rows, strict=False)]
    return faces + dots + [old_style(face) for face in faces[::6] if "I" in face.places]


def _even_boxes(pixels: NDArray[np.uint8], label: str) -> NDArray[np.float32]:
    """Guess boxes for a line that has none: equal shares of the band of ink."""
    scale = min(1.0, 96 / pixels.shape[0])
    small = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    x0, y0, x1, y1 = (value / scale for value in find_band(ink_map(small)))
    edges = np.linspace(x0, x1, len(label) + 1, dtype=np.float32)
    rows = np.full(len(label), y0, np.float32), np.full(len(label), y1, np.float32)
    return np.stack([edges[:-1], rows[0], edges[1:], rows[1]], axis=1)
