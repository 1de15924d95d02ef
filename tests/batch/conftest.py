"""What the tests of batches share: pictures of a number, and a table of all answers in a folder."""

from __future__ import annotations

from importlib import resources

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("fsspec")


@pytest.fixture(scope="session")
def number() -> bytes:
    """The bytes of a picture of 94720."""
    return (resources.files("windowpane") / "demo" / "ruled.png").read_bytes()


@pytest.fixture
def scans(tmp_path, number):
    """A folder of five pictures of 94720, a broken one and an empty one."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in range(5):
        (folder / f"{name}.png").write_bytes(number)
    (folder / "broken.png").write_bytes(number[:200])
    (folder / "empty.jpg").write_bytes(b"")
    return folder


@pytest.fixture
def answers():
    """Return all rows of a folder of answers, as one list of dicts in the order of the pictures."""

    def rows(folder):
        import pyarrow.parquet as pq

        table = pq.ParquetDataset(str(folder)).read()
        return sorted(table.to_pylist(), key=lambda row: (row["image"], row["row"] or 0))

    return rows
