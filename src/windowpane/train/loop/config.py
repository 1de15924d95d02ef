"""A recipe's configuration: a TOML file becomes a frozen record, or one sentence says what is wrong."""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from windowpane.errors import ConfigError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)

FROM_ZERO = ("_steps", "seed", "rounds", "fold", "hidden", "wider", "patience")
"""Ends of the names of numbers that may be 0; all others are at least 1."""


def read_config(kind: type[Record], path: Path) -> Record:
    """Read a configuration; every setting has the type of the record's default.

    Raises ConfigError for a missing file, bad TOML, and settings that are unknown, of another type or too
    small.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration {path}: give the path of a TOML file") from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}): a configuration is a TOML file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    known = [field.name for field in fields(kind)]
    default = kind()
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{path}: unknown setting {key!r}; known are {', '.join(known)}")
        table[key] = _as(type(getattr(default, key)), value, f"{path}: {key}")
        if isinstance(table[key], int) and not isinstance(value, bool):
            least = 0 if key.endswith(FROM_ZERO) else 1
            if value < least:
                raise ConfigError(f"{path}: {key} must be at least {least}, not {value}")
    return kind(**table)


def _as(wanted: type[Any], value: Any, what: str) -> Any:
    if wanted is tuple and isinstance(value, list):
        return tuple(value)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ConfigError(f"{what} must be a {wanted.__name__}, not {value!r}")
    return value


def run_folder(out: str | Path | None, name: str, *, resume: bool) -> Path:
    """Return the folder of a run, by default ``runs/<name>``; raises ConfigError for one with an old run."""
    folder = Path(out) if out else Path("runs") / name
    if folder.exists() and any(folder.glob("*.pt")) and not resume:
        raise ConfigError(
            f"{folder} holds an earlier run: add --resume to go on with it, or give another --out"
        )
    folder.mkdir(parents=True, exist_ok=True)
    return folder
