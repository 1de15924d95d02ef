"""Times of pictures: any unit and column, dates, names; what is no time is refused with its line."""

from pathlib import Path

import pytest

from windowpane.drive.logs.times import beside, of_file, of_names
from windowpane.errors import DataError

START = 1403636579763555584
PICTURES = [Path(f"{number:06d}.png") for number in range(4)]


@pytest.fixture
def written(tmp_path):
    def write(text, name="times.txt"):
        (tmp_path / name).write_text(text)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("lines", "seconds", "note"),
    [
        (["0", "0.1", "0.2", "0.3"], [0, 0.1, 0.2, 0.3], ""),
        (["0.0e+00", "1.0e-01", "2.0e-01", "3.0e-01"], [0, 0.1, 0.2, 0.3], ""),
        (["0", "33", "66", "100"], [0, 0.033, 0.066, 0.1], "in milliseconds"),
        (["0", "33333", "66666", "99999"], [0, 0.033333, 0.066666, 0.099999], "in microseconds"),
        (["0", "50000000", "100000000", "150000000"], [0, 0.05, 0.1, 0.15], "in nanoseconds"),
        (["0 0.5", "1 0.6", "2 0.7", "3 0.8"], [0.5, 0.6, 0.7, 0.8], "column 2 of 2"),
        (["a.png, 1.5", "b.png, 1.6", "c.png, 1.7", "d.png, 1.8"], [1.5, 1.6, 1.7, 1.8], "column 2 of 2"),
        (
            ["# t", "time;gain", "", "5.0;9", "5.1;7", "5.2;8", "5.3;9"],
            [5, 5.1, 5.2, 5.3],
            "column 1 of 2",
        ),
    ],
)
def test_times_of_lines(written, lines, seconds, note):
    found, said = of_file(written("\n".join(lines) + "\n"), PICTURES)
    assert found == pytest.approx(seconds)
    assert said == (f"times are of times.txt: {note}" if note else "")


def test_nanoseconds_since_1970_keep_their_digits(written):
    text = "#timestamp [ns],filename\n" + "".join(f"{START + k * 50_000_000},{k:06d}.png\n" for k in range(4))
    found, said = of_file(written(text, "data.csv"), PICTURES[1:])
    assert found == pytest.approx([1403636579.813556, 1403636579.863556, 1403636579.913556], abs=1e-6)
    assert said == "times are of data.csv: column 1 of 2, in nanoseconds"


def test_dates(written):
    text = "".join(f"2011-09-26 13:02:{25 + 0.1 * k:.9f}\n" for k in range(4))
    found, _ = of_file(written(text, "timestamps.txt"), PICTURES)
    assert [one - found[0] for one in found] == pytest.approx([0, 0.1, 0.2, 0.3], abs=1e-6)


def test_more_times_than_pictures_go_by_number(written):
    file = written("".join(f"{0.1 * k:.1f}\n" for k in range(10)))
    found, said = of_file(file, PICTURES[2:])
    assert found == pytest.approx([0.2, 0.3])
    assert "10 times for 2 frames, taken by the numbers of the pictures" in said
    found, said = of_file(file, [Path("a.png"), Path("b.png")])
    assert found == pytest.approx([0, 0.1])
    assert said.endswith("the first are used")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0\nnan\n0.2\n0.3\n", r"times\.txt, line 2: nan is no time"),
        ("# x\n0\n0.1\ninf\n0.3\n", "line 4: inf is no time"),
        ("0 1\n0.1\n", "line 2: 1 columns where those before have 2"),
        ("0\n0.1\n", "2 times for 4 frames"),
        ("", "has no times"),
        ("0\n" + "9" * 400 + "\n", "line 2: inf is no time"),
        ("2011-13-26 13:02:25.96\n", "line 1: '2011-13-26 13:02:25.96' is no date"),
        ("0.1 a\nb 0.2\n", "'0.1 a' has no time"),
    ],
)
def test_what_are_no_times_is_refused(written, text, reason):
    with pytest.raises(DataError, match=reason):
        of_file(written(text), PICTURES)


def test_the_nearest_file_is_taken(tmp_path, written):
    assert beside([tmp_path], PICTURES) is None
    written("0\n0.1\n0.2\n0.3\n")
    assert beside([tmp_path / "none", tmp_path], PICTURES)[0] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_a_file_that_lacks_a_picture_is_refused(written):
    with pytest.raises(DataError, match=r"no time of 000003\.png and 0 others"):
        of_file(written("000000.png 1\n000001.png 2\n000002.png 3\n"), PICTURES)


@pytest.mark.parametrize(
    ("names", "seconds"),
    [
        (["0.6", "0.65", "0.7"], [0.6, 0.65, 0.7]),
        (["left_1305031102.175304", "left_1305031102.275304"], [1305031102.175304, 1305031102.275304]),
        ([str(START), str(START + 50_000_000)], [1403636579.763555584, 1403636579.813555584]),
        (["5000000000", "5100000000"], [5.0, 5.1]),
        (["0", "1", "2"], None),
        (["f10", "f20", "f30"], None),
        (["a", "b"], None),
        (["9" * 200, "1"], None),
    ],
)
def test_times_of_names(names, seconds):
    found = of_names([Path(f"{name}.png") for name in names])
    assert found == (None if seconds is None else pytest.approx(seconds, abs=1e-6))
