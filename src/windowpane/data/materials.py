"""What a net learned from, in a form that a machine can check (bill of materials), for the net's card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from windowpane.data.faces import BACKGROUNDS, background, split
from windowpane.data.photographs import LEARNED, learned


@dataclass(frozen=True, slots=True)
class Material:
    """One set and what of it was learned from.

    Attributes
    ----------
    name, title
        Of the set, as a recipe names it, and as people do.
    terms
        Under which its pictures may be used, as stated where they came from.
    free
        Whether these allow any use.
    pictures, objects
        How many.
    sha256
        Of all these pictures' files and of their boxes, in the order of the set.
    """

    name: str
    title: str
    terms: str
    free: bool
    pictures: int
    objects: int
    sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for a card."""
        return asdict(self)


def faces_materials(root: Path, sets: Sequence[str], backgrounds: Sequence[str]) -> list[Material]:
    """Return what a detector of faces learns from: the train fold of sets with faces and of sets without.

    Parameters
    ----------
    root
        Of the data sets.
    sets
        Names of `windowpane.data.photographs.LEARNED`.
    backgrounds
        Names of `windowpane.data.faces.BACKGROUNDS`.
    """
    materials = []
    for name in sets:
        one, photos = LEARNED[name], learned(root, name, "train")
        known = [(photo.path, photo.boxes[~photo.ignored]) for photo in photos]
        objects = sum(len(boxes) for _, boxes in known)
        sum_of = _hash(known)
        materials.append(Material(name, one.title, one.terms, one.free, len(known), objects, sum_of))
    for name in backgrounds:
        paths, bare = split(background(root, name), "train"), BACKGROUNDS[name]
        sum_of = _hash((path, None) for path in paths)
        materials.append(Material(name, bare.title, bare.terms, bare.free, len(paths), 0, sum_of))
    return materials


def _hash(known: Iterable[tuple[Path, Any]]) -> str:
    total = hashlib.sha256()
    for path, boxes in known:
        total.update(hashlib.sha256(path.read_bytes()).digest())
        if boxes is not None:
            total.update(str(boxes.round(1).tolist()).encode())
    return total.hexdigest()
