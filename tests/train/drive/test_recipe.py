"""The robot's recipe, from made-up scenes to a trunk, and from patches to a net that labels pictures."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import torch

from windowpane.core.netfile import load
from windowpane.data.patches import read_patches
from windowpane.data.scenes import UNKNOWN
from windowpane.drive.geometry.camera import Pinhole
from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.far import FarVision
from windowpane.drive.perception.labels import NAMES, Label
from windowpane.errors import ConfigError, DataError, NetFileError
from windowpane.teach.patches import PatchLearner
from windowpane.train.drive import recipe
from windowpane.train.drive.net import WINDOW, TrunkNet, shares
from windowpane.train.drive.recipe import labels_of, train
from windowpane.train.drive.terrain import COMMON, GROUND, common, scene_set, strip

TINY = """
name = "heath"
maps = [8, 16, 24]
height = 30
width = 61
steps = 120
batch = 8
"""


def heath(rng):
    """Sky, trees with bark, grass: a picture and its common classes."""
    kinds = np.full((96, 160), COMMON.index("grass"), np.uint8)
    kinds[: rng.integers(20, 40)] = COMMON.index("sky")
    for _ in range(4):
        x, foot = rng.integers(0, 150), rng.integers(45, 80)
        kinds[foot - 45 : foot, x : x + 12] = COMMON.index("tree")
    colours = {"grass": (90, 140, 60), "sky": (190, 200, 230), "tree": (80, 60, 50)}
    picture = np.zeros((96, 160, 3))
    for name, colour in colours.items():
        picture[kinds == COMMON.index(name)] = colour
    return np.clip(picture + rng.normal(0, 9, picture.shape), 0, 255).astype(np.uint8), kinds


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    base, rng = tmp_path_factory.mktemp("drive"), np.random.default_rng(0)
    (base / "heath.toml").write_text(TINY + "patience = 9\n")
    scenes = [heath(rng) for _ in range(12)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipe, "read_terrain", lambda names, root: scenes)
        patch.setattr(recipe, "data_root", lambda: base)
        return train(base / "heath.toml", out=base / "run")


def test_the_trunk_is_a_net_file_that_a_robot_takes(net):
    trunk = Backbone(net)
    assert trunk.window == WINDOW
    assert trunk.count == 24
    assert trunk.names == NAMES
    features = trunk.describe(np.random.default_rng(0).normal(size=(36, 90, 3)).astype(np.float32))
    assert features.shape == (*WINDOW.map_size(36, 90), 24)
    manifest = load(net).manifest
    assert manifest.card["recipe"]["steps"] == 120
    log = [json.loads(line) for line in (net.parent / "log.jsonl").read_text().splitlines()]
    assert log[-1]["loss"] < 4
    assert log[-1]["aside"] < 4
    assert 0.5 < manifest.card["kept_aside"]["labels"] <= 1


def test_the_lab_s_last_layer_tells_ground_from_obstacles(net):
    trunk, rng = Backbone(net), np.random.default_rng(50)
    right = count = 0
    for _ in range(20):
        band, kinds = strip(rng, *heath(rng), 60, 100, False)
        wanted = labels_of(shares(torch.from_numpy(kinds.astype(np.int64))[None], len(COMMON)))[0].numpy()
        logits = trunk.describe(band) @ trunk.lab.weights.T + trunk.lab.bias
        pure = wanted[[Label.SUPER_GROUND, Label.SUPER_OBSTACLE]].sum(0) > 0
        given = logits.argmax(-1) <= Label.GROUND
        right += int((given == (wanted[Label.SUPER_GROUND] > 0))[pure].sum())
        count += int(pure.sum())
    assert right > 0.85 * count


def test_a_run_is_not_overwritten(net):
    with pytest.raises(ConfigError, match="--resume"):
        train(net.parents[1] / "heath.toml", out=net.parent)


def test_shares_are_those_of_the_parts_of_a_window():
    kinds = torch.full((1, 12, 25), 1)
    kinds[:, :6] = 0
    kinds[:, 4:8, 8:17] = 2
    kinds[:, 11] = UNKNOWN
    middle, upper, lower = shares(kinds, 3)[0, :, :, 0, 0]
    assert middle.tolist() == pytest.approx([0, 0, 1])
    assert upper.tolist() == pytest.approx([1 - 18 / 150, 0, 18 / 150])
    assert lower.tolist() == pytest.approx([0, 1 - 43 / 150, 18 / 150])


def test_the_five_labels_of_a_scene():
    grass, tree = COMMON.index("grass"), COMMON.index("tree")
    windows = torch.full((5, 12, 25), grass)
    windows[1, :6] = tree
    windows[2] = tree
    windows[3, 3:9, 6:19] = tree
    windows[4] = UNKNOWN
    found = labels_of(shares(windows.long(), len(COMMON)))[..., 0, 0]
    wanted = [Label.SUPER_GROUND, Label.FOOTLINE, Label.SUPER_OBSTACLE, Label.OBSTACLE]
    assert found[:4].argmax(1).tolist() == [int(label) for label in wanted]
    assert found[4].sum() == 0


def test_classes_that_mean_the_same_are_one():
    labels = np.array([[0, 1, 5, UNKNOWN]], np.uint8)
    names = ("road", "car", "high vegetation", "a", "b", "foreground")
    names = tuple(name if name not in ("a", "b") else "sky" for name in names)
    found = common(labels, names)[0]
    assert COMMON[found[0]] in GROUND
    assert COMMON[found[1]] == COMMON[found[2]] == "object"
    assert found[3] == UNKNOWN
    with pytest.raises(DataError, match="'moon'"):
        scene_set("moon", None)


def test_the_window_of_the_net_is_the_one_it_says():
    net = TrunkNet(3, 5, (4, 6, 8)).eval()
    for height, width in ((12, 25), (13, 28), (36, 90)):
        assert net(torch.zeros(1, 3, height, width)).shape[2:] == WINDOW.map_size(height, width)


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [("maps = [8, 16]", "three numbers"), ("height = 11", "height = 12"), ("speed = 3", "unknown setting")],
)
def test_wrong_settings_are_explained(tmp_path, changed, complaint):
    (tmp_path / "bad.toml").write_text(changed)
    with pytest.raises(ConfigError, match=complaint):
        train(tmp_path / "bad.toml", out=tmp_path / "run")


# -- Patches -----------------------------------------------------------------------------------------------


@pytest.fixture
def marked(tmp_path):
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
    card = load(path).manifest.card
    assert card["trunk"] == "ground"
    assert card["terms"].startswith("mine; the trunk: CamVid")
    learner.learn(base / "heath.png", [(0, 60, 20, 90)], ["meadow"])
    assert learner.names == ("sky", "grass", "meadow")


def test_a_net_of_patches_keeps_its_trunk_but_is_no_sight_of_five_labels(marked):
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
    assert one.names == ("sky", "grass")
    with pytest.raises(DataError, match=r"none\.csv"):
        read_patches(base / "none.csv")
