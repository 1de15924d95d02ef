"""The whole recipe, in seconds: a net that learned next to nothing, but whole and calibrated."""

import json

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.read.reader import Reader
from windowpane.train.strings.recipe import train

CONFIG = """
name = "small"
data = "{data}"
fonts = "{data}"
backgrounds = ["urtho"]
maps = [4, 6, 8, 8, 8, 8, 8]
rounds = 1
first_steps = 3
round_steps = 2
batch = 2
pictures = 4
per_picture = 5
tuning_pages = 2
threads = 1
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("strings")
    pictures = folder / "faces" / "neg_urtho"
    pictures.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(40):
        cv2.imwrite(str(pictures / f"{number}.png"), rng.integers(0, 256, (90, 120, 3), dtype=np.uint8))
    config = folder / "small.toml"
    config.write_text(CONFIG.format(data=folder))
    return config, train(config, out=folder / "run")


def test_the_net_finds_and_is_calibrated(run):
    file = load_net(run[1])
    assert file.manifest.task == "strings"
    assert 0 < file.manifest.threshold <= 1.001
    assert set(file.manifest.settings["page"]) >= {"reader", "evidence", "shift"}
    assert file.manifest.card["kept_aside"]["numbers"] > 0
    readings = Reader(finder=file).read_page(np.full((80, 120, 3), 230, np.uint8), every=True)
    assert isinstance(readings, tuple)


def test_mining_is_recorded_and_kept(run):
    folder = run[1].parent
    (row,) = map(json.loads, (folder / "mining.jsonl").read_text().splitlines())
    assert row["stage"] == "round-1"
    assert row["megapixels"] == pytest.approx(4 * 90 * 120 / 1e6, abs=0.05)
    spots = json.loads((folder / "mined-1.json").read_text())
    assert len(spots) == row["kept"] <= 20


def test_a_run_that_is_over_is_gone_on_with_at_its_end(run):
    config, net = run
    before = net.read_bytes()
    assert train(config, out=net.parent, resume=True) == net
    again = load_net(net)
    assert again.manifest.settings == load_net(before).manifest.settings
