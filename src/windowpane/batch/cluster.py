"""Many workers (distributed processing), on this machine or on a Ray cluster, by Ray Data.

Ray Data hands out the parts, keeps the workers busy, and starts another when one dies, whose part is then
answered again. That no answer is lost or doubled by this is the folder's doing, not Ray's.
"""

from __future__ import annotations

import logging
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from typing import Any

from windowpane.batch.answers import Part
from windowpane.batch.places import reason
from windowpane.batch.worker import Worker
from windowpane.errors import WindowpaneError

STORE = 100 << 20
"""Bytes of shared memory for Ray's objects: here they are only the names of parts, and counts."""


def answered(
    folder: str, parts: list[Part], workers: int | None, address: str | None
) -> Iterator[tuple[int, int]]:
    """Yield, for each part that has been answered, how many pictures it has, and failures.

    Parameters
    ----------
    workers, address
        As `windowpane.batch.run.run` takes them.

    Raises
    ------
    WindowpaneError
        Where workers cannot go on.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # a worker that dies is told of in plainer words
    import ray.data

    # Ray prints to standard output that a worker has died, and that is for answers alone.
    with redirect_stdout(sys.stderr), _connected(workers, address) as processors:
        results = ray.data.from_items([asdict(part) for part in parts], override_num_blocks=len(parts)).map(
            _RayWorker,
            fn_constructor_args=(folder,),
            compute=ray.data.ActorPoolStrategy(size=min(workers or processors, len(parts))),
            num_cpus=1,
        )
        with _explained():
            for block in results.iter_batches(batch_size=None, batch_format="numpy"):
                yield from zip(block["pictures"].tolist(), block["failed"].tolist(), strict=True)


class _RayWorker:
    """A worker as Ray Data calls it; it has one processor core."""

    def __init__(self, folder: str) -> None:
        import cv2

        cv2.setNumThreads(1)
        self.worker = Worker(folder)

    def __call__(self, part: dict[str, Any]) -> dict[str, int]:
        pictures, failed = self.worker.answer(Part(**part))
        return {"pictures": pictures, "failed": failed}


@contextmanager
def _connected(workers: int | None, address: str | None) -> Iterator[int]:
    """Connect to a cluster, or start one here and end it again; yield how many processor cores it has."""
    import ray.data

    quiet: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
    try:
        if address is None:
            ray.init("local", num_cpus=workers, object_store_memory=STORE, include_dashboard=False, **quiet)
        else:
            _check_address(address)
            ray.init(address, **quiet)
    except (OSError, ValueError, RuntimeError, ray.exceptions.RayError) as error:
        if address is None:
            raise WindowpaneError(f"Ray cannot be started here: {reason(error)}") from error
        raise WindowpaneError(
            f"no Ray cluster can be used at {address} ({reason(error)}): is it running there, and does it ask"
            " for a token (RAY_AUTH_MODE=token)?"
        ) from error
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    ray.data.DataContext.get_current().enable_progress_bars = False
    try:
        yield int(ray.cluster_resources().get("CPU", 1))
    finally:
        ray.shutdown()


def _check_address(address: str) -> None:
    """Raise OSError if nothing answers at an address: Ray itself would wait for minutes."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), timeout=10).close()


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what comes back from a worker into the one sentence that it is about."""
    from ray.exceptions import RayError

    try:
        yield
    except RayError as error:
        cause: BaseException | None = error
        while cause and not isinstance(cause, WindowpaneError):
            cause = getattr(cause, "cause", None) or cause.__cause__
        said = cause or str(error).strip().splitlines()[-1]
        raise WindowpaneError(f"A worker cannot go on: {said}") from error
