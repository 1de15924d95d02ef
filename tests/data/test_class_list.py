"""Lists of classes as people and tools write them."""

import pytest

from windowpane.data.class_list import UNKNOWN, read_class_list
from windowpane.errors import DataError


@pytest.fixture
def read(tmp_path):
    def read(text, encoding="utf-8", **options):
        (tmp_path / "classes.txt").write_bytes(text.encode(encoding))
        return read_class_list(tmp_path / "classes.txt", **options)

    return read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_names_in_any_encoding_with_comments_and_blanks(read, encoding):
    classes = read("# my classes\r\nstraße\r\n\r\n  high grass \r\n", encoding)
    assert classes.names == ("straße", "high grass")
    assert [line.line for line in classes.lines] == [2, 4]
    assert classes.colours == {}


@pytest.mark.parametrize(
    "text",
    [
        "grass 0 102 0\nroad 64 64 64\n",
        "0 102 0 grass\n64 64 64\troad\n",
        "name,r,g,b\ngrass,0,102,0\nroad, 64, 64, 64\n",
        "# label:color_rgb:parts:actions\ngrass:0,102,0::\nroad:64,64,64::\n",
        "grass #006600\n#404040 road\n",
        "grass (0, 102, 0)\nroad [64 64 64]\n",
        "0: grass 0 102 0\n1: road 64 64 64\n",
        "0 grass 0 102 0\n1 road 64 64 64\n",
    ],
)
def test_colours_in_the_usual_forms(read, text):
    classes = read(text)
    assert classes.names == ("grass", "road")
    assert classes.colours == {(0, 102, 0): 0, (64, 64, 64): 1}


def test_numbered_names_are_those_without_their_numbers(read):
    assert read("0: cat\n1: dog\n").names == ("cat", "dog")
    assert read("0 cat\n1 dog\n").names == ("cat", "dog")
    assert read("1 way\n2 way\n").names == ("1 way", "2 way")  # these are names
    assert read("0\n1\n2\n").names == ("0", "1", "2")


def test_names_of_labelme_and_cvat_without_colours(read):
    assert read("__ignore__\n_background_\ncat\n").names == ("_background_", "cat")
    assert read("# label:color_rgb:parts:actions\ncat:::\n").names == ("cat",)


def test_what_is_called_unknown_is_no_class_of_pixels(read):
    lines = "void 0 0 0\ngrass 0 102 0\n"
    assert read(lines).names == ("grass",)
    assert read(lines).class_ids == (UNKNOWN, 0)
    assert read("grass\nunknown\nroad\nunknown\n", of_pixels=True).class_ids == (0, UNKNOWN, 1, UNKNOWN)
    assert read("grass\nunknown\n").names == ("grass", "unknown")  # of boxes


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("cat\ndog\ncat\n", r"classes\.txt:3: 'cat' is the name of line 1 too"),
        ("cat 1 2 3\ndog 1 2 3\n", r"classes\.txt:2: 'dog' has the colour of line 1"),
        ("cat 1 2 300\n", r"classes\.txt:1: .* has a colour above 255"),
        ("1: cat\n2: dog\n", r"classes\.txt:1: .* has the number 1 where 0 is next"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(read, text, message):
    with pytest.raises(DataError, match=message):
        read(text)
