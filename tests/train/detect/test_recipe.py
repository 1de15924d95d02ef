"""The detector's recipe, from a folder of made-up pictures to a net that finds what is in them."""

import json
import subprocess
import sys

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.detect.detector import Detector
from windowpane.errors import ConfigError, DataError
from windowpane.train.detect.recipe import train

TINY = """
name = "signs"
objects = "signs"
colour = "rgb"
turn = 5
maps = [8, 16, 16, 16]
rounds = 2
first_steps = 600
round_steps = 300
second_maps = [8, 16, 16, 32, 32, 32]
second_rounds = 1
second_steps = 300
batch = 64
pictures = 40
"""


def scene(rng):
    """A picture with a red disc with a white bar, a blue square, and shapes that are neither."""
    picture = rng.integers(90, 150, (1, 1, 3)) + rng.normal(0, 6, (140, 180, 3))
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    boxes = []
    for kind, (x, y) in zip(rng.permutation(4), [(45, 40), (130, 45), (50, 100), (130, 100)], strict=True):
        x, y, half = int(x + rng.integers(-10, 10)), int(y + rng.integers(-8, 8)), int(rng.integers(11, 24))
        if kind == 0:
            cv2.circle(picture, (x, y), half, (200, 30, 30), -1)
            cv2.rectangle(
                picture, (x - half // 2, y - half // 5), (x + half // 2, y + half // 5), (255,) * 3, -1
            )
        elif kind == 1:
            cv2.rectangle(picture, (x - half, y - half), (x + half, y + half), (40, 60, 200), -1)
        elif kind == 2:
            cv2.circle(picture, (x, y), half, (60, 160, 60), 3)
        else:
            cv2.line(picture, (x - half, y - half), (x + half, y + half), (240, 240, 240), 4)
        if kind < 2:
            boxes.append((int(kind), x / 180, y / 140, (2 * half + 1) / 180, (2 * half + 1) / 140))
    return picture, boxes


@pytest.fixture(scope="module")
def signs(tmp_path_factory):
    """A folder with a YOLO data set of 130 pictures, and a configuration beside it."""
    base = tmp_path_factory.mktemp("detect")
    rng = np.random.default_rng(0)
    (base / "signs" / "images").mkdir(parents=True)
    (base / "signs" / "labels").mkdir()
    (base / "signs" / "classes.txt").write_text("stop\nway\n")
    for number in range(130):
        picture, boxes = scene(rng)
        name = f"{number:03d}"
        cv2.imwrite(str(base / "signs" / "images" / f"{name}.png"), picture[..., ::-1])
        rows = "".join(" ".join(map(str, box)) + "\n" for box in boxes)
        (base / "signs" / "labels" / f"{name}.txt").write_text(rows)
    (base / "signs.toml").write_text(TINY + "patience = 9\n")
    return base


@pytest.fixture(scope="module")
def net(signs):
    return train(signs / "signs.toml", out=signs / "run")


@pytest.mark.slow
def test_the_trained_net_finds_both_kinds_where_they_are(net):
    detector = Detector(net)
    rng = np.random.default_rng(99)
    found = wrong = 0
    for _ in range(30):
        picture, boxes = scene(rng)
        detections = detector.detect(picture)
        for kind, x, y, width, height in boxes:
            middle = np.array([x * 180, y * 140])
            middles = (detections.boxes[:, :2] + detections.boxes[:, 2:]) / 2
            near = (np.abs(middles - middle) < 0.3 * np.array([width * 180, height * 140])).all(axis=1)
            found += bool((near & (detections.class_ids == kind)).any())
        wrong += max(0, len(detections) - len(boxes))
    assert found >= 45  # of 60
    assert wrong <= 10


@pytest.mark.slow
def test_the_net_file_says_how_it_was_made_and_is_calibrated(net):
    manifest = load_net(net).manifest
    assert [output.name for output in manifest.outputs] == ["score", "box"]
    assert manifest.outputs[0].names == ("stop", "way")
    assert 0 < manifest.threshold < 1
    assert len(manifest.settings["calibration"]) == 2
    assert manifest.settings["aspect"] == pytest.approx(1, abs=0.05)
    assert manifest.card["recipe"]["rounds"] == 2
    assert manifest.card["kept_aside"]["found"] > 0.6


@pytest.mark.slow
def test_false_positives_of_every_round_are_recorded(net):
    rows = [json.loads(line) for line in (net.parent / "mining.jsonl").read_text().splitlines()]
    assert [row["stage"] for row in rows] == ["round-1", "round-2", "second-round-0", "second-round-1"]
    assert all(row["megapixels"] > 0 for row in rows)


@pytest.mark.slow
def test_the_validation_set_is_looked_at_in_every_round(net):
    log = [json.loads(line) for line in (net.parent / "log.jsonl").read_text().splitlines()]
    stages = dict.fromkeys(record["stage"] for record in log)
    assert list(stages) == ["round-0", "round-1", "round-2", "second-round-0", "second-round-1"]
    first = [record["aside"] for record in log if record["stage"] == "round-0"]
    assert len(first) == 6
    assert first[-1] < 0.5 * first[0]


@pytest.mark.slow
def test_two_processes_train_and_mine_together(signs, tmp_path):
    less = {"600": "6", "300": "4", "rounds = 2": "rounds = 1", "pictures = 40": "pictures = 4"}
    short = TINY
    for much, little in less.items():
        short = short.replace(much, little)
    (signs / "short.toml").write_text(short)
    command = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "windowpane"]
    command += ["train", "detect", str(signs / "short.toml"), "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Net: ") == 1
    rows = [json.loads(line) for line in (tmp_path / "run" / "mining.jsonl").read_text().splitlines()]
    assert [row["stage"] for row in rows] == ["round-1", "second-round-0", "second-round-1"]
    assert load_net(tmp_path / "run" / "signs.onnx").second


