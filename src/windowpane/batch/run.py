"""Runs a batch: lists the pictures, hands parts to workers, and knows when all are answered.

    done = run("read", ["scans/"], "answers/", workers=2)
    done.pictures, done.failed

Killed at any time, by anything, it goes on where it stopped when it is run again: `windowpane.batch.answers`
says why.
With one worker all happens in this process; more, here or on the machines of a cluster, are Ray Data's work.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.util import find_spec
from typing import Any

from windowpane.batch.answers import Folder, Part, Settings
from windowpane.batch.inputs import listed
from windowpane.batch.systems import SystemName, system_of
from windowpane.batch.worker import Worker
from windowpane.core.netfile import load as load_net
from windowpane.errors import MissingExtraError

SMALL = 1000
"""Fewer pictures than these are one worker's, unless more are asked for: the others take long to start."""

Progress = Callable[[str, int, int, str], None]
DEFAULTS: dict[SystemName, dict[str, Any]] = {
    "read": {"net": "digits", "page": False, "format": "number"},
    "detect": {"net": "faces"},
    "parse": {"net": "scenes"},
}


@dataclass(frozen=True, slots=True)
class Done:
    """What a batch has come to: pictures with an answer, those of them whose answer is an error, and how
    many of the answers were there before.
    """

    pictures: int
    failed: int
    before: int

    def to_dict(self) -> dict[str, int]:
        """Return plain Python values, ready for JSON."""
        return asdict(self)


def run(
    system: SystemName,
    inputs: Sequence[str],
    folder: str,
    *,
    workers: int | None = None,
    address: str | None = None,
    column: str | None = None,
    progress: Progress | None = None,
    **options: Any,
) -> Done:
    """Answer all pictures behind inputs that have no answer in a folder yet.

    Parameters
    ----------
    system:
        ``"read"``, ``"detect"`` or ``"parse"``.
    inputs:
        As `windowpane.batch.inputs.listed` takes them.
    folder:
        Where the answers are to be: a path or URL.
    workers:
        How many processes answer; None means one for each processor core, of the cluster if there is one,
        and one for few pictures.
    address:
        Of a Ray cluster: ``HOST:PORT``, or ``auto`` on one of its machines. Else this machine works alone.
    column:
        Of Parquet inputs, the one with the pictures; needed only if there are several with bytes.
    progress:
        Called with what is done, how far, of how much, and a remark.
    options:
        Of the system, as the command line has them: ``net``, ``page``, ``length``, ``min_size``, ...

    Raises WindowpaneError for what cannot begin or go on; what is answered by then stays answered.
    """
    _check_extra("pyarrow", "fsspec")
    done = Folder(folder)
    net = load_net((given := {**DEFAULTS[system], **options}).pop("net"))
    if "format" in given:
        given["format"] = _valid(given["format"])
    system_of(system, net, given)  # complains before any work
    done.begin(Settings(system, net.source, sha256(net.data).hexdigest(), given, column), net.data)
    if new := list(listed(inputs, column, done.pictures())):
        done.add(new)
    parts, there = done.parts(), done.done()
    before = [part for part in parts if part.name in there]
    todo = [part for part in parts if part.name not in there]
    total, failed = sum(part.pictures for part in parts), done.failed(before)
    answered = was = sum(part.pictures for part in before)
    for pictures, faulty in _answered(folder, todo, workers, address):
        answered, failed = answered + pictures, failed + faulty
        if progress:
            progress(system, answered, total, f"{failed} failed" if failed else "")
    done.finish()
    return Done(answered, failed, was)


def _answered(
    folder: str, parts: list[Part], workers: int | None, address: str | None
) -> Iterator[tuple[int, int]]:
    """Yield, for each part that has been answered, how many pictures it has, and failures."""
    if not parts:
        return iter(())
    if address is None:
        small = sum(part.pictures for part in parts) < SMALL
        workers = min(workers or (1 if small else cores()), len(parts))
        if workers == 1:
            return map(Worker(folder).answer, parts)
    _check_extra("ray")
    from windowpane.batch.cluster import answered

    return answered(folder, parts, workers, address)


def cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


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
            f"a batch needs {', '.join(missing)}, not installed here: run pip install 'windowpane[batch]'"
        )
