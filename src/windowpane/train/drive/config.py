"""The settings of a training for the robot (configuration), as written in TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from windowpane.errors import ConfigError
from windowpane.train.drive.net import WINDOW
from windowpane.train.loop.config import FROM_ZERO, NOT_ON_CARD, read_config


@dataclass(frozen=True, slots=True)
class Config:
    """A training for the robot, as written in TOML.

    With ``patches`` only these, ``net`` and ``name`` count, and what the card tells.
    """

    name: str = "ground"  # of the net
    scenes: tuple[str, ...] = ("ycor", "camvid", "stanford-background")  # the sets that teach the backbone
    data: str = field(default="", metadata=NOT_ON_CARD)  # root of the public sets; "" = see `data_root`
    maps: tuple[int, ...] = (24, 64, 100)  # channels of the backbone's three layers
    height: int = 60  # of a strip, pixels
    width: int = 160  # of a strip, pixels
    grey: float = 0.35  # random greyscale: the share of strips without colour
    steps: int = 4_000  # batches
    batch: int = 16  # strips
    rate: float = 6e-3  # highest learning rate
    patience: int = field(default=0, metadata=FROM_ZERO)  # early stopping: hundreds of steps; 0 = never
    seed: int = field(default=1, metadata=FROM_ZERO)  # of all that is random
    threads: int = 1  # of the processor
    patches: str = field(default="", metadata=NOT_ON_CARD)  # "" or a CSV, relative to the configuration
    net: str = field(default="ground", metadata=NOT_ON_CARD)  # whose backbone is kept for patches
    sets: str = field(default="", metadata=NOT_ON_CARD)  # what it learns from, for the card
    terms: str = field(default="", metadata=NOT_ON_CARD)  # under which these may be used, for the card

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if len(config.maps) != 3 or not all(isinstance(count, int) and count > 0 for count in config.maps):
            raise ConfigError(f"{path}: maps are three numbers of channels, not {list(config.maps)}")
        if config.height < WINDOW.height or config.width < WINDOW.width:
            raise ConfigError(
                f"{path}: a strip is as large as the net's window at least, height = {WINDOW.height} and"
                f" width = {WINDOW.width}, not {config.height} and {config.width}"
            )
        return config
