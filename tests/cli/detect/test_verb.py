"""``windowpane detect`` as a shell runs it, with a net that finds bright squares of 16, 32, 64 pixels.

It is no clever net: the squares lie on its windows.
"""

import json

import cv2
import numpy as np
import onnx
import pytest

from windowpane.core.netfile import Manifest, Output, save
from windowpane.core.windows import Window


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """A net whose windows of 24 pixels, in steps of 4, look for a bright middle of 16 pixels."""
    return write_net(tmp_path_factory.mktemp("nets") / "squares.onnx", ("face",))


def write_net(path, labels):
    proto = onnx.parser.parse_model(f"""
        <ir_version: 8, opset_import: ["": 17]>
        net (float[N, 1, H, W] image) => (float[N, {len(labels)}, R, C] score, float[N, 4, R, C] box) {{
            score = Conv<strides = [4, 4]>(image, bright, biases)
            box = Conv<strides = [4, 4]>(image, nothing, smaller)
        }}""")
    middle = np.zeros((24, 24), bool)
    middle[4:-4, 4:-4] = True
    bright = 20 * np.where(middle, 1 / middle.sum(), -1 / (~middle).sum())
    numbers = {
        "bright": np.stack(len(labels) * [bright[None]]),
        "biases": np.full(len(labels), -15.0),
        "nothing": np.zeros((4, 1, 24, 24)),
        "smaller": np.log([1, 1, 2**-0.25, 2**-0.25]),  # than the nominal size, half a step
    }
    for name, values in numbers.items():
        proto.graph.initializer.append(onnx.numpy_helper.from_array(values.astype(np.float32), name))
    window = Window(24, 24, (4, 4))
    outputs = (Output("score", labels, window), Output("box", ("x", "y", "width", "height"), window))
    settings = {"object_size": 16 * 2**0.25, "aspect": 1, "overlap": 0.3}
    manifest = Manifest("squares", "detect", 1, "grey", (0.0,), (1.0,), outputs, 0.5, settings)
    return save(path, proto.SerializeToString(), manifest).source


@pytest.fixture
def detect(run, net):
    """Run ``windowpane detect ARGS`` with that net, from 16 pixels on."""
    return lambda *args, **given: run("detect", "--net", net, "--min-size", 16, *args, **given)


@pytest.fixture
def squares(tmp_path):
    """Write a black picture of 160 x 120 with white squares, (x, y, size) each; gives its path."""

    def write(name, *places):
        image = np.zeros((120, 160, 3), np.uint8)
        for x, y, size in places:
            image[y : y + size, x : x + size] = 255
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), image)
        return path

    return write


def records(answer):
    return [json.loads(line) for line in answer.out.splitlines()]


def test_json_has_one_object_a_picture(detect, squares):
    path = squares("a.png", (20, 40, 16), (96, 64, 32))
    answer = detect("--json", path)
    assert (answer.status, answer.err) == (0, "")
    (record,) = records(answer)
    assert list(record) == ["image", "width", "height", "faces"]
    assert (record["image"], record["width"], record["height"]) == (str(path), 160, 120)
    assert sorted(one["box"] for one in record["faces"]) == [
        pytest.approx([20, 40, 36, 56], abs=1),
        pytest.approx([96, 64, 128, 96], abs=1),
    ]
    scores = [one["score"] for one in record["faces"]]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0.5


def test_a_picture_without_a_face_has_an_empty_list(detect, squares):
    answer = detect("--json", squares("a.png"))
    assert answer.status == 0
    assert records(answer)[0]["faces"] == []


def test_every_class_of_a_net_has_a_key(detect, squares, tmp_path):
    two = write_net(tmp_path / "two.onnx", ("dog", "fox"))
    path = squares("a.png", (20, 40, 16))
    (record,) = records(detect("--json", "--net", two, path))
    assert list(record) == ["image", "width", "height", "dogs", "foxes"]
    answer = detect("--net", two, path)
    assert [line.split()[0] for line in answer.out.splitlines()[1:]] == ["dogs", "foxes"]


