"""Pictures in Parquet files: in which column they are, and their bytes from whatever row group."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from windowpane.batch.inputs import Row, listed, opened
from windowpane.batch.tables import height, pictures
from windowpane.errors import DataError


def table(path, pictures, row_group_size=2, **more):
    columns = {"id": pa.array(range(len(pictures))), "scan": pa.array(pictures, pa.binary()), **more}
    pq.write_table(pa.table(columns), path, row_group_size=row_group_size)
    return str(path)


def test_some_rows_are_read_by_their_numbers(tmp_path):
    path = table(tmp_path / "scans.parquet", [b"%d" % number for number in range(9)])
    assert height(path, None) == 9
    assert list(pictures(path, [1, 2, 7], None)) == [b"1", b"2", b"7"]


def test_which_column_has_the_pictures_is_asked_for_where_there_are_two(tmp_path):
    path = table(tmp_path / "two.parquet", [b"a"], thumbnail=pa.array([b"b"], pa.binary()))
    with pytest.raises(DataError, match=r"bytes in scan, thumbnail: say with --column"):
        list(listed([path]))
    with pytest.raises(DataError, match="needs a column 'id' with the bytes"):
        list(listed([path], "id"))
    assert list(listed([path], "thumbnail")) == [Row(path, 0)]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_rows_come_from_whatever_row_group_they_are_in(tmp_path, size):
    pictures = [b"%d" % number for number in range(40)]
    path = table(tmp_path / "some.parquet", pictures, row_group_size=size)
    files = list(opened([Row(path, number) for number in range(17, 31)]))
    assert [file.read() for file in files] == pictures[17:31]
    assert files[0].name == f"{path}, row 17,"


def test_the_bytes_of_a_struct_are_found_and_null_is_an_error(tmp_path):
    pictures = pa.array([{"bytes": b"a", "path": "a.png"}, None, {"bytes": None, "path": "c.png"}])
    pq.write_table(pa.table({"image": pictures, "label": [1, 2, 3]}), path := str(tmp_path / "set.parquet"))
    first, *others = opened(list(listed([path])))
    assert first.read() == b"a"
    assert [str(error) for error in others] == [
        f"{path}, row {row}, is null: it has no bytes." for row in (1, 2)
    ]


@pytest.mark.parametrize(
    "kind",
    [
        pa.large_binary(),
        pa.binary_view(),
        pa.binary(1),
        pa.dictionary(pa.int32(), pa.binary()),
        pa.dictionary(pa.int8(), pa.large_binary()),
    ],
    ids=str,
)
def test_bytes_are_bytes_however_they_are_kept(tmp_path, kind):
    column = pa.array([b"a", None, b"b", b"a"], pa.binary()).cast(kind)
    pq.write_table(pa.table({"scan": column}), path := str(tmp_path / "scans.parquet"), row_group_size=3)
    assert list(pictures(path, [0, 1, 2, 3], None)) == [b"a", None, b"b", b"a"]


def test_the_bytes_of_a_struct_may_be_a_dictionary(tmp_path):
    inner = pa.array([b"a", b"a"], pa.binary()).dictionary_encode()
    column = pa.StructArray.from_arrays([inner], ["bytes"])
    pq.write_table(pa.table({"image": column}), path := str(tmp_path / "set.parquet"))
    assert list(pictures(path, [0, 1], None)) == [b"a", b"a"]
