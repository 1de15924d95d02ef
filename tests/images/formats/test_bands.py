"""TIFF files of other kinds than OpenCV reads rightly: the same picture, or a true reason."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image

from windowpane.errors import ImageError
from windowpane.images import load
from windowpane.images.loader import load_told

LAYOUTS = [
    {},
    {"tile": (32, 32)},
    {"compression": "zlib"},
    {"compression": "zlib", "predictor": True},
    {"compression": "zlib", "tile": (16, 32), "predictor": True},
    {"bigtiff": True},
    {"byteorder": ">"},
]


@pytest.fixture
def written(tmp_path):
    """Return an array as the bytes of a TIFF file."""
    tifffile = pytest.importorskip("tifffile")

    def write(array, **options):
        tifffile.imwrite(tmp_path / "a.tif", array, **options)
        return (tmp_path / "a.tif").read_bytes()

    return write


def tiff(body, width, height, **changes):
    """Return a TIFF written field by field, as no library here writes the kinds below."""
    fields = {"width": 256, "height": 257, "bits": 258, "compression": 259, "photometric": 262, "offset": 273}
    fields |= {"samples": 277, "rows": 278, "bytes": 279, "planes": 284}
    values = {"width": width, "height": height, "bits": 16, "compression": 1, "photometric": 2, "offset": 8}
    values |= {"samples": 1, "rows": height, "bytes": len(body), "planes": 1} | changes
    entries = b"".join(struct.pack("<HHII", fields[name], 4, 1, values[name]) for name in fields)
    directory = struct.pack("<H", len(fields)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(body)) + body + directory


def grey(scene):
    return np.dstack([scene[..., 0]] * 3)


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
def test_three_bands_of_any_whole_number(scene, written, layout, photometric):
    kind = {"photometric": photometric, "planarconfig": "contig", **layout}
    for numbers in (scene, scene.astype(np.uint16) * 257, scene.astype(np.uint32) * 16843009):
        assert np.array_equal(load(written(numbers, **kind)), scene)
    signed = load(written(scene.astype(np.int16) * 128, **kind))
    assert np.abs(signed.astype(int) - scene).max() <= 1


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if "predictor" not in one])
@pytest.mark.parametrize("depth", [np.float16, np.float32, np.float64])
def test_floats_from_0_to_1(scene, written, layout, depth):
    levels = (scene / 255).astype(depth)
    assert np.abs(load(written(levels, photometric="rgb", **layout)).astype(int) - scene).max() <= 1
    one = load(written(levels[..., 0], photometric="minisblack", **layout))
    assert np.abs(one.astype(int) - grey(scene)).max() <= 1


@pytest.mark.parametrize("predictor", [1, 2, 3])
@pytest.mark.parametrize("compression", [1, 5, 8])
def test_floats_as_differences(scene, predictor, compression):
    options = [cv2.IMWRITE_TIFF_COMPRESSION, compression, cv2.IMWRITE_TIFF_PREDICTOR, predictor]
    levels = (scene / 255).astype(np.float32)
    data = cv2.imencode(".tif", np.ascontiguousarray(levels[..., ::-1]), options)[1].tobytes()
    assert np.array_equal(load(data), scene)


@pytest.mark.parametrize("layout", [one for one in LAYOUTS if one.get("tile") != (16, 32)])
def test_bands_in_separate_planes(scene, written, layout):
    planes = np.moveaxis(scene.astype(np.uint16) * 257, 2, 0)
    assert np.array_equal(load(written(planes, photometric="rgb", planarconfig="separate", **layout)), scene)


def five(scene):
    return np.dstack([scene, scene[..., :2]])


def test_of_five_bands_the_three_that_are_colours(scene, written):
    picture, notes = load_told(written(five(scene), photometric="rgb"))
    assert np.array_equal(picture, scene)
    assert notes == ("has 5 bands, of which 1, 2, 3 were read as red, green and blue",)


def test_of_five_bands_those_that_have_the_names(scene, written):
    items = "".join(
        f'<Item name="COLORINTERP" sample="{band}" role="colorinterp">{name}</Item>'
        for band, name in ((0, "Blue"), (1, "Green"), (2, "Red"), (3, "Undefined"))
    )
    tag = (42112, 2, 0, f"<GDALMetadata>{items}</GDALMetadata>", True)
    options = {"photometric": "minisblack", "planarconfig": "contig", "extratags": [tag]}
    picture, notes = load_told(written(five(scene)[..., [2, 1, 0, 3, 4]], **options))
    assert np.array_equal(picture, scene)
    assert "3, 2, 1 were read" in notes[0]


@pytest.mark.parametrize("bands", [4, 5, 8])
def test_bands_without_names_are_refused_with_the_reason(scene, written, bands):
    array = np.dstack([scene[..., :1]] * bands)
    with pytest.raises(ImageError, match=f"has {bands} bands and does not say which are red, green and blue"):
        load(written(array, photometric="minisblack", planarconfig="contig"))


def test_grey_with_opacity_is_on_white(scene, written):
    array = np.dstack([scene[..., 0], np.full((40, 60), 128, np.uint8)])
    kind = {"photometric": "minisblack", "planarconfig": "contig", "extrasamples": ["unassalpha"]}
    expected = np.rint(grey(scene) * (128 / 255) + 255 - 128)
    assert np.abs(load(written(array, **kind)).astype(int) - expected).max() <= 1


def test_zero_may_be_white(scene):
    levels = 65535 - scene[..., 0].astype(np.uint16) * 257
    assert np.array_equal(load(tiff(levels.tobytes(), 60, 40, photometric=0)), grey(scene))


@pytest.mark.parametrize("bits", [2, 4, 6, 10, 12, 14])
@pytest.mark.parametrize("photometric", [0, 1])
@pytest.mark.parametrize("width", [60, 59])
def test_numbers_that_are_no_whole_bytes(scene, bits, photometric, width):
    top = 2**bits - 1
    levels = (scene[:, :width, 0].astype(int) * top) // 255
    each = (levels[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    body = np.packbits(each.reshape(40, -1).astype(np.uint8), axis=1).tobytes()
    picture = load(tiff(body, width, 40, bits=bits, photometric=photometric))
    expected = levels * 255 / top
    assert np.abs(picture[..., 0] - (expected if photometric else 255 - expected)).max() <= 1


def test_reflectances_and_other_parts_of_a_range_are_stretched_and_that_is_said(scene, written):
    picture, notes = load_told(
        written(scene.astype(np.uint16) * 12, photometric="minisblack", planarconfig="contig")
    )
    assert np.abs(picture.astype(int) - scene).max() <= 3
    assert "of which 0 to 3060 are used" in notes[0]


def test_pixels_that_hold_nothing_have_no_say(scene, written):
    levels = scene[..., 0].astype(np.int16) * 4 + 500
    levels[:10] = -9999
    data = written(levels, photometric="minisblack", extratags=[(42113, 2, 0, "-9999", True)])
    picture, notes = load_told(data)
    assert picture[20, 0, 0] < 10
    assert picture[20, -1, 0] > 240
    assert (picture[:10] == 0).all()
    assert "-9999" not in notes[0]


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        ("Lab colours", {"photometric": 8, "bits": 8}),
        ("of a rare kind", {"photometric": 3}),
        ("of a rare kind", {"photometric": 4}),
        ("no levels", {"bits": 24, "photometric": 1}),
        ("compressed in way 7", {"compression": 7, "photometric": 0}),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(reason, changes):
    with pytest.raises(ImageError, match=reason):
        load(tiff(bytes(9600), 60, 40, **changes))


def test_lab_is_refused(saved):
    with pytest.raises(ImageError, match="Lab colours"):
        load(saved(Image.new("LAB", (60, 40)), "TIFF"))
