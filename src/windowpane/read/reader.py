"""Reads a number off a picture (optical character recognition, OCR): the lecture's first system, end to end.

    Reader().read("number.png").text

The way of a picture is `Reader._read`: `find_writing` makes it a line of ink; the engine runs one net
whose four heads look through windows of four widths; `align` and `vote` make their four score maps one; the
lattice finds the shortest path; its probability, calibrated, says how sure the reader is. A picture that is
not sure is seen in other ways, inverted and without its frame, and the best look is looked at again, moved,
larger and smaller, and all views have their say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar, cast, get_args, overload

import numpy as np
from numpy.typing import NDArray

from windowpane.core.calibration import Platt
from windowpane.core.engine import Engine
from windowpane.core.netfile import NetFile, load_net
from windowpane.core.runtimes import RuntimeName
from windowpane.core.system import Failure, Picture, loaded
from windowpane.core.timing import Stopwatch
from windowpane.errors import ArgumentError, NetFileError, taken
from windowpane.images import is_picture, load
from windowpane.read.alphabet.labels import SEPARATORS, check, parted
from windowpane.read.batching import Lanes, by_width, in_chunks
from windowpane.read.decoder import Decision, Decoder, LineBatch, StringCandidates
from windowpane.read.lattice import Lattice
from windowpane.read.lexicon import Lexicon
from windowpane.read.line import Line, Writing, find_writing
from windowpane.read.looks.choice import best_looks
from windowpane.read.looks.rolls import with_tenths
from windowpane.read.pages.characters import CharacterFinder
from windowpane.read.pages.choice import PageCurve, Spotted, chosen
from windowpane.read.pages.numbers import Glance, Number, numbers, once
from windowpane.read.pages.rows import Stretch, find_rows
from windowpane.read.pages.strips import Strip, strip
from windowpane.read.reading import Reading
from windowpane.read.steps import ReadSteps
from windowpane.read.tta import look_again
from windowpane.read.votes import How, align, vote

One = str | PathLike[str] | bytes | NDArray[Any]
Listed = list[Any] | tuple[Any, ...]
Format = str | PathLike[str] | Lexicon

PAGE_CHUNK = 128
"""Rows or numbers of a page that are read together."""


class Reader:
    """Reads ZIP codes and other strings of digits; ``with Reader() as reader:`` ends what it began.

    Parameters
    ----------
    net
        A name that ships, a path, the bytes of a net file, or a loaded one.
    format
        ``"number"`` (any digits), ``"zip"`` (five digits, a valid US ZIP code), the path of a file with one
        valid string a line, or a `Lexicon`.
    length
        How many digits: a number, a ``range``, or None for any.
    vote
        ``"majority"`` or ``"highest"``; None takes the net file's, the better one as measured.
    threshold
        Readings less sure than this (0..1) are marked rejected; None takes the net file's.
    top
        How many alternatives a reading lists at most; only those with a probability of 1 % or more.
    threads
        On how many lanes a stream of lines is read, chunk by chunk: the first is a thread here, the others
        are processes. And on how many threads a net runs over a page.
    runtime
        Of the engine: ``"onnxruntime"``, ``"openvino"`` or ``"openvino-bf16"``.
    finder
        A net that finds where numbers are on a page, made by ``windowpane train strings``, given as ``net``
        is.
    separators
        Whether the text of a reading has its separators (``.`` ``,`` ``-`` ``/`` ``:``) as they are written;
        its digits are one by one in any case.
    counter
        Whether a picture shows a counter with rolls, so that the text ends with the tenths that the last one
        has turned on: ``"01234.3"``; not on pages.
    score
        The old name of threshold.

    Raises
    ------
    ArgumentError
        For an argument that cannot be, and for a length that no valid string has.
    NetFileError
        For a net that is no reader.
    DataError
        For a bad lexicon file.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "digits",
        *,
        format: Format = "number",
        length: int | range | None = None,
        vote: How | None = None,
        threshold: float | None = None,
        top: int = 3,
        threads: int = 1,
        runtime: RuntimeName = "onnxruntime",
        finder: NetFile | str | Path | bytes = "strings",
        separators: bool = False,
        counter: bool = False,
        score: float | None = None,
    ) -> None:
        threshold = taken("score", score, "threshold", threshold)
        _check(length, vote, threshold, top, threads)
        file = net if isinstance(net, NetFile) else load_net(net)
        manifest = file.manifest
        if manifest.task != "read":
            raise NetFileError(
                f"the net {manifest.name!r} is for the task {manifest.task!r}: reading needs a net made by"
                " `windowpane train read`"
            )
        self.engine = Engine(file, runtime=runtime)  # a line is too little for two threads
        self._lanes = Lanes(threads)
        self._remade = partial(type(self), file.data, threads=threads, runtime=runtime)
        self.names = manifest.outputs[0].names
        check(self.names)
        if separators and not set(SEPARATORS) & set(self.names):
            raise ArgumentError(
                f"separators were asked for, and the net {manifest.name!r} knows none: give one that learned"
                " them, as the net digits"
            )
        self.windows = tuple(output.window for output in manifest.outputs)
        self.window = max(self.windows, key=lambda window: window.width)
        self.lexicon = _lexicon(format)
        self.length = _agreed(length, self.lexicon)
        self.vote: How = vote or manifest.settings.get("vote", "majority")
        self.threshold = float(manifest.threshold or 0.0) if threshold is None else threshold
        self._page_threshold = threshold  # None = the finder's
        self._finder_net, self._runtime = finder, runtime
        self.tta_threshold = float(manifest.settings.get("sure", 0.0))
        self.calibration = Platt.of(manifest.settings)
        self.top = top
        self.threads = threads
        self.separators = separators
        self.counter = counter

    def __reduce__(self) -> tuple[Any, ...]:
        """Return what a copy in another process is made of: the net and the rules; the rest is made anew."""
        anew = ("engine", "finder", "_lanes", "_remade")
        return self._remade, (), {name: value for name, value in vars(self).items() if name not in anew}

    def __repr__(self) -> str:
        format = "number" if self.lexicon is None else self.lexicon
        return f"Reader({self.engine.manifest.name!r}, format={format!r}, threshold={self.threshold:.4g})"

    # -- What users call -----------------------------------------------------------------------------------

    @overload
    def read(self, images: One) -> Reading: ...  # type: ignore[overload-overlap]
    @overload
    def read(self, images: Listed) -> list[Reading]: ...  # type: ignore[overload-overlap]
    @overload
    def read(self, images: Iterable[Any]) -> Iterator[Reading]: ...
    def read(self, images: Any) -> Reading | list[Reading] | Iterator[Reading]:
        """Return the reading of one picture, or those of several: of a list a list, else an iterator.

        A picture is whatever `windowpane.images.load` takes: path, bytes, file object, array (H, W, 3) or
        (H, W), PIL image.

        Raises
        ------
        ImageError
            For one that cannot be used; `read_many` goes on instead.
        """
        if not isinstance(images, Iterable) or is_picture(images):
            return self.answer(load(images))
        readings = cast(Iterator[Reading], self._stream(map(load, images)))
        return list(readings) if isinstance(images, list | tuple) else readings

    @overload
    def read_many(self, images: Listed) -> list[Reading | Failure]: ...  # type: ignore[overload-overlap]
    @overload
    def read_many(self, images: Iterable[Any]) -> Iterator[Reading | Failure]: ...
    def read_many(self, images: Iterable[Any]) -> list[Reading | Failure] | Iterator[Reading | Failure]:
        """Return for each picture its reading, or a `Failure` where it cannot be used, in their order.

        Of a list the answer is a list, else an iterator, which takes pictures only as they are needed. They
        are run together, which is faster than one by one.

        Raises
        ------
        ArgumentError
            For a single picture: give it to `read`.
        """
        if is_picture(images) or not isinstance(images, Iterable):
            raise ArgumentError("read_many takes a list or an iterator of pictures: give one to read")
        answers = self._stream(map(loaded, images))
        return list(answers) if isinstance(images, list | tuple) else answers

    def answer(self, picture: Picture) -> Reading:
        """Return the reading of a picture, (H, W, 3) uint8 RGB, upright, as every `System` does."""
        return self._read([picture], Stopwatch())[0].reading

    def read_page(self, image: Any, *, every: bool = False) -> tuple[Reading, ...]:
        """Return the numbers on a page, from top to bottom, each with its box and the way it is read.

        The finder sees characters over a pyramid of the page, `find_rows` links them to rows, the net looks
        along each row and says where `numbers` are, and each is cut out level and read like a picture of its
        own. Given are those of which it is sure enough that they are numbers and read right: the threshold
        is the finder's, unless the caller gave one.

        Parameters
        ----------
        image
            As `windowpane.images.load` takes it.
        every
            Whether those that are not that sure are given too, marked as rejected.
        """
        manifest = self.finder.engine.manifest
        threshold = self._page_threshold
        if threshold is None:
            threshold = self.threshold if manifest.threshold is None else manifest.threshold
        return chosen(self.spotted(load(image)), PageCurve.of(manifest.settings), threshold, every=every)

    def spotted(self, page: Picture) -> list[Spotted]:
        """Return what may be numbers on a page, each with its reading as of a line alone."""
        seen: list[Number] = []
        for rows, strips in _cut_out(page, find_rows(page, self.finder)):
            glances = self._glances([one.writing.line() for one in strips])
            for row, its, glance in zip(rows, strips, glances, strict=True):
                seen += numbers(row, its, glance)
        found: list[Spotted] = []
        for some, strips in _cut_out(page, once(seen)):
            decisions = self._decided([one.writing for one in strips], Stopwatch())
            for number, its, decision in zip(some, strips, decisions, strict=True):
                found.append(Spotted(number, its.to_page(decision.reading), decision.beside))
        return found

    @cached_property
    def finder(self) -> CharacterFinder:
        """What finds characters on pages; it is made when the first page comes."""
        return CharacterFinder(self._finder_net, runtime=self._runtime, threads=self.threads)

    def explain(self, image: Any) -> ReadSteps:
        """Return the reading of one picture together with every step that led to it."""
        timing = Stopwatch()
        with timing("picture"):
            picture = load(image)
        (decision,) = self._read([picture], timing)
        return ReadSteps.of(picture, decision, self.engine.manifest.outputs, timing.ms)

    def close(self) -> None:
        """End the threads and processes that read many pictures; it reads no more of them."""
        self._lanes.shutdown()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- From pictures to readings -------------------------------------------------------------------------

    def _read(self, pictures: Sequence[Picture], timing: Stopwatch) -> list[Decision]:
        """Read pictures together: the whole way."""
        with timing("line"):
            writings = [find_writing(picture) for picture in pictures]
        return self._decided(writings, timing, pictures)

    def _decided(
        self, writings: Sequence[Writing], timing: Stopwatch, pictures: Sequence[Picture] = ()
    ) -> list[Decision]:
        """Read writings together: from the lines to the answers; pictures may be seen in other ways."""
        with timing("line"):
            lines = [writing.line() for writing in writings]
        candidates = self._candidates(lines, timing)
        view = partial(self._candidates, timing=Stopwatch())
        with timing("tta"):
            if pictures:
                writings, candidates = best_looks(pictures, writings, candidates, self.tta_threshold, view)
            candidates = look_again(writings, candidates, self.tta_threshold, view)
        with timing("lattice"):
            decisions = self._decoder.decided(candidates)
        if self.counter and pictures:
            with timing("tta"):
                return with_tenths(writings, decisions, self.window, view)
        return decisions

    def _candidates(self, lines: Sequence[Line], timing: Stopwatch) -> list[StringCandidates]:
        """Run the net over lines and decode its votes."""
        found: dict[int, StringCandidates] = {}
        for members, batch in self._batches(lines, timing):
            with timing("lattice"):
                found.update(zip(members, self._decoder.candidates(batch), strict=True))
        return [found[index] for index in range(len(lines))]

    def _glances(self, lines: Sequence[Line]) -> list[Glance]:
        """Run the net over rows of a page, and find the shortest path of each."""
        found: dict[int, Glance] = {}
        first, step = self.window.centre(0, 0)[0], self.window.stride[1]
        for members, batch in self._batches(lines, Stopwatch()):
            paths = batch.lattice.shortest_paths()
            for index, line, path, marks in zip(members, batch.lines, paths, batch.marks, strict=True):
                found[index] = Glance(line, path, first + step * np.array(path.columns, float), marks)
        return [found[index] for index in range(len(lines))]

    def _batches(self, lines: Sequence[Line], timing: Stopwatch) -> Iterator[tuple[list[int], LineBatch]]:
        """Run the net over lines, those of like width together; yield which ones, and the votes on them."""
        for members, inks in by_width(lines):
            with timing("net"):
                maps = [scores[:, :, 0] for scores in self.engine.run_batch(inks)]
            with timing("vote"):
                voted, marks = parted(vote(align(maps, self.windows), self.vote), self.names)
            with timing("lattice"):
                some = [lines[index] for index in members]
                columns = [self.window.map_size(*line.ink.shape)[1] for line in some]
                batch = LineBatch(some, maps, voted, marks, Lattice(voted, np.array(columns)))
            yield members, batch

    @property
    def _decoder(self) -> Decoder:
        rules = (self.length, self.lexicon, self.top, self.threshold)
        return Decoder(self.window, *rules, self.calibration, self.separators)

    def _stream(self, images: Iterable[Picture | Failure]) -> Iterator[Reading | Failure]:
        ahead = 3 * self.threads - 2  # chunks: the lane here goes on while processes begin
        return in_chunks(images, self._chunk, self._lanes, ahead)

    def _chunk(self, images: Sequence[Picture | Failure]) -> list[Reading | Failure]:
        pictures = [image for image in images if not isinstance(image, Failure)]
        decisions = iter(self._read(pictures, Stopwatch()))
        return [image if isinstance(image, Failure) else next(decisions).reading for image in images]


