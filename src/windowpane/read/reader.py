"""Reads a number off a picture: `Reader` is the lecture's first system from end to end.

    Reader().read("number.png").text

The way of a picture: `find_writing` makes it a line of ink; in `Reader._answers` the engine runs one net
whose four heads look through windows of four widths, `align` and `vote` make their four score maps one, and
the lattice finds the shortest path; its probability, calibrated, says how sure the reader is. A line that is
not sure is looked at again, moved, larger and smaller, and all looks have their say.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from os import PathLike
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, overload

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core import notebook
from windowpane.core.calibration import Platt
from windowpane.core.engine import Engine, ScoreMap
from windowpane.core.netfile import NetFile
from windowpane.core.runtimes import RuntimeName
from windowpane.core.windows import Window
from windowpane.errors import DataError, NetFileError
from windowpane.images import is_picture, load
from windowpane.read.confidence import under_rule
from windowpane.read.lattice import Lattice
from windowpane.read.lexicon import Lexicon
from windowpane.read.line import DIGIT_HEIGHT, HEIGHT, MARGIN, Line, View, Writing, find_writing
from windowpane.read.locate import locate
from windowpane.read.reading import Alternative, Box, Digit, Reading
from windowpane.read.votes import How, align, vote

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Scores = NDArray[np.float32]
CHUNK = 256  # pictures read together
BUCKET = 16  # widths of lines that are run together are rounded up to multiples of this, pixels
LOOKS = (
    View(zoom=0.84, stretch=1.3),
    View(zoom=0.92, slide=2),
    View(zoom=1.05, shift=1.5, slide=2, stretch=1.15),
    View(zoom=1.09, stretch=1.3),
)
"""The second look: smaller, larger, a little lower, half a column further on, and stretched, which sets tight
digits apart."""
FAINTEST = 0.01  # alternatives less probable than this are not worth a word


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """Every step from a picture to its reading, for drawing.

    picture: (H, W, 3) uint8. ink: (32, W) uint8, the normalized line, 255 = ink. maps: the heads' score maps,
    (11, 1, T_h) log-probabilities each, widest window first. voted: (11, T) on the columns of ``window``, the
    widest. columns: of the answer's digits. ms: milliseconds of each step.
    """

    picture: NDArray[np.uint8]
    ink: NDArray[np.uint8]
    maps: tuple[ScoreMap, ...]
    voted: Scores
    columns: tuple[int, ...]
    window: Window
    reading: Reading
    ms: dict[str, float]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the lattice and its shortest path on matplotlib's axes; None = new ones.

        Upwards the digits of the answer in their order, rightwards the pixels of the line, ``ink``; the
        lighter, the likelier that digit is there. Raises MissingExtraError without the extra ``plot``.
        """
        ax, text, places = notebook.axes(ax), self.reading.text, self.voted.shape[1]
        ends = [self.window.centre(0, col)[0] for col in (-0.5, places - 0.5)]
        if text:
            rows = np.exp(self.voted[[int(digit) for digit in text]])
            across = (ends[0], ends[1], 0, len(text))
            ax.imshow(rows, "gray", vmin=0, vmax=1, origin="lower", aspect="auto", extent=across)
        steps = np.repeat([self.window.centre(0, col)[0] for col in self.columns], 2)
        ax.plot([ends[0], *steps, ends[1]], np.arange(2 * len(text) + 2) // 2, color=notebook.ACCENT)
        ax.set_yticks(np.arange(len(text)) + 0.5, list(text))
        ax.set_xlabel("pixels of the line")
        ax.set_ylabel("order of the digits")
        return ax


@dataclass(frozen=True, slots=True)
class _Answer:
    """What the lattice says of a line: strings with their probabilities, best first.

    The line's own lattice is number ``row`` of those in ``lattice``.
    """

    line: Line
    lattice: Lattice
    row: int
    strings: list[tuple[str, float]]

    def probabilities(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return those of any strings, (n,)."""
        return np.asarray(np.exp(self.lattice.lines([self.row] * len(texts)).log_probability(texts)))


class Reader:
    """Reads ZIP codes and other strings of digits.

    Parameters
    ----------
    net:
        A name that ships, a path, the bytes of a net file, or a loaded one.
    format:
        ``"number"`` (any digits), ``"zip"`` (five digits, a valid US ZIP code), the path of a file with one
        valid string a line, or a `Lexicon`.
    length:
        How many digits: a number, a ``range``, or None for any.
    vote:
        ``"majority"`` or ``"highest"``; None takes the net file's, the better one as measured.
    score:
        Readings less sure than this (0..1) are marked rejected; None takes the net file's threshold.
    top:
        How many alternatives a reading lists at most; only those with a probability of 1 % or more.
    threads:
        How many chunks of a stream of lines are read side by side, each on one thread; and on how many
        threads the net runs over a page.
    runtime:
        Of the engine: ``"onnxruntime"``, ``"openvino"`` or ``"openvino-bf16"``.

    Raises NetFileError for a net that is no reader, DataError for a bad lexicon file or for a length that no
    valid string has.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "digits",
        *,
        format: str | PathLike[str] | Lexicon = "number",
        length: int | range | None = None,
        vote: How | None = None,
        score: float | None = None,
        top: int = 3,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
    ) -> None:
        self.engine = Engine(net, runtime=runtime)  # a line is too little for two threads
        self._page_engine = self.engine if threads == 1 else Engine(net, runtime=runtime, threads=threads)
        manifest = self.engine.manifest
        if manifest.task != "read":
            raise NetFileError(
                f"the net {manifest.name!r} is for the task {manifest.task!r}: reading needs a net made by"
                " `windowpane train read`"
            )
        self.windows = tuple(output.window for output in manifest.outputs)
        self.window = max(self.windows, key=lambda window: window.width)
        self.lexicon = _lexicon(format)
        self.length = _agreed(length, self.lexicon)
        self.vote: How = vote or manifest.settings.get("vote", "majority")
        self.threshold = float(manifest.threshold or 0.0) if score is None else score
        self.calibration = Platt.of(manifest.settings)
        self.top = top
        self.threads = threads

    @overload
    def read(self, images: str | PathLike[str] | bytes | NDArray[Any]) -> Reading: ...  # type: ignore[overload-overlap]
    @overload
    def read(self, images: Iterable[Any]) -> Iterator[Reading]: ...
    def read(self, images: Any) -> Reading | Iterator[Reading]:
        """Return the reading of one picture, or an iterator over the readings of several.

        A picture is whatever `windowpane.images.load` takes: path, bytes, file object, array (H, W, 3) or
        (H, W), PIL image. Raises ImageError for one that cannot be used.
        """
        if isinstance(images, Iterable) and not is_picture(images):
            return self._stream(images)
        return self._read_chunk([load(images)])[0]

    def read_page(self, image: Any) -> tuple[Reading, ...]:
        """Return every string of digits on a page, from top to bottom, each with its box.

        The same net looks for digits over a pyramid of the page, `locate` joins them to strings, and each is
        then read like a picture of its own. Pieces of longer readings are left out, and so are readings that
        are rejected, unless they have three digits or more and are at least half sure: those stay, so marked.
        """
        page = load(image)
        places = locate(page, self._page_scores)
        found = []
        readings = self._read_chunk([page[y0:y1, x0:x1] for x0, y0, x1, y1 in places])
        for (x0, y0, _, _), reading in zip(places, readings, strict=True):
            if reading.text and reading.confidence >= min(0.5, self.threshold):
                found.append(_moved(reading, x0, y0))
        found.sort(key=lambda reading: (len(reading.text), reading.confidence), reverse=True)
        whole: list[Reading] = []
        for reading in found:
            if all(_covered(reading.box, other.box) < 0.5 for other in whole):
                whole.append(reading)
        kept = [reading for reading in whole if len(reading.text) >= 3 or not reading.rejected]
        return tuple(sorted(kept, key=lambda reading: (reading.box[1] + reading.box[3], reading.box[0])))

    def explain(self, image: Any) -> Explanation:
        """Return the reading of one picture together with every step that led to it."""
        times = [perf_counter()]
        picture = load(image)
        times.append(perf_counter())
        writing = find_writing(picture)
        line = writing.line()
        times.append(perf_counter())
        maps = self.engine.run(line.ink)
        times.append(perf_counter())
        voted = self._vote([scores.scores[:, 0] for scores in maps])
        times.append(perf_counter())
        answers = self._decode([line], voted[None])
        times.append(perf_counter())
        reading = self._told(self._second_look([writing], answers))[0]
        times.append(perf_counter())
        columns = answers[0].lattice.digit_posteriors([reading.text])[1][0]
        steps = ("picture", "line", "net", "vote", "lattice", "second look")
        ms = {step: 1000 * (b - a) for step, a, b in zip(steps, times[:-1], times[1:], strict=True)}
        return Explanation(
            picture, line.ink, maps, voted, tuple(int(c) for c in columns), self.window, reading, ms
        )

    # -- From pictures to readings -------------------------------------------------------------------------

    def _stream(self, images: Iterable[Any]) -> Iterator[Reading]:
        pictures = (load(image) for image in images)
        chunks = iter(lambda: list(islice(pictures, CHUNK)), [])
        with ThreadPoolExecutor(self.threads) as workers:
            under_way: deque[Future[list[Reading]]] = deque()
            for chunk in chunks:  # a few chunks ahead of the caller, so that memory stays level
                under_way.append(workers.submit(self._read_chunk, chunk))
                if len(under_way) > self.threads:
                    yield from under_way.popleft().result()
            while under_way:
                yield from under_way.popleft().result()

    def _read_chunk(self, pictures: Sequence[NDArray[np.uint8]]) -> list[Reading]:
        return self._readings([find_writing(picture) for picture in pictures])

    def _readings(self, writings: Sequence[Writing]) -> list[Reading]:
        answers = self._answers([writing.line() for writing in writings])
        return self._told(self._second_look(writings, answers))

    def _second_look(self, writings: Sequence[Writing], answers: list[_Answer]) -> list[_Answer]:
        """Look again at the lines that are not sure: larger and smaller, moved a little, and stretched."""
        sure = self.engine.manifest.settings.get("sure", 0.0)
        doubtful = [index for index, answer in enumerate(answers) if answer.strings[0][1] < sure]
        lines = [writings[index].line(view) for view in LOOKS for index in doubtful]
        again = self._answers(lines)
        joined = list(answers)
        for place, index in enumerate(doubtful):
            joined[index] = _joined([answers[index], *again[place :: len(doubtful)]])
        return joined

    def _answers(self, lines: Sequence[Line]) -> list[_Answer]:
        """Run the net over lines, those of like width together, and decode its votes."""
        groups: dict[int, list[int]] = {}
        for index, line in enumerate(lines):
            width = line.ink.shape[1]
            groups.setdefault(width if len(lines) == 1 else -(-width // BUCKET) * BUCKET, []).append(index)
        answers: dict[int, _Answer] = {}
        for width, members in groups.items():
            inks = np.zeros((len(members), HEIGHT, width), np.uint8)
            for ink, index in zip(inks, members, strict=True):
                ink[:, : lines[index].ink.shape[1]] = lines[index].ink
            maps = self.engine.run_batch(inks)
            voted = self._vote([scores[:, :, 0] for scores in maps])
            answers.update(zip(members, self._decode([lines[i] for i in members], voted), strict=True))
        return [answers[index] for index in range(len(lines))]

    def _vote(self, maps: Sequence[Scores]) -> Scores:
        return vote(align(maps, self.windows), self.vote)

    def _decode(self, lines: Sequence[Line], voted: Scores) -> list[_Answer]:
        """Find the best strings of lines in their voted scores (N, 11, T), with their probabilities."""
        lattice = Lattice(voted, np.array([self.window.map_size(*line.ink.shape)[1] for line in lines]))
        best = [path.text for path in lattice.shortest_paths(self.length)]
        chances = np.exp(lattice.log_probability(best)).tolist()
        answers = []
        for row, (line, text, chance) in enumerate(zip(lines, best, chances, strict=True)):
            answer = _Answer(line, lattice, row, [(text, chance)])
            unlisted = self.lexicon is not None and text not in self.lexicon
            if unlisted or chance < 1 - FAINTEST:
                paths = lattice.best_strings(row, self.length, self.lexicon, top=self.top + 1)
                texts = [path.text for path in paths] or [""]
                pairs = zip(texts, answer.probabilities(texts).tolist(), strict=True)
                answer = replace(answer, strings=sorted(pairs, key=lambda pair: -pair[1]))
            answers.append(answer)
        return answers

    def _told(self, answers: Sequence[_Answer]) -> list[Reading]:
        """Turn answers into readings: calibrated, with places in the caller's picture."""
        together: dict[int, list[int]] = {}
        for index, answer in enumerate(answers):
            together.setdefault(id(answer.lattice), []).append(index)
        readings: dict[int, Reading] = {}
        for members in together.values():
            some = [answers[index] for index in members]
            lattice = some[0].lattice.lines([answer.row for answer in some])
            chances, columns = lattice.digit_posteriors([answer.strings[0][0] for answer in some])
            for index, answer, *places in zip(members, some, chances.tolist(), columns.tolist(), strict=True):
                readings[index] = self._reading(answer, *places)
        return [readings[index] for index in range(len(answers))]

    def _reading(self, answer: _Answer, chances: list[float], columns: list[int]) -> Reading:
        probabilities = [probability for _, probability in answer.strings]
        if self.length is not None or self.lexicon is not None:
            probabilities = under_rule(probabilities)
        sure = self.calibration.of_probability(probabilities[0])
        left = (1 - sure) / max(1 - probabilities[0], 1e-12)  # what calibration leaves to all other strings
        text = answer.strings[0][0]
        others = [(t, left * p) for (t, _), p in zip(answer.strings[1:], probabilities[1:], strict=True)]
        alternatives = tuple(Alternative(t, p) for t, p in others if p >= FAINTEST)[: self.top]
        boxes = self._digit_boxes(answer.line, columns[: len(text)])
        digits = tuple(
            Digit(character, box, self.calibration.of_probability(chance))
            for character, box, chance in zip(text, boxes, chances, strict=False)
        )
        place = _around(boxes or [_band(answer.line)])
        return Reading(text, sure, sure < self.threshold, digits, alternatives, place)

    def _digit_boxes(self, line: Line, columns: Sequence[int]) -> list[Box]:
        """Return the boxes of digits, in pixels of the picture: the ink between neighbours' middles."""
        ink = (line.ink > 100).astype(np.uint8)
        centres = [self.window.centre(0, column)[0] for column in columns]
        edges = [0.0, *((a + b) / 2 for a, b in pairwise(centres)), float(ink.shape[1])]
        reach = 0.7 * DIGIT_HEIGHT
        boxes = []
        for x, (left, right) in zip(centres, pairwise(edges), strict=False):  # no digits, no boxes
            a, b = round(max(left, x - reach)), round(min(right, x + reach))
            dx, y, width, height = cv2.boundingRect(ink[:, a:b])
            if not width:
                dx, y, width, height = 0, 0, b - a, HEIGHT
            corners = (*line.to_picture(a + dx, y), *line.to_picture(a + dx + width, y + height))
            boxes.append(corners)
        return boxes

    def _page_scores(self, ink: NDArray[np.uint8]) -> tuple[Scores, Window]:
        """Return the voted scores (11, rows, columns) of an ink map of any size, and their window."""
        maps = self._page_engine.run(ink)
        return vote(align([m.scores for m in maps], self.windows), self.vote, axis=-3), self.window


def _joined(looks: Sequence[_Answer]) -> _Answer:
    """Join several looks at one line: the probability of a string is the mean of all looks'."""
    texts = list({text: None for look in looks for text, _ in look.strings})
    each = np.array([look.probabilities(texts) for look in looks])
    mean = each.mean(axis=0)
    order = np.argsort(-mean, kind="stable")
    best = looks[int(each[:, order[0]].argmax())]
    return replace(best, strings=[(texts[index], float(mean[index])) for index in order])


def _around(boxes: Sequence[Box]) -> Box:
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def _band(line: Line) -> Box:
    """Return the place of a line in its picture, without the margins."""
    x1, y1 = line.to_picture(line.ink.shape[1] - MARGIN, HEIGHT)
    return (*line.to_picture(MARGIN, 0), x1, y1)


def _covered(box: Box, other: Box) -> float:
    """Return the share of the smaller of two boxes that the other covers."""
    width = min(box[2], other[2]) - max(box[0], other[0])
    height = min(box[3], other[3]) - max(box[1], other[1])
    smaller = min((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in (box, other))
    return max(width, 0) * max(height, 0) / smaller


def _lexicon(format: str | PathLike[str] | Lexicon) -> Lexicon | None:
    if isinstance(format, Lexicon):
        return format
    if format == "number":
        return None
    return Lexicon.us_zip() if format == "zip" else Lexicon.from_file(format)


def _agreed(length: int | range | None, lexicon: Lexicon | None) -> int | range | None:
    """Return how many digits to look for, so that length and lexicon agree."""
    if lexicon is None:
        return length
    possible = sorted(lexicon.roots)
    if length is None:  # a lexicon of one length is a rule on the length too: "nothing" is no answer
        return possible[0] if len(possible) == 1 else None
    wanted = range(length, length + 1) if isinstance(length, int) else length
    if not set(wanted) & set(possible):
        raise DataError(
            f"length {length} given, but the valid strings have {', '.join(map(str, possible))} digits:"
            " leave the length out, or give another format"
        )
    return length


def _moved(reading: Reading, x: float, y: float) -> Reading:
    """Return a reading of a crop with its boxes in pixels of the page."""

    def move(box: Box) -> Box:
        return box[0] + x, box[1] + y, box[2] + x, box[3] + y

    digits = tuple(Digit(digit.text, move(digit.box), digit.confidence) for digit in reading.digits)
    return Reading(
        reading.text, reading.confidence, reading.rejected, digits, reading.alternatives, move(reading.box)
    )
