"""The answers of ``windowpane parse``, and the files that it writes of them: labels, overlays and films."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from windowpane.cli.common.output import Record
from windowpane.cli.common.places import Input, Outputs
from windowpane.cli.common.shots import Drawn, Shot, Shots
from windowpane.core.system import Picture
from windowpane.errors import WindowpaneError
from windowpane.images.drawing import png
from windowpane.parse.parser import Parser
from windowpane.show.draw import draw_labels


@dataclass(frozen=True, slots=True)
class Parsed:
    """Answers inputs, each picture of them with files in a folder."""

    parser: Parser
    shots: Shots
    outputs: Outputs
    out: Path

    def answers(self, one: Input) -> Iterator[tuple[str, Record]]:
        """Yield an input's name and a record for each of its pictures; of a film, one with the film too."""
        try:
            yield from self._film(one) if one.is_film else map(self._picture, self.shots.of(one))
        except WindowpaneError as error:  # of a file that cannot be written
            yield one.name, {"error": str(error)}

    def _picture(self, shot: Shot) -> tuple[str, Record]:
        def answer(picture: Picture) -> Record:
            scene = self.parser.parse(picture)
            labels = self.outputs.write(self.out / f"{shot.stem}-labels.png", png(scene.class_ids))
            overlay = self.outputs.write(
                self.out / f"{shot.stem}-parsed.png", png(draw_labels(picture, scene))
            )
            return {**scene.to_dict(), "file": str(labels), "overlay": str(overlay)}

        try:
            return shot.record(answer)
        except WindowpaneError as error:
            return shot.one.name, {**shot.where, "error": str(error)}

    def _film(self, one: Input) -> Iterator[tuple[str, Record]]:
        """Yield a record a frame, with its labels in a folder, and one for the film of overlays."""
        film = Drawn(one, self.outputs.ready(self.out / f"{one.stem}-parsed.mp4"))
        frames = 0

        def answer(picture: Picture) -> Record:
            scene = self.parser.parse(picture)
            labels = self.out / f"{one.stem}-labels" / f"{frames:06d}.png"
            film.add(draw_labels(picture, scene))
            return {**scene.to_dict(), "file": str(self.outputs.write(labels, png(scene.class_ids)))}

        with closing(film):
            for shot in self.shots.of(one):
                name, record = shot.record(answer)
                if "error" not in record:
                    frames += 1
                yield name, record
        if frames:
            yield one.name, {"frames": frames, "file": str(film.path)}
