"""The answers of ``windowpane detect`` to films, and the films that it makes of them.

A film in which something is to be hidden is read twice: where a face was while it was not found is known only
once it is found again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.cli.common.output import Record
from windowpane.cli.common.places import Input, Outputs
from windowpane.cli.common.shots import Drawn
from windowpane.cli.detect.pictures import Wanted, cropped
from windowpane.core.boxes import area
from windowpane.detect.detections import NO_TRACK, Detections
from windowpane.detect.detector import Detector
from windowpane.detect.gaps import filled
from windowpane.errors import WindowpaneError
from windowpane.images.drawing import png
from windowpane.images.video import USUAL_RATE, TimedFrame, timed_frames
from windowpane.show.anonymize import blurred
from windowpane.show.draw import draw_detections


@dataclass(frozen=True, slots=True)
class Films:
    """Answers films frame by frame."""

    detector: Detector
    wanted: Wanted

    def answer(self, one: Input) -> Iterator[Record]:
        """Yield a record a frame; one with the files if any are written; and the error of a broken film."""
        wanted, files = self.wanted, Record()
        seen, crops, drawn = _Seen(), _Crops(wanted.outputs, wanted.crop, one), _Drawn(wanted, one)
        with closing(drawn):
            error = yield from self._each(one, seen, crops, drawn)
        try:
            path = drawn.written
            if wanted.out and wanted.blur and seen.times:
                path = self._hidden(one, seen, wanted.out, whole=not error)
            files = {"file": str(path)} if path else {}
        except WindowpaneError as unwritten:
            error = error or str(unwritten)
        if wanted.crop:
            files["crops"] = list(crops.paths.values())
        if files:
            yield {"frames": len(seen.times), **files}
        if error:
            yield {"error": error}

    def _each(
        self, one: Input, seen: _Seen, crops: _Crops, drawn: _Drawn
    ) -> Generator[Record, None, str | None]:
        """Yield a record a frame and write what is wanted of it; return why there are no more, if not all."""
        look = self._look()
        try:
            for frame in timed_frames(one.name):
                found = look(frame)
                seen.add(frame, found)
                crops.add(frame, found)
                shown = found if self.wanted.track else replace(found, ids=None)
                drawn.add(frame, shown)
                time = None if frame.time is None else round(frame.time, 4)
                yield {"frame": frame.number, "time": time, **shown.to_dict()}
        except WindowpaneError as broken:
            return str(broken)
        return None

    def _look(self) -> Callable[[TimedFrame], Detections]:
        if self.wanted.track or self.wanted.blur or self.wanted.crop:
            return self.detector.tracking()
        return lambda frame: self.detector.answer(frame.picture)

    def _hidden(self, one: Input, seen: _Seen, out: Path, *, whole: bool) -> Path:
        """Write a film with what was seen hidden, or the file itself where there is nothing to hide."""
        if whole and not any(map(len, seen.boxes)):
            return self.wanted.outputs.copy(one.name, out / one.place)
        path = self.wanted.outputs.ready(out / one.film_place)
        boxes = filled(seen.times, seen.boxes, seen.ids)
        with closing(Drawn(one, path)) as film:
            for some, frame in zip(boxes, timed_frames(one.name), strict=False):  # a broken one has more
                film.add(np.asarray(blurred(frame.picture, some), np.uint8))
        return path


@dataclass(slots=True)
class _Seen:
    """Where something was, in every frame."""

    times: list[float] = field(default_factory=list)
    boxes: list[NDArray[np.float64]] = field(default_factory=list)
    ids: list[NDArray[np.intp]] = field(default_factory=list)

    def add(self, frame: TimedFrame, found: Detections) -> None:
        self.times.append(frame.number / USUAL_RATE if frame.time is None else frame.time)
        self.boxes.append(found.boxes)
        self.ids.append(np.full(len(found), NO_TRACK) if found.ids is None else found.ids)


@dataclass(slots=True)
class _Crops:
    """Cuts out one picture a track: the largest and surest."""

    outputs: Outputs
    folder: Path | None
    one: Input
    paths: dict[int, str] = field(default_factory=dict)
    _best: dict[int, float] = field(default_factory=dict)

    def add(self, frame: TimedFrame, found: Detections) -> None:
        if self.folder is None or found.ids is None:
            return
        worth = area(found.boxes) * found.confidence
        for number, box, value in zip(found.ids.tolist(), found.boxes, worth.tolist(), strict=True):
            if number != NO_TRACK and value > self._best.get(number, 0):
                path = self.folder / f"{self.one.stem}_{number}.png"
                self.paths[number] = str(self.outputs.write(path, png(cropped(frame.picture, box))))
                self._best[number] = value


class _Drawn:
    """Writes a film with boxes, if one is wanted."""

    def __init__(self, wanted: Wanted, one: Input) -> None:
        self._path = (wanted.out or Path()) / f"{one.stem}-detected.mp4"
        self._wanted = wanted.out is not None and not wanted.blur
        self._one, self._outputs = one, wanted.outputs
        self._film: Drawn | None = None
        self.written: Path | None = None

    def add(self, frame: TimedFrame, found: Detections) -> None:
        if self._wanted:
            self._film = self._film or Drawn(self._one, self._outputs.ready(self._path))
            self._film.add(draw_detections(frame.picture, found))
            self.written = self._path

    def close(self) -> None:
        if self._film:
            self._film.close()
