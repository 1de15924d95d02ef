"""Windowpane: train a small ConvNet on windows, slide it over whole pictures; read, detect, parse, drive.

The public names are listed once, in ``__init__.pyi``. Each is loaded from its home when it is first used
(lazy loading), so that ``import windowpane`` is quick and pulls in neither NumPy nor OpenCV nor a runtime.
ONNX Runtime is told not to report to its maker.
"""

from __future__ import annotations

import os
import pkgutil
import re
from importlib import import_module
from typing import Any

# From 1.29 on it sends what it runs, and keeps an identifier of the machine in the user's folder, unless this
# is set before it is loaded, wherever that is.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"

_STUB = (pkgutil.get_data(__name__, "__init__.pyi") or b"").decode()
_HOMES = {
    public: (home, name)
    for home, name, public in re.findall(r"^from (\S+) import (\w+) as (\w+)$", _STUB, re.M)
}
__all__ = [*sorted(_HOMES), "__version__"]


def __getattr__(name: str) -> Any:
    """Load a public name from its home, once."""
    if name not in _HOMES:
        raise AttributeError(f"module 'windowpane' has no attribute {name!r}")
    home, attribute = _HOMES[name]
    value = getattr(import_module(home), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the names that are still to be loaded too."""
    return sorted({*globals(), *_HOMES})
