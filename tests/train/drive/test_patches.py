"""A last layer from patches that a person marked."""

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.data.patches import read_patches
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.far import FarVision
from windowpane.errors import DataError, NetFileError
from windowpane.teach.patches import PatchLearner
from windowpane.train.drive.recipe import train
from windowpane.train.drive.terrain import COMMON


@pytest.fixture
def marked(tmp_path, heath):
    picture, kinds = heath(np.random.default_rng(3))
    kinds = np.where(kinds == COMMON.index("tree"), COMMON.index("grass"), kinds)
    picture = np.where((kinds == COMMON.index("sky"))[..., None], (190, 200, 230), (90, 140, 60))
    picture = np.clip(picture + np.random.default_rng(1).normal(0, 9, picture.shape), 0, 255)
    cv2.imwrite(str(tmp_path / "heath.png"), picture.astype(np.uint8)[..., ::-1])
    (tmp_path / "patches.csv").write_text(
        "file,x0,y0,x1,y1,label\nheath.png,5,2,60,14,sky\nheath.png,20,60,120,90,grass\n"
    )
    (tmp_path / "mine.toml").write_text('name = "mine"\npatches = "patches.csv"\nterms = "mine"\n')
    return tmp_path, kinds


def test_patches_make_a_net_that_labels_pictures(marked):
    base, kinds = marked
    path = train(base / "mine.toml", out=base / "run")
    learner = PatchLearner(path)
    assert learner.names == ("sky", "grass")
    scene = learner.label(base / "heath.png")
    assert (scene.mask("sky") == (kinds == COMMON.index("sky"))).mean() > 0.84
    card = load_net(path).manifest.card
    assert card["trunk"] == "ground"
    assert card["terms"].startswith("mine; the trunk: CamVid")
    learner.learn(base / "heath.png", [(0, 60, 20, 90)], ["meadow"])
    assert learner.names == ("sky", "grass", "meadow")


def test_a_net_of_patches_keeps_its_backbone_but_is_no_sight_of_five_labels(marked):
    base, _ = marked
    path = train(base / "mine.toml", out=base / "run")
    image = np.random.default_rng(0).normal(size=(36, 90, 3)).astype(np.float32)
    np.testing.assert_array_equal(Backbone(path).describe(image), Backbone("ground").describe(image))
    with pytest.raises(NetFileError, match="labels sky, grass"):
        FarVision(Pinhole(300.0, 300.0, 160.0, 120.0, 320, 240), path)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("file,x0,y0,x1,y1\nheath.png,1,2,3,4\n", r"patches\.csv:2: there is no label"),
        ("file,x0,y0,x1,y1,label\nheath.png,1,2,three,4,sky\n", r"patches\.csv:2: a box is four numbers"),
        ("file,x0,y0,x1,y1,label\nlost.png,1,2,3,4,sky\n", r"patches\.csv:2: there is no picture"),
        ("file,x0,y0,x1,y1,label\n", "there is no patch"),
        ("file,x0,y0,x1,y1,label\nheath.png,1,2,9,9,sky\n", "all patches are 'sky'"),
        ("file,x0,y0,x1,y1,label\nheath.png,1,2,999,9,sky\n", "beyond the picture"),
    ],
)
def test_wrong_patches_are_explained(marked, text, complaint):
    base, _ = marked
    (base / "patches.csv").write_text(text)
    with pytest.raises(DataError, match=complaint):
        train(base / "mine.toml", out=base / "run")


def test_patches_are_read_picture_by_picture(marked):
    base, _ = marked
    (one,) = read_patches(base / "patches.csv")
    assert one.picture == base / "heath.png"
    assert one.boxes == ((5, 2, 60, 14), (20, 60, 120, 90))
    assert one.labels == ("sky", "grass")
    with pytest.raises(DataError, match=r"none\.csv"):
        read_patches(base / "none.csv")
