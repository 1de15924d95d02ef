"""Runs a batch (job): lists the pictures, hands parts to workers, and knows when all are answered.

    done = run("read", ["scans/"], "answers/", workers=2)
    done.pictures, done.failed

Killed at any time, by anything, it goes on where it stopped when it is run again: `windowpane.batch.answers`
says why.
With one worker all happens in this process; more, here or on the machines of a cluster, are Ray Data's work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from importlib.util import find_spec
from typing import Any

from windowpane.batch.answers import AnswerFolder, BatchSettings, Part
from windowpane.batch.columns import schema_of
from windowpane.batch.inputs import left_out, listed
from windowpane.batch.worker import Worker
from windowpane.core.netfile import load_net
from windowpane.core.runtimes import cores
from windowpane.core.system import System, name_of
from windowpane.errors import ArgumentError, MissingExtraError, install
from windowpane.images import MAX_PIXELS
from windowpane.systems import TASKS, task_of

SMALL = 1000
"""Fewer pictures than these are one worker's, unless more are asked for: the others take long to start."""

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, slots=True)
class Done:
    """What a batch has come to.

    Attributes
    ----------
    pictures
        Those with an answer.
    failed
        How many of these answers are an error.
    before
        How many of the answers were there before.
    left_out
        How many files in the folders given are no pictures, by their suffix.
    """

    pictures: int
    failed: int
    before: int
    left_out: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {name: value for name, value in asdict(self).items() if name != "left_out" or value}


def run(
    system: str | System,
    inputs: Sequence[str],
    folder: str,
    *,
    workers: int | None = None,
    address: str | None = None,
    column: str | None = None,
    max_pixels: int = MAX_PIXELS,
    progress: Progress | None = None,
    **options: Any,
) -> Done:
    """Answer all pictures behind inputs that have no answer in a folder yet.

    Parameters
    ----------
    system
        ``"read"``, ``"detect"`` or ``"parse"``; or a `System` of one's own, which answers in this process and
        is not closed.
    inputs
        As `windowpane.batch.inputs.listed` takes them.
    folder
        Where the answers are to be: a path or URL.
    workers
        How many processes answer; None means one for each processor core, of the cluster if there is one,
        and one for few pictures.
    address
        Of a Ray cluster: ``HOST:PORT``, or ``auto`` on one of its machines. Else this machine works alone.
    column
        Of Parquet inputs, the one with the pictures; needed only if there are several with bytes.
    max_pixels
        A picture of more is refused.
    progress
        Called with what is done, how far, of how much, and a remark.
    options
        Of a system named, as the command line has them: ``net``, ``page``, ``length``, ``min_size``, ...

    Raises
    ------
    ArgumentError
        For a system or an option that cannot be, and another WindowpaneError for what cannot begin or go on;
        what is answered by then stays answered.
    """
    if workers is not None and workers < 1:
        raise ArgumentError(f"workers={workers} given: give 1 or more, or None for one for each core")
    _check_extra("pyarrow", "fsspec")
    work = _Work(AnswerFolder(folder), inputs, workers, address, progress)
    if isinstance(system, str):
        task = task_of(system)
        net = load_net(options.pop("net", task.net))
        given = task.checked(options)
        given |= {"format": _valid(given["format"])} if "format" in given else {}
        asked = BatchSettings(system, net.source, sha256(net.data).hexdigest(), given, column, max_pixels)
        with closing(task.system(net, **given)) as made:
            return work.done(asked, net.data, made)
    name = name_of(system)
    if options or address is not None or workers not in (None, 1) or name in TASKS:
        raise ArgumentError(
            f"the system {name!r} was given as an object: it has a name and options of its own and answers in"
            " this process, so leave out options, workers and address"
        )
    return work.done(BatchSettings(name, column=column, max_pixels=max_pixels), None, system)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done, besides the question itself: see `run`."""

    folder: AnswerFolder
    inputs: Sequence[str]
    workers: int | None
    address: str | None
    progress: Progress | None

    def done(self, asked: BatchSettings, net: bytes | None, system: System) -> Done:
        """Do what is left of it."""
        schema_of(system)  # complains before any work, as do inputs with nothing behind them
        if not self.folder.is_begun:
            for given in self.inputs:
                next(listed([given], asked.column), None)
        self.folder.begin(asked, net)
        self._list(asked.column)
        parts, there = self.folder.parts(), self.folder.done()
        before = [part for part in parts if part.name in there]
        todo = [part for part in parts if part.name not in there]
        total, failed = sum(part.pictures for part in parts), self.folder.failed(before)
        answered = was = sum(part.pictures for part in before)
        for pictures, faulty in self._answered(todo, system):
            answered, failed = answered + pictures, failed + faulty
            if self.progress:
                self.progress(asked.system, answered, total, f"{failed} failed" if failed else "")
        self.folder.finish()
        return Done(answered, failed, was, left_out(self.inputs))

    def _list(self, column: str | None) -> None:
        """List the pictures that are new; once more where someone else has done so meanwhile."""
        while True:
            lists = self.folder.lists()
            new = list(listed(self.inputs, column, self.folder.pictures()))
            with suppress(FileExistsError):
                if new:
                    self.folder.add(new, lists)
                return

    def _answered(self, parts: list[Part], system: System) -> Iterator[tuple[int, int]]:
        """Yield, for each part that has been answered, how many pictures it has, and failures."""
        if not parts:
            return iter(())
        workers = self.workers
        if self.address is None:
            small = sum(part.pictures for part in parts) < SMALL
            workers = min(workers or (1 if small else cores()), len(parts))
            if workers == 1 or self.folder.settings().is_given:
                return map(Worker(self.folder.name, system).answer, parts)
        _check_extra("ray")
        from windowpane.batch.cluster import answered

        return answered(self.folder.name, parts, workers, self.address)


def _valid(format: str) -> str | list[str]:
    """Return a format as a batch keeps it: its name, or all strings that a file says are valid."""
    if format in ("zip", "number"):
        return format
    from windowpane.read.lexicon import Lexicon

    Lexicon.from_file(format)  # complains, with the number of the line
    with open(format, encoding="utf-8-sig") as file:
        lines = (line.strip() for line in file)
        return sorted({line for line in lines if line and not line.startswith("#")})


def _check_extra(*packages: str) -> None:
    if missing := [name for name in packages if find_spec(name) is None]:
        raise MissingExtraError(
            f"a batch needs {', '.join(missing)}, not installed here: run {install('batch')}"
        )
