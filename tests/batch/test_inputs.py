"""Which pictures a batch has, and their bytes: from folders, patterns, lists, Parquet and stores."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from windowpane.batch.inputs import Row, left_out, listed, opened
from windowpane.errors import DataError, ImageError, MissingExtraError


def table(path, pictures, row_group_size=2, **more):
    columns = {"id": pa.array(range(len(pictures))), "scan": pa.array(pictures, pa.binary()), **more}
    pq.write_table(pa.table(columns), path, row_group_size=row_group_size)
    return str(path)


def names(rows):
    return [row.image.rsplit("/", 1)[-1] for row in rows]


# -- Which pictures ----------------------------------------------------------------------------------------


def test_a_folder_gives_its_pictures_by_their_absolute_names(scans, monkeypatch):
    (scans / "notes.md").write_text("none")
    (scans / ".hidden.png").write_bytes(b"")
    (scans / "deeper").mkdir()
    monkeypatch.chdir(scans.parent)
    rows = list(listed(["scans"]))
    assert rows[0] == Row(str(scans / "0.png"))
    assert names(rows) == ["0.png", "1.png", "2.png", "3.png", "4.png", "broken.png", "empty.jpg"]


def test_patterns_reach_into_folders_and_each_picture_comes_once(scans):
    (scans / "deeper").mkdir()
    (scans / "deeper" / "9.png").write_bytes(b"")
    rows = list(listed([f"{scans}/[0-2].png", f"{scans}/**/*.png", str(scans)]))
    assert names(rows) == ["0.png", "1.png", "2.png", "3.png", "4.png", "broken.png", "9.png", "empty.jpg"]


def test_a_list_gives_a_picture_a_line_even_one_that_is_missing(scans, monkeypatch):
    monkeypatch.chdir(scans)
    (scans / "some.txt").write_text(f"1.png\n\n{scans}/missing.png\nmemory://store/2.png\n1.png\n")
    rows = list(listed(["some.txt"]))
    assert rows == [Row(f"{scans}/1.png"), Row(f"{scans}/missing.png"), Row("memory://store/2.png")]


def test_every_row_of_a_parquet_file_is_a_picture(tmp_path):
    path = table(tmp_path / "scans.parquet", [b"a", b"b", b"c"])
    assert list(listed([str(tmp_path)])) == [Row(path, 0), Row(path, 1), Row(path, 2)]


def test_the_partitions_of_a_table_are_parts_of_its_folder(tmp_path):
    hive = tmp_path / "hive"
    for part in ("day=1/kind=a", "day=2/kind=b", "other", "day=2/_temporary"):
        (hive / part).mkdir(parents=True)
        table(hive / part / "x.parquet", [b"a"])
    rows = list(listed([str(hive)]))
    assert [row.image.removeprefix(f"{hive}/") for row in rows] == [
        "day=1/kind=a/x.parquet",
        "day=2/kind=b/x.parquet",
    ]
    assert left_out([str(hive)]) == {"folder": 1}


def test_a_folder_of_folders_says_how_to_get_at_what_is_in_them(tmp_path):
    (tmp_path / "a").mkdir()
    table(tmp_path / "a" / "x.parquet", [b"a"])
    with pytest.raises(DataError, match=r"give '.*/\*\*/\*\.parquet'"):
        list(listed([str(tmp_path)]))
    assert names(listed([f"{tmp_path}/**/*.parquet"])) == ["x.parquet"]


def test_a_store_is_listed_like_a_disk(number):
    import fsspec

    store = fsspec.filesystem("memory")
    store.pipe({"/bucket/b.png": number, "/bucket/a.png": number, "/bucket/c.md": b""})
    for given in ("memory://bucket", "memory://bucket/*.png"):
        assert list(listed([given])) == [Row("memory:///bucket/a.png"), Row("memory:///bucket/b.png")]


def test_files_that_are_known_are_left_out(scans):
    known = {f"{scans}/{name}.png" for name in range(4)}
    assert names(listed([str(scans)], known=known)) == ["4.png", "broken.png", "empty.jpg"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("nowhere", "nowhere matches no file"),
        ("scans/*.tif", "matches no file"),
        ("nothing", "without pictures.*nothing/\\*\\*/\\*.png"),
        ("nothing/none.txt", "does not exist"),
        ("empty.txt", "empty list"),
        ("mystery://bucket", "Protocol not known"),
        ("text.parquet", "needs one column with the bytes.*words \\(string\\)"),
        ("broken.parquet", "broken.parquet cannot be used"),
    ],
)
def test_an_input_with_nothing_behind_it_is_named(scans, monkeypatch, given, says):
    monkeypatch.chdir(scans.parent)
    (scans.parent / "nothing").mkdir()
    (scans.parent / "empty.txt").write_text("\n")
    (scans.parent / "broken.parquet").write_bytes(b"PAR1")
    pq.write_table(pa.table({"words": ["a"]}), "text.parquet")
    with pytest.raises(DataError, match=says):
        list(listed([given]))


def test_a_store_whose_package_is_missing_is_named():
    import fsspec

    fsspec.register_implementation("nothing", "no_such_package.Store", True, "Install nostore to use nothing")
    with pytest.raises(MissingExtraError, match="nothing://bucket: Install nostore"):
        list(listed(["nothing://bucket"]))


# -- Their bytes -------------------------------------------------------------------------------------------


def test_files_come_in_order_and_a_missing_one_is_an_error_in_its_place(scans):
    for number in range(50):
        (scans / f"{number}.png").write_bytes(b"%d" % number)
    rows = [Row(f"{scans}/{number}.png") for number in range(50)]
    rows[7:7] = [Row(f"{scans}/gone.png"), Row(str(scans))]
    files = list(opened(rows))
    assert [str(error) for error in files[7:9]] == [
        f"{scans}/gone.png does not exist.",
        f"{scans} cannot be read: Is a directory.",
    ]
    del files[7:9]
    assert [file.read() for file in files] == [b"%d" % number for number in range(50)]
    assert files[3].name == f"{scans}/3.png"


def test_a_table_that_is_gone_is_an_error_for_each_of_its_rows(tmp_path):
    rows = [Row(f"{tmp_path}/gone.parquet", number) for number in range(3)]
    errors = list(opened(rows))
    assert all(isinstance(error, ImageError) for error in errors)
    assert "gone.parquet, row 2, cannot be read: No such file" in str(errors[2])


def test_a_pattern_works_inside_a_folder_with_brackets(scans):
    odd = scans.rename(scans.parent / "scans [2023] ü")
    assert names(listed([f"{odd}/[0-1].png"])) == ["0.png", "1.png"]


def test_what_is_no_picture_is_counted(scans):
    for name in ("a.txt", "b.TXT", "c", ".hidden.txt", "_log.txt"):
        (scans / name).touch()
    (scans / "sub").mkdir()
    assert left_out([str(scans), f"{scans}/0.png"]) == {".txt": 2, "folder": 1, "no suffix": 1}
