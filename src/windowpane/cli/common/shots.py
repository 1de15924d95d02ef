"""What a verb is given, picture by picture (input pipeline): files, their pages, and the frames of films.

    for shot in shots.of(one):
        record = {**shot.where, **answer(shot.picture)}

A picture that cannot be used is a shot too, with the reason in place of the picture.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from windowpane.cli.common.output import Record, complain
from windowpane.cli.common.places import Input
from windowpane.core.system import Answer, Failure, Picture
from windowpane.errors import ImageError
from windowpane.images import MAX_PIXELS, SUFFIXES
from windowpane.images.depth import Levels
from windowpane.images.film_writer import FilmWriter
from windowpane.images.folders import left_out
from windowpane.images.loader import load_told
from windowpane.images.pages import pages
from windowpane.images.video import SUFFIXES as FILMS
from windowpane.images.video import length_of, rate_of, timed_frames


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of an input.

    Attributes
    ----------
    one
        The input.
    picture
        (H, W, 3) uint8 RGB, or why there is none.
    where
        What its record says of its place in a file of several: ``page``, or ``frame`` and ``time``.
    told
        What its record says of how it was read: ``notes``, if there is anything.
    """

    one: Input
    picture: Picture | Failure
    where: Record = field(default_factory=dict)
    told: Record = field(default_factory=dict)

    @property
    def stem(self) -> Path:
        """Where what is written of it goes, without a suffix."""
        page = f"-p{self.where['page']}" if "page" in self.where else ""
        return self.one.stem.with_name(self.one.stem.name + page)

    def record(self, answer: Callable[[Picture], Record]) -> tuple[str, Record]:
        """Return the input's name and the record of the picture's answer, or of why there is none."""
        if isinstance(self.picture, Failure):
            return self.one.name, {**self.where, "error": self.picture.error}
        return self.one.name, {**self.where, **answer(self.picture), **self.told}


@dataclass(frozen=True, slots=True)
class Shots:
    """The pictures of several inputs; of pictures with more than eight bits all of a folder look alike.

    Attributes
    ----------
    given
        The inputs.
    max_pixels
        A picture of more is refused.
    """

    given: Sequence[Input]
    max_pixels: int = MAX_PIXELS
    _levels: Levels = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_levels", Levels([one.name for one in self.given if not one.is_film]))

    @property
    def total(self) -> int:
        """About how many pictures there are."""
        return sum(max(1, length_of(one.name)) if one.is_film else 1 for one in self.given)

    @property
    def is_live(self) -> bool:
        """Whether some come from a camera, so that none is to wait for the next."""
        return any(one.is_live for one in self.given)

    def __iter__(self) -> Iterator[Shot]:
        for one in self.given:
            yield from self.of(one)

    def of(self, one: Input) -> Iterator[Shot]:
        """Yield the pictures of an input, one at a time."""
        try:
            yield from self._frames(one) if one.is_film else self._pages(one)
        except ImageError as error:
            yield Shot(one, Failure(one.name, str(error)))

    def _frames(self, one: Input) -> Iterator[Shot]:
        for frame in timed_frames(one.name):
            time = None if frame.time is None else round(frame.time, 4)
            yield Shot(one, frame.picture, {"frame": frame.number, "time": time})

    def _pages(self, one: Input) -> Iterator[Shot]:
        for page in pages(one.name, max_pixels=self.max_pixels):
            where = {} if page.number is None else {"page": page.number}
            try:
                picture, notes = load_told(page.source, max_pixels=self.max_pixels, levels=self._levels)
            except ImageError as error:
                yield Shot(one, Failure(one.name, str(error)), where)
            else:
                yield Shot(one, picture, where, {"notes": list(notes)} if notes else {})

    def answered(
        self, answer: Callable[[Iterator[Picture | Failure]], Iterable[Answer | Failure]]
    ) -> Iterator[tuple[str, Record]]:
        """Yield the name and the record of each, of what answers a stream of pictures."""
        waiting: deque[Shot] = deque()

        def stream() -> Iterator[Picture | Failure]:
            for shot in self:
                waiting.append(shot)
                yield shot.picture

        for one in answer(stream()):
            yield waiting.popleft().record(lambda _, one=one: one.to_dict())  # type: ignore[misc]


class Drawn:
    """Writes a film of what was drawn on the frames of one, with the first of them."""

    def __init__(self, one: Input, path: Path) -> None:
        self.path = path
        self._film = FilmWriter(path, rate_of(one.name))
        self._said = False

    def add(self, picture: Picture) -> None:
        """Add a frame; with the first one say what there is to say of the film."""
        self._film.add(picture)
        if self._film.note and not self._said:
            complain(self._film.note)
        self._said = True

    def close(self) -> None:
        """End the film."""
        self._film.close()


def left(given: Iterable[str], *, deep: bool = False) -> list[tuple[str, Record]]:
    """Return which folders have files that are no pictures, and a record that counts those by their suffix.

    Parameters
    ----------
    given
        As `windowpane.cli.common.places.inputs` takes it.
    deep
        Whether films and what is in sub-folders is taken too.
    """
    found = []
    for folder in dict.fromkeys(one for one in given if os.path.isdir(one)):
        counts = left_out(folder, (*SUFFIXES, *FILMS) if deep else SUFFIXES)
        if deep:
            counts.pop("folder", None)
        if counts:
            found.append((folder, {"left_out": counts}))
    return found
