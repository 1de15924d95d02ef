"""The systems that are served (model registry): made when they are first asked for, then kept (LRU cache)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

from windowpane.core.netfile import NetFile, builtin, load_net
from windowpane.core.system import System, name_of
from windowpane.errors import ArgumentError, WindowpaneError, choices
from windowpane.systems import TASKS, BuiltIn, Task

KEPT = 16
"""Systems with different nets and options that are kept ready, of each task."""

TAKEN = (*TASKS, "nets", "teach")
"""What no system of one's own can be called, for its address is taken."""

S = TypeVar("S", bound=BuiltIn)


class Systems:
    """The nets that ship and any further ones, the systems that use them, and any of one's own.

    Parameters
    ----------
    nets
        Files of further nets; a name is all that a request can say of one.
    own
        Systems of one's own, as they are.

    Raises
    ------
    NetFileError
        For a file that cannot be used.
    ArgumentError
        For a name that cannot be.
    """

    def __init__(self, nets: Iterable[str | Path] = (), own: Iterable[System] = ()) -> None:
        self.nets: dict[str, NetFile] = {}
        for source in (*builtin(), *nets):
            file = load_net(source)
            if file.manifest.task in TASKS:
                self.nets[file.manifest.name] = file
        self.own: dict[str, System] = {}
        for system in own:
            name = name_of(system)
            if name in (*TAKEN, *self.own) or not re.fullmatch(r"[a-z][a-z0-9_-]*", name):
                raise ArgumentError(
                    f"a system is called {name!r}: give it a `name` of small letters and digits that is not"
                    f" {', '.join((*TAKEN, *self.own))}"
                )
            self.own[name] = system
        self._made: WeakSet[BuiltIn] = WeakSet()
        self._kept: dict[str, Callable[..., Any]] = {
            task.name: lru_cache(KEPT)(partial(self._make, task)) for task in TASKS.values()
        }

    def names(self, task: str) -> list[str]:
        """Return the names of the nets for a task, its default first."""
        found = [name for name, file in self.nets.items() if file.manifest.task == task]
        return sorted(found, key=lambda name: (name != TASKS[task].net, name))

    def checked(self, task: Task[Any], net: str | None) -> str:
        """Return the name of a net for a task; raises WindowpaneError where there is none."""
        name, names = net or task.net, self.names(task.name)
        if name not in names:
            raise WindowpaneError(f"no net {name!r} is served for {task.name}{choices(name, names)}")
        return name

    def get(self, task: Task[S], net: str | None = None, **options: Any) -> S:
        """Return the system with a net and options; raises WindowpaneError where there is no such net."""
        system: S = self._kept[task.name](self.checked(task, net), **task.checked(options))
        return system

    def warm(self) -> None:
        """Make what the defaults need, so that the first answer is as quick as all others."""
        for task in TASKS.values():
            self.get(task)

    def close(self) -> None:
        """End the threads of all systems that were made here."""
        for system in list(self._made):
            system.close()

    def _make(self, task: Task[Any], net: str, **options: Any) -> BuiltIn:
        system: BuiltIn = task.system(self.nets[net], **options)
        self._made.add(system)
        return system
