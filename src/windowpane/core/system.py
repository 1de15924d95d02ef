"""What batch, server and command line need of a system (interface): pictures in, one answer each out.

    class Counter:                                  # a fifth system; see docs/fifth.md
        def answer(self, picture): ...              # (H, W, 3) uint8 RGB -> something with to_dict()
        def close(self): ...

Of many pictures some may be broken: `answers` puts a `Failure` in the place of their answer and goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import ImageError
from windowpane.images import load

Picture = NDArray[np.uint8]
T = TypeVar("T")


class Answer(Protocol):
    """What a system says of a picture: a record that can be written as JSON."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values."""
        ...


class System(Protocol):
    """Something that answers pictures, such as a reader, a detector or a parser."""

    def answer(self, picture: Picture) -> Answer:
        """Return what it says of a picture, (H, W, 3) uint8 RGB, upright."""
        ...

    def close(self) -> None:
        """End its threads; it answers no more."""
        ...


@dataclass(frozen=True, slots=True)
class Failure:
    """Stands in the place of an answer where a picture could not be used.

    Attributes
    ----------
    image:
        The picture's path, or what kind of thing was given.
    error:
        One sentence that says why.
    """

    image: str
    error: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"image": self.image, "error": self.error}


def loaded(image: Any) -> Picture | Failure:
    """Return a picture, given as `windowpane.images.load` takes it, or why it cannot be used."""
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
