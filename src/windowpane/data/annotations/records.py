"""Records of annotated pictures (annotations): what a layout's reader finds written, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple, NoReturn

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import DataError

Layout = Literal["COCO", "YOLO", "VOC", "labelme"]
Key = int | str
"""A class or picture as its layout names it."""
Report = Callable[[Path, int | None, str], None]
"""What is told of a fault: the file, the line (the first is 1) or None, and a sentence."""


@dataclass(frozen=True, slots=True)
class AnnotatedImage:
    """A picture and the boxes on it.

    Attributes
    ----------
    boxes
        (N, 4) float64 x0, y0, x1, y1 in pixels of the upright picture that `windowpane.images.load` gives,
        within it and with an area.
    class_ids
        (N,) intp, places in the list of class names.
    ignored
        (N,) bool, the boxes marked as crowd or difficult, which are neither to be found nor to be taken for
        background.
    """

    path: Path
    boxes: NDArray[np.float64]
    class_ids: NDArray[np.intp]
    ignored: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class BoxDataset:
    """Pictures with boxes, and the names of their classes in the order in which class ids count them.

    Attributes
    ----------
    notes
        What is good to know of how it was read, and no fault.
    """

    names: tuple[str, ...]
    images: tuple[AnnotatedImage, ...]
    notes: tuple[str, ...] = ()


def refuse(file: Path, line: int | None, message: str) -> NoReturn:
    """Raise DataError for a fault: the `Report` of those who want a set without any."""
    raise DataError(f"{file}:{line}: {message}" if line is not None else f"{file}: {message}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written: file, line or None, and its name, with which a sentence begins."""

    file: Path
    line: int | None
    what: str

    def tell(self, report: Report, fault: str) -> None:
        """Report a fault, the end of a sentence."""
        report(self.file, self.line, f"{self.what} {fault}")


@dataclass(frozen=True, slots=True)
class Box:
    """A box as written.

    Attributes
    ----------
    corners
        x0, y0, x1, y1.
    key
        Its class.
    hint
        What may be the cause where the box cannot be.
    """

    place: Place
    corners: tuple[float, float, float, float]
    key: Key
    ignored: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is written of a picture.

    Attributes
    ----------
    missing
        Why there is no picture, if there is none: the end of a sentence that begins with ``path``.
    size
        Its width and height, if they are written.
    shares
        Whether boxes are shares of the picture, and not in pixels.
    """

    place: Place
    path: Path
    boxes: list[Box]
    size: tuple[int, int] | None = None
    shares: bool = False
    missing: str = ""


class Written(NamedTuple):
    """What a reader finds: for each class its key and its name, a sheet for each picture, and notes."""

    classes: Sequence[tuple[Key, str]]
    sheets: Sequence[Sheet]
    notes: Sequence[str] = ()
