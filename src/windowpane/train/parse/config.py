"""The settings of a parser's training (configuration), as written in TOML."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

from windowpane.data.check.folder import refuse_faults
from windowpane.data.scenes import FOLDS, SceneSet, camvid, own, stanford_background, ycor
from windowpane.data.scenes.own import is_own
from windowpane.errors import ConfigError
from windowpane.train.loop.augment import Augmentation
from windowpane.train.loop.config import FROM_ZERO, NOT_ON_CARD, read_config
from windowpane.train.loop.run import data_of

PUBLIC = ("stanford-background", "camvid", "ycor")


@dataclass(frozen=True, slots=True)
class Config:
    """A parser's training, as written in TOML."""

    name: str = "scenes"  # of the net
    scenes: str = "stanford-background"  # or "camvid", "ycor", or a folder, relative to the configuration
    images: str = field(default="", metadata=NOT_ON_CARD)  # folder of its pictures, if they are not beside
    fold: int = field(default=0, metadata=FROM_ZERO)  # of stanford-background, to measure with; 0 = none
    everything: bool = False  # learn from the validation part of camvid too
    data: str = field(default="", metadata=NOT_ON_CARD)  # root of the public sets; "" = see `data_root`

    maps: tuple[int, ...] = (16, 32, 96, 96, 96)  # channels of the backbone's layers; () = that of the paper
    halvings: int = 3  # downsampling stages: how many layers, the first, have stride 2
    light: bool = True  # whether these, but for the first, are depthwise separable convolutions
    separable: bool = True  # whether those of the residual blocks are
    wider: int = field(default=2, metadata=FROM_ZERO)  # width multiplier of further levels; 0 = one backbone
    shared: bool = True  # whether further levels share a backbone, or have one each
    finer: int = 2  # sub-pixel factor: the parts, in each direction, into which a cell is classified
    pyramid: str = "gaussian"  # or "laplacian"
    levels: int = 4  # of the pyramid
    hidden: int = field(default=128, metadata=FROM_ZERO)  # maps between features and classes; 0 = none

    balance: float = 0.3  # class weights: 0 = rare classes count by their pixels, 1 = all classes alike
    height: int = 240  # of a view, pixels
    width: int = 320  # of a view, pixels
    zoom: float = 1.7  # random scale: the largest factor
    turn: float = 5.0  # random rotation: degrees, at most
    colour: float = 0.25  # colour jitter: 0 = none
    mix: float = 0.5  # CutMix: share of the views with a piece of another one in it
    drop: float = 0.3  # dropout before the classifier
    blind: float = 0.1  # level dropout: share of the levels that the classifier goes without
    auxiliary: float = 0.3  # deep supervision: weight in the loss of what each level says alone

    steps: int = 3_000  # batches
    batch: int = 8  # views
    rate: float = 4e-3  # highest learning rate
    decay: float = 0.05  # weight decay, of kernels
    ensemble: int = 1  # nets, from seed, seed + 1, ...; the mean of their scores decides
    patience: int = field(default=0, metadata=FROM_ZERO)  # early stopping: hundreds of steps; 0 = never
    seed: int = field(default=1, metadata=FROM_ZERO)  # of all that is random
    threads: int = 2  # of the processor
    sets: str = field(default="", metadata=NOT_ON_CARD)  # what it learns from, for the card
    terms: str = field(default="", metadata=NOT_ON_CARD)  # under which these may be used, for the card

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if config.pyramid not in ("laplacian", "gaussian"):
            raise ConfigError(f'{path}: pyramid is "laplacian" or "gaussian", not {config.pyramid!r}')
        if len(config.maps) == 1 or not all(isinstance(count, int) and count > 0 for count in config.maps):
            raise ConfigError(
                f"{path}: maps are two or more numbers of channels, or none for the backbone of the paper,"
                f" not {list(config.maps)}"
            )
        if config.maps and not 1 <= config.halvings <= len(config.maps):
            raise ConfigError(
                f"{path}: halvings are 1 to {len(config.maps)} with so many maps, not {config.halvings}"
            )
        for name in ("mix", "drop", "blind"):
            if not 0 <= getattr(config, name) < 1:
                raise ConfigError(f"{path}: {name} is a share, 0 up to 1, not {getattr(config, name)}")
        if config.fold > FOLDS:
            raise ConfigError(f"{path}: fold is 1 to {FOLDS}, or 0 to learn from all, not {config.fold}")
        return config

    @property
    def augmentation(self) -> Augmentation:
        """How scenes are seen in training."""
        return Augmentation(self.height, self.width, self.zoom, self.turn, self.colour, self.mix)

    def of_ones_own(self, base: Path) -> bool:
        """Whether scenes are a folder of one's own, whatever its name, and not a public set."""
        return self.scenes not in PUBLIC or (not self.data and is_own(base / self.scenes))

    def refuse_faults(self, base: Path) -> None:
        """Raise DataError where `windowpane check` finds a fault in a folder of one's own."""
        if self.of_ones_own(base):
            refuse_faults(base / self.scenes, "parse", pictures=self._pictures(base))

    def _pictures(self, base: Path) -> Path | None:
        return base / self.images if self.images else None

    def dataset(self, base: Path) -> SceneSet:
        """Return the scenes to learn from.

        Parameters
        ----------
        base
            The folder that a folder of one's own is relative to.
        """
        if self.of_ones_own(base):
            return own(base / self.scenes, pictures=self._pictures(base))
        root = data_of(self)
        if self.scenes == "stanford-background":
            return stanford_background(root, [fold for fold in range(1, FOLDS + 1) if fold != self.fold])
        if self.scenes == "camvid":
            learned = camvid(root, "train")
            return replace(learned, scenes=learned.scenes + camvid(root, "val").scenes * self.everything)
        return ycor(root, to_test=False)
