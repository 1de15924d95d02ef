"""What a verb is given, and the files that it writes (input and output paths)."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from windowpane.cli.common.output import make_folder
from windowpane.errors import WindowpaneError
from windowpane.images import SUFFIXES, expand
from windowpane.images.film_writer import WRITTEN
from windowpane.images.folders import in_order
from windowpane.images.video import SUFFIXES as FILMS
from windowpane.images.video import is_film, is_live


@dataclass(frozen=True, slots=True)
class Input:
    """A picture or a film.

    Attributes
    ----------
    name
        Its path; ``-`` is standard input. Or the number of a camera, or the address of a stream.
    place
        Its path below the folder that was given, or its file name: no other input of the call has the same.
    stem
        Such a path without a suffix.
    """

    name: str
    place: Path
    stem: Path

    @property
    def is_film(self) -> bool:
        """Say whether it is a film, or a camera or stream, which are films without an end."""
        return is_film(self.name)

    @property
    def is_live(self) -> bool:
        """Say whether it is a camera or a stream."""
        return is_live(self.name)

    @property
    def film_place(self) -> Path:
        """Return where a film goes that is coded anew: as it is called, if such files can be written."""
        if self.place.suffix.lower() in WRITTEN:
            return self.place
        return self.place.with_name(f"{self.place.name}.mp4")


def inputs(given: Sequence[str], *, deep: bool = False, beside: Iterable[Path] = ()) -> list[Input]:
    """Return the pictures and films behind names, folders and patterns, in the given order.

    Parameters
    ----------
    given
        As `windowpane.images.expand` takes them.
    deep
        Whether a folder also gives its films and all that is in its sub-folders.
    beside
        Folders that are left out of it, for the answers go there.
    """
    out = {folder.resolve() for folder in beside}
    known: dict[str, Input] = {}
    found: list[Input] = []
    places: set[Path] = set()
    stems: set[Path] = set()
    for one in given:
        below = deep and os.path.isdir(one)
        for name in (list(_below(Path(one), out)) or [one]) if below else expand([one]):
            if name not in known:
                place = Path(os.path.relpath(name, one) if below and name != one else Path(name).name)
                place = Path("stdin.png") if name == "-" else place
                place = Path(f"camera{name}" if name.isdecimal() else "stream") if is_live(name) else place
                known[name] = Input(name, _unique(place, places), _unique(place.with_suffix(""), stems))
            found.append(known[name])
    return found


class Outputs:
    """Writes files, and never over one that was given."""

    def __init__(self, given: Iterable[Input]) -> None:
        self._given = {
            _identity(path) for one in given if one.name != "-" and (path := Path(one.name)).exists()
        }

    def ready(self, path: Path) -> Path:
        """Make the folder of a file that is to be written, and return the file.

        Raises
        ------
        WindowpaneError
            Where there can be no such folder, and for a file that was given.
        """
        if path.exists() and _identity(path) in self._given:
            raise WindowpaneError(
                f"{path} was given, and what is given is never written over: name another folder"
            )
        make_folder(path.parent)
        return path

    def write(self, path: Path, data: bytes) -> Path:
        """Write a file; raises WindowpaneError where that fails."""
        try:
            self.ready(path).write_bytes(data)
        except OSError as error:
            raise WindowpaneError(f"{path}: the file cannot be written ({error.strerror})") from error
        return path

    def copy(self, source: str, path: Path) -> Path:
        """Write a file as another one is, byte for byte; raises WindowpaneError where that fails."""
        try:
            shutil.copyfile(source, self.ready(path))
        except OSError as error:
            raise WindowpaneError(f"{path}: {source} cannot be copied there ({error.strerror})") from error
        return path


def _below(folder: Path, out: set[Path]) -> Iterator[str]:
    """Yield the pictures and films in a folder and its sub-folders, but hidden ones, in natural order."""
    for where, folders, files in os.walk(folder):
        visible = (name for name in folders if name[0] != "." and Path(where, name).resolve() not in out)
        folders[:] = in_order(visible)
        for name in in_order(files):
            if name[0] != "." and name.lower().endswith((*SUFFIXES, *FILMS)):
                yield os.path.join(where, name)


def _unique(path: Path, taken: set[Path]) -> Path:
    """Return a path, or the next one with a number that is not taken; from then on it is."""
    numbers = ("" if number == 1 else f"-{number}" for number in count(1))
    candidates = (path.with_name(f"{path.stem}{number}{path.suffix}") for number in numbers)
    free = next(one for one in candidates if one not in taken)
    taken.add(free)
    return free


def _identity(path: Path) -> tuple[int, int]:
    known = path.stat()
    return known.st_dev, known.st_ino
