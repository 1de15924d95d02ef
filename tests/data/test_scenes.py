"""Labelled scenes: the public sets in their own layouts, and a folder of one's own."""

import cv2
import numpy as np
import pytest

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


def test_a_folder_of_ones_own_is_read(scene_folder):
    scenes = own(scene_folder)
    assert scenes.names == ("path", "bush")
    assert [scene.picture.stem for scene in scenes.scenes] == ["a", "b", "c"]
    labels = scenes.labels(scenes.scenes[0])
    assert (labels[10, 3], labels[10, 30], labels[0, 0]) == (0, 1, UNKNOWN)


def test_numbers_that_are_no_class_are_unknown(scene_folder):
    labels = read_numbers(scene_folder / "labels" / "b.png")
    labels[20:22, :10] = 7
    cv2.imwrite(str(scene_folder / "labels" / "b.png"), labels)
    scenes = own(scene_folder)
    assert (scenes.labels(scenes.scenes[1])[20:22, :10] == UNKNOWN).all()


@pytest.mark.parametrize("missing", ["classes.txt", "labels/b.png", "images"])
def test_what_is_missing_is_named_before_training(scene_folder, missing):
    path = scene_folder / missing
    path.rename(scene_folder / "elsewhere")
    with pytest.raises(DataError, match=missing.replace(".", r"\.")):
        own(scene_folder)


def test_a_single_class_is_refused(scene_folder):
    (scene_folder / "classes.txt").write_text("path\n")
    with pytest.raises(DataError, match="1 classes"):
        own(scene_folder)


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
    learned, measured = ycor(data, to_test=False), ycor(data, to_test=True)
    assert len(learned.scenes) + len(measured.scenes) == 596
    assert len(measured.scenes) == 119
    assert max(s.picture.stem for s in learned.scenes) < min(s.picture.stem for s in measured.scenes)
    assert learned.names == YCOR
    labels = learned.labels(learned.scenes[0])
    assert labels[labels != UNKNOWN].max() < len(YCOR)
