"""How long the steps of a pipeline take (profiling): a stopwatch with a name for each.

timing = Stopwatch()
with timing("net"):
    maps = engine.run(image)
timing.ms["net"]
"""

from __future__ import annotations

from time import perf_counter
from types import TracebackType


class Stopwatch:
    """Measures steps, each by its name; a step that comes again is added up.

    Attributes
    ----------
    ms
        Milliseconds of each step, in the order in which they first ended.
    """

    def __init__(self) -> None:
        self.ms: dict[str, float] = {}

    def __call__(self, name: str) -> _Step:
        """Return a context that measures what is done in it; it may stand within another one."""
        return _Step(self.ms, name)


class _Step:
    __slots__ = ("_ms", "_name", "_start")

    def __init__(self, ms: dict[str, float], name: str) -> None:
        self._ms, self._name = ms, name

    def __enter__(self) -> None:
        self._start = perf_counter()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ms[self._name] = self._ms.get(self._name, 0.0) + 1000 * (perf_counter() - self._start)