S = TypeVar("S", bound=Stretch)


def _cut_out(page: Picture, stretches: Sequence[S]) -> Iterator[tuple[Sequence[S], list[Strip]]]:
    """Yield stretches of a page with their strips, so many at a time that memory stays level."""
    for first in range(0, len(stretches), PAGE_CHUNK):
        some = stretches[first : first + PAGE_CHUNK]
        yield some, [strip(page, one) for one in some]


# -- Arguments ---------------------------------------------------------------------------------------------


def _check(
    length: int | range | None, vote: str | None, threshold: float | None, top: int, threads: int
) -> None:
    """Raise ArgumentError for what cannot be, whatever the net."""
    if vote is not None and vote not in get_args(How):
        raise ArgumentError(f"vote={vote!r} given: choose from {', '.join(map(repr, get_args(How)))}")
    if threshold is not None and not 0 <= threshold <= 1:
        raise ArgumentError(f"threshold={threshold} given: a confidence is from 0 to 1")
    if top < 0:
        raise ArgumentError(f"top={top} given: there are 0 alternatives or more")
    if threads < 1:
        raise ArgumentError(f"threads={threads} given: give 1 or more")
    if length is not None and not _is_length(length):
        raise ArgumentError(f"length={length!r} given: give a number from 1 on, or a range as in range(4, 7)")


def _is_length(length: int | range) -> bool:
    """Whether there are numbers of so many digits; a range may begin with 0, for none."""
    if isinstance(length, range):
        return len(length) > 0 and min(length) >= 0
    return isinstance(length, int) and length >= 1


def _lexicon(format: Format) -> Lexicon | None:
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
        raise ArgumentError(
            f"length {length} given, but the valid strings have {', '.join(map(str, possible))} digits:"
            " leave the length out, or give another format"
        )
    return length
