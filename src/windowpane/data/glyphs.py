"""Readers of sets of single characters: counters' rolls, other scripts' digits, letters (data sets).

Ink is 255 and paper 0, as in `windowpane.data.digits`, but for rolls, which are colour photographs. What a
character says is text: a digit or letter; of a roll its place in tenths where it is known (4.3: the 4 has
turned on by three tenths towards the 5), or the digit alone; of Omniglot the alphabet and the character.

    rolls                         counters of water, gas and power, some with displays; labels off by a tenth
                                  or two here and there
    bangla, devanagari, telugu    handwritten digits of CMATERdb, labelled with the digits 0 to 9
    chars74k                      0-9, A-Z, a-z, each by 55 people, drawn from strokes
    choice                        0-9, A-Z, a-z, handwritten, mostly by one person: to learn from alone
    omniglot                      characters of several alphabets, each by 20 people; a few look like digits

Folds keep counters and people together; what a set itself keeps to test with is to test with here. Of the
rolls' folders some hold all counters that were there when they were made, and most other counters are among
them: so the unseen ones are those of `UNSEEN`, of which no picture is like one of another folder.

Layout: ``digits_meter_rolls/`` ``labels.csv`` (index, value, size, folder) and ``images.npz`` (images, BGR);
``digits_cmaterdb_indic/<script>.npz`` (training, training_labels, testing, testing_labels); ``letters_*/``
``images.npz`` (images, labels: codes of characters, or places in names), of Chars74K also ``strokes.json``
(of each character for each person strokes of points x, y).
"""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.data.root import existing
from windowpane.data.split import Fold, in_tenth
from windowpane.errors import DataError

Strings = NDArray[np.str_]

UNSEEN: dict[str, Fold] = {
    "images/collected/gasmeter/rockberte": "test",
    "images/collected/lcd/lcd_pb": "test",
    "images/collected/powermeter/ itron_C114U_2": "test",
    "images/collected/powermeter/Landis+Gyr - MM2600JH": "test",
    "images/collected/watermeter/Wasser_Geraete_GmbH": "test",
    "images/collected/watermeter/jvi": "test",
    "images/collected/watermeter/pp": "test",
    "images/collected/watermeter/watermeter_lcd": "test",
    "images/collected/lcd/digital italic": "tune",
    "images/collected/powermeter/emeter1": "tune",
}
"""Folders of counters of which nothing is learned."""


@dataclass(frozen=True, slots=True, eq=False)
class GlyphSet:
    """Single characters.

    Attributes
    ----------
    images
        (N, H, W) uint8, 255 = ink, or (N, H, W, 3) RGB as photographed.
    texts
        (N,) what each says.
    sources
        (N,) who wrote it, or which counter it is of; "" = unknown.
    """

    images: NDArray[np.uint8]
    texts: Strings
    sources: Strings

    def __len__(self) -> int:
        return len(self.texts)

    def where(self, mask: NDArray[np.bool_]) -> GlyphSet:
        """Return the characters that a boolean mask (N,) keeps."""
        return GlyphSet(self.images[mask], self.texts[mask], self.sources[mask])


@dataclass(frozen=True, slots=True)
class Drawn:
    """A character as it was drawn.

    Attributes
    ----------
    text
        The character.
    writer
        Who drew it.
    strokes
        Of the pen, (n, 2) x, y of their points each.
    """

    text: str
    writer: str
    strokes: tuple[NDArray[np.float64], ...]


def glyphs(root: Path, name: str, fold: Fold | None = None) -> GlyphSet:
    """Read a set or a fold of it.

    Parameters
    ----------
    root
        Of the data sets.
    name
        One of `SETS`.

    Raises
    ------
    DataError
        For an unknown name, for what is not there, and for a file that cannot be read.
    """
    if name not in SETS:
        raise DataError(f"there is no set of characters {name!r}: choose from {', '.join(SETS)}")
    one = SETS[name]
    found, folds = one.read(existing(root / one.folder))
    return found if fold is None else found.where(folds == fold)


def drawn(root: Path, fold: Fold | None = None) -> list[Drawn]:
    """Read the strokes of Chars74K, to draw them with any pen; folds and errors are those of `glyphs`."""
    path = existing(root / SETS["chars74k"].folder / "strokes.json")
    try:
        characters = json.loads(path.read_text(encoding="utf-8"))
        return [
            Drawn(text, writer, tuple(np.array(stroke, float).reshape(-1, 2) for stroke in one if stroke))
            for text, people in sorted(characters.items())
            for writer, one in zip(map(_writer, range(len(people))), people, strict=True)
            if fold is None or in_tenth(writer, fold)
        ]
    except (ValueError, AttributeError, TypeError) as error:
        raise DataError(f"{path} holds no strokes of characters ({error}): build the set again") from error


# -- The readers: from a set's folder to its characters and the fold of each -------------------------------

