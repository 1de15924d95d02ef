"""Readers of the public sets of digits (data sets: MNIST and others), in their own layouts.

Single digits (MNIST with QMNIST's writers, USPS, Semeion) come as a `DigitSet`; pictures of whole numbers
(ORAND-CAR-A, or any folder with a ``labels.csv``) as a list of `LabelledLine`. All share one convention:
white paper is 0 and full ink is 255 in a `DigitSet`, while a `LabelledLine` names a picture as it is.
"""

from __future__ import annotations

import gzip
import json
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.data.label_table import picture_of, read_rows
from windowpane.data.root import existing
from windowpane.errors import DataError

Part = Literal["train", "test"]

GLYPH_SIZE = 28
GLYPH_HEIGHT = 20  # MNIST fits every digit into 20 x 20 pixels in the middle of 28 x 28


@dataclass(frozen=True, slots=True)
class DigitSet:
    """Single digits.

    Attributes
    ----------
    images
        (N, 28, 28) uint8, 255 = ink.
    labels
        (N,) 0..9.
    writers
        (N,), -1 = unknown.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    writers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, mask: NDArray[np.bool_]) -> DigitSet:
        """Return the digits that a boolean mask (N,) keeps."""
        return DigitSet(self.images[mask], self.labels[mask], self.writers[mask])


@dataclass(frozen=True, slots=True)
class LabelledLine:
    """A picture of one number.

    Attributes
    ----------
    boxes
        (n, 4) x0, y0, x1, y1 of its digits in pixels, or None if unknown.
    """

    path: Path
    label: str
    boxes: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class SetOfDigits:
    """What a set is called and its terms, for the card of a net that learned from it.

    Attributes
    ----------
    free
        Whether its stated terms allow any use.
    """

    title: str
    terms: str
    free: bool = False


SETS = {
    "mnist": SetOfDigits("MNIST, training part, with QMNIST's writers", "NIST: public domain", free=True),
    "usps": SetOfDigits("USPS, training part", "as given out with Hastie et al.: research"),
    "orand": SetOfDigits("ORAND-CAR-A, training pictures", "research, non-commercial"),
}
"""The sets that a reader learns from, by name."""


def mnist(root: Path, part: Part) -> DigitSet:
    """Read MNIST (LeCun, Cortes & Burges 1998) with the writers of QMNIST (Yadav & Bottou 2019)."""
    folder, stem = root / "digits" / "mnist", "train" if part == "train" else "t10k"
    images = _idx(folder / f"{stem}-images-idx3-ubyte.gz").astype(np.uint8)
    labels = _idx(folder / f"{stem}-labels-idx1-ubyte.gz").astype(np.int64)
    extended = _idx(root / "digits" / "qmnist-labels" / f"qmnist-{part}-labels-idx2-int.gz")[: len(labels)]
    if not np.array_equal(extended[:, 0], labels):
        raise DataError(f"the QMNIST labels beside {folder} are not in the order of MNIST: fetch both again")
    return DigitSet(images, labels, extended[:, 2].astype(np.int64))


def usps(root: Path, part: Part) -> DigitSet:
    """Read USPS (LeCun et al. 1990; Hastie et al., "zip"), enlarged from 16x16 to MNIST's 20 in 28."""
    with gzip.open(existing(root / "digits" / "usps" / f"zip.{part}.gz"), "rt") as file:
        table = np.loadtxt(file, dtype=np.float32)
    ink = (table[:, 1:].reshape(-1, 16, 16) + 1) * 127.5
    return _glyphs(ink, table[:, 0])


def semeion(root: Path) -> DigitSet:
    """Read Semeion (Italian writers, 16x16 binary), enlarged like USPS."""
    with gzip.open(existing(root / "digits" / "semeion" / "semeion.data.gz"), "rt") as file:
        table = np.loadtxt(file, dtype=np.float32)
    return _glyphs(table[:, :256].reshape(-1, 16, 16) * 255, table[:, 256:].argmax(1))


def orand(root: Path, part: Part) -> list[LabelledLine]:
    """Read ORAND-CAR-A (real bank-cheque amounts, ICFHR 2014) in the labelled repository's split."""
    folder = root / "digits" / "orand-car-a"
    records = json.loads(existing(folder / "boxes.json").read_text())
    boxes = {record["file"]: np.array(record["digits"], np.float32).reshape(-1, 5) for record in records}
    lines = []
    for _, name, label in read_rows(folder / "labels.csv"):
        if name.startswith(f"{part}/"):
            found = boxes.get(name)
            lines.append(LabelledLine(folder / name, label, None if found is None else _corners(found)))
    return lines


def folder_lines(folder: Path) -> list[LabelledLine]:
    """Read a folder of pictures with a ``labels.csv`` (one's own data).

    The table has the columns ``file`` and ``label``, as `windowpane.data.check.lines.check_lines` wants
    them.

    Raises
    ------
    DataError
        That names the line for a label that is not digits only and for a missing picture.
    """
    table = folder / "labels.csv"
    lines = []
    for number, name, label in read_rows(table):
        if not (label.isascii() and label.isdigit()):
            raise DataError(f"{table}, line {number}: the label {label!r} must be digits only")
        picture = picture_of(folder, name)
        if not name or not picture.is_file():
            raise DataError(f"{table}, line {number}: there is no picture {name!r}")
        lines.append(LabelledLine(picture, label))
    return lines


def _corners(digits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Turn rows of class, x, y, width, height into corners, from left to right by box centre."""
    order = np.argsort(digits[:, 1] + digits[:, 3] / 2)
    x, y, w, h = digits[order, 1:].T
    return np.stack([x, y, x + w, y + h], axis=1)


def _glyphs(ink: NDArray[np.float32], labels: NDArray[np.generic]) -> DigitSet:
    images = np.zeros((len(ink), GLYPH_SIZE, GLYPH_SIZE), np.uint8)
    edge = (GLYPH_SIZE - GLYPH_HEIGHT) // 2
    for image, source in zip(images, ink, strict=True):
        inner = cv2.resize(source, (GLYPH_HEIGHT, GLYPH_HEIGHT), interpolation=cv2.INTER_CUBIC)
        image[edge:-edge, edge:-edge] = np.clip(inner, 0, 255)
    return DigitSet(images, labels.astype(np.int64), np.full(len(ink), -1, np.int64))


def _idx(path: Path) -> NDArray[np.generic]:
    """Read an idx file (big-endian; magic: two zeros, a type code, the number of dimensions)."""
    try:
        data = gzip.decompress(existing(path).read_bytes())
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is no whole gzip file ({error}): fetch it again") from error
    kinds = {8: ">u1", 12: ">i4"}
    if len(data) < 4 or data[2] not in kinds:
        raise DataError(f"{path} is no idx file of bytes or integers: fetch it again")
    kind, start = np.dtype(kinds[data[2]]), 4 + 4 * data[3]
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, start, 4))
    if len(data) - start != math.prod(shape) * kind.itemsize:
        size = " x ".join(map(str, shape))
        raise DataError(f"{path} promises {size} values and does not hold as many: fetch it again")
    return np.frombuffer(data, kind, offset=start).reshape(shape)
