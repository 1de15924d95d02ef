"""Which files are meant by names, folders and patterns, and in what order."""

import os

import pytest
from PIL import Image

from windowpane import images
from windowpane.errors import ImageError
from windowpane.images.folders import in_order, left_out


def test_expand(tmp_path):
    for name in ("p10.png", "p2.JPG", "p1.tif", ".hidden.png", "notes.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub.png").mkdir()
    (tmp_path / "sub.png" / "deep.png").touch()

    def names(*paths):
        return [os.path.relpath(name, tmp_path) for name in images.expand([str(path) for path in paths])]

    assert names(tmp_path) == ["p1.tif", "p2.JPG", "p10.png"]
    assert names(tmp_path / "*.png") == ["p10.png"]
    assert names(tmp_path / "p*") == ["p1.tif", "p2.JPG", "p10.png"]
    assert names(tmp_path / "**/*.png") == ["p10.png", "sub.png/deep.png"]
    assert names(tmp_path / "p2.JPG", tmp_path / "notes.txt") == ["p2.JPG", "notes.txt"]
    assert list(images.expand(["-"])) == ["-"]


def test_expand_takes_a_file_name_with_brackets_literally(tmp_path):
    (tmp_path / "scan[1].png").touch()
    assert list(images.expand([tmp_path / "scan[1].png"])) == [str(tmp_path / "scan[1].png")]


def test_expand_leaves_the_reason_to_load_and_goes_on(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "good.png")
    (tmp_path / "none").mkdir()
    inputs = [tmp_path / "none", tmp_path / "x*.png", tmp_path / "gone.png", tmp_path / "good.png"]
    reasons = []
    for name in images.expand(inputs):
        try:
            images.load(name)
        except ImageError as error:
            reasons.append(str(error))
        else:
            assert name.endswith("good.png")
    assert [reason.rsplit("/", 1)[1].split(" (")[0] for reason in reasons] == [
        "none is a folder without images",
        "x*.png matches no file.",
        "gone.png does not exist.",
    ]


@pytest.mark.parametrize("folder", ["scans [2023] ü", "a*b", "one?", "[", "deep [1]/er [2]"])
@pytest.mark.parametrize("pattern", ["*.jpg", "p[12].jpg", "**/*.jpg"])
def test_a_pattern_works_inside_a_folder_whose_name_looks_like_one(tmp_path, folder, pattern):
    (tmp_path / folder).mkdir(parents=True)
    for name in ("p1.jpg", "p2.jpg", "q.png"):
        (tmp_path / folder / name).touch()
    found = list(images.expand([f"{tmp_path}/{folder}/{pattern}"]))
    assert [os.path.basename(name) for name in found] == ["p1.jpg", "p2.jpg"]


def test_brackets_behind_a_star_are_names_where_no_file_is_meant_otherwise(tmp_path):
    (tmp_path / "day" / "scans [1]").mkdir(parents=True)
    (tmp_path / "day" / "scans [1]" / "a.png").touch()
    assert len(list(images.expand([f"{tmp_path}/*/scans [1]/*.png"]))) == 1
    assert list(images.expand([f"{tmp_path}/*/scans [1]/a.png"])) == [str(tmp_path / "day/scans [1]/a.png")]


def test_every_suffix_that_can_be_read_is_taken(tmp_path):
    for suffix in ("jfif", "jpe", "mpo", "pbm", "gif", "HEIC", "avif", "heif", "dib", "apng"):
        (tmp_path / f"a.{suffix}").touch()
    assert len(list(images.expand([tmp_path]))) == 10
    assert left_out(tmp_path) == {}


def test_what_is_left_out_is_counted_by_its_kind(tmp_path):
    for name in ("a.png", "b.TXT", "c.txt", "d.mp4", "e", ".hidden.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    assert left_out(tmp_path) == {".mp4": 1, ".txt": 2, "folder": 1, "no suffix": 1}


@pytest.mark.parametrize(
    "names",
    [
        ["0.6.png", "0.65.png", "0.7.png", "0.75.png", "1.05.png", "10.0.png"],
        ["1403636579.6.png", "1403636579.65.png", "1403636579.7.png", "1403636580.0.png"],
        ["1403636579.763555527.png", "1403636579.8.png"],
        ["t0.5_left.png", "t0.55_left.png", "t0.6_left.png", "t12.1_left.png"],
        ["page 1.9.png", "page 1.10.png", "page 1.11.png", "page 2.1.png"],
        ["v1.2.9.png", "v1.2.10.png", "v1.10.1.png"],
        ["a.png", "b.png"],
        ["1.50.png", "1.75.png", "2.00.png"],
    ],
)
def test_numbers_sort_by_their_value_decimals_too(names):
    assert in_order(reversed(names)) == names
    beside = [f"rec_1.10/{name}" for name in names]
    assert in_order(reversed(beside)) == beside
