"""One run of a recipe (training run): its folder, seed, threads and processes, the same for every recipe."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

import cv2
import torch
from torch import Tensor, nn

from windowpane.data.root import data_root
from windowpane.errors import ConfigError
from windowpane.train.loop.config import settings_on_card
from windowpane.train.loop.distributed import ProcessGroup, process_group
from windowpane.train.loop.stage import Progress, Schedule, run_stage

Item = TypeVar("Item")


class RecipeConfig(Protocol):
    """What every recipe's configuration has, as `windowpane.train.loop.config` reads it."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str:
        """Of the net."""

    @property
    def data(self) -> str:
        """Root of the public sets; "" = where `windowpane.data.root.data_root` finds them."""

    @property
    def seed(self) -> int:
        """Of the training."""

    @property
    def threads(self) -> int:
        """Of the processor, for each process."""

    @property
    def sets(self) -> str:
        """What it learns from, for the card."""

    @property
    def terms(self) -> str:
        """Under which these data may be used, for the card."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a recipe, seen by one of its processes.

    Attributes
    ----------
    folder
        Where all is kept: checkpoints, the log, the net file.
    net_file
        That the run is for, ``<folder>/<name>.onnx``.
    resume
        Whether what is already done there is kept.
    progress
        Who is told how far it is.
    group
        The processes that train together.
    """

    folder: Path
    net_file: Path
    resume: bool
    progress: Progress | None
    group: ProcessGroup

    def stage(
        self,
        net: nn.Module,
        schedule: Schedule,
        batches: Callable[[int], Iterator[Item]],
        loss: Callable[[Item], Tensor],
        validation: Sequence[Item] = (),
    ) -> None:
        """Train a net through one stage: see `windowpane.train.loop.stage.run_stage`."""
        run_stage(
            net,
            schedule,
            batches,
            loss,
            folder=self.folder,
            resume=self.resume,
            progress=self.progress,
            group=self.group,
            validation=validation,
        )


@contextmanager
def begin_run(
    config: RecipeConfig, *, out: str | Path | None, resume: bool, progress: Progress | None
) -> Iterator[Run]:
    """Begin a run: make its folder, set seed and threads, join the other processes; at its end wait for them.

    Parameters
    ----------
    out
        The run folder; None = ``runs/<name>``.

    Raises
    ------
    ConfigError
        Where the folder holds an earlier run and it is not to be gone on with, and where it cannot be made.
    """
    folder = Path(out) if out else Path("runs") / config.name
    if folder.exists() and any(folder.glob("*.pt")) and not resume:
        raise ConfigError(
            f"{folder} holds an earlier run: add --resume to go on with it, or give another --out"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder} cannot be made ({error.strerror}): give another --out") from error
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(1)  # pictures as small as these take longer with two
    torch.manual_seed(config.seed)
    with process_group() as group:
        yield Run(folder, folder / f"{config.name}.onnx", resume, progress, group)
        group.barrier()


def data_of(config: RecipeConfig) -> Path:
    """Return the root of the public sets; raises DataError where there is none."""
    return Path(config.data) if config.data else data_root()


def card_of(config: RecipeConfig, what: str, parameters: int) -> dict[str, Any]:
    """Return the card of a net: what it does, how many parameters it has, and how it was made."""
    return {
        "what": what,
        "parameters": parameters,
        "data": config.sets,
        "terms": config.terms,
        "licence": "Apache-2.0 for the code; see terms for the weights",
        "recipe": settings_on_card(config),
        "seed": config.seed,
    }
