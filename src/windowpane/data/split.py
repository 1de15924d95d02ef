"""Which part of the data is learned from, which is the validation set, which is to test with (data split).

Five rules, each for data of one kind; each gives the same answer for the same data, so that no net is
measured with what it learned from. The nets that ship were trained with them: a rule that changed would mix
their parts.

    in_fold          the people and pictures of the public sets of faces: by a hash of their names
    in_tenth         the photographs with faces: likewise, twice as many to test with
    in_validation    annotated pictures of one's own: by a hash of their names
    every_so_many    writers, digits and lines, to read: by their order
    drawn            labelled scenes, to parse and to drive: drawn by a seed

By a hash a picture that is added moves no other, and a person who is in two sets is on one side in both.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import DataError

Item = TypeVar("Item")
Fold = Literal["train", "tune", "test"]

SHARE = 10
"""One in so many is for validation."""
FACES_SHARE = 20
"""One person or picture of the sets of faces in so many is for validation, and as many to test with."""


def in_fold(key: str | int, fold: Fold) -> bool:
    """Whether a person or picture of the public sets of faces is in a fold.

    Parameters
    ----------
    key
        A name, of which the hash decides, or a number.
    fold
        "tune" is the validation set.
    """
    place = (_hash(key) if isinstance(key, str) else key) % FACES_SHARE
    return fold == ("tune" if place == 0 else "test" if place == FACES_SHARE // 2 else "train")


def in_tenth(key: str, fold: Fold) -> bool:
    """Whether a photograph with faces is in a fold, by the hash of a key: one in ten is to test with, and one
    in twenty the validation set, "tune"."""
    place = _hash(key) % FACES_SHARE
    return fold == ("tune" if place == 0 else "test" if place >= FACES_SHARE - 2 else "train")


def in_validation(name: str) -> bool:
    """Whether an annotated picture of one's own is in the validation set, by the hash of its file's name."""
    return _hash(name) % SHARE == 0


def every_so_many(count: int) -> NDArray[np.bool_]:
    """Return which of so many in a fixed order are the validation set: (count,), the first of each ten."""
    return np.asarray(np.arange(count) % SHARE == 0)


def random_split(items: Sequence[Item], seed: int) -> tuple[list[Item], list[Item]]:
    """Return what to learn from and the validation set, one in ten and at least one, drawn by a seed.

    Raises
    ------
    DataError
        Where there are fewer than two.
    """
    if len(items) < 2:
        raise DataError(f"{len(items)} picture(s): patience keeps some aside, so label two at least")
    chosen = set(np.random.default_rng(seed).permutation(len(items))[: -(-len(items) // SHARE)].tolist())
    return (
        [item for place, item in enumerate(items) if place not in chosen],
        [item for place, item in enumerate(items) if place in chosen],
    )


def _hash(name: str) -> int:
    return zlib.crc32(name.encode())
