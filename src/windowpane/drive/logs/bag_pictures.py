"""Pictures in messages of ROS (``sensor_msgs``): their encodings, of eight bits and of sixteen.

Numbers of sixteen bits are stretched by what they use, the same for all of a recording, as
`windowpane.images.depth` has it for folders.

Source: ROS, ``sensor_msgs/image_encodings.hpp``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.images import depth, most_pixels
from windowpane.images.decoding import from_file
from windowpane.images.depth import Levels

Picture = NDArray[np.uint8]

IMAGES = ("sensor_msgs/msg/Image", "sensor_msgs/msg/CompressedImage")

# How OpenCV makes RGB of an encoding of ROS (sensor_msgs/image_encodings.hpp); None: it is so already.
# OpenCV names a Bayer pattern by its second row, ROS by its first.
ENCODINGS: Mapping[str, tuple[int, int | None]] = {
    "rgb8": (3, None),
    "8UC3": (3, cv2.COLOR_BGR2RGB),
    "bgr8": (3, cv2.COLOR_BGR2RGB),
    "rgba8": (4, cv2.COLOR_RGBA2RGB),
    "bgra8": (4, cv2.COLOR_BGRA2RGB),
    "mono8": (1, cv2.COLOR_GRAY2RGB),
    "8UC1": (1, cv2.COLOR_GRAY2RGB),
    "yuv422": (2, cv2.COLOR_YUV2RGB_UYVY),
    "uyvy": (2, cv2.COLOR_YUV2RGB_UYVY),
    "yuv422_yuy2": (2, cv2.COLOR_YUV2RGB_YUY2),
    "yuyv": (2, cv2.COLOR_YUV2RGB_YUY2),
    "bayer_rggb8": (1, cv2.COLOR_BayerBG2RGB),
    "bayer_bggr8": (1, cv2.COLOR_BayerRG2RGB),
    "bayer_gbrg8": (1, cv2.COLOR_BayerGR2RGB),
    "bayer_grbg8": (1, cv2.COLOR_BayerGB2RGB),
}
WIDE = {
    "16UC1": "mono8",
    "16UC3": "8UC3",
    **{f"{name.removesuffix('8')}16": name for name in ENCODINGS if name.endswith("8")},
}
"""Encodings of sixteen bits, and those of eight that are made of them."""


def decoded(message: Any, levels: Levels) -> Picture:
    """Return an Image message as (H, W, 3) uint8 RGB; raises ValueError for an encoding that is not known."""
    numbers, to_rgb = _numbers(message)
    if numbers.dtype != np.uint8:
        span = levels.span(None, depth.sampled(numbers), numbers.shape[2], lambda name: None)
        numbers = depth.eight_bits(numbers, span)
    pixels = np.ascontiguousarray(numbers)
    return pixels if to_rgb is None else np.asarray(cv2.cvtColor(pixels, to_rgb), np.uint8)


def _numbers(message: Any) -> tuple[NDArray[Any], int | None]:
    """Return the numbers of an Image message (H, W, C), and how OpenCV makes RGB of them."""
    encoding, wide = WIDE.get(message.encoding, message.encoding), message.encoding in WIDE
    if encoding not in ENCODINGS:
        known = ", ".join((*ENCODINGS, *WIDE))
        raise ValueError(f"its encoding is {message.encoding!r}; known are {known}")
    channels, to_rgb = ENCODINGS[encoding]
    rows = np.asarray(message.data, np.uint8).reshape(message.height, message.step)
    used = np.ascontiguousarray(rows[:, : message.width * channels * (1 + wide)])
    numbers = used.view(">u2" if message.is_bigendian else "<u2").astype(np.uint16) if wide else used
    return numbers.reshape(message.height, message.width, channels), to_rgb


def sampled_numbers(parsed: Callable[[bytes, str], Any], data: bytes, kind: str) -> NDArray[Any] | None:
    """Return some numbers of a message's picture of more than eight bits, or None for any other.

    Parameters
    ----------
    parsed
        Returns a message by its bytes and kind.
    data, kind
        Of the message.
    """
    try:
        message = parsed(data, kind)
        packed = kind == IMAGES[1]
        numbers = from_file(message.data.tobytes(), most_pixels())[1] if packed else _numbers(message)[0]
    except Exception:
        return np.zeros(0, np.uint16)  # what is damaged is told of where it is read
    return None if numbers.dtype == np.uint8 else depth.sampled(numbers)


def stretched_alike(samples: Sequence[NDArray[Any]]) -> Levels:
    """Return what is black and white in all pictures of a recording, by numbers of some of them."""
    levels = Levels(together=True)
    found = [sample for sample in samples if sample.size]
    if found:
        together = np.concatenate([one for one in found if one.dtype == found[0].dtype])
        for channels in (1, 3, 4):
            levels.span(None, together, channels, lambda name: None)
    return levels
