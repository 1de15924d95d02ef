"""What is wrong with a folder of labelled scenes."""

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.data.check.scenes import check_scenes
from windowpane.data.scenes import UNKNOWN, read_numbers


def test_a_sound_folder_has_no_problems(scene_folder):
    assert check_scenes(scene_folder).problems == ()


def test_numbers_that_are_no_class_are_told_of(scene_folder):
    labels = read_numbers(scene_folder / "labels" / "b.png")
    labels[20:22, :10] = 7
    cv2.imwrite(str(scene_folder / "labels" / "b.png"), labels)
    (problem,) = check_scenes(scene_folder).problems
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
    (problem,) = check_scenes(scene_folder).problems
    assert problem.file.name == name
    assert message in problem.message


def test_what_is_there_is_told_with_its_unknown_pixels(scene_folder):
    assert check_scenes(scene_folder).found == (
        "labelled scenes: 3 pictures, 40 x 30 pixels",
        "pixels: path 47.9%, bush 50.0%, (unknown) 2.1%",
    )


def test_a_class_without_a_pixel_is_a_warning_where_two_others_have_some(scene_folder):
    spoil_class(scene_folder)
    findings = check_scenes(scene_folder)
    assert not findings.faults
    assert "'water' has no pixel" in findings.warnings[0].message


def test_masks_of_0_and_255_are_told_to_be_half_unknown(scene_folder):
    for path in (scene_folder / "labels").glob("*.png"):
        labels = np.zeros((30, 40), np.uint8)
        labels[:, 20:] = UNKNOWN
        cv2.imwrite(str(path), labels)
    fault, note = check_scenes(scene_folder).problems
    assert "'bush' has no pixel" in fault.message
    assert "no numbers but 0 and 255, and 255 is unknown" in note.message
    assert "(unknown) 50.0%" in check_scenes(scene_folder).found[1]


@pytest.fixture
def turned(scene_folder):
    """Save the first picture with an EXIF orientation, its classes in two colours; gives the problems."""

    def turned(orientation, labels):
        cv2.imwrite(str(scene_folder / "labels" / "a.png"), labels)
        pixels = np.repeat(np.where(labels == 0, 90, 180)[..., None], 3, axis=2).astype(np.uint8)
        exif = Image.Exif()
        exif[0x0112] = orientation
        Image.fromarray(pixels).save(scene_folder / "images" / "a.jpg", exif=exif)
        return check_scenes(scene_folder).problems

    return turned


def test_a_picture_that_exif_turns_sideways_is_named_as_the_cause(turned):
    (problem,) = turned(6, np.zeros((30, 40), np.uint8))
    assert not problem.note
    assert "and its picture 30 x 40: that is turned upright by its EXIF orientation (6)" in problem.message


def test_labels_that_fit_a_half_turned_picture_as_it_is_stored_are_at_fault(turned):
    labels = np.zeros((30, 40), np.uint8)
    labels[:, 30:] = 1
    (problem,) = turned(3, labels)
    assert not problem.note
    assert "EXIF orientation (3), and these labels fit it as it is stored" in problem.message
    labels = np.zeros((30, 40), np.uint8)
    labels[10:20, 10:30] = 1  # the same either way
    (problem,) = turned(3, labels)
    assert problem.note
