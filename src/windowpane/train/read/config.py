"""The settings of a reader's training (configuration), as written in TOML."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from windowpane.data.materials import READING
from windowpane.errors import ConfigError, did_you_mean
from windowpane.train.loop.config import FROM_ZERO, NOT_ON_CARD, read_config
from windowpane.train.loop.run import data_of
from windowpane.train.read.lettering import KINDS as LETTERED
from windowpane.train.read.lettering import LETTER_SETS
from windowpane.train.read.pool import SCRIPTS, Sources
from windowpane.train.read.real import KINDS as REAL

PUBLIC = ("writers", "usps", "orand", "orand_hand", "spliced", *SCRIPTS, *REAL)
PRINT = ("print", "families")
OF_KIND = {
    "writers": "mnist",
    "mixed": "mnist",
    "words": "mnist",
    "orand_hand": "orand",
    "spliced": "orand",
}  # the set that a kind of line is made from, where it is not of the kind's name
KINDS = (*PUBLIC, *PRINT, *LETTERED, "segments", "own", "nothing")


def _shares() -> dict[str, float]:
    return {
        "writers": 0.45,
        "usps": 0.09,
        "print": 0.25,
        "orand": 0.11,
        "orand_hand": 0.04,
        "nothing": 0.06,
    }


@dataclass(frozen=True, slots=True)
class Config:
    """A reader's training, as written in TOML. Folders of one's own are relative to the configuration.

    The kinds of lines that have a share: `windowpane.train.read.pool.Sources`.
    """

    name: str = "digits"  # of the net
    start: str = ""  # a net that ships or a file to go on from (fine-tuning); "" = none
    maps: tuple[
        int, ...
    ] = ()  # channels of the layers; () = the usual ones, or those of the net to start from
    data: str = field(default="", metadata=NOT_ON_CARD)  # root of the public sets; "" = see `data_root`
    fonts: str = field(default="/usr/share/fonts", metadata=NOT_ON_CARD)  # folder of typefaces
    letters: tuple[str, ...] = ()  # sets of letters to write words with: chars74k, choice, omniglot
    own: tuple[str, ...] = field(default=(), metadata=NOT_ON_CARD)  # folders of pictures and a labels.csv
    shares: dict[str, float] = field(default_factory=_shares)  # how often each kind of line is made
    polish_shares: dict[str, float] = field(default_factory=dict)  # the same in the last rounds

    lines: int = 360_448  # of the pool
    processes: int = 2  # that compose it
    seed: int = field(default=1, metadata=FROM_ZERO)  # of all that is random
    threads: int = 2  # of the processor
    batch: int = 64  # lines
    windows_steps: int = field(default=5_000, metadata=FROM_ZERO)  # batches of the first stage
    strings_steps: int = field(default=27_000, metadata=FROM_ZERO)  # batches of the second stage
    rate: float = 3e-3  # highest learning rate; half of it for strings
    patience: int = field(default=0, metadata=FROM_ZERO)  # early stopping: hundreds of steps; 0 = never

    polish_rounds: int = field(default=0, metadata=FROM_ZERO)  # last rounds of strings, each on a new pool
    polish_lines: int = 98_304  # of each of these pools
    polish_steps: int = field(default=6_000, metadata=FROM_ZERO)  # batches of each of these rounds
    polish_photos: float = 0.3  # how often their composed lines are photographed badly
    polish_closest: float = -0.22  # least distance of digits in them; below 0 = overlap, a share of the width
    polish_stretch: float = 1.4  # random stretch: how much wider every second of them becomes, at most

    blend: float = 1.0  # of what was learned; the rest is the net to start from (weight interpolation)
    marks_steps: int = 0  # batches in which separators and letters learn alone, at the end
    tuning_lines: int = 3_000  # of the validation set, which calibrates the net too
    second_look: float = 0.9  # lines that the net is less sure of than this are looked at again
    sets: str = ""  # what it learns from, for the card
    terms: str = ""  # under which these may be used, for the card

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for a missing file, bad TOML, unknown or wrong values."""
        config = read_config(cls, path)
        if not 0 < config.blend <= 1:
            raise ConfigError(f"{path}: blend is a share above 0 and up to 1, not {config.blend}")
        for name in config.letters:
            if name not in LETTER_SETS:
                raise ConfigError(
                    f"{path}: unknown set of letters {name!r}; known are {', '.join(LETTER_SETS)}"
                )
        for shares in (config.shares, config.polish_shares):
            for kind, share in shares.items():
                if kind not in KINDS:
                    meant = did_you_mean(kind, KINDS)
                    raise ConfigError(
                        f"{path}: unknown kind of line {kind!r}{meant}; known are {', '.join(KINDS)}"
                    )
                if not isinstance(share, int | float) or share < 0:
                    raise ConfigError(
                        f"{path}: the share of {kind} must be a number from 0 on, not {share!r}"
                    )
        return config

    def sets_of_lines(self) -> list[str]:
        """Return the sets that its lines are made from, for the bill of materials; typefaces are none."""
        kinds = [kind for of in (self.shares, self.polish_shares) for kind, share in of.items() if share > 0]
        named = [OF_KIND.get(kind, kind) for kind in kinds]
        letters = self.letters if set(LETTERED) & set(kinds) else ()
        return [name for name in dict.fromkeys([*named, *letters]) if name in READING]

    def sources(self, base: Path, shares: dict[str, float]) -> Sources:
        """Return what lines are made from.

        Parameters
        ----------
        base
            The folder that folders of one's own are relative to.
        """
        kinds = {kind for kind, share in shares.items() if share > 0}
        if not kinds - {"nothing"}:
            raise ConfigError("no kind of line has a share above 0: set at least one under [shares]")
        if "own" in kinds and not self.own:
            raise ConfigError("the share 'own' is above 0 but no folder is given: set own = [\"FOLDER\"]")
        data = data_of(self) if kinds & {*PUBLIC, *LETTERED} else None
        fonts = Path(self.fonts) if kinds & {*PRINT, *LETTERED} else None
        own = tuple(base / folder for folder in self.own)
        return Sources(data, fonts, own, tuple(shares.items()), letters=self.letters)
