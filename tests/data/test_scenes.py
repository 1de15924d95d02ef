"""Labelled scenes: the public sets in their own layouts, a folder of one's own, and what is wrong with
one."""

import cv2
import numpy as np
import pytest

from windowpane.data.check.scenes import check_scenes
from windowpane.data.scenes import (
    CAMVID,
    FOLDS,
    STANFORD,
    UNKNOWN,
    YCOR,
    camvid,
    own,
    read_numbers,
    stanford_background,
    ycor,
)
from windowpane.errors import DataError
from windowpane.images import load


@pytest.fixture
def folder(tmp_path):
    """Three pictures of 40 x 30 with their labels: the left half is class 0, the right half 1, a corner
    unknown."""
    for part in ("images", "labels"):
        (tmp_path / part).mkdir()
    (tmp_path / "classes.txt").write_text("path\nbush\n")
    labels = np.zeros((30, 40), np.uint8)
    labels[:, 20:], labels[:5, :5] = 1, UNKNOWN
    for name in "abc":
        cv2.imwrite(str(tmp_path / "images" / f"{name}.jpg"), np.full((30, 40, 3), 90, np.uint8))
        cv2.imwrite(str(tmp_path / "labels" / f"{name}.png"), labels)
    return tmp_path


def test_a_folder_of_ones_own_is_read(folder):
    scenes = own(folder)
    assert scenes.names == ("path", "bush")
    assert [scene.picture.stem for scene in scenes.scenes] == ["a", "b", "c"]
    labels = scenes.labels(scenes.scenes[0])
    assert (labels[10, 3], labels[10, 30], labels[0, 0]) == (0, 1, UNKNOWN)
    assert check_scenes(folder) == []


def test_numbers_that_are_no_class_are_unknown_and_told_of(folder):
    labels = read_numbers(folder / "labels" / "b.png")
    labels[20:22, :10] = 7
    cv2.imwrite(str(folder / "labels" / "b.png"), labels)
    scenes = own(folder)
    assert (scenes.labels(scenes.scenes[1])[20:22, :10] == UNKNOWN).all()
    (problem,) = check_scenes(folder)
    assert "20 pixels have the number 7" in str(problem)
    assert problem.file.name == "b.png"


def spoil_size(folder):
    cv2.imwrite(str(folder / "labels" / "a.png"), np.zeros((20, 40), np.uint8))


def spoil_missing(folder):
    (folder / "labels" / "a.png").unlink()


def spoil_picture(folder):
    (folder / "images" / "a.jpg").write_bytes(b"no picture")


def spoil_colours(folder):
    cv2.imwrite(str(folder / "labels" / "a.png"), np.zeros((30, 40, 3), np.uint8))


def spoil_class(folder):
    (folder / "classes.txt").write_text("path\nbush\nwater\n")


def spoil_more(folder):
    cv2.imwrite(str(folder / "labels" / "z.png"), np.zeros((30, 40), np.uint8))


@pytest.mark.parametrize(
    ("spoil", "name", "message"),
    [
        (spoil_size, "a.png", "40 x 20 pixels, and its picture 40 x 30"),
        (spoil_missing, "a.jpg", "are missing"),
        (spoil_picture, "a.jpg", "is no JPEG"),
        (spoil_colours, "a.png", "one 8-bit channel"),
        (spoil_class, "classes.txt", "'water' has no pixel"),
        (spoil_more, "z.png", "no picture z"),
    ],
)
def test_a_fault_is_found_in_its_file(folder, spoil, name, message):
    spoil(folder)
    (problem,) = check_scenes(folder)
    assert problem.file.name == name
    assert message in problem.message


@pytest.mark.parametrize("missing", ["classes.txt", "labels/b.png", "images"])
def test_what_is_missing_is_named_before_training(folder, missing):
    path = folder / missing
    path.rename(folder / "elsewhere")
    with pytest.raises(DataError, match=missing.replace(".", r"\.")):
        own(folder)


def test_a_single_class_is_refused(folder):
    (folder / "classes.txt").write_text("path\n")
    with pytest.raises(DataError, match="1 classes"):
        own(folder)


@pytest.mark.realdata
def test_stanford_background_has_five_folds_of_143(data):
    folds = [stanford_background(data, [fold]) for fold in range(1, FOLDS + 1)]
    assert [len(fold.scenes) for fold in folds] == [143] * 5
    assert len({scene.picture for fold in folds for scene in fold.scenes}) == 715
    scene = folds[0].scenes[0]
    assert folds[0].labels(scene).shape == load(scene.picture).shape[:2]
    assert {value for fold in folds for s in fold.scenes[:9] for value in np.unique(fold.labels(s))} <= {
        *range(len(STANFORD)),
        UNKNOWN,
    }


@pytest.mark.realdata
def test_camvid_and_ycor_have_their_parts(data):
    assert [len(camvid(data, part).scenes) for part in ("train", "val", "test")] == [367, 101, 233]
    test = camvid(data, "test")
    assert test.names == CAMVID
    assert sum(scene.picture.name.startswith("Seq05VD") for scene in test.scenes) == 171
    learned, measured = ycor(data, kept_aside=False), ycor(data, kept_aside=True)
    assert len(learned.scenes) + len(measured.scenes) == 596
    assert len(measured.scenes) == 119
    assert max(s.picture.stem for s in learned.scenes) < min(s.picture.stem for s in measured.scenes)
    assert learned.names == YCOR
    labels = learned.labels(learned.scenes[0])
    assert labels[labels != UNKNOWN].max() < len(YCOR)
