"""The answers of ``windowpane detect`` to pictures, and the pictures that it makes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from windowpane.cli.common.output import Record
from windowpane.cli.common.places import Input, Outputs
from windowpane.cli.common.shots import Shot, Shots
from windowpane.detect.detections import Detections
from windowpane.detect.detector import Detector
from windowpane.errors import ImageError, WindowpaneError
from windowpane.images.drawing import png
from windowpane.images.rewriting import only_picture, rewritten
from windowpane.images.video import USUAL_RATE, TimedFrame
from windowpane.show.anonymize import blurred
from windowpane.show.draw import draw_detections

Picture = NDArray[np.uint8]
AROUND = 0.25
"""Of its sides is cut out with a box, at each side."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done with what is found.

    Attributes
    ----------
    outputs
        Writes the files.
    out
        The folder for pictures with boxes, or with what is found hidden; None = none.
    blur
        Hide it.
    crop
        The folder for what is cut out; None = none.
    track
        Follow it from frame to frame.
    """

    outputs: Outputs
    out: Path | None = None
    blur: bool = False
    crop: Path | None = None
    track: bool = False


@dataclass(slots=True)
class Pictures:
    """Answers pictures one by one; where they are tracked, as the frames of one film."""

    detector: Detector
    wanted: Wanted
    shots: Shots
    _look: Callable[[TimedFrame], Detections] = field(init=False)
    _count: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._look = self.detector.tracking()

    def answers(self, one: Input) -> Iterator[tuple[str, Record]]:
        """Yield a file's name and the record of each picture in it, and write what is wanted of these."""
        for shot in self.shots.of(one):
            self._count += 1
            try:
                yield shot.record(partial(self._answer, shot))
            except WindowpaneError as error:
                yield one.name, {**shot.where, "error": str(error)}

    def _answer(self, shot: Shot, picture: Picture) -> Record:
        wanted, number, one = self.wanted, self._count - 1, shot.one
        if wanted.blur and one.name != "-":
            only_picture(one.name, shot.told.get("notes", ()))
        if wanted.blur and "page" in shot.where:
            raise ImageError(f"{one.name} has several pages: save each as a file, to have it written again")
        if not wanted.track:
            found = self.detector.answer(picture)
            return {**found.to_dict(), **self._written(shot, picture, found)}
        found = self._look(TimedFrame(number, number / USUAL_RATE, picture))
        written = self._written(shot, picture, found)
        return {"frame": number, "time": None, **found.to_dict(), **written}

    def _written(self, shot: Shot, picture: Picture, found: Detections) -> Record:
        """Write what is wanted of a picture; return what its record says of that."""
        wanted, record, one = self.wanted, Record(), shot.one
        if wanted.out and wanted.blur:
            record["file"] = str(self._hidden(one, picture, found, wanted.out / one.place))
        elif wanted.out:
            path = wanted.out / f"{shot.stem}-detected.png"
            record["file"] = str(wanted.outputs.write(path, png(draw_detections(picture, found))))
        if wanted.crop:
            paths = [wanted.crop / f"{shot.stem}_{number}.png" for number in range(1, len(found) + 1)]
            parts = [png(cropped(picture, box)) for box in found.boxes]
            written = map(wanted.outputs.write, paths, parts)
            record["crops"] = [str(path) for path in written]
        return record

    def _hidden(self, one: Input, picture: Picture, found: Detections, path: Path) -> Path:
        """Write a picture with what was found hidden, or the file itself where there is nothing to hide."""
        outputs = self.wanted.outputs
        if one.name == "-":
            return outputs.write(path, png(blurred(picture, found.boxes)))
        if not len(found):
            return outputs.copy(one.name, path)

        def hide(pixels: NDArray[Any]) -> NDArray[Any]:
            return blurred(pixels, found.boxes)

        return outputs.write(path, rewritten(one.name, hide, max_pixels=self.shots.max_pixels))


def cropped(picture: Picture, box: NDArray[np.float64]) -> Picture:
    """Return the part of a picture in a box and around it, as far as the picture goes; at least a pixel."""
    around = AROUND * (box[2:] - box[:2])
    size = np.array(picture.shape[1::-1])
    x0, y0 = np.clip(np.floor(box[:2] - around), 0, size - 1).astype(int)
    x1, y1 = np.clip(np.ceil(box[2:] + around), [x0 + 1, y0 + 1], size).astype(int)
    return picture[y0:y1, x0:x1]
