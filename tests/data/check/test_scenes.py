"""What is wrong with a folder of labelled scenes."""

import cv2
import numpy as np
import pytest

from windowpane.data.check.scenes import check_scenes
from windowpane.data.scenes import read_numbers


def test_a_sound_folder_has_no_problems(scene_folder):
    assert check_scenes(scene_folder) == []


def test_numbers_that_are_no_class_are_told_of(scene_folder):
    labels = read_numbers(scene_folder / "labels" / "b.png")
    labels[20:22, :10] = 7
    cv2.imwrite(str(scene_folder / "labels" / "b.png"), labels)
    (problem,) = check_scenes(scene_folder)
    assert "20 pixels have the number 7" in str(problem)
    assert problem.file.name == "b.png"


def spoil_size(folder):
    cv2.imwrite(str(folder / "labels" / "a.png"), np.zeros((20, 40), np.uint8))


def spoil_missing(folder):
    (folder / "labels" / "a.png").unlink()


def spoil_picture(folder):
    (folder / "images" / "a.jpg").write_bytes(b"no picture")


def spoil_colours(folder):
    cv2.imwrite(str(folder / "labels" / "a.png"), np.zeros((30, 40, 3), np.uint8))


def spoil_class(folder):
    (folder / "classes.txt").write_text("path\nbush\nwater\n")


def spoil_more(folder):
    cv2.imwrite(str(folder / "labels" / "z.png"), np.zeros((30, 40), np.uint8))


@pytest.mark.parametrize(
    ("spoil", "name", "message"),
    [
        (spoil_size, "a.png", "40 x 20 pixels, and its picture 40 x 30"),
        (spoil_missing, "a.jpg", "are missing"),
        (spoil_picture, "a.jpg", "is no JPEG"),
        (spoil_colours, "a.png", "one 8-bit channel"),
        (spoil_class, "classes.txt", "'water' has no pixel"),
        (spoil_more, "z.png", "no picture z"),
    ],
)
def test_a_fault_is_found_in_its_file(scene_folder, spoil, name, message):
    spoil(scene_folder)
    (problem,) = check_scenes(scene_folder)
    assert problem.file.name == name
    assert message in problem.message
