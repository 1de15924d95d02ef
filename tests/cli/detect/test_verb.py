"""``windowpane detect`` as a shell runs it."""

import cv2
import pytest


def test_json_has_one_object_a_picture(detect, squares, records):
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


def test_a_picture_without_a_face_has_an_empty_list(detect, squares, records):
    answer = detect("--json", squares("a.png"))
    assert answer.status == 0
    assert records(answer)[0]["faces"] == []


def test_every_class_of_a_net_has_a_key(detect, squares, tmp_path, make_net, records):
    two = make_net(tmp_path / "two.onnx", ("dog", "fox"))
    path = squares("a.png", (20, 40, 16))
    (record,) = records(detect("--json", "--net", two, path))
    assert list(record) == ["image", "width", "height", "dogs", "foxes"]
    answer = detect("--net", two, path)
    assert [line.split()[0] for line in answer.out.splitlines()[1:]] == ["dogs", "foxes"]


def test_a_broken_picture_has_an_error_and_the_others_their_answers(detect, squares, tmp_path, records):
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


def test_sizes_and_threshold_reach_the_detector(detect, squares, records):
    path = squares("a.png", (16, 80, 16), (64, 32, 64))

    def widths(*options):
        (record,) = records(detect("--json", *options, path))
        return sorted(one["box"][2] - one["box"][0] for one in record["faces"])

    assert widths() == pytest.approx([16, 64])
    assert widths("--min-size", 64) == pytest.approx([64])
    assert widths("--max-size", 20) == pytest.approx([16])
    assert widths("--threshold", 1) == widths("--score", 1) == []


def test_folders_come_in_natural_order_and_a_dash_is_standard_input(detect, squares, records):
    for number in (10, 9):
        path = squares(f"scans/p{number}.png", (20, 40, 16))
    answer = detect("--json", path.parent, "-", stdin=path.read_bytes())
    names = [record["image"].rsplit("/")[-1] for record in records(answer)]
    assert names == ["p9.png", "p10.png", "-"]
    assert all(len(record["faces"]) == 1 for record in records(answer))


def test_drawn_pictures_go_to_the_folder(detect, squares, tmp_path, records):
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
