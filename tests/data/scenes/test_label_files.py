"""Label pictures: numbers as they are stored, and colours by a list."""

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.data.class_list import UNKNOWN, read_class_list
from windowpane.data.scenes.label_files import named_labels, read_numbers
from windowpane.errors import DataError

NUMBERS = np.array([[0, 1, 2], [3, 1, 0]], np.uint8)


def palette(bits):
    image = Image.fromarray(NUMBERS if bits > 1 else NUMBERS % 2, "P")
    image.putpalette([200, 10, 10, 10, 200, 10, 10, 10, 200, 7, 7, 7])
    return image, {"bits": bits, "transparency": 0}


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
def test_places_of_a_palette_are_the_numbers(tmp_path, bits):
    image, options = palette(bits)
    image.save(tmp_path / "a.png", **options)
    np.testing.assert_array_equal(read_numbers(tmp_path / "a.png"), NUMBERS if bits > 1 else NUMBERS % 2)


def test_packed_and_wide_grey_are_the_numbers(tmp_path):
    Image.fromarray(NUMBERS % 2 > 0).save(tmp_path / "one.png")
    np.testing.assert_array_equal(read_numbers(tmp_path / "one.png"), NUMBERS % 2)
    cv2.imwrite(str(tmp_path / "sixteen.png"), NUMBERS.astype(np.uint16))
    np.testing.assert_array_equal(read_numbers(tmp_path / "sixteen.png"), NUMBERS)
    cv2.imwrite(str(tmp_path / "a.tif"), NUMBERS)
    np.testing.assert_array_equal(read_numbers(tmp_path / "a.tif"), NUMBERS)


@pytest.mark.parametrize(
    ("name", "pixels", "message"),
    [
        ("a.png", np.full((2, 3, 3), 9, np.uint8), "one 8-bit channel.*has colours: 9, 9, 9"),
        ("a.png", np.full((2, 3), 900, np.uint16), "one 8-bit channel.*numbers up to 900"),
        ("a.jpg", NUMBERS, "is a JPEG, which blurs numbers"),
    ],
)
def test_what_has_no_numbers_is_told(tmp_path, name, pixels, message):
    cv2.imwrite(str(tmp_path / name), pixels)
    with pytest.raises(DataError, match=message):
        read_numbers(tmp_path / name)


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n and then nothing"])
def test_a_broken_file_is_refused(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(DataError, match=r"a\.png: "):
        read_numbers(tmp_path / "a.png")


@pytest.fixture
def painted(tmp_path):
    """Write a label picture of colours; gives what it says by a list of these lines."""

    def read(lines, colours, depth=np.uint8):
        pixels = np.array([colours], depth)
        cv2.imwrite(str(tmp_path / "a.png"), pixels[..., ::-1] if pixels.ndim == 3 else pixels)
        (tmp_path / "classes.txt").write_text("\n".join(lines))
        return named_labels(tmp_path / "a.png", read_class_list(tmp_path / "classes.txt", of_pixels=True))

    return read


LINES = ("void 0 0 0", "grass 0 102 0", "road 64,64,64")


def test_colours_are_the_classes_that_the_list_gives_them_to(painted):
    found = painted(LINES, [[64, 64, 64], [0, 102, 0], [0, 0, 0], [1, 2, 3]])
    assert found.labels.tolist() == [[1, 0, UNKNOWN, UNKNOWN]]
    assert found.nameless == {"the colour 1, 2, 3": 1}
    wide = painted(LINES, [[64 * 257] * 3, [0, 102 * 257, 0]], np.uint16)
    assert wide.labels.tolist() == [[1, 0]]


def test_numbers_are_the_lines_of_a_list_with_colours_too(painted):
    assert painted(LINES, [0, 1, 2, UNKNOWN]).labels.tolist() == [[UNKNOWN, 0, 1, UNKNOWN]]
    assert painted(["grass", "unknown", "road"], [0, 1, 2]).labels.tolist() == [[0, UNKNOWN, 1]]
    assert painted(["grass", "road"], [0, 1, 4]).nameless == {"the number 4": 1}


def test_a_mask_of_black_and_white_is_read_by_its_colours(painted):
    assert painted(["background 0 0 0", "road 255 255 255"], [255, 0]).labels.tolist() == [[1, 0]]


def test_colours_of_well_known_sets_need_no_list_of_colours(painted):
    assert painted(["Sky", "Tree"], [[128, 128, 0], [128, 128, 128], [0, 0, 0]]).labels.tolist() == [
        [1, 0, 255]
    ]
    assert painted(["sky", "traffic light"], [[250, 170, 30], [70, 130, 180]]).labels.tolist() == [[1, 0]]
    with pytest.raises(DataError, match=r"has colours: .*write behind each name in classes\.txt its colour"):
        painted(["sky", "whatever"], [[250, 170, 30]])
