"""A recipe's configuration: a TOML file becomes a frozen record, or one sentence says what is wrong.

A recipe's settings are the fields of a dataclass, each with its default; what else is to be known of one
stands in the field's metadata: `FROM_ZERO`, `NOT_ON_CARD`.
"""

from __future__ import annotations

import tomllib
from dataclasses import Field, asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from windowpane.errors import ConfigError, did_you_mean

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)

FROM_ZERO = {"least": 0}
"""Of a whole number that may be 0; all others are at least 1."""

NOT_ON_CARD = {"on_card": False}
"""Of a setting that a net's card does not repeat: a path, or what has a place of its own there."""


def read_config(kind: type[Record], path: Path) -> Record:
    """Read a configuration; every setting has the type of the record's default.

    Raises
    ------
    ConfigError
        For a missing file, bad TOML, and settings that are unknown, of another type or too small.
    """
    known = {field.name: field for field in fields(kind)}
    default, given = kind(), {}
    for key, value in _table(path).items():
        if key not in known:
            raise ConfigError(
                f"{path}: unknown setting {key!r}{did_you_mean(key, known)}; known are {', '.join(known)}"
            )
        given[key] = _checked(known[key], type(getattr(default, key)), value, f"{path}: {key}")
    return kind(**given)


def settings_on_card(config: DataclassInstance) -> dict[str, Any]:
    """Return the settings that a net's card tells: the recipe."""
    told = [field.name for field in fields(config) if field.metadata.get("on_card", True)]
    return {name: value for name, value in asdict(config).items() if name in told}


def _table(path: Path) -> dict[str, Any]:
    """Read a TOML file; raises ConfigError where there is none that can be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"there is no configuration {path}: give the path of a TOML file") from None
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}): a configuration is a TOML file"
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None


def _checked(field: Field[Any], wanted: type[Any], value: Any, what: str) -> Any:
    """Return a value as the type that a setting has; raises ConfigError where it is another or too small."""
    if wanted is tuple and isinstance(value, list):
        return tuple(value)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
        raise ConfigError(f"{what} must be a {wanted.__name__}, not {value!r}")
    least = field.metadata.get("least", 1)
    if wanted is int and value < least:
        raise ConfigError(f"{what} must be at least {least}, not {value}")
    return value
