"""More bits than eight: what is black and white, alone and in a folder."""

from itertools import pairwise

import cv2
import numpy as np
import pytest

from windowpane.errors import ImageError
from windowpane.images import load
from windowpane.images.depth import Levels, span_of
from windowpane.images.loader import load_told
from windowpane.images.video import frames

PARTS = [(0, 1023), (30, 4080), (7000, 8020), (0, 3060), (30000, 34000), (0, 60)]
WHOLES = [(0, 65535), (100, 60000), (30000, 60000), (0, 255), (20, 200), (777, 777)]


def ramp(low, high, dtype=np.uint16):
    return np.linspace(low, high, 60 * 40).reshape(40, 60).astype(dtype)


@pytest.mark.parametrize(("low", "high"), PARTS)
def test_a_part_of_the_range_is_stretched(low, high):
    for numbers in (ramp(low, high), np.dstack([ramp(low, high)] * 3)):
        picture = load(numbers)
        assert picture.min() < 10
        assert picture.max() > 250
        assert (np.diff(picture[0, :, 0].astype(int)) >= 0).all()


@pytest.mark.parametrize(("low", "high"), WHOLES)
def test_what_uses_its_range_or_is_of_eight_bits_stays_as_it_is(low, high):
    white = 255 if 128 <= high <= 255 else 65535
    assert np.abs(load(ramp(low, high))[..., 0] - ramp(low, high) * (255 / white)).max() <= 0.51


def test_a_few_odd_pixels_have_no_say():
    numbers = ramp(7000, 8000)
    numbers[0, 0], numbers[0, 1] = 0, 65535
    assert 100 < load(numbers)[20, 30, 0] < 155


def test_noise_around_one_level_is_not_blown_up():
    noise = np.random.default_rng(0).integers(500, 504, (40, 60)).astype(np.uint16)
    assert np.ptp(load(noise)) < 40


def test_colours_are_stretched_alike_and_opacity_is_not():
    numbers = np.zeros((40, 60, 4), np.uint16)
    numbers[..., 0], numbers[..., 1] = ramp(0, 1000), ramp(0, 500)
    numbers[..., 3] = 65535
    picture = load(numbers).astype(int)
    assert np.abs(picture[..., 0] - 2 * picture[..., 1]).max() <= 2
    assert picture[..., 2].max() == 0
    numbers[..., 3] = 0
    assert (load(numbers) == 255).all()


def test_what_was_done_is_said():
    assert load_told(ramp(0, 4080)).notes == (
        "holds numbers of 16 bits, of which 0 to 4080 are used: 0 was read as black, 4075 as white",
    )
    assert load_told(ramp(0, 65535)).notes == ()


@pytest.fixture
def walk(tmp_path):
    """Write a folder of pictures of 12 bits, each darker than the one before; gives their paths."""
    (tmp_path / "walk").mkdir()
    paths = [tmp_path / "walk" / f"{number}.png" for number in range(20)]
    for number, path in enumerate(paths):
        cv2.imwrite(str(path), ramp(0, 4000 - 190 * number))
    return paths


def test_pictures_of_a_folder_stay_alike(walk, tmp_path):
    levels = Levels(walk)
    brightest = [int(load(path, levels=levels).max()) for path in walk]
    assert all(later < earlier for earlier, later in pairwise(brightest))
    assert brightest[0] > 240
    assert brightest[-1] < 40
    alone = [int(load(path).max()) for path in walk]
    assert min(alone) > 240
    assert [int(frame.max()) for frame in frames(tmp_path / "walk")] == brightest
    assert "its folder's pictures use" in load_told(walk[3], levels=levels).notes[0]


def test_the_order_of_loading_changes_nothing(walk):
    forth, back = Levels(walk), Levels(walk)
    first = [load(path, levels=forth) for path in walk]
    last = [load(path, levels=back) for path in reversed(walk)]
    assert all(map(np.array_equal, first, reversed(last)))


def test_folders_have_levels_of_their_own(walk, tmp_path):
    (tmp_path / "dark").mkdir()
    cv2.imwrite(str(tmp_path / "dark" / "a.png"), ramp(0, 300))
    levels = Levels([*walk, tmp_path / "dark" / "a.png"])
    assert load(walk[0], levels=levels).max() > 240
    assert load(tmp_path / "dark" / "a.png", levels=levels).max() > 240


def test_two_cameras_can_be_alike(walk, tmp_path):
    (tmp_path / "right").mkdir()
    cv2.imwrite(str(tmp_path / "right" / "a.png"), ramp(0, 300))
    levels = Levels([walk[0], tmp_path / "right" / "a.png"], together=True)
    assert load(tmp_path / "right" / "a.png", levels=levels).max() < 40
    assert load(walk[0], levels=levels).max() > 240


def test_floats_of_an_array_are_0_to_1():
    with pytest.raises(ImageError, match=r"floats from 0 to 3060; expected 0\.\.1"):
        load(ramp(0, 3060, np.float32))


@pytest.mark.parametrize(
    "sample", [np.array([], np.uint16), np.array([np.inf, 1e300, -1e300]), np.zeros(5, np.int16)]
)
def test_odd_numbers_have_a_span(sample):
    span = span_of(sample[np.isfinite(sample)])
    assert span.white > span.black
