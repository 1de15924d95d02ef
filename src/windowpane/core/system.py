"""What batch and server need of a system (interface): pictures in, one answer each out.

    class Counter:                                  # a fifth system; docs/fifth.md builds one
        def answer(self, picture): ...              # (H, W, 3) uint8 RGB -> something with to_dict()

Of many pictures some may be broken: `answers` puts a `Failure` in the place of their answer and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ArgumentError, ImageError
from windowpane.images import load

Picture = NDArray[np.uint8]
T = TypeVar("T")


class Answer(Protocol):
    """What a system says of a picture: a record that can be written as JSON.

    One that is a picture itself may have ``to_png()``, which returns the bytes of its file.
    """

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values."""
        ...


class System(Protocol):
    """Something that answers pictures: `windowpane.batch.run.run` and the server take it.

    A server calls it from several threads at once. What it may have besides:

    ``name``
        In the server's address, and what a batch calls it; else the name of its class in lower case.
    ``answer_many(pictures)``
        A list of answers to a list of pictures, where that is quicker than one by one.
    ``columns``
        Of a batch's table, the names and types; see `windowpane.batch.columns`. Else it has one, of JSON.
    """

    def answer(self, picture: Picture) -> Answer:
        """Return what it says of a picture, (H, W, 3) uint8 RGB, upright."""
        ...


def name_of(system: System) -> str:
    """Return what a system is called; raises ArgumentError for something that is none."""
    if not callable(getattr(system, "answer", None)):
        raise ArgumentError(
            f"{system!r} is no system: give an object with a method answer(picture) that returns something"
            " with to_dict()"
        )
    return str(getattr(system, "name", None) or type(system).__name__.lower())


def answer_many(system: System, pictures: Sequence[Picture]) -> Sequence[Answer]:
    """Return the answers to pictures: together where the system can do that, else one by one."""
    together = getattr(system, "answer_many", None)
    return list(together(pictures)) if together else [system.answer(picture) for picture in pictures]


@dataclass(frozen=True, slots=True)
class Failure:
    """Stands in the place of an answer where a picture could not be used.

    Attributes
    ----------
    image
        The picture's path, or what kind of thing was given.
    error
        One sentence that says why.
    """

    image: str
    error: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"image": self.image, "error": self.error}


def loaded(image: Any) -> Picture | Failure:
    """Return a picture, given as `windowpane.images.load` takes it, or why it cannot be used."""
    if isinstance(image, Failure):
        return image
    try:
        return load(image)
    except ImageError as error:
        name = os.fspath(image) if isinstance(image, str | os.PathLike) else f"the {type(image).__name__}"
        return Failure(str(name), str(error))


def answers(images: Iterable[Any], answer: Callable[[Picture], T]) -> Iterator[T | Failure]:
    """Yield the answer to each picture, or a `Failure`, one at a time and only when it is asked for."""
    for image in images:
        picture = loaded(image)
        yield picture if isinstance(picture, Failure) else answer(picture)
