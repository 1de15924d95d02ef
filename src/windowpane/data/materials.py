"""What a net learned from, in a form that a machine can check (bill of materials), for the net's card."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.data import digits, glyphs, pages
from windowpane.data.faces import BACKGROUNDS, background, split
from windowpane.data.photographs import LEARNED, learned
from windowpane.data.writing.hands import text_typefaces

READING: dict[str, digits.SetOfDigits | glyphs.SetOfGlyphs | pages.SetOfPages] = {
    **digits.SETS,
    **glyphs.SETS,
    **pages.SETS,
}
"""The sets that a reader or a finder of numbers learns from, by name."""


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


def reading_materials(root: Path, sets: Sequence[str], fonts: Path | None = None) -> list[Material]:
    """Return what a reader, or a finder of numbers, learns from: the train fold of sets, and typefaces.

    Parameters
    ----------
    root
        Of the data sets.
    sets
        Names of `READING`.
    fonts
        A folder of typefaces, of which those for training are listed as one more material; None for none.
    """
    materials = [_of_text(root, name) for name in sets]
    if fonts is not None:
        files = text_typefaces(fonts, held_out=False)
        title, terms = "typefaces of a system's fonts", "free licences of the fonts"
        sum_of = _hash((path, None) for path in files)
        materials.append(Material("typefaces", title, terms, True, len(files), 0, sum_of))
    return materials


def _of_text(root: Path, name: str) -> Material:
    """Return the material of one set: pictures, or single characters; objects are digits or strings."""
    one = READING[name]
    if name in pages.SETS:
        known = pages.pages(root, name, "train")
        pictures, objects = len(known), sum(len(page.texts) for page in known)
        sum_of = _hash((page.path, (page.corners, page.texts)) for page in known)
    elif name == "orand":
        lines = digits.orand(root, "train")
        pictures, objects = len(lines), sum(len(line.label) for line in lines)
        sum_of = _hash((line.path, line.label) for line in lines)
    else:
        images, texts = _characters(root, name)
        pictures = objects = len(images)
        sum_of = hashlib.sha256(images.tobytes() + str(texts).encode()).hexdigest()
    return Material(name, one.title, one.terms, one.free, pictures, objects, sum_of)


def _characters(root: Path, name: str) -> tuple[NDArray[np.uint8], list[Any]]:
    """Return the single characters of a set and what they say."""
    if name in glyphs.SETS:
        glyph = glyphs.glyphs(root, name, "train")
        return glyph.images, glyph.texts.tolist()
    digit = digits.mnist(root, "train") if name == "mnist" else digits.usps(root, "train")
    return digit.images, digit.labels.tolist()


def _plain(truth: Any) -> str:
    """Return what is known of a picture as text: boxes or corners to a tenth of a pixel, and words."""
    if isinstance(truth, tuple):
        return "".join(map(_plain, truth))
    return truth if isinstance(truth, str) else str(truth.round(1).tolist())


def _hash(known: Iterable[tuple[Path, Any]]) -> str:
    total = hashlib.sha256()
    for path, truth in known:
        total.update(hashlib.sha256(path.read_bytes()).digest())
        if truth is not None:
            total.update(_plain(truth).encode())
    return total.hexdigest()
