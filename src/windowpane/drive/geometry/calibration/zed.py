"""Calibrations of Stereolabs' ZED cameras (``SN12345.conf``, INI), for raw pictures, cut in two.

A file has a section for each camera in each resolution; that of the recording's pictures is used. Lengths are
millimetres.

Source: Stereolabs' ``zed-opencv-native`` (how its numbers are rectified with OpenCV).
"""

from __future__ import annotations

import re
from configparser import ConfigParser, Error

from windowpane.drive.geometry.calibration.records import Calibration, Lens, lens_of, pinhole
from windowpane.drive.geometry.transforms import rotation_from_vector, transform

MILLIMETRE = 0.001
SIZES = {
    **{"2k": (1242, 2208), "fhd": (1080, 1920), "hd": (720, 1280), "vga": (376, 672)},
    **{"fhd1200": (1200, 1920), "svga": (600, 960), "4k": (2160, 3840), "qhdplus": (1800, 3200)},
}
"""(height, width) of the pictures of a camera in each resolution."""


def is_conf(text: str) -> bool:
    """Say whether a text is such a file."""
    return re.search(r"^\[LEFT_CAM_\w+\]", text, re.MULTILINE | re.IGNORECASE) is not None


def read(text: str, size: tuple[int, int] | None) -> Calibration:
    """Return the calibration for pictures of a size (height, width)."""
    parser = ConfigParser(strict=False, interpolation=None, inline_comment_prefixes=(";", "#"))
    try:
        parser.read_string(text)
    except Error as error:
        raise ValueError(str(error).replace("\n", " ")) from None
    sections = {name.lower(): dict(parser[name]) for name in parser.sections()}
    name = _resolution(sections, size)
    stereo = sections["stereo"]
    turn = [_number(stereo, word, name) for word in ("rx", "cv", "rz")]
    place = [-float(stereo["baseline"]), _number(stereo, "ty", name), _number(stereo, "tz", name)]
    T_right_left = transform(rotation_from_vector(turn), [MILLIMETRE * value for value in place])
    left, right = (_lens(sections, side, name) for side in ("left", "right"))
    return Calibration(SIZES[name], left, right, T_right_left, metric=True)


def _resolution(sections: dict[str, dict[str, str]], size: tuple[int, int] | None) -> str:
    """Return the name of the resolution of pictures of a size: each shows another part of the world."""
    known = {name: SIZES[name] for name in SIZES if f"left_cam_{name}" in sections}
    if not known:
        raise ValueError("it has none of the resolutions that are known")
    if size is None:
        raise ValueError(
            "it has a calibration for each resolution: give size=(height, width) of the pictures"
        )
    for name, native in known.items():
        if native == tuple(size):
            return name
    has = ", ".join(f"{width}x{height}" for height, width in known.values())
    both = " (two side by side: cut them apart)" if size[1] > 3 * size[0] else ""
    raise ValueError(f"it is for pictures of {has} as it gives them; these are {size[1]}x{size[0]}{both}")


def _number(stereo: dict[str, str], word: str, resolution: str) -> float:
    return float(stereo.get(f"{word}_{resolution}", stereo.get(word, "0")))


def _lens(sections: dict[str, dict[str, str]], side: str, resolution: str) -> Lens:
    camera = sections[f"{side}_cam_{resolution}"]
    bent = sections.get(f"{side}_disto", camera)
    names = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
    unknown = {name for name in bent if re.fullmatch(r"[kps]\d+", name) and float(bent[name])} - {*names}
    if unknown:
        raise ValueError(f"its lens has terms that are not known: {', '.join(sorted(unknown))}")
    coefficients = [float(bent.get(name, 0)) for name in names]
    K = pinhole(*(float(camera[name]) for name in ("fx", "fy", "cx", "cy")))
    return lens_of(K, coefficients if any(coefficients[5:]) else coefficients[:5])
