"""What is given, and where the answers go."""

from pathlib import Path

import pytest

from windowpane.cli.common.places import Outputs, inputs
from windowpane.errors import WindowpaneError


@pytest.fixture
def album(tmp_path):
    """A folder with pictures, a film, a sub-folder, and what is none of these."""
    for name in ("p10.jpg", "p9.jpg", "notes.txt", "a.mp4", "2019/p9.jpg", ".hidden/b.jpg", "2019/.c.jpg"):
        path = tmp_path / "album" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path / "album"


def places(found):
    return [one.place.as_posix() for one in found]


def test_a_folder_gives_its_pictures_or_all_that_is_below_it(album):
    assert places(inputs([str(album)])) == ["p9.jpg", "p10.jpg"]
    assert places(inputs([str(album)], deep=True)) == ["a.mp4", "p9.jpg", "p10.jpg", "2019/p9.jpg"]


def test_where_the_answers_go_is_left_out(album):
    out = album / "2019"
    assert places(inputs([str(album)], deep=True, beside=[out])) == ["a.mp4", "p9.jpg", "p10.jpg"]


def test_each_has_a_place_and_a_stem_of_its_own(album):
    (album / "p9.png").write_bytes(b"x")
    given = [str(album / name) for name in ("p9.jpg", "p9.png", "2019/p9.jpg", "p9.jpg")]
    found = inputs([*given, "-"])
    assert places(found) == ["p9.jpg", "p9.png", "p9-2.jpg", "p9.jpg", "stdin.png"]
    assert [str(one.stem) for one in found] == ["p9", "p9-2", "p9-3", "p9", "stdin"]


@pytest.mark.parametrize("name", ["missing.jpg", "none"])
def test_what_is_not_there_is_kept_for_its_error(tmp_path, name):
    (tmp_path / "none").mkdir()
    given = str(tmp_path / name)
    assert [one.name for one in inputs([given], deep=True)] == [given]


@pytest.mark.parametrize(
    ("name", "film"), [("a.mp4", "a.mp4"), ("a.MOV", "a.MOV"), ("a.webm", "a.webm.mp4"), ("a.jpg", None)]
)
def test_a_film_is_written_under_its_name_if_such_files_can_be(name, film):
    (one,) = inputs([name])
    assert one.is_film == (film is not None)
    if film:
        assert one.film_place == Path(film)


def test_what_was_given_is_never_written_over(album):
    (one,) = inputs([str(album / "p9.jpg")])
    link = album / "link.jpg"
    link.symlink_to(album / "p9.jpg")
    outputs = Outputs([one])
    for path in (album / "p9.jpg", album / "2019" / ".." / "p9.jpg", link):
        with pytest.raises(WindowpaneError, match=r"\.jpg was given"):
            outputs.write(path, b"new")
    assert (album / "p9.jpg").read_bytes() == b"x"
    assert outputs.write(album / "new" / "p9.jpg", b"new").read_bytes() == b"new"


def test_what_cannot_be_written_is_one_sentence(album):
    outputs = Outputs([])
    with pytest.raises(WindowpaneError, match="cannot be made"):
        outputs.write(album / "p9.jpg" / "a.jpg", b"")
    with pytest.raises(WindowpaneError, match="cannot be written"):
        outputs.write(album, b"")
    with pytest.raises(WindowpaneError, match="cannot be copied"):
        outputs.copy(str(album / "missing"), album / "b")
