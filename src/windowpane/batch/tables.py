"""Pictures in Parquet files (tables): a column of bytes, or of structs ``{"bytes": ..., "path": ...}``.

Bytes are any of Arrow's types of them: binary, large, a view, of a fixed size, and a dictionary of these.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import accumulate, pairwise
from typing import Any

from windowpane.batch.places import explained, place
from windowpane.errors import DataError

AT_ONCE = 16
"""Rows decoded together: pictures may be large."""


def height(name: str, column: str | None) -> int:
    """Return how many rows a file has, by its footer; raises DataError for one without pictures."""
    with explained(name), _opened(name) as table:
        _picture_column(name, table.schema_arrow, column)
        return int(table.metadata.num_rows)


def pictures(name: str, numbers: Sequence[int], column: str | None) -> Iterator[bytes | None]:
    """Yield the bytes of rows, given by their numbers from 0 in rising order, a few at a time."""
    with _opened(name) as table:
        path = _picture_column(name, table.schema_arrow, column)
        sizes = (table.metadata.row_group(group).num_rows for group in range(table.num_row_groups))
        bounds = list(pairwise(accumulate(sizes, initial=0)))
        groups = [g for g, (first, end) in enumerate(bounds) if first <= numbers[-1] and numbers[0] < end]
        number, wanted = bounds[groups[0]][0], set(numbers)
        for batch in table.iter_batches(AT_ONCE, row_groups=groups, columns=[path]):
            for place_in_batch in range(batch.num_rows):
                if number in wanted:
                    value = batch.column(0)[place_in_batch].as_py()
                    yield value.get("bytes") if isinstance(value, dict) else value
                number += 1
            if number > numbers[-1]:
                return


@contextmanager
def _opened(name: str) -> Iterator[Any]:
    import pyarrow.parquet as pq

    system, path = place(name)
    with system.open(path, "rb") as file, pq.ParquetFile(file, buffer_size=1 << 20) as table:
        yield table


def _picture_column(name: str, schema: Any, column: str | None) -> str:
    """Return the path of the column with the pictures; raises DataError if that is not clear."""
    found = {field.name: path for field in schema if (path := _bytes_of(field))}
    if column is not None and column in found:
        return found[column]
    if column is None and len(found) == 1:
        return next(iter(found.values()))
    if column is not None or not found:
        there = ", ".join(f"{field.name} ({field.type})" for field in schema)
        asked = "one column with" if column is None else f"a column {column!r} with"
        raise DataError(f"{name} needs {asked} the bytes of pictures (binary); it has {there}")
    raise DataError(f"{name} has bytes in {', '.join(found)}: say with --column in which the pictures are")


def _bytes_of(field: Any) -> str | None:
    import pyarrow as pa

    kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
    of_bytes = (
        *(pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view),
        pa.types.is_fixed_size_binary,
    )
    if any(is_it(kind) for is_it in of_bytes):
        return str(field.name)
    if pa.types.is_struct(field.type) and any(
        _bytes_of(inner) and inner.name == "bytes" for inner in field.type
    ):
        return f"{field.name}.bytes"
    return None
