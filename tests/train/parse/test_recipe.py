"""The parser's recipe, from a folder of made-up scenes to a net that parses new ones."""

import json
import signal
import subprocess
import sys
from dataclasses import replace
from functools import partial

import cv2
import numpy as np
import pytest
import torch

from windowpane.core.netfile import load
from windowpane.core.windows import Window
from windowpane.data.scenes import UNKNOWN
from windowpane.errors import ConfigError, DataError
from windowpane.parse.parser import Parser
from windowpane.train.parse.file import write_net
from windowpane.train.parse.net import Classifier, ParserNet, faithful_trunk, resampled, residual_trunk
from windowpane.train.parse.recipe import Config, Geometry, class_weights, loss, make_net, train
from windowpane.train.parse.scenes import View, ahead, batches, mixed, seen
from windowpane.train.read.net import count_parameters

TINY = """
name = "shore"
scenes = "shore"
maps = [8, 16, 16]
halvings = 2
light = false
wider = 0
finer = 1
levels = 3
hidden = 16
auxiliary = 0
height = 96
width = 128
steps = 150
batch = 4
threads = 1
"""


def scene(rng):
    """Striped water below sand below sky: water and sky have one colour, and only the stripes tell them
    apart."""
    horizon, shore = sorted(rng.integers([20, 55], [45, 80]))
    truth = np.zeros((96, 128), np.uint8)
    truth[horizon:shore], truth[shore:] = 1, 2
    colours = np.array([[120, 150, 190], [190, 160, 110], [120, 150, 190]])
    picture = colours[truth] + rng.normal(0, 6, (96, 128, 3))
    stripes = 45 * (np.arange(96) // 3 % 2 * 2 - 1)[:, None, None]
    picture = picture + stripes * (truth == 2)[..., None]
    return np.clip(picture, 0, 255).astype(np.uint8), truth


@pytest.fixture(scope="module")
def shore(tmp_path_factory):
    base = tmp_path_factory.mktemp("parse")
    rng = np.random.default_rng(0)
    for part in ("images", "labels"):
        (base / "shore" / part).mkdir(parents=True)
    (base / "shore" / "classes.txt").write_text("sky\nsand\nwater\n")
    for number in range(24):
        picture, truth = scene(rng)
        truth[:2] = UNKNOWN
        cv2.imwrite(str(base / "shore" / "images" / f"{number:02d}.png"), picture[..., ::-1])
        cv2.imwrite(str(base / "shore" / "labels" / f"{number:02d}.png"), truth)
    (base / "shore.toml").write_text(TINY + "patience = 9\n")
    return base


@pytest.fixture(scope="module")
def net(shore):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WINDOWPANE_DATA", "nowhere")  # scenes of one's own need no public sets
        return train(shore / "shore.toml", out=shore / "run")


def test_the_trained_net_parses_scenes_that_it_has_not_seen(net):
    parser, rng = Parser(net), np.random.default_rng(99)
    pairs = [scene(rng) for _ in range(10)]
    right = [(parser.parse(picture).class_ids == truth).mean() for picture, truth in pairs]
    assert np.mean(right) > 0.95


def test_the_net_file_says_how_it_was_made(net):
    manifest = load(net).manifest
    assert manifest.task == "parse"
    assert manifest.card["recipe"]["steps"] == 150
    assert Parser(net).names == ("sky", "sand", "water")
    log = [json.loads(line) for line in (net.parent / "log.jsonl").read_text().splitlines()]
    assert log[-1]["loss"] < 0.8  # of three classes at random: 1.1
    assert log[-1]["aside"] < 0.8
    assert manifest.card["kept_aside"]["scenes"] == 3  # of 24
    assert manifest.card["kept_aside"]["pixels"] > 0.9


def test_a_run_goes_on_with_resume_and_is_not_overwritten_without(shore, net):
    before = load(net)
    with pytest.raises(ConfigError, match="--resume"):
        train(shore / "shore.toml", out=shore / "run")
    assert load(train(shore / "shore.toml", out=shore / "run", resume=True)).manifest == before.manifest


@pytest.mark.parametrize(
    "changed",
    [
        "hidden = 0",
        "shared = false",
        "wider = 2",
        "wider = 2\nhidden = 0\nensemble = 2",
        "wider = 2\nshared = false",
        "wider = 2\nlevels = 1",
        "hidden = 0\nensemble = 2",
        'pyramid = "laplacian"',
        "maps = []\nhidden = 0",
        "levels = 1",
        "batch = 40",
        "separable = false",
        "light = true",
        "auxiliary = 0.3",
        "height = 90\nwidth = 121",
    ],
)
def test_every_kind_of_net_can_be_trained_and_used(shore, tmp_path, changed):
    keys = [line.split(" = ")[0] for line in changed.splitlines()] + ["steps"]
    kept = [line for line in TINY.splitlines() if line.split(" = ")[0] not in keys]
    path = shore / f"{tmp_path.name}.toml"
    path.write_text("\n".join([*kept, changed, "steps = 2"]))
    path = train(path, out=tmp_path / "run")
    assert Parser(path).parse(scene(np.random.default_rng(1))[0]).class_ids.shape == (96, 128)


@pytest.mark.parametrize("hidden", [0, 16])
def test_an_ensemble_gives_the_mean_of_nets_from_as_many_seeds(shore, tmp_path, hidden):
    maps, level = [], np.random.default_rng(0).integers(0, 256, (120, 150, 3), dtype=np.uint8)
    for changed in ("seed = 4", "seed = 5", "seed = 4\nensemble = 2"):
        path = shore / f"{tmp_path.name}.toml"
        path.write_text(
            TINY.replace("hidden = 16", f"hidden = {hidden}").replace("steps = 150", f"steps = 2\n{changed}")
        )
        net = train(path, out=tmp_path / str(len(maps)))
        maps.append(Parser(net).explain(level).maps)
    for one, other, both in zip(*maps, strict=True):
        assert np.abs(one - other).max() > 1e-2
        np.testing.assert_allclose(both, (one + other) / 2, atol=1e-3)
    cards = [load(tmp_path / str(number) / "shore.onnx").manifest.card for number in (0, 2)]
    assert cards[1]["parameters"] == 2 * cards[0]["parameters"]


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_training_in_the_background_that_is_ended_keeps_what_it_learned(shore, tmp_path, sign):
    (shore / "long.toml").write_text(TINY.replace("steps = 150", "steps = 100000"))
    command = [sys.executable, "-m", "windowpane", "train", "parse", str(shore / "long.toml")]
    run = subprocess.Popen(
        [*command, "--out", str(tmp_path / "run")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN),  # as a shell does for what ends in &
    )
    assert run.stderr is not None
    run.stderr.read(8)  # it tells its progress: it trains
    run.send_signal(sign)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 130
    assert b"--resume" in said
    assert (tmp_path / "run" / "scenes.pt").exists()


def test_only_what_is_learned_is_mixed(shore, tmp_path, monkeypatch):
    views = {}

    def watched(some, **options):
        views[len(some)] = options["view"].mix
        return batches(some, **options)

    monkeypatch.setattr("windowpane.train.parse.recipe.batches", watched)
    (shore / "aside.toml").write_text(TINY.replace("steps = 150", "steps = 2\npatience = 1"))
    train(shore / "aside.toml", out=tmp_path / "run")
    assert len(views) == 2
    assert views[max(views)] == 0.5
    assert views[min(views)] == 0  # the few that are kept aside


def test_two_processes_train_one_net_together(shore, tmp_path):
    text = TINY.replace("steps = 150", "steps = 6\npatience = 1")
    (shore / "together.toml").write_text(text)
    command = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "windowpane"]
    command += ["train", "parse", str(shore / "together.toml"), "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Net: ") == 1
    assert Parser(tmp_path / "run" / "shore.onnx").names == ("sky", "sand", "water")
    (record,) = map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    assert record["aside"] > 0  # both looked at their part of what is kept aside


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('pyramid = "steep"', "laplacian"),
        ("maps = [8]", "maps"),
        ("mix = 1.5", "mix is a share, 0 up to 1, not 1.5"),
        ("halvings = 9", "halvings are 1 to 5"),
        ("wider = -1", "wider must be at least 0, not -1"),
        ("fold = 6", "fold is 1 to 5"),
        ("speed = 3", "unknown setting 'speed'"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        Config.load(path)


def test_labels_of_another_size_are_refused_before_anything_is_trained(shore, tmp_path):
    for part in ("images", "labels"):
        (tmp_path / "shore" / part).mkdir(parents=True)
    (tmp_path / "shore" / "classes.txt").write_text("sky\nsand\n")
    cv2.imwrite(str(tmp_path / "shore" / "images" / "a.png"), np.zeros((30, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "shore" / "labels" / "a.png"), np.zeros((30, 41), np.uint8))
    (tmp_path / "few.toml").write_text('scenes = "shore"')
    with pytest.raises(DataError, match=r"a\.png.*41 x 30"):
        train(tmp_path / "few.toml", out=tmp_path / "run")


# -- The trunk of the paper --------------------------------------------------------------------------------


def test_an_output_of_the_faithful_trunk_sees_exactly_46_pixels_of_its_level():
    trunk = faithful_trunk().eval()
    assert trunk.window == Window(46, 46, (4, 4))
    level = torch.randn(1, 3, 70, 70, requires_grad=True)
    trunk(level)[0, :, 2, 3].abs().sum().backward()
    rows, cols = np.nonzero(level.grad[0].abs().sum(dim=0).numpy())
    assert (rows.min(), rows.max()) == (2 * 4, 2 * 4 + 45)
    assert (cols.min(), cols.max()) == (3 * 4, 3 * 4 + 45)


def test_at_the_third_level_these_are_184_pixels_of_the_image():
    window = faithful_trunk().window
    assert 4 * window.height == 184


def test_the_faithful_trunk_has_the_maps_of_the_paper():
    assert count_parameters(faithful_trunk()) == 3 * 16 * 49 + 16 * 64 * 49 + 32 * 256 * 49 + 16 + 64 + 256


def test_each_map_of_its_last_layer_sees_32_of_the_64_before_as_in_the_paper():
    last = faithful_trunk().eval().layers[-3:]
    before = torch.randn(1, 64, 7, 7, requires_grad=True)
    seen = []
    for number in range(256):
        (grad,) = torch.autograd.grad(last[:2](before)[0, number].sum(), before)
        seen.append(tuple(np.flatnonzero(grad[0].abs().sum(dim=(1, 2)))))
    assert {len(maps) for maps in seen} == {32}
    assert set().union(*seen) == set(range(64)), "and none of the 64 is left out"


@pytest.mark.parametrize("separable", [True, False])
@pytest.mark.parametrize("light", [True, False])
def test_the_window_of_a_residual_trunk_is_what_it_sees(separable, light):
    trunk = residual_trunk([12, 16, 16, 16], separable=separable, light=light).eval()
    size = trunk.window.height
    level = torch.randn(1, 3, size + 9, size + 9, requires_grad=True)
    trunk(level)[0, :, 1, 1].abs().sum().backward()
    rows, _ = np.nonzero(level.grad[0].abs().sum(dim=0).numpy())
    assert (rows.min(), rows.max()) == (4, 4 + size - 1)


# -- Views -------------------------------------------------------------------------------------------------


def test_a_view_moves_picture_and_labels_together():
    rng = np.random.default_rng(3)
    truth = np.zeros((120, 160), np.uint8)
    cv2.circle(truth, (90, 50), 30, 1, -1)
    picture = np.repeat(200 * truth[..., None], 3, axis=2)
    for _ in range(20):
        image, labels = seen(rng, picture, truth, View(90, 120, colour=0.0))
        known = labels < UNKNOWN
        assert image.shape == (90, 120, 3)
        assert ((image[..., 0] > 100) == (labels == 1))[known].mean() > 0.99
        assert known.mean() > 0.3


def test_a_mixed_view_has_a_rectangle_of_the_next_one_with_its_labels():
    views = [(np.full((40, 60, 3), 50 * k, np.uint8), np.full((40, 60), k, np.uint8)) for k in range(4)]
    for _ in range(20):
        for k, (picture, labels) in enumerate(mixed(np.random.default_rng(), views, 1.0)):
            assert (picture == 50 * labels[..., None]).all()
            rows, cols = np.nonzero(labels != k)
            assert set(labels[rows, cols].tolist()) == {(k + 1) % 4}
            assert len(rows) == (np.ptp(rows) + 1) * (np.ptp(cols) + 1)
            assert 0.03 < (labels != k).mean() < 0.52
    assert all(one is two for one, two in zip(mixed(np.random.default_rng(), views, 0.0), views, strict=True))


def test_levels_are_left_out_in_training_alone():
    trunk = residual_trunk([4, 6, 6, 8])
    net = ParserNet([trunk], 2, 3, 0, blind=0.9)
    net.classifier.layers[0].p = 0.0
    levels = [torch.randn(64, 3, 60, 60)] * 2
    size = trunk(levels[0]).shape[-1]
    way = (torch.eye(size), torch.eye(size))
    bias = net.classifier.layers[-1].bias[:, None, None]
    dark = [bool(torch.allclose(one, bias)) for one in net(levels, [way])]
    assert 0.5 < np.mean(dark) < 1  # most views went without both
    assert not any(torch.allclose(one, bias) for one in net.eval()(levels, [way]))


@pytest.mark.parametrize("hidden", [0, 7])
def test_classifying_each_level_before_the_interpolation_changes_nothing(hidden):
    classifier = Classifier([5, 8, 8], 4, hidden).eval()
    sizes = zip((5, 8, 8), (12, 6, 3), strict=True)
    maps = [torch.randn(2, count, size, size + 2) for count, size in sizes]
    ways = [(torch.rand(12, size), torch.rand(14, size + 2)) for size in (6, 3)]
    stacked = [maps[0], *(resampled(one, *way) for one, way in zip(maps[1:], ways, strict=True))]
    torch.testing.assert_close(classifier.of_levels(maps, ways), classifier(torch.cat(stacked, 1)))


def test_what_each_level_says_alone_counts_in_training_and_is_not_in_the_file(shore, tmp_path):
    config = replace(Config.load(shore / "shore.toml"), drop=0.0, blind=0.0, auxiliary=0.3)
    net = make_net(config, 3)
    views = zip(*([some] * 2 for some in scene(np.random.default_rng(0))), strict=True)
    kinds = {"pyramid": config.pyramid, "levels": config.levels, "window": net.window}
    (batch,) = batches(list(views), size=2, view=config.view, seed=(1, 0), **kinds)
    cost = partial(loss, net, Geometry.of(config, net.window), torch.ones(3))
    none, half, whole = (cost(auxiliary, batch).item() for auxiliary in (0.0, 0.5, 1.0))
    assert whole - none > 3 * 0.5  # three levels that know nothing yet
    assert half - none == pytest.approx((whole - none) / 2, rel=1e-3)
    net.eval()
    assert cost(0.0, batch).item() == cost(1.0, batch).item()
    card = load(write_net([net], ("sky", "sand", "water"), config, tmp_path / "net.onnx")).manifest.card
    assert card["parameters"] == count_parameters(make_net(replace(config, auxiliary=0), 3))


def test_rare_classes_count_more_the_more_they_are_balanced():
    labels = np.zeros((10, 10), np.uint8)
    labels[0] = 1
    scenes = [(np.zeros((10, 10, 3), np.uint8), labels)]
    assert class_weights(scenes, 2, 0.0).tolist() == [1, 1]
    rare = [float(class_weights(scenes, 2, balance)[1]) for balance in (0.3, 0.6, 1.0)]
    assert 1 < rare[0] < rare[1] < rare[2] == pytest.approx(5)


def test_items_made_ahead_are_the_same_in_the_same_order():
    assert list(ahead(iter(range(7)))) == list(range(7))
