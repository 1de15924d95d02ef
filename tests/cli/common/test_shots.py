"""What a verb is given, picture by picture."""

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.cli.common.places import inputs
from windowpane.cli.common.shots import Drawn, Shots, left
from windowpane.core.system import Failure
from windowpane.errors import install
from windowpane.images.video import timed_frames


@pytest.fixture
def fax(tmp_path):
    """Write a TIFF of two pages; gives its path."""
    sheets = [Image.new("L", (60, 40), level) for level in (10, 20)]
    sheets[0].save(tmp_path / "fax.tif", save_all=True, append_images=sheets[1:])
    return tmp_path / "fax.tif"


@pytest.fixture
def film(tmp_path):
    """Write a film of four frames; gives its path."""
    writer = cv2.VideoWriter(str(tmp_path / "walk.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in (10, 20, 30, 40):
        writer.write(np.full((48, 64, 3), level, np.uint8))
    writer.release()
    return tmp_path / "walk.avi"


def shots(*paths, **options):
    return Shots(inputs([str(path) for path in paths]), **options)


def test_pages_and_frames_know_their_places(fax, film, tmp_path):
    Image.new("L", (60, 40), 77).save(tmp_path / "one.png")
    taken = list(shots(fax, film, tmp_path / "one.png"))
    assert [shot.where for shot in taken[:2]] == [{"page": 1}, {"page": 2}]
    assert [shot.where["frame"] for shot in taken[2:6]] == [0, 1, 2, 3]
    assert taken[6].where == taken[6].told == {}
    assert [str(shot.stem) for shot in taken] == ["fax-p1", "fax-p2", *["walk"] * 4, "one"]
    assert [round(shot.picture.mean() / 10) for shot in taken] == [1, 2, 1, 2, 3, 4, 8]


def test_what_cannot_be_used_is_one_of_them(fax, tmp_path):
    (tmp_path / "bad.mp4").write_text("no film")
    (tmp_path / "bad.png").write_text("no picture")
    taken = list(shots(tmp_path / "bad.png", tmp_path / "bad.mp4", tmp_path / "no.pdf", fax))
    assert [isinstance(shot.picture, Failure) for shot in taken] == [True, True, True, False, False]
    name, record = taken[0].record(lambda picture: {})
    assert name.endswith("bad.png")
    assert "bad.png is no JPEG" in record["error"]


def test_more_pixels_than_allowed_are_refused(fax):
    first, _ = shots(fax, max_pixels=2399)
    assert "page 1, claims 60 x 40 pixels, more than max_pixels = 2,399" in first.picture.error


def test_a_stream_of_answers_finds_its_shots_again(fax, tmp_path):
    class Answer:
        def __init__(self, picture):
            self.level = int(picture.mean())

        def to_dict(self):
            return {"level": self.level}

    def answers(pictures):
        waiting = list(pictures)  # as one does who works at many together
        yield from (one if isinstance(one, Failure) else Answer(one) for one in waiting)

    found = list(shots(tmp_path / "gone.png", fax).answered(answers))
    assert [record.get("level") for _, record in found] == [None, 10, 20]
    assert found[1] == (str(fax), {"page": 1, "level": 10})
    assert "does not exist" in found[0][1]["error"]


def test_pictures_of_a_folder_are_stretched_alike_and_say_so(tmp_path):
    for number, top in enumerate((4000, 1000)):
        levels = np.linspace(0, top, 2400).reshape(40, 60).astype(np.uint16)
        cv2.imwrite(str(tmp_path / f"{number}.png"), levels)
    bright, dark = shots(tmp_path)
    assert bright.picture.max() > 240
    assert dark.picture.max() < 80
    assert "its folder's pictures use" in bright.told["notes"][0]


def test_a_folder_tells_what_it_leaves_out(tmp_path):
    for name in ("a.png", "a.txt", "b.txt", "c.mp4", "sub/d.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    given = [str(tmp_path), str(tmp_path), "missing.png"]
    assert left(given) == [(str(tmp_path), {"left_out": {".mp4": 1, ".txt": 2, "folder": 1}})]
    assert left(given, deep=True) == [(str(tmp_path), {"left_out": {".txt": 2}})]
    assert left([str(tmp_path / "sub")]) == []


def test_what_is_to_be_said_of_a_film_is_said_once(film, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    drawn = Drawn(inputs([str(film)])[0], tmp_path / "out.mp4")
    for frame in timed_frames(film):
        drawn.add(frame.picture)
    drawn.close()
    assert capsys.readouterr().err.count(install("film")) == 1
    assert len(list(timed_frames(tmp_path / "out.mp4"))) == 4
