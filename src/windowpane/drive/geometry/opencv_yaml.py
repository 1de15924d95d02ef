"""YAML as calibrations are written in it: PyYAML's safe loader, and what OpenCV writes otherwise.

    documents("%YAML:1.0\\n---\\nM1: !!opencv-matrix\\n   data: [ 1., 0. ]", "stereo.yml")

OpenCV's FileStorage begins with a line that is no YAML, ``%YAML:1.0``, and tags its matrices; other tools put
tabs, and numbers like ``1e-05``, which YAML 1.1 takes for words.

Needs the extra ``[drive]``. Source: the YAML specification, 1.2, section 10.3.2 (numbers).
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

from windowpane.errors import MissingExtraError, install

_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$")


def documents(text: str, path: str | Path) -> list[Any]:
    """Return the values of all documents of a YAML text, whatever tags they have.

    Parameters
    ----------
    text
        Of the file.
    path
        Of the file, for the error.

    Raises
    ------
    MissingExtraError
        Without PyYAML.
    ValueError
        For what is no YAML; it names the line.
    """
    try:
        import yaml
    except ImportError:
        raise MissingExtraError(f"{path} is YAML: reading it needs {install('drive')}") from None
    plain = re.sub(r"^%.*$", "", text.expandtabs(2), flags=re.MULTILINE)  # the lines stay as many
    try:
        return list(yaml.load_all(plain, _loader()))
    except yaml.MarkedYAMLError as error:
        place = error.problem_mark or error.context_mark
        line = f"line {place.line + 1}: " if place else ""
        raise ValueError(f"{line}{error.problem or error.context}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(str(error).splitlines()[0]) from None


@cache
def _loader() -> Any:
    """Return PyYAML's safe loader, which makes nothing but plain values, for the dialects of calibrations."""
    import yaml

    class Loader(yaml.SafeLoader):  # type: ignore[misc]
        pass

    def untagged(loader: Any, suffix: str, node: Any) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        return loader.construct_scalar(node)

    Loader.add_multi_constructor("", untagged)
    Loader.add_implicit_resolver("tag:yaml.org,2002:float", _NUMBER, list("-+.0123456789"))
    return Loader