def test_a_broken_picture_has_an_error_and_the_others_their_answers(detect, squares, tmp_path):
    broken, missing = tmp_path / "b.png", tmp_path / "missing.png"
    broken.write_text("no picture")
    good = squares("a.png", (20, 40, 16))
    answer = detect("--json", good, broken, missing, good)
    assert answer.status == 1
    first, second, third, last = records(answer)
    assert len(first["faces"]) == len(last["faces"]) == 1
    assert set(second) == set(third) == {"image", "error"}
    assert "missing.png" in third["error"]


def test_people_get_a_line_a_face(detect, squares, tmp_path):
    answer = detect(squares("a.png", (20, 40, 16)), squares("b.png"), tmp_path / "c.png")
    assert answer.status == 1
    first, face, second = answer.out.splitlines()
    assert first.endswith("a.png: 1 found")
    assert "%  at " in face
    assert second.endswith("b.png: 0 found")
    assert answer.err.startswith("windowpane: ")
    assert answer.err.count("\n") == 1


def test_sizes_and_threshold_reach_the_detector(detect, squares):
    path = squares("a.png", (16, 80, 16), (64, 32, 64))

    def widths(*options):
        (record,) = records(detect("--json", *options, path))
        return sorted(one["box"][2] - one["box"][0] for one in record["faces"])

    assert widths() == pytest.approx([16, 64])
    assert widths("--min-size", 64) == pytest.approx([64])
    assert widths("--max-size", 20) == pytest.approx([16])
    assert widths("--threshold", 1) == widths("--score", 1) == []


def test_folders_come_in_natural_order_and_a_dash_is_standard_input(detect, squares):
    for number in (10, 9):
        path = squares(f"scans/p{number}.png", (20, 40, 16))
    answer = detect("--json", path.parent, "-", stdin=path.read_bytes())
    names = [record["image"].rsplit("/")[-1] for record in records(answer)]
    assert names == ["p9.png", "p10.png", "-"]
    assert all(len(record["faces"]) == 1 for record in records(answer))


def test_drawn_pictures_go_to_the_folder(detect, squares, tmp_path):
    one, other = squares("x/a.png", (20, 40, 16)), squares("y/a.png", (20, 40, 16), (100, 60, 16))
    out = tmp_path / "new" / "drawn"
    answer = detect("--json", "--out", out, one, other, "-", stdin=one.read_bytes())
    files = [record["file"] for record in records(answer)]
    assert len(set(files)) == 3
    assert {str(path) for path in out.iterdir()} == set(files)
    for path, source in zip(files, (one, other, one), strict=True):
        drawn, picture = cv2.imread(path), cv2.imread(str(source))
        assert drawn.shape == picture.shape
        changed = (drawn != picture).any(axis=-1)
        assert changed[39:58, 19:38].any(), "a box is drawn around the square"
        assert not changed[:20].any()
    orange = cv2.imread(files[0])[..., ::-1]
    assert (orange == [234, 88, 12]).all(axis=-1).any(), "in the colours that were meant"


def test_the_pictures_themselves_are_left_alone(detect, squares):
    path = squares("a.png", (20, 40, 16))
    before = path.read_bytes()
    assert detect("--out", path.parent, path).status == 0
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_made_is_wrong_usage(detect, squares, tmp_path):
    (tmp_path / "file").write_text("")
    answer = detect("--out", tmp_path / "file", squares("a.png"))
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("windowpane: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("options", [("--net", "nosuch"), ("--net", "digits"), ("--max-size", 5)])
def test_what_cannot_be_used_is_one_sentence(detect, squares, options):
    answer = detect(*options, squares("a.png"))
    assert (answer.status, answer.out) == (2, "")
    assert answer.err.startswith("windowpane: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize(
    "option", [("--min-size", 0), ("--threshold", 1.5), ("--score", 1.5), ("--threads", 0), ("--wings", 2)]
)
def test_impossible_options_are_wrong_usage(run, squares, option):
    answer = run("detect", *option, squares("a.png"))
    assert (answer.status, answer.out) == (2, "")
    assert "Traceback" not in answer.err
