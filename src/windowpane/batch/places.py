"""Places on disks and in object stores (file systems, fsspec): a path or a URL like ``s3://bucket/scans``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from windowpane.errors import DataError, MissingExtraError, WindowpaneError


def place(name: str) -> tuple[Any, str]:
    """Return the fsspec file system of a name, and its absolute path there."""
    from fsspec import filesystem
    from fsspec.core import url_to_fs

    if "://" in name:
        system, path = url_to_fs(name)
        return system, path
    system = filesystem("file")  # of a path "::" is a part, and no chain of stores
    return system, system._strip_protocol(meant(name))


def told(name: str) -> str:
    """Return a name as it is kept in tables: bytes of a file name that are no UTF-8 as ``\\udce9``."""
    return name.encode("utf-8", "backslashreplace").decode()


def meant(name: str) -> str:
    """Return the file name that a name in a table speaks of."""
    return re.sub(r"\\u(dc[89a-f][0-9a-f])", lambda found: chr(int(found[1], 16)), name)


def absolute(system: Any, path: str) -> str:
    """Return the name of a path that means the same everywhere: an absolute path on disk, else a URL."""
    return path if is_disk(system) else str(system.unstrip_protocol(path))


def is_disk(system: Any) -> bool:
    """Say whether a file system is that of this machine."""
    return "file" in (system.protocol if isinstance(system.protocol, tuple) else (system.protocol,))


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Turn whatever a store raises about a name into one sentence: every store has errors of its own.

    FileExistsError, which is an answer, goes through.
    """
    try:
        yield
    except (WindowpaneError, FileExistsError):
        raise
    except ImportError as error:
        raise MissingExtraError(f"{name}: {error}, with pip") from error
    except FileNotFoundError as error:
        raise DataError(f"{name} does not exist") from error
    except Exception as error:
        raise DataError(f"{name} cannot be used: {reason(error)}") from error


def reason(error: BaseException) -> str:
    """Return the first line of what an error says."""
    said = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return str(said).strip().splitlines()[0].rstrip(".")
