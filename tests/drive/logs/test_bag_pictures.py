"""Pictures of sixteen bits in messages: stretched by what a recording uses, the same for all of it."""

from __future__ import annotations

from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from tests.drive.logs.test_bags import SIDES, write_messages

from windowpane.drive.logs.bag_pictures import decoded, sampled_numbers, stretched_alike
from windowpane.drive.logs.bags import BagRecording
from windowpane.images.depth import Levels


def message(numbers, encoding, big=0):
    rows = numbers.astype(">u2" if big else "<u2").view(np.uint8).reshape(len(numbers), -1)
    height, width = numbers.shape[:2]
    return SimpleNamespace(
        height=height, width=width, encoding=encoding, is_bigendian=big, step=rows.shape[1], data=rows.ravel()
    )


@pytest.fixture
def ramp():
    return np.linspace(0, 4095, 32 * 24).reshape(24, 32).astype(np.uint16)


@pytest.mark.parametrize("big", [0, 1])
@pytest.mark.parametrize("encoding", ["mono16", "16UC1"])
def test_twelve_bits_in_sixteen_are_seen_from_black_to_white(ramp, encoding, big):
    seen = decoded(message(ramp, encoding, big), Levels())
    assert seen.shape == (24, 32, 3)
    assert (seen.min(), seen.max()) == (0, 255)


def test_colours_of_sixteen_bits_are_in_order(ramp):
    colours = np.dstack([ramp, ramp // 2, ramp // 4])
    rgb, bgr = decoded(message(colours, "rgb16"), Levels()), decoded(message(colours, "bgr16"), Levels())
    assert np.array_equal(rgb, bgr[..., ::-1])
    assert rgb[-1, -1].tolist() == pytest.approx([255, 128, 64], abs=2)
    assert decoded(message(ramp, "bayer_rggb16"), Levels()).shape == (24, 32, 3)


def test_an_encoding_that_is_not_known_is_told_with_those_that_are(ramp):
    with pytest.raises(ValueError, match=r"'32FC1'; known are rgb8.*mono16"):
        decoded(message(ramp, "32FC1"), Levels())


def test_pictures_of_eight_bits_need_no_levels_and_damaged_ones_have_none(ramp):
    asked = {b"8": message(ramp, "mono8"), b"16": message(ramp, "mono16"), b"none": None}
    asked[b"8"].data = np.zeros(24 * 64, np.uint8)
    kind = "sensor_msgs/msg/Image"
    assert sampled_numbers(lambda data, kind: asked[data], b"8", kind) is None
    assert sampled_numbers(lambda data, kind: asked[data], b"none", kind).size == 0
    sample = sampled_numbers(lambda data, kind: asked[data], b"16", kind)
    assert sample.max() == 4095
    assert stretched_alike([]).together


@pytest.mark.parametrize("packed", [False, True])
def test_all_of_a_recording_are_stretched_alike(tmp_path, packed):
    pytest.importorskip("rosbags")
    messages = []
    for time, level in enumerate((500, 1000, 2000, 4000), 1):
        numbers = np.full((24, 32), level, np.uint16)
        image = (24, 32, "mono16", 0, 64, numbers.view(np.uint8).reshape(-1))
        kind = "sensor_msgs/msg/Image"
        if packed:
            image = ("png", cv2.imencode(".png", numbers)[1].ravel())
            kind = "sensor_msgs/msg/CompressedImage"
        messages += [(f"/{side}/image_raw", kind, time, image) for side in SIDES]
    frames = list(BagRecording(write_messages(tmp_path / "thermal", messages)))
    levels = [int(frame.left[0, 0, 0]) for frame in frames]
    assert levels == sorted(levels)
    assert levels[-1] - levels[0] > 200
    assert all(np.array_equal(frame.left, frame.right) for frame in frames)
