"""The parser's recipe, from a folder of made-up scenes to a net that parses new ones."""

import json
import signal
import subprocess
import sys
from importlib import resources

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.errors import ConfigError, DataError
from windowpane.parse.parser import Parser
from windowpane.train.parse.batches import batches
from windowpane.train.parse.config import Config
from windowpane.train.parse.recipe import make_net, train


def test_the_trained_net_parses_scenes_that_it_has_not_seen(net, scene):
    parser, rng = Parser(net), np.random.default_rng(99)
    pairs = [scene(rng) for _ in range(10)]
    right = [(parser.parse(picture).class_ids == truth).mean() for picture, truth in pairs]
    assert np.mean(right) > 0.95


def test_the_net_file_says_how_it_was_made(net):
    manifest = load_net(net).manifest
    assert manifest.task == "parse"
    assert manifest.card["recipe"]["steps"] == 150
    assert Parser(net).names == ("sky", "sand", "water")
    log = [json.loads(line) for line in (net.parent / "log.jsonl").read_text().splitlines()]
    assert log[-1]["loss"] < 0.8  # of three classes at random: 1.1
    assert log[-1]["aside"] < 0.8
    assert manifest.card["kept_aside"]["scenes"] == 3  # of 24
    assert manifest.card["kept_aside"]["pixels"] > 0.9


def test_a_run_goes_on_with_resume_and_is_not_overwritten_without(shore, net):
    before = load_net(net)
    with pytest.raises(ConfigError, match="--resume"):
        train(shore / "shore.toml", out=shore / "run")
    assert load_net(train(shore / "shore.toml", out=shore / "run", resume=True)).manifest == before.manifest


@pytest.mark.parametrize(
    "changed",
    [
        "shared = false\nauxiliary = 0.3",
        "wider = 2\nheight = 90\nwidth = 121",
        "wider = 2\nhidden = 0\nensemble = 2",
        "wider = 2\nshared = false\nbatch = 40",
        "wider = 2\nlevels = 1",
        'pyramid = "laplacian"\nseparable = false',
        "maps = []\nhidden = 0",
        "levels = 1\nlight = true",
    ],
)
def test_every_kind_of_net_can_be_trained_and_used(shore, scene, tiny, tmp_path, changed):
    keys = [line.split(" = ")[0] for line in changed.splitlines()] + ["steps"]
    kept = [line for line in tiny.splitlines() if line.split(" = ")[0] not in keys]
    path = shore / f"{tmp_path.name}.toml"
    path.write_text("\n".join([*kept, changed, "steps = 2"]))
    path = train(path, out=tmp_path / "run")
    assert Parser(path).parse(scene(np.random.default_rng(1))[0]).class_ids.shape == (96, 128)


@pytest.mark.parametrize("hidden", [0, 16])
def test_an_ensemble_gives_the_mean_of_nets_from_as_many_seeds(shore, tiny, tmp_path, hidden):
    maps, level = [], np.random.default_rng(0).integers(0, 256, (120, 150, 3), dtype=np.uint8)
    for changed in ("seed = 4", "seed = 5", "seed = 4\nensemble = 2"):
        path = shore / f"{tmp_path.name}.toml"
        path.write_text(
            tiny.replace("hidden = 16", f"hidden = {hidden}").replace("steps = 150", f"steps = 2\n{changed}")
        )
        net = train(path, out=tmp_path / str(len(maps)))
        maps.append(Parser(net).explain(level).maps)
    for one, other, both in zip(*maps, strict=True):
        assert np.abs(one - other).max() > 1e-2
        np.testing.assert_allclose(both, (one + other) / 2, atol=1e-3)
    cards = [load_net(tmp_path / str(number) / "shore.onnx").manifest.card for number in (0, 2)]
    assert cards[1]["parameters"] == 2 * cards[0]["parameters"]


@pytest.mark.slow
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_training_in_the_background_that_is_ended_keeps_what_it_learned(shore, tiny, tmp_path, sign):
    (shore / "long.toml").write_text(tiny.replace("steps = 150", "steps = 100000"))
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


def test_only_what_is_learned_is_mixed(shore, tiny, tmp_path, monkeypatch):
    views = {}

    def watched(some, **options):
        views[len(some)] = options["augmentation"].mix
        return batches(some, **options)

    monkeypatch.setattr("windowpane.train.parse.recipe.batches", watched)
    (shore / "validation.toml").write_text(tiny.replace("steps = 150", "steps = 2\npatience = 1"))
    train(shore / "validation.toml", out=tmp_path / "run")
    assert len(views) == 2
    assert views[max(views)] == 0.5
    assert views[min(views)] == 0  # the few of the validation set


@pytest.mark.slow
def test_two_processes_train_one_net_together(shore, tiny, tmp_path):
    text = tiny.replace("steps = 150", "steps = 6\npatience = 1")
    (shore / "together.toml").write_text(text)
    command = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "windowpane"]
    command += ["train", "parse", str(shore / "together.toml"), "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Net: ") == 1
    assert Parser(tmp_path / "run" / "shore.onnx").names == ("sky", "sand", "water")
    (record,) = map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    assert record["aside"] > 0  # both looked at their part of the validation set


def test_labels_of_another_size_are_refused_before_anything_is_trained(shore, tmp_path):
    for part in ("images", "labels"):
        (tmp_path / "shore" / part).mkdir(parents=True)
    (tmp_path / "shore" / "classes.txt").write_text("sky\nsand\n")
    cv2.imwrite(str(tmp_path / "shore" / "images" / "a.png"), np.zeros((30, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "shore" / "labels" / "a.png"), np.zeros((30, 41), np.uint8))
    (tmp_path / "few.toml").write_text('scenes = "shore"')
    with pytest.raises(DataError, match=r"a\.png.*41 x 30"):
        train(tmp_path / "few.toml", out=tmp_path / "run")


@pytest.mark.parametrize("name", ["scenes", "streets", "terrain", "faithful"])
def test_the_recipes_of_the_nets_that_ship_are_some(name):
    config = Config.load(resources.files("windowpane") / "zoo" / f"{name}.toml")
    assert config.name == name
    window = load_net(name).manifest.outputs[0].window
    assert make_net(config, 3).window == window
