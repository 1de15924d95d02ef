"""The exceptions of Windowpane, and the warning for names that have changed (deprecation).

    WindowpaneError               anything that is the input's fault; one clear sentence
    ├── ArgumentError             an argument that cannot be; a ValueError too
    ├── ImageError                a picture that cannot be used
    ├── NetFileError              a net file that cannot be used
    ├── DataError                 a data set, label file or lexicon that cannot be used
    ├── ConfigError               a training configuration that cannot be used
    └── MissingExtraError         a feature whose optional packages are not installed

Every message says what was given, what is expected and what to do.

A name that gives way to a better one is still taken for one version, with a DeprecationWarning.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any, TypeVar

T = TypeVar("T")


class WindowpaneError(Exception):
    """Base of every error that a caller can cause and mend."""


class ArgumentError(WindowpaneError, ValueError):
    """An argument that cannot be: raised at once, before anything is done with it."""


class ImageError(WindowpaneError):
    """A picture that is missing, broken, empty or larger than allowed."""


class NetFileError(WindowpaneError):
    """A net file that is missing, no ONNX, of an unknown version or inconsistent."""


class DataError(WindowpaneError):
    """A data set, label file or lexicon with a fault; names the file and, where there is one, the line."""


class ConfigError(WindowpaneError):
    """A training configuration with an unknown, missing or impossible value."""


class MissingExtraError(WindowpaneError):
    """A feature whose optional packages are not installed; names the extra to install."""


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """Return " (did you mean ...?)", if something known is spelt much like what was given; else ""."""
    close = get_close_matches(given.lower(), list(known), n=1, cutoff=0.7)
    return f" (did you mean {close[0]!r}?)" if close else ""


def choices(given: str, known: Iterable[str]) -> str:
    """Return the end of a sentence on a name that is not known: the nearest one, and which there are."""
    known = list(known)
    return f"{did_you_mean(given, known)}: choose from {', '.join(known)}"


def install(*extras: str) -> str:
    """Return the command that installs extras, by the way that Windowpane itself came here (PEP 610).

    It is on no index as long as it was installed from a folder, in which the command is to be run then.
    """
    import json
    from importlib.metadata import PackageNotFoundError, distribution

    names = ",".join(extras)
    try:
        came = json.loads(distribution("windowpane").read_text("direct_url.json") or "{}")
    except PackageNotFoundError:  # run from its source
        came = {"dir_info": {}}
    if "dir_info" in came:
        return f"pip install '.[{names}]'"
    kind = came.get("vcs_info", {}).get("vcs")
    place = f" @ {kind}+{came['url']}" if kind else f" @ {came['url']}" if "url" in came else ""
    return f"pip install 'windowpane[{names}]{place}'"


def renamed(old: str, new: str) -> property:
    """Return a property that hands on what now has another name, and warns."""

    def get(self: Any) -> Any:
        _warn(f"{type(self).__name__}.{old}", new, 3)
        return getattr(self, new)

    return property(get, doc=f"The old name of ``{new}``.")


def taken(old: str, given: T | None, new: str, value: T, *, within: int = 1) -> T:
    """Return an argument's value, which may have been given under its old name: then warn.

    Parameters
    ----------
    old, given
        The old name, and what was given under it; None = nothing.
    new, value
        The name of today.
    within
        How many functions of ours lie between the caller, whose line the warning names, and this one.
    """
    if given is None:
        return value
    _warn(f"the argument {old}", new, 3 + within)
    return given


def _warn(old: str, new: str, level: int) -> None:
    warnings.warn(
        f"{old} is now called {new}; the old name goes with the next version", DeprecationWarning, level
    )
