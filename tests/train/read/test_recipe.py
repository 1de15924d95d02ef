"""The reader's recipe from a configuration to a net file that reads, on pictures of one's own."""

import csv
import json
import math
import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch

from windowpane.core.netfile import load_net
from windowpane.data.writing.lines import PLAIN, compose, photograph
from windowpane.errors import ConfigError, DataError, NetFileError
from windowpane.read.reader import Reader
from windowpane.train.read.batches import assemble
from windowpane.train.read.net import NONE, ReaderNet
from windowpane.train.read.recipe import maps_of, strings_loss, train, windows_loss
from windowpane.train.read.strings import string_log_probability

TINY = """
name = "mine"
own = ["pictures"]
lines = 64
processes = 1
threads = 1
batch = 8
windows_steps = 6
strings_steps = 4
tuning_lines = 12
sets = "my own"

[shares]
own = 1.0
"""


@pytest.fixture
def write(tmp_path):
    """Write a configuration; gives its path."""

    def write(text):
        path = tmp_path / "my.toml"
        path.write_text(text)
        return path

    return write


@pytest.fixture
def pictures(tmp_path, hand):
    """A folder of 30 pictures of numbers beside the configuration."""
    generator = np.random.default_rng(0)
    folder = tmp_path / "pictures"
    folder.mkdir()
    rows = [("file", "label")]
    for number in range(30):
        text = "".join(generator.choice(list("0123456789"), 4))
        picture = photograph(generator, compose(generator, hand, text, PLAIN), "clean")
        cv2.imwrite(str(folder / f"{number}.png"), picture.pixels)
        rows.append((f"{number}.png", text))
    with (folder / "labels.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


# -- Configurations ----------------------------------------------------------------------------------------


def test_a_configuration_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no configuration .*none\.toml"):
        train(tmp_path / "none.toml", out=tmp_path / "run")
    with pytest.raises(ConfigError, match=r"cannot be read .* a configuration is a TOML file"):
        train(tmp_path, out=tmp_path / "run")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[shares]\nown = 0", "no kind of line has a share above 0"),
        ("[shares]\nnothing = 1", "no kind of line has a share above 0"),
        ("[shares]\nown = 1", "no folder is given"),
    ],
)
def test_shares_that_give_nothing_to_train_on_are_refused(write, tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        train(write(text), out=tmp_path / "run")


def test_data_that_is_not_there_is_named_before_anything_is_trained(write, tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"pictures/labels\.csv"):
        train(write(TINY), out=tmp_path / "run")
    monkeypatch.setenv("WINDOWPANE_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match="WINDOWPANE_DATA"):
        train(write("[shares]\nwriters = 1"), out=tmp_path / "run")
    assert not list((tmp_path / "run").rglob("*.pt"))


# -- Losses ------------------------------------------------------------------------------------------------


@pytest.fixture
def batch():
    ink = np.zeros((32, 120), np.uint8)
    ink[5:27, 30:34] = ink[5:27, 70:84] = 255
    centres = np.array([32, 76], np.float32)
    return assemble([ink, ink], ["17", "17"], [centres, centres], None)


def test_windows_then_strings_are_learned(batch):
    torch.manual_seed(0)
    net = ReaderNet()
    for loss, rate, steps in ((windows_loss, 5e-3, 12), (strings_loss, 1e-3, 6)):
        optimizer = torch.optim.Adam(net.parameters(), rate)
        values = []
        for _ in range(steps):
            optimizer.zero_grad()
            value = loss(net, batch)
            value.backward()
            optimizer.step()
            values.append(value.item())
        assert values[-1] < 0.7 * values[0]


def test_the_strings_loss_is_that_of_the_vote_and_a_tenth_of_each_heads(batch):
    torch.manual_seed(0)
    net = ReaderNet().eval()
    with torch.no_grad():
        maps = maps_of(net, batch)
        value = float(strings_loss(net, batch))
        strings = batch.symbols, batch.lengths, batch.columns
        chances = [np.exp(string_log_probability(one, *strings).numpy()) for one in maps]
    assert maps.shape[:3] == (5, 2, NONE + 1)
    each = [-np.log(chance + 0.01).mean() for chance in chances]  # one line in a hundred says something else
    assert value == pytest.approx(each[0] + 0.1 * sum(each[1:]), rel=1e-3)


# -- The whole recipe --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_net_is_trained_on_pictures_of_ones_own_and_reads(write, pictures, tmp_path):
    told = []
    out = tmp_path / "run"
    path = train(write(TINY), out=out, progress=lambda *news: told.append(news))
    assert path == out / "mine.onnx"
    manifest = load_net(path).manifest
    assert (manifest.name, manifest.task, manifest.card["data"]) == ("mine", "read", "my own")
    assert 0 <= manifest.threshold <= 1
    assert manifest.card["parameters"] <= 300_000
    assert manifest.card["recipe"]["lines"] == 64
    assert not any(key in str(manifest.to_dict()) for key in (str(tmp_path), "pictures"))  # no places
    reader = Reader(path)
    answers = list(reader.read([pictures / "0.png", pictures / "1.png"]))
    assert all(math.isfinite(answer.confidence) for answer in answers)
    assert {"composing pool", "windows", "strings"} <= {what for what, *_ in told}
    assert sorted(file.name for file in out.glob("*.pt")) == ["strings.pt", "windows.pt"]


@pytest.mark.slow
def test_a_run_goes_on_with_resume_and_is_not_overwritten_without(write, pictures, tmp_path):
    config, out = write(TINY), tmp_path / "run"

    def stop_in_strings(what, done, total, remark):
        if what == "strings" and done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(config, out=out, progress=stop_in_strings)
    assert not list(out.glob("*.onnx"))
    with pytest.raises(ConfigError, match=r"holds an earlier run: add --resume"):
        train(config, out=out)
    told = []
    path = train(config, out=out, resume=True, progress=lambda *news: told.append(news[:2]))
    assert ("windows", 1) not in told
    assert [done for what, done in told if what == "strings"] == [3, 4]
    assert Reader(path).read(pictures / "0.png").confidence >= 0


@pytest.mark.slow
def test_two_processes_train_one_net_together_and_look_at_the_validation_set(write, pictures, tmp_path):
    config = write(TINY.replace("[shares]", "patience = 1\n[shares]"))
    command = ["torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "windowpane"]
    command += ["train", "read", str(config), "--out", str(tmp_path / "run")]
    done = subprocess.run([sys.executable, "-m", *command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Net: ") == 1
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert [(record["stage"], record["step"]) for record in log] == [("windows", 6), ("strings", 4)]
    assert all(record["aside"] > 0 for record in log)
    assert load_net(tmp_path / "run" / "mine.onnx").manifest.card["kept_aside"]["lines"] == 12


@pytest.mark.slow
def test_training_goes_on_from_a_net(write, pictures, tmp_path):
    steps = TINY.replace("windows_steps = 6", "windows_steps = 0").replace(
        "strings_steps = 4", "strings_steps = 0"
    )
    path = train(write('start = "digits"\n' + steps), out=tmp_path / "run")
    picture = pictures / "0.png"
    assert Reader(path).read(picture).text == Reader("digits").read(picture).text  # not a step was made
    with pytest.raises(NetFileError, match=r"none\.onnx"):
        train(write('start = "none.onnx"\n' + steps), out=tmp_path / "other")


@pytest.mark.slow
def test_the_log_is_there_for_longer_runs(write, pictures, tmp_path):
    steps = TINY.replace("windows_steps = 6", "windows_steps = 100").replace(
        "strings_steps = 4", "strings_steps = 0"
    )
    train(write(steps), out=tmp_path / "run")
    (record,) = map(json.loads, (tmp_path / "run" / "log.jsonl").read_text().splitlines())
    assert (record["stage"], record["step"]) == ("windows", 100)
    assert record["loss"] > 0


@pytest.mark.slow
def test_a_blended_net_is_between_the_one_before_and_what_was_learned(write, pictures, tmp_path):
    text = TINY.replace("sets =", 'start = "digits"\nblend = 0.001\nsets =')
    path = train(write(text), out=tmp_path / "run")
    picture = next(pictures.glob("*.png"))
    ours, theirs = (Reader(net, vote="majority").explain(picture) for net in (path, "digits"))
    assert ours.reading.text == theirs.reading.text
    np.testing.assert_allclose(np.exp(ours.voted), np.exp(theirs.voted), atol=0.05)
