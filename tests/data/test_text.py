"""Text in whatever encoding it was saved."""

import pytest

from windowpane.data.text import read_text
from windowpane.errors import DataError


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"]
)
def test_western_text_is_read_in_every_encoding(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes("straße\r\ngrün\r\n".encode(encoding))
    assert read_text(tmp_path / "a.txt").split() == ["straße", "grün"]


def test_what_is_no_text_is_refused(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe\x00\x81\x00")
    with pytest.raises(DataError, match=r"a\.txt cannot be read as UTF-8 text"):
        read_text(tmp_path / "a.txt")
    with pytest.raises(DataError, match=r"none\.txt cannot be read"):
        read_text(tmp_path / "none.txt")
