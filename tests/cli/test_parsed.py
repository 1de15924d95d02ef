"""The files that ``windowpane parse`` writes, of pages and of films."""

import json

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.parse.conftest import net_file


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    return net_file(tmp_path_factory.mktemp("nets")).source


def records(done):
    return [json.loads(line) for line in done.out.splitlines()]


def test_every_page_has_its_labels(run, net, tmp_path):
    pages = [Image.new("RGB", (120, 80), colour) for colour in ("red", "blue")]
    pages[0].save(tmp_path / "scan.tif", save_all=True, append_images=pages[1:])
    done = run("parse", tmp_path / "scan.tif", "--net", net, "--out", tmp_path / "out", "--json")
    first, second = records(done)
    assert list(first)[:2] == ["image", "page"]
    assert (first["page"], second["page"]) == (1, 2)
    assert first["labels"]["red"] == second["labels"]["blue"] == 1
    assert second["file"] == str(tmp_path / "out" / "scan-p2-labels.png")
    assert (
        "scan.tif, page 2: " in run("parse", tmp_path / "scan.tif", "--net", net, "--out", tmp_path / "o").out
    )


def test_a_film_has_labels_a_frame_and_a_film_of_overlays(run, net, tmp_path):
    writer = cv2.VideoWriter(str(tmp_path / "w.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 10, (120, 80))
    for colour in ((0, 0, 250), (250, 0, 0), (250, 0, 0)):
        writer.write(np.full((80, 120, 3), colour, np.uint8))
    writer.release()
    done = run("parse", tmp_path / "w.avi", "--net", net, "--out", tmp_path / "out", "--json")
    assert done.status == 0, done.err
    *frames, last = records(done)
    assert [frame["frame"] for frame in frames] == [0, 1, 2]
    assert frames[0]["labels"]["red"] == frames[2]["labels"]["blue"] == 1
    assert frames[2]["file"] == str(tmp_path / "out" / "w-labels" / "000002.png")
    assert (cv2.imread(frames[2]["file"], cv2.IMREAD_UNCHANGED) == 2).all()
    assert last == {
        "image": str(tmp_path / "w.avi"),
        "frames": 3,
        "file": str(tmp_path / "out" / "w-parsed.mp4"),
    }
    assert cv2.VideoCapture(last["file"]).get(cv2.CAP_PROP_FRAME_COUNT) == 3


def test_a_broken_film_has_an_error_and_the_others_their_answers(run, net, tmp_path):
    (tmp_path / "bad.mp4").write_text("no film")
    Image.new("RGB", (120, 80), "red").save(tmp_path / "a.png")
    files = (tmp_path / "bad.mp4", tmp_path / "a.png")
    done = run("parse", *files, "--net", net, "--out", tmp_path / "out", "--json")
    assert done.status == 1
    broken, whole = records(done)
    assert "bad.mp4 cannot be opened" in broken["error"]
    assert whole["labels"]["red"] == 1