@pytest.mark.slow
@pytest.mark.slow
def test_a_run_goes_on_with_resume_and_is_not_overwritten_without(signs, net):
    with pytest.raises(ConfigError, match="--resume"):
        train(signs / "signs.toml", out=net.parent)
    before = load_net(net)
    again = load_net(train(signs / "signs.toml", out=net.parent, resume=True))
    assert again.manifest == before.manifest


@pytest.mark.slow
def test_a_training_may_start_from_a_net_and_without_steps_changes_nothing(signs, net, tmp_path):
    still = (
        "first_steps = 0\nround_steps = 0\nsecond_steps = 0\nrounds = 0\nsecond_rounds = 0\npictures = 2\n"
    )
    kept = [
        line
        for line in TINY.splitlines()
        if "steps" not in line and "rounds" not in line and "pictures" not in line
    ]
    config = signs / "again.toml"
    config.write_text("\n".join(kept) + f'\nstart = "{net}"\n' + still)
    again = load_net(train(config, out=tmp_path / "again"))
    picture, _ = scene(np.random.default_rng(7))
    before, after = (
        Detector(net, threshold=0.001).detect(picture),
        Detector(again, threshold=0.001).detect(picture),
    )
    assert len(before) > 0
    np.testing.assert_allclose(after.boxes, before.boxes, atol=0.1)
    assert again.manifest.card["parameters"] == load_net(net).manifest.card["parameters"]


def test_a_net_for_other_objects_is_no_start(signs, tmp_path):
    (signs / "other.toml").write_text(TINY + 'start = "faces"\n')
    with pytest.raises(ConfigError, match=r"face in grey.*stop, way in rgb"):
        train(signs / "other.toml", out=tmp_path / "other")


def test_too_few_objects_are_refused_before_anything_is_trained(signs, tmp_path):
    few = tmp_path / "signs"
    for part in ("images", "labels"):
        (few / part).mkdir(parents=True)
        for path in sorted((signs / "signs" / part).iterdir())[:12]:
            (few / part / path.name).write_bytes(path.read_bytes())
    (few / "classes.txt").write_text("stop\nway\n")
    (tmp_path / "few.toml").write_text(TINY)
    with pytest.raises(DataError, match="annotate more"):
        train(tmp_path / "few.toml", out=tmp_path / "run")
