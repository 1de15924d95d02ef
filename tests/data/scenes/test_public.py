"""The public sets of labelled scenes, in their own layouts."""

import numpy as np
import pytest

from windowpane.data.scenes import CAMVID, FOLDS, STANFORD, UNKNOWN, YCOR, camvid, stanford_background, ycor
from windowpane.images import load


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
