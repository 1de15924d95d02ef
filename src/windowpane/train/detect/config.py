"""The settings of a detector's training (configuration), as written in TOML."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path

from windowpane.data.check.folder import refuse_faults
from windowpane.errors import ConfigError
from windowpane.train.detect.dataset import Dataset, boxes, faces
from windowpane.train.detect.net import window_of
from windowpane.train.detect.objects import AROUND, CROP_SIZE, Colour
from windowpane.train.loop.config import FROM_ZERO, NOT_ON_CARD, read_config
from windowpane.train.loop.run import data_of

SECOND_CROP = 48
"""Pixels that an object measures in its crop for the second net."""
ROOM = 1.5
"""Side of an object's crop over that of a window, which may be turned and moved."""


@dataclass(frozen=True, slots=True)
class Config:
    """A detector's training, as written in TOML. Folders are relative to the configuration.

    With ``start``, ``first_steps = 0`` and ``rounds = 0`` the first net stays as it is.
    """

    name: str = "objects"  # of the net
    start: str = ""  # a net that ships or a file to go on from (fine-tuning); "" = none
    objects: str = field(default="faces", metadata=NOT_ON_CARD)  # or a folder in COCO, YOLO or VOC layout
    images: str = field(default="", metadata=NOT_ON_CARD)  # folder of its pictures, if they are not beside
    faces: tuple[str, ...] = ()  # for "faces": names of sets, see `windowpane.data.photographs`
    backgrounds: tuple[str, ...] = ()  # for "faces": names of sets without one, see `windowpane.data.faces`
    empty: tuple[str, ...] = field(default=(), metadata=NOT_ON_CARD)  # folders of pictures without any object
    data: str = field(default="", metadata=NOT_ON_CARD)  # root of the public sets; "" = see `data_root`
    colour: str = "grey"  # or "rgb"
    mirror: bool = True  # whether objects of one's own may be mirrored
    turn: float = 10.0  # random rotation of objects of one's own: degrees, at most

    size: float = 20.0  # of an object in the net's window, pixels
    maps: tuple[int, ...] = (16, 32, 32, 32, 48)  # channels of the net's layers
    strides: tuple[int, ...] = ()  # of the layers after the first, which has 2; () = 2, then 1
    rounds: int = field(default=6, metadata=FROM_ZERO)  # of hard-negative mining
    first_steps: int = field(default=4_000, metadata=FROM_ZERO)  # batches of round 0
    round_steps: int = field(default=3_000, metadata=FROM_ZERO)  # batches of each other round
    whole_steps: int = field(default=0, metadata=FROM_ZERO)  # batches of parts of whole pictures after these
    batch: int = 256  # windows
    rate: float = 4e-3  # highest learning rate, halved after round 0
    patience: int = field(default=0, metadata=FROM_ZERO)  # early stopping: hundreds of steps; 0 = never
    pictures: int = 1_500  # looked at in a round of mining
    per_picture: int = 40  # false positives kept of each
    seed: int = field(default=1, metadata=FROM_ZERO)  # of all that is random
    threads: int = 1  # of the processor

    second_size: float = 44.0  # of an object in the window of the second net (cascade stage), pixels
    second_maps: tuple[int, ...] = (16, 32, 64, 128, 160, 192)  # channels of its layers; () = no such net
    second_strides: tuple[int, ...] = ()  # likewise; () = 2, 2, then 1
    second_whole_steps: int = field(default=0, metadata=FROM_ZERO)  # batches of parts before its rounds
    second_rounds: int = field(default=3, metadata=FROM_ZERO)  # of mining, with both nets
    second_steps: int = field(default=3_000, metadata=FROM_ZERO)  # batches of each round

    false_alarms: float = 0.01  # false positives that a picture may have, on average, at the net's threshold
    sets: str = field(default="", metadata=NOT_ON_CARD)  # what it learns from, for the card
    terms: str = field(default="", metadata=NOT_ON_CARD)  # under which these may be used, for the card

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if config.colour not in ("grey", "rgb"):
            raise ConfigError(f'{path}: colour is "grey" or "rgb", not {config.colour!r}')
        if len(config.maps) < 2 or not _are_counts(config.maps):
            raise ConfigError(f"{path}: maps are two or more numbers of channels, not {list(config.maps)}")
        if len(config.second_maps) in (1, 2) or not _are_counts(config.second_maps):
            raise ConfigError(
                f"{path}: second_maps are three or more numbers of channels, or none at all, not"
                f" {list(config.second_maps)}"
            )
        for maps, strides in ((config.maps, config.strides), (config.second_maps, config.second_strides)):
            if strides and not (len(strides) == len(maps) - 1 and _are_counts(strides)):
                raise ConfigError(
                    f"{path}: strides are as many whole numbers as there are layers after the first,"
                    f" {len(maps) - 1}, or none, not {list(strides)}"
                )
        named = config.faces and config.backgrounds
        if config.objects == "faces" and not named and not (path.parent / config.objects).is_dir():
            raise ConfigError(
                f'{path}: objects = "faces" needs the names of sets to learn from: give faces, as in'
                ' faces = ["mik1i", "webfaces"], and backgrounds, as in backgrounds = ["hands"]; or a folder'
                f" {path.parent / config.objects} with pictures and boxes of your own"
            )
        return config

    @property
    def of_ones_own(self) -> bool:
        """Whether objects are a folder of one's own, whatever its name, and not the public sets of faces."""
        return not (self.objects == "faces" and self.faces and self.backgrounds)

    def refuse_faults(self, base: Path) -> None:
        """Raise DataError where `windowpane check` finds a fault in a folder of one's own."""
        if self.of_ones_own:
            refuse_faults(base / self.objects, "detect", pictures=self._pictures(base))

    def _pictures(self, base: Path) -> Path | None:
        return base / self.images if self.images else None

    def strides_of(self, *, second: bool) -> tuple[int, ...]:
        """Return the strides of the first net's layers after its first, or of the second net's."""
        given, maps = (self.second_strides, self.second_maps) if second else (self.strides, self.maps)
        reduced = (2, 2) if second else (2,)
        return given or reduced + (1,) * (len(maps) - 1 - len(reduced))

    def dataset(self, base: Path, *, validation: bool = False, second: bool = False) -> Dataset:
        """Return what to learn from, or the validation set.

        Parameters
        ----------
        base
            The folder that others are relative to.
        second
            Whether it is for the second net, which sees objects in more pixels.
        """
        size, crop_size = (self.second_size, SECOND_CROP) if second else (self.size, CROP_SIZE)
        around = max(AROUND, ROOM * window_of(self.strides_of(second=second)).height / size)
        if not self.of_ones_own:
            return faces(
                data_of(self),
                self.faces,
                self.backgrounds,
                validation=validation,
                crop_size=crop_size,
                around=around,
            )
        colour: Colour = "rgb" if self.colour == "rgb" else "grey"
        return boxes(
            base / self.objects,
            tuple(base / folder for folder in self.empty),
            pictures=self._pictures(base),
            colour=colour,
            mirror=self.mirror,
            turn=math.radians(self.turn),
            validation=validation,
            crop_size=crop_size,
            around=around,
        )


def _are_counts(maps: tuple[int, ...]) -> bool:
    return all(isinstance(count, int) and count > 0 for count in maps)
