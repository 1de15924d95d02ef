"""The nets that are served, and what is made of them when it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from windowpane.core.netfile import NetFile, builtin, load
from windowpane.detect.detector import Detector
from windowpane.errors import WindowpaneError
from windowpane.parse.parser import Parser
from windowpane.read.reader import Reader

DEFAULTS = {"read": "digits", "detect": "faces", "parse": "scenes"}
"""The net of each task that is taken where a request names none."""

KEPT = 16
"""Readers, detectors and parsers with different options that are kept ready, of each sort."""


class Systems:
    """The nets that ship, and any further ones; a name is all that a request can say of a net.

    nets: of further nets, the files. Raises NetFileError for a file that cannot be used.
    """

    def __init__(self, nets: Iterable[str | Path] = ()) -> None:
        self.nets: dict[str, NetFile] = {}
        for source in (*builtin(), *nets):
            file = load(source)
            if file.manifest.task in DEFAULTS:
                self.nets[file.manifest.name] = file
        self.reader = lru_cache(KEPT)(self._reader)
        self.detector = lru_cache(KEPT)(self._detector)
        self.parser = lru_cache(KEPT)(self._parser)

    def names(self, task: str) -> list[str]:
        """Return the names of the nets for a task, its default first."""
        found = [name for name, file in self.nets.items() if file.manifest.task == task]
        return sorted(found, key=lambda name: (name != DEFAULTS[task], name))

    def checked(self, task: str, name: str | None) -> str:
        """Return the name of a net for a task; raises WindowpaneError where there is none."""
        name = name or DEFAULTS[task]
        if name not in self.names(task):
            raise WindowpaneError(
                f"no net {name!r} is served for {task}: choose from {', '.join(self.names(task))}"
            )
        return name

    def warm(self) -> None:
        """Make what the defaults need, so that the first answer is as quick as all others."""
        self.reader(DEFAULTS["read"])
        self.detector(DEFAULTS["detect"])
        self.parser(DEFAULTS["parse"])

    def _reader(
        self,
        net: str,
        format: str = "number",
        length: int | None = None,
        top: int = 3,
        score: float | None = None,
    ) -> Reader:
        return Reader(self.nets[net], format=format, length=length, top=top, threshold=score)

    def _detector(
        self, net: str, min_size: int = 20, max_size: int | None = None, score: float | None = None
    ) -> Detector:
        return Detector(self.nets[net], min_size=min_size, max_size=max_size, threshold=score)

    def _parser(self, net: str, superpixels: bool = False) -> Parser:
        return Parser(self.nets[net], superpixels=superpixels)
