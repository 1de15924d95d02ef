"""The picture that an annotation means (path resolution): by its name as written, or by what remains of it.

Tools write the paths of the computer they ran on: absolute ones, with backslashes, with a prefix of their own
(Label Studio), as addresses, or without the suffix.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from os.path import isfile  # unlike Path.is_file it takes any text
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from windowpane.images import SUFFIXES

_UPLOADED = re.compile(r"[0-9a-f]{4,}-(.+)")  # Label Studio's prefix of what was uploaded


class Pictures:
    """Finds pictures by their names.

    Parameters
    ----------
    folders
        Where they may be, the likeliest first.
    top
        The folder of the set: with its sub-folders it is searched for a file's name alone.
    named
        The folder that the user names, and the only one to look in, with its sub-folders.
    """

    def __init__(self, folders: Sequence[Path], top: Path, named: Path | None = None) -> None:
        self.folders = (named,) if named else tuple(dict.fromkeys(folders))
        self.top = named or top
        self._elsewhere: dict[Path, int] = {}
        self._below: dict[str, list[Path]] | None = None

    @property
    def notes(self) -> list[str]:
        """Say where pictures were found by their names alone."""
        return [
            f"{count} picture(s) were found in {folder} by their file names, not where they are said to be"
            for folder, count in self._elsewhere.items()
        ]

    def find(self, name: str) -> tuple[Path, str]:
        """Return the path of a picture, and "" or why there is none there, the end of a sentence."""
        written = name.replace("\\", "/")
        for folder in self.folders:
            if isfile(folder / written):
                return folder / written, ""
        base = unquote(PurePosixPath(written.partition("?")[0]).name) if "://" in written else _base(written)
        short = _UPLOADED.fullmatch(base)
        for other in (base, *([short[1]] if short else [])):
            found = self._by_base_name(other)
            if len(found) == 1:
                if found[0].parent not in self.folders:
                    self._elsewhere[found[0].parent] = self._elsewhere.get(found[0].parent, 0) + 1
                return found[0], ""
            if found:
                some = ", ".join(map(str, found[:3]))
                return self.folders[
                    0
                ] / written, f"does not exist, and {len(found)} files have its name: {some}"
        searched = ", ".join(str(folder) for folder in self.folders if folder.is_dir()) or str(self.top)
        return self.folders[0] / written, (
            f"does not exist: looked in {searched} and for its name below {self.top}; put it there, or name"
            ' the folder of the pictures, as in images = "FOLDER" or --images FOLDER'
        )

    def _by_base_name(self, base: str) -> list[Path]:
        """Return the files of a name: in the folders, else anywhere below; else those of its stem."""
        for folder in self.folders:
            if base and isfile(folder / base):
                return [folder / base]
        if self._below is None:
            self._below = {}
            for path in sorted(self.top.rglob("*")) if self.top.is_dir() else []:
                if path.suffix.lower() in SUFFIXES and path.name[0] != "." and path.is_file():
                    for key in (path.name, f"{path.stem}/"):
                        self._below.setdefault(key, []).append(path)
        stem = base if Path(base).suffix.lower() not in SUFFIXES else Path(base).stem
        return self._below.get(base) or self._below.get(f"{stem}/") or []


def _base(written: str) -> str:
    return PurePosixPath(written).name
