"""The log of a training (metrics): what every hundredth step gave, as lines of JSON and for TensorBoard.

``log.jsonl`` has an object a line: stage, step, loss, aside (the loss on the validation set, where there is
one), left_s (seconds to the stage's end). Where the package ``tensorboard`` is installed, the extra of that
name, the same numbers go to ``events/`` too: ``tensorboard --logdir runs``.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch.utils.tensorboard.writer import SummaryWriter


class Log:
    """The log of one stage, from a step on: what a broken run wrote of later steps is forgotten."""

    def __init__(self, folder: Path, stage: str, first: int) -> None:
        self.path, self.stage = folder / "log.jsonl", stage
        lines = self.path.read_text().splitlines() if self.path.exists() else []
        kept = [line for line in lines if not self._is_later(json.loads(line), first)]
        if len(kept) < len(lines):
            self.path.write_text("".join(line + "\n" for line in kept))
        self.events = _events(folder / "events" / stage, first)

    def _is_later(self, record: dict[str, object], first: int) -> bool:
        step = record["step"]
        return record["stage"] == self.stage and isinstance(step, int) and step > first

    def write(self, step: int, values: dict[str, float], left: float) -> None:
        """Write the values of a step, by their names.

        Parameters
        ----------
        left
            Seconds to the stage's end.
        """
        record: dict[str, object] = {"stage": self.stage, "step": step}
        record |= {name: round(value, 5) for name, value in values.items()}
        with self.path.open("a") as file:
            file.write(json.dumps(record | {"left_s": round(left)}) + "\n")
        if self.events:
            for name, value in values.items():
                self.events.add_scalar(name, value, step)

    def close(self) -> None:
        """End it: nothing more comes."""
        if self.events:
            self.events.close()


def _events(folder: Path, first: int) -> SummaryWriter | None:
    if find_spec("tensorboard") is None:
        return None
    from torch.utils.tensorboard.writer import SummaryWriter

    return SummaryWriter(str(folder), purge_step=first + 1)
