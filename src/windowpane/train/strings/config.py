"""The settings of a finder's training (configuration), as written in TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from windowpane.errors import ConfigError
from windowpane.train.loop.config import FROM_ZERO, NOT_ON_CARD, read_config

SHARES: dict[str, float] = {"composed": 0.62, "real": 0.2, "nothing": 0.18}
"""Of the parts of a batch: from composed pages, from real ones, from pictures without text."""


@dataclass(frozen=True, slots=True)
class Config:
    """A finder's training, as written in TOML.

    With ``start``, ``first_steps = 0`` and ``rounds = 0`` the net stays as it is, and is calibrated again.
    """

    name: str = "strings"  # of the net
    start: str = ""  # a net that ships or a file to go on from (fine-tuning); "" = none
    data: str = field(default="", metadata=NOT_ON_CARD)  # root of the public sets; "" = see `data_root`
    fonts: str = field(default="/usr/share/fonts", metadata=NOT_ON_CARD)  # folder of typefaces
    backgrounds: tuple[str, ...] = ()  # sets of pictures without text, see `windowpane.data.faces`
    pages: tuple[str, ...] = ()  # sets of pages with all their text, see `windowpane.data.pages`
    letters: tuple[str, ...] = ()  # sets of handwritten letters, see `windowpane.data.glyphs`
    shares: dict[str, float] = field(default_factory=lambda: dict(SHARES))  # of what parts are taken

    size: float = 16.0  # height of a digit in the net's window, pixels
    maps: tuple[int, ...] = (16, 32, 48, 64, 64, 64, 96)  # channels of the net's layers
    rounds: int = field(default=3, metadata=FROM_ZERO)  # of hard-negative mining
    first_steps: int = field(default=12_000, metadata=FROM_ZERO)  # batches of round 0
    round_steps: int = field(default=6_000, metadata=FROM_ZERO)  # batches of each other round
    batch: int = 16  # parts of pages
    rate: float = 4e-3  # highest learning rate, halved after round 0
    pictures: int = 600  # looked at in a round of mining
    per_picture: int = 30  # false positives kept of each
    seed: int = field(default=1, metadata=FROM_ZERO)  # of all that is random
    threads: int = 2  # of the processor

    reader: str = field(default="digits", metadata=NOT_ON_CARD)  # the net that reads what this one finds
    tuning_pages: int = 60  # of the validation set, which calibrates the net
    tuning_prose: int = 0  # pages of words without a number, in typefaces, that calibrate the net too
    tuning_sets: tuple[
        str, ...
    ] = ()  # pages with most of their text, that calibrate the net beside the others
    false_numbers: float = 0.1  # accepted ones that ten megapixels without a digit may have
    sets: str = field(default="", metadata=NOT_ON_CARD)  # what it learns from, for the card
    terms: str = field(default="", metadata=NOT_ON_CARD)  # under which these may be used, for the card

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if len(config.maps) < 3 or not all(isinstance(count, int) and count > 0 for count in config.maps):
            raise ConfigError(f"{path}: maps are three or more numbers of channels, not {list(config.maps)}")
        for kind, share in config.shares.items():
            if kind not in SHARES:
                raise ConfigError(f"{path}: unknown kind of part {kind!r}; known are {', '.join(SHARES)}")
            if not isinstance(share, int | float) or share < 0:
                raise ConfigError(f"{path}: the share of {kind} must be a number from 0 on, not {share!r}")
        return config
