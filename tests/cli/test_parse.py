"""``windowpane parse`` as a shell runs it, with a net that tells red, green and blue apart."""

import json
import sys

import cv2
import numpy as np
import pytest
from tests.parse.conftest import net_file

from windowpane.errors import install


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return net_file(tmp_path_factory.mktemp("nets")).source


@pytest.fixture
def flag(tmp_path):
    """Write a picture, 120 x 80, red at the left and blue at the right; gives its path."""

    def write(name="flag.png"):
        picture = np.full((80, 120, 3), (200, 20, 20), np.uint8)
        picture[:, 60:] = (20, 20, 200)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), picture[..., ::-1])
        return path

    return write


def test_labels_are_a_png_of_class_numbers_in_the_size_of_the_picture(run, net, flag, tmp_path):
    done = run("parse", flag(), "--net", net, "--out", tmp_path / "out", "--json")
    assert done.status == 0, done.err
    (record,) = map(json.loads, done.out.splitlines())
    assert record["labels"] == {
        "red": pytest.approx(0.5, abs=0.01),
        "green": 0,
        "blue": pytest.approx(0.5, abs=0.01),
    }
    labels = cv2.imread(record["file"], cv2.IMREAD_UNCHANGED)
    assert (labels.dtype, labels.shape) == (np.uint8, (80, 120))
    assert (labels[:, :58] == 0).all()
    assert (labels[:, 62:] == 2).all()
    overlay = cv2.imread(record["overlay"])
    assert overlay.shape[1] == 120
    assert overlay.shape[0] > 80, "a legend stands below"


def test_people_see_the_share_of_each_class_that_is_there(run, net, flag, tmp_path):
    done = run("parse", flag(), "--net", net, "--out", tmp_path / "out")
    assert "50.0 %  red" in done.out
    assert "50.0 %  blue" in done.out
    assert "green" not in done.out


def test_a_bad_picture_keeps_no_other_from_its_answer(run, net, flag, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    done = run("parse", bad, flag(), "--net", net, "--out", tmp_path / "out", "--json")
    assert done.status == 1
    records = [json.loads(line) for line in done.out.splitlines()]
    assert ["error" in record for record in records] == [True, False]


def test_a_net_of_another_system_is_refused_in_one_sentence(run, flag, tmp_path):
    done = run("parse", flag(), "--net", "faces", "--out", tmp_path / "out")
    assert done.status == 2
    assert "windowpane train parse" in done.err


@pytest.fixture
def album(flag, tmp_path):
    """Write a folder of two labelled flags, one of them labelled the wrong way round; gives its path."""
    for name in ("a", "b"):
        flag(f"images/{name}.png")
    labels = np.zeros((80, 120), np.uint8)
    labels[:, 60:] = 2
    (tmp_path / "labels").mkdir()
    cv2.imwrite(str(tmp_path / "labels" / "a.png"), labels)
    cv2.imwrite(str(tmp_path / "labels" / "b.png"), labels[:, ::-1])
    (tmp_path / "classes.txt").write_text("red\ngreen\nblue\n")
    return tmp_path


def test_eval_parse_measures_a_folder_of_ones_own(run, net, album, tmp_path):
    done = run("eval", "parse", tmp_path, "--net", net, "--out", tmp_path / "out", "--json")
    assert done.status == 0, done.err
    (row,) = map(json.loads, done.out.splitlines())
    assert row["pictures"] == 2
    assert row["pixel_accuracy"] == pytest.approx(0.5, abs=0.01)
    assert row["mean_iou"] == pytest.approx(1 / 3, abs=0.01)
    (tmp_path / "classes.txt").write_text("path\nbush\nwater\n")
    done = run("eval", "parse", tmp_path, "--net", net, "--out", tmp_path / "out")
    assert done.status == 1
    assert "the net knows red, green, blue" in done.err
    done = run("check", tmp_path)
    assert done.status == 1
    assert "'bush' has no pixel" in done.out


def test_eval_parse_measures_with_superpixels_too(run, net, album, tmp_path, monkeypatch):
    done = run("eval", "parse", album, "--net", net, "--out", tmp_path / "out", "--superpixels", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["pixel_accuracy"] == 0.5  # all pixels of one half are alike now
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    done = run("eval", "parse", album, "--net", net, "--out", tmp_path / "out", "--superpixels")
    assert done.status != 0
    assert install("superpixels") in done.err


@pytest.mark.parametrize("option", ["--tta", "--looks"])
def test_it_looks_as_often_as_is_said(run, net, tmp_path, option):
    """--looks is the option's old name."""
    picture = np.random.default_rng(0).integers(0, 256, (60, 80, 3), dtype=np.uint8)
    cv2.imwrite(str(tmp_path / "noise.png"), picture)
    shares = []
    for views in (1, 4):
        out = tmp_path / str(views)
        done = run("parse", tmp_path / "noise.png", "--net", net, "--out", out, option, views, "--json")
        assert done.status == 0, done.err
        shares.append(json.loads(done.out)["labels"])
    assert shares[0] != shares[1]
    done = run("parse", tmp_path / "noise.png", "--net", net, "--out", tmp_path / "out", option, 3)
    assert done.status == 2
    assert "1, 2, 4 times, not 3" in " ".join(done.err.replace("│", " ").split())
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("verb", [["parse"], ["batch", "parse"], ["eval", "parse"]])
def test_help_shows_one_name_of_an_option(run, verb):
    told = run(*verb, "--help").out
    assert "--tta" in told
    assert "--looks" not in told


def test_superpixels_are_an_option(run, net, flag, tmp_path):
    done = run("parse", flag(), "--net", net, "--out", tmp_path / "out", "--superpixels", "--json")
    assert done.status == 0, done.err
    assert json.loads(done.out)["labels"] == {"red": 0.5, "green": 0, "blue": 0.5}


def test_the_variable_limits_pixels_as_the_option_does_which_goes_before_it(
    run, net, flag, tmp_path, monkeypatch
):
    monkeypatch.setenv("WINDOWPANE_MAX_PIXELS", "100")
    given = ("parse", flag(), "--net", net, "--out", tmp_path / "out")
    done = run(*given)
    assert done.status == 1
    assert "120 x 80" in done.err
    assert run(*given, "--max-pixels", 10_000).status == 0
