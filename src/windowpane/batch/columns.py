"""The columns of a batch's table (schema): what a system says its answers hold, as Arrow types.

A column's type is the name of an Arrow type, ``[...]`` for a list, ``{...}`` for a struct::

    {"text": "string", "digits": [{"text": "string", "confidence": "float64"}]}

A system that does not say has one column, ``answer``, with the JSON of each answer. An answer that is a
picture itself has a column ``png`` if it is named.
"""

from __future__ import annotations

import json
from typing import Any

from windowpane.core.system import Answer, System
from windowpane.errors import ArgumentError

Record = dict[str, Any]

JSON = {"answer": "string"}


def schema_of(system: System) -> Any:
    """Return the Arrow schema of a batch: the picture, the system's columns, and notes and an error or null.

    Raises
    ------
    ArgumentError
        For columns that cannot be.
    """
    import pyarrow as pa

    columns = _columns(system)
    if taken := {"image", "row", "notes", "error"} & columns.keys():
        raise ArgumentError(f"a column {taken.pop()!r} is in every batch: call that of the system otherwise")
    fields = {name: _arrow(shape) for name, shape in columns.items()}
    last = {"notes": pa.string(), "error": pa.string()}
    return pa.schema({"image": pa.string(), "row": pa.int64(), **fields, **last})


def record_of(system: System, answer: Answer) -> Record:
    """Return what an answer puts into the columns."""
    columns, record = _columns(system), answer.to_dict()
    if columns is JSON:
        return {"answer": json.dumps(record, ensure_ascii=False)}
    if "png" in columns and hasattr(answer, "to_png"):
        record["png"] = answer.to_png()
    return record


def _columns(system: System) -> dict[str, Any]:
    columns: dict[str, Any] = getattr(system, "columns", JSON)
    return columns


def _arrow(shape: Any) -> Any:
    """Return the Arrow type of a column."""
    import pyarrow as pa

    if isinstance(shape, dict):
        return pa.struct({name: _arrow(inner) for name, inner in shape.items()})
    if isinstance(shape, list) and len(shape) == 1:
        return pa.list_(_arrow(shape[0]))
    try:
        return pa.type_for_alias(shape)
    except (AttributeError, ValueError) as error:  # no text, or no type
        raise ArgumentError(
            f"the type {shape!r} of a column is none: give the name of an Arrow type such as 'string', a list"
            " of one type, or a dict of several"
        ) from error