Read = tuple[GlyphSet, Strings]


def _rolls(folder: Path) -> Read:
    with existing(folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (images,) = _arrays(folder / "images.npz", "images")
    if len(rows) != len(images):
        raise DataError(f"{folder}: {len(rows)} rows and {len(images)} pictures: build the set again")
    counters = np.array([row["folder"] for row in rows], np.str_)
    folds = np.array([UNSEEN.get(counter, "train") for counter in counters], np.str_)
    values = np.array([row["value"] for row in rows], np.str_)
    return GlyphSet(np.ascontiguousarray(images[..., ::-1]), values, counters), folds


def _indic(script: str, folder: Path) -> Read:
    """The writers are not known: of the training part every twentieth of a digit's block is to tune with."""
    path = folder / f"{script}.npz"
    train, train_labels, test, test_labels = _arrays(
        path, "training", "training_labels", "testing", "testing_labels"
    )
    texts = np.concatenate([train_labels, test_labels]).astype(np.str_)
    places = np.arange(len(texts))
    folds = np.where(places >= len(train), "test", np.where(places % 20 == 0, "tune", "train"))
    return GlyphSet(255 - np.concatenate([train, test]), texts, np.full(len(texts), "", np.str_)), folds


def _chars74k(folder: Path) -> Read:
    """All people of one character after the other, in the same order for each."""
    images, codes = _arrays(folder / "images.npz", "images", "labels")
    people = np.array([_writer(place) for place in _places(codes)], np.str_)
    return GlyphSet(images, _characters(codes), people), _folds(people)


def _choice(folder: Path) -> Read:
    images, codes = _arrays(folder / "images.npz", "images", "labels")
    unknown = np.full(len(codes), "", np.str_)
    return GlyphSet(255 - images, _characters(codes), unknown), np.repeat("train", len(codes))


def _omniglot(folder: Path) -> Read:
    """The people of an alphabet drew all its characters, in the same order for each."""
    images, places, names = _arrays(folder / "images.npz", "images", "labels", "names")
    texts = names[places]
    people = [f"{text.split('/')[0]}/{place:02d}" for text, place in zip(texts, _places(places), strict=True)]
    writers = np.array(people, np.str_)
    return GlyphSet(images, texts, writers), _folds(writers)


def _writer(place: int) -> str:
    return f"chars74k/{place:02d}"


def _characters(codes: NDArray[np.integer]) -> Strings:
    return np.array([chr(code) for code in codes], np.str_)


def _places(labels: NDArray[np.integer]) -> list[int]:
    """Return the place of each among those of its label."""
    counts: dict[int, int] = {}
    places = []
    for label in labels.tolist():
        places.append(counts.get(label, 0))
        counts[label] = places[-1] + 1
    return places


def _folds(keys: Strings) -> Strings:
    known = {
        key: next(fold for fold in ("test", "tune", "train") if in_tenth(key, fold))
        for key in set(keys.tolist())
    }
    return np.array([known[key] for key in keys.tolist()], np.str_)


def _arrays(path: Path, *names: str) -> list[NDArray[Any]]:
    try:
        with np.load(existing(path)) as file:
            return [file[name] for name in names]
    except (KeyError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise DataError(f"{path} does not hold {', '.join(names)} ({error}): build the set again") from error


# -- The sets ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SetOfGlyphs:
    """Where a set lies, how it is read, and its terms.

    Attributes
    ----------
    folder
        In the data root.
    title, terms
        For the card of a net that learned from it.
    read
        From its folder to its characters and the fold of each.
    free
        Whether its stated terms allow any use.
    """

    folder: str
    title: str
    terms: str
    read: Callable[[Path], Read]
    free: bool = False


_INDIC = "non-commercial"
SETS = {
    "rolls": SetOfGlyphs(
        "digits_meter_rolls", "Tenths of a step of counters' digits", "Apache 2.0", _rolls, free=True
    ),
    "bangla": SetOfGlyphs("digits_cmaterdb_indic", "CMATERdb, Bangla", _INDIC, partial(_indic, "bangla")),
    "devanagari": SetOfGlyphs(
        "digits_cmaterdb_indic", "CMATERdb, Devanagari", _INDIC, partial(_indic, "devanagari")
    ),
    "telugu": SetOfGlyphs("digits_cmaterdb_indic", "CMATERdb, Telugu", _INDIC, partial(_indic, "telugu")),
    "chars74k": SetOfGlyphs("letters_chars74k_strokes", "Chars74K, drawn by hand", "research", _chars74k),
    "choice": SetOfGlyphs("letters_choice", "CHoiCe", "none stated: research", _choice),
    "omniglot": SetOfGlyphs(
        "letters_omniglot_small", "Omniglot, small background", "MIT", _omniglot, free=True
    ),
}
"""The sets by name."""
