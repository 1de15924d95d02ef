"""images.load against PIL, which writes every kind of file and says how it should look."""

from __future__ import annotations

import io
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps

from windowpane import images
from windowpane.errors import ArgumentError, ImageError

HEIGHT, WIDTH = 40, 60
FORMATS = {"JPEG": "jpg", "PNG": "png", "TIFF": "tif", "WEBP": "webp", "BMP": "bmp", "PPM": "ppm"}


def scene() -> np.ndarray:
    """Smooth colours, so that lossy files stay close; every corner and every channel is different."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([x * 4, 255 - y * 6, 40 + x + y], axis=-1).astype(np.uint8)


def as_bytes(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    return a.shape == b.shape and float(np.abs(a.astype(float) - b).max()) <= tolerance


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_rgb_from_every_kind_of_source(kind: str, tmp_path: Path) -> None:
    picture = Image.fromarray(scene())
    lossless = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}.get(kind, {})
    path = tmp_path / f"scene.{FORMATS[kind]}"
    picture.save(path, kind, **lossless)
    loaded = images.load(path)
    assert loaded.dtype == np.uint8
    assert loaded.flags["C_CONTIGUOUS"]
    assert close(loaded, scene(), 8 if kind == "JPEG" else 0)
    assert np.array_equal(images.load(str(path)), loaded)
    assert np.array_equal(images.load(path.read_bytes()), loaded)
    assert np.array_equal(images.load(memoryview(path.read_bytes())), loaded)
    with path.open("rb") as file:
        assert np.array_equal(images.load(file), loaded)
    with Image.open(path) as opened:
        assert close(images.load(opened), loaded, 3)


# --- Kinds of pixels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "PPM"])
def test_grey_files_have_three_equal_channels(kind: str) -> None:
    grey = Image.fromarray(scene()).convert("L")
    loaded = images.load(as_bytes(grey, kind, **({"quality": 98} if kind == "JPEG" else {})))
    assert close(loaded, np.asarray(grey.convert("RGB")), 4 if kind == "JPEG" else 0)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP"])
@pytest.mark.parametrize("mode", ["P", "1"])
def test_palettes_and_bitmaps_look_as_in_pil(kind: str, mode: str) -> None:
    picture = Image.fromarray(scene()).convert(mode)
    assert np.array_equal(images.load(as_bytes(picture, kind)), np.asarray(picture.convert("RGB")))
    assert np.array_equal(images.load(picture), np.asarray(picture.convert("RGB")))


def on_white(picture: Image.Image) -> np.ndarray:
    rgba = picture.convert("RGBA")
    white = Image.new("RGBA", rgba.size, "white")
    return np.asarray(Image.alpha_composite(white, rgba).convert("RGB"))


@pytest.mark.parametrize(("kind", "tolerance"), [("PNG", 1), ("TIFF", 2), ("WEBP", 1)])
def test_transparency_is_composited_on_white(kind: str, tolerance: int) -> None:
    picture = Image.fromarray(scene()).convert("RGBA")
    picture.putalpha(Image.fromarray((np.mgrid[0:HEIGHT, 0:WIDTH][1] * 4).astype(np.uint8)))
    data = as_bytes(picture, kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
    expected = on_white(picture)
    assert expected[5, 0].tolist() == [255, 255, 255]  # nothing shows of what is wholly transparent
    assert close(images.load(data), expected, tolerance)
    assert close(images.load(np.asarray(picture)), expected, 1)
    assert close(images.load(picture), expected, 1)


def test_premultiplied_tiff_is_not_multiplied_twice() -> None:
    half = Image.new("RGBA", (WIDTH, HEIGHT), (100, 50, 0, 128))  # red 200, green 100 at half opacity
    data = bytearray(as_bytes(half, "TIFF"))
    entry = data.index(struct.pack("<HHI", 338, 3, 1))  # ExtraSamples: 2 straight -> 1 premultiplied
    data[entry + 8 : entry + 10] = struct.pack("<H", 1)
    assert close(images.load(bytes(data)), np.full((HEIGHT, WIDTH, 3), [227, 177, 127]), 1)


def test_a_fourth_channel_that_is_no_opacity_is_left_out() -> None:
    data = bytearray(as_bytes(Image.new("RGBA", (WIDTH, HEIGHT), (100, 50, 0, 7)), "TIFF"))
    entry = data.index(struct.pack("<HHI", 338, 3, 1))
    data[entry + 8 : entry + 10] = struct.pack("<H", 0)
    assert images.load(bytes(data))[0, 0].tolist() == [100, 50, 0]


@pytest.mark.parametrize("mode", ["LA", "PA"])
def test_grey_and_palette_with_alpha(mode: str) -> None:
    picture = Image.fromarray(scene()).convert("L").convert("LA")
    picture.putalpha(100)
    picture = picture.convert(mode)
    assert close(images.load(as_bytes(picture.convert("LA"), "PNG")), on_white(picture), 1)
    assert close(images.load(picture), on_white(picture), 1)


@pytest.mark.parametrize("mode", ["L", "RGB", "P"])
def test_one_transparent_colour_of_a_png_is_white(mode: str) -> None:
    picture = Image.fromarray(scene()).convert(mode)
    colour = picture.getpixel((20, 10))
    data = as_bytes(picture, "PNG", transparency=colour)
    with Image.open(io.BytesIO(data)) as opened:
        expected = on_white(opened)
    loaded = images.load(data)
    assert loaded[10, 20].tolist() == [255, 255, 255]
    assert np.array_equal(loaded, expected)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_sixteen_bits_are_scaled_to_eight(kind: str) -> None:
    levels = np.linspace(0, 65535, HEIGHT * WIDTH).reshape(HEIGHT, WIDTH).astype(np.uint16)
    expected = np.rint(levels / 257).astype(np.uint8)
    for source in (as_bytes(Image.fromarray(levels), kind), Image.fromarray(levels), levels):
        assert np.array_equal(images.load(source), np.dstack([expected] * 3))


def test_sixteen_bit_colour_ppm_keeps_its_byte_order() -> None:
    levels = scene().astype(">u2") * 257
    assert np.array_equal(images.load(b"P6 60 40 65535\n" + levels.astype(">u2").tobytes()), scene())


@pytest.mark.parametrize("peak", [1, 100, 1023])
def test_pgm_is_scaled_by_its_own_maximum(peak: int) -> None:
    row = np.array([0, peak // 2, peak])
    expected = np.rint(row * 255 / peak).astype(int)
    packed = row.astype(">u2" if peak > 255 else "u1").tobytes()
    for data in (b"P5\n# a comment\n3 1\n%d\n" % peak + packed, b"P2 3 1 %d\n%d %d %d" % (peak, *row)):
        assert np.abs(images.load(data)[0, :, 1].astype(int) - expected).max() <= 1  # halves round either way


def test_cmyk_jpeg_looks_as_in_pil() -> None:
    data = as_bytes(Image.fromarray(scene()).convert("CMYK"), "JPEG", quality=98)
    with Image.open(io.BytesIO(data)) as opened:
        assert opened.mode == "CMYK"
        assert "adobe" in opened.info  # inks are stored inverted, Adobe's way
        assert close(images.load(data), np.asarray(opened.convert("RGB")), 4)
        assert close(images.load(opened), np.asarray(opened.convert("RGB")), 0)
    assert close(images.load(data), scene(), 10)


@pytest.mark.parametrize("options", [{"progressive": True}, {"keep_rgb": True, "subsampling": 0}])
def test_other_jpegs(options: dict[str, object]) -> None:
    assert close(images.load(as_bytes(Image.fromarray(scene()), "JPEG", quality=98, **options)), scene(), 10)


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits"])
def test_compressed_tiffs(compression: str) -> None:
    data = as_bytes(Image.fromarray(scene()), "TIFF", compression=compression)
    assert np.array_equal(images.load(data), scene())


def test_first_page_of_a_tiff() -> None:
    pages = [Image.fromarray(scene()), Image.new("RGB", (10, 10))]
    data = as_bytes(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert np.array_equal(images.load(data), scene())


def test_arrays() -> None:
    grey = scene()[..., 0]
    three = np.dstack([grey] * 3)
    assert np.array_equal(images.load(grey), three)
    assert np.array_equal(images.load(grey[..., None]), three)
    assert np.array_equal(images.load(scene() / 255), scene())
    assert np.array_equal(images.load((scene() / 255).astype(np.float32)), scene())
    assert np.array_equal(images.load(grey > 100), np.where(three > 100, 255, 0))
    assert np.array_equal(images.load(scene()[:, ::-1]), scene()[:, ::-1])
    mine = scene()
    assert images.load(mine) is mine or np.shares_memory(images.load(mine), mine)


@pytest.mark.parametrize(
    ("array", "reason"),
    [
        (np.zeros((0, 5, 3), np.uint8), "no pixels"),
        (np.zeros((3, 40, 60), np.uint8), r"shape \(3, 40, 60\); expected \(H, W\)"),
        (np.zeros(7, np.uint8), r"shape \(7,\)"),
        (np.zeros((4, 4), np.int64), "holds int64 values; expected uint8"),
        (np.full((4, 4), 200.0), "floats from 200 to 200; expected 0..1"),
        (np.full((4, 4), np.nan), "floats from nan"),
    ],
)
def test_arrays_that_are_no_picture(array: np.ndarray, reason: str) -> None:
    with pytest.raises(ImageError, match=reason):
        images.load(array)


# --- Orientation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_exif_orientation_is_applied_once(kind: str, orientation: int) -> None:
    upright = Image.fromarray(scene())
    undo = {2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}  # what a camera held so would have stored
    tag = Image.Exif()
    tag[0x0112] = undo.get(orientation, 1)
    upright_info = upright.copy()
    upright_info.info["exif"] = tag.tobytes()
    stored = ImageOps.exif_transpose(upright_info)
    exif = Image.Exif()
    exif[0x0112] = orientation
    lossless = {"WEBP": {"lossless": True}, "JPEG": {"quality": 98, "subsampling": 0}}.get(kind, {})
    data = as_bytes(Image.fromarray(np.asarray(stored)), kind, exif=exif, **lossless)
    assert close(images.load(data), scene(), 8 if kind == "JPEG" else 0)
    with Image.open(io.BytesIO(data)) as opened:
        assert close(images.load(opened), scene(), 8 if kind == "JPEG" else 0)


def test_sixteen_bit_tiff_is_turned_too() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    levels = scene()[..., 0].astype(np.uint16) * 257
    data = as_bytes(Image.fromarray(levels), "TIFF", exif=exif)
    assert np.array_equal(images.load(data)[..., 0], np.rot90(scene()[..., 0], -1))


@pytest.mark.parametrize("orientation", [0, 9, 99])
def test_impossible_orientations_count_as_upright(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    assert np.array_equal(images.load(as_bytes(Image.fromarray(scene()), "PNG", exif=exif)), scene())


def test_a_broken_exif_block_is_ignored() -> None:
    data = as_bytes(Image.fromarray(scene()), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7f", quality=98)
    assert images.load(data).shape == scene().shape


# --- Files that must be refused ----------------------------------------------------------------------------


def noise() -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8))


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "jpeg"}),
        ("WEBP", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("PPM", {}),
    ],
)
@pytest.mark.parametrize("share", [0.005, 0.1, 0.5, 0.9, 0.999])
def test_truncated_files_are_refused_quietly(
    kind: str, options: dict[str, object], share: float, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = as_bytes(noise(), kind, **options)
    assert images.load(whole).shape == (HEIGHT, WIDTH, 3)
    path = tmp_path / "broken.bin"
    path.write_bytes(whole[: max(20, int(len(whole) * share))])
    with pytest.raises(ImageError, match=r"broken\.bin .*(truncated|damaged)") as caught:
        images.load(path)
    assert str(caught.value).count("\n") == 0
    assert capfd.readouterr() == ("", "")


def test_a_jpeg_with_a_whole_thumbnail_is_still_truncated() -> None:
    thumbnail = as_bytes(noise().resize((8, 8)), "JPEG")
    exif = b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0" + thumbnail
    whole = as_bytes(noise(), "JPEG", exif=exif)
    assert images.load(whole).shape == (HEIGHT, WIDTH, 3)
    with pytest.raises(ImageError, match="truncated JPEG"):
        images.load(whole[:-100])


def test_a_flipped_bit_in_a_png_is_found() -> None:
    data = bytearray(as_bytes(noise(), "PNG"))
    data[len(data) // 2] ^= 1
    with pytest.raises(ImageError, match="damaged PNG"):
        images.load(bytes(data))


def png_chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def huge(kind: str, width: int = 60_000, height: int = 50_000) -> bytes:
    """Return a small file whose header claims many pixels."""
    if kind == "PNG":
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        parts = png_chunk(b"IHDR", header) + png_chunk(b"IDAT", zlib.compress(b"")) + png_chunk(b"IEND", b"")
        return b"\x89PNG\r\n\x1a\n" + parts
    if kind == "PPM":
        return b"P6 %d %d 255\n" % (width, height)
    data = bytearray(as_bytes(noise(), kind, **({"lossless": True} if kind == "WEBP" else {})))
    if kind == "JPEG":
        frame = data.index(b"\xff\xc0")
        data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    elif kind == "TIFF":
        for tag, value, size in ((256, width, WIDTH), (257, height, HEIGHT)):
            entry = next(
                at for kind in (3, 4) if (at := data.find(struct.pack("<HHII", tag, kind, 1, size))) > 0
            )
            data[entry : entry + 12] = struct.pack("<HHII", tag, 4, 1, value)
    elif kind == "BMP":
        data[18:26] = struct.pack("<ii", width, height)
    elif kind == "WEBP":
        at = data.index(b"VP8L") + 9
        data[at : at + 4] = struct.pack("<I", 16383 | 16383 << 14)
    return bytes(data)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_size_beyond_the_limit_is_refused_before_decoding(kind: str) -> None:
    with pytest.raises(ImageError, match=r"claims \d+ x \d+ pixels, more than max_pixels = 200,000,000"):
        images.load(huge(kind))


def test_the_environment_says_how_large_a_picture_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    data = as_bytes(noise(), "PNG")
    monkeypatch.setenv("WINDOWPANE_MAX_PIXELS", "2399")
    with pytest.raises(ImageError, match="more than max_pixels = 2,399"):
        images.load(data)
    assert images.load(data, max_pixels=2400).shape == (HEIGHT, WIDTH, 3)
    for wrong in ("many", "0", "-5", "1e9"):
        monkeypatch.setenv("WINDOWPANE_MAX_PIXELS", wrong)
        with pytest.raises(ArgumentError, match=r"WINDOWPANE_MAX_PIXELS='.*': give the number of pixels"):
            images.load(data)


def test_max_pixels_is_a_limit_not_a_bound_below_it() -> None:
    data = as_bytes(noise(), "PNG")
    assert images.load(data, max_pixels=HEIGHT * WIDTH).shape == (HEIGHT, WIDTH, 3)
    for source in (data, Image.open(io.BytesIO(data))):
        with pytest.raises(ImageError, match="claims 60 x 40 pixels, more than max_pixels = 2,399"):
            images.load(source, max_pixels=HEIGHT * WIDTH - 1)


def test_more_than_opencv_takes_is_an_image_error_too(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ImageError, match="damaged"):
        images.load(huge("PNG"), max_pixels=10**12)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["PNG", "BMP", "PPM", "JPEG"])
def test_zero_sized_files_are_refused(kind: str) -> None:
    with pytest.raises(ImageError, match="no pixels"):
        images.load(huge(kind, 0, 5))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"just some text\n", "is no JPEG, PNG"),
        (b"\x00" * 100, "is no JPEG, PNG"),
        (b"BMW", "truncated BMP"),
        (b"P5 what", "truncated PGM"),
        (b"P5 2 2 99999 abcdefgh", "damaged PGM"),
        (b"P2 2 1 9 4 99", "damaged PGM"),
        (b"P2 2 1 9 4 pear", "damaged PGM"),
    ],
)
def test_files_that_are_no_picture(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "strange.png"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=rf"strange\.png .*{reason}.*\.$"):
        images.load(path)


def test_sources_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.png does not exist\."):
        images.load(tmp_path / "gone.png")
    with pytest.raises(ImageError, match=r"\*\.png matches no file"):
        images.load(str(tmp_path / "*.png"))
    with pytest.raises(ImageError, match="is a folder without images"):
        images.load(tmp_path)
    noise().save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="is a folder; give one of its images"):
        images.load(tmp_path)
    with pytest.raises(ImageError, match="cannot be read: embedded null byte"):
        images.load("a\0b")
    with pytest.raises(ImageError, match="is no image; give a path"):
        images.load(None)  # type: ignore[arg-type]
    with pytest.raises(ImageError, match="gives text, not bytes"):
        images.load(io.StringIO("hello"))  # type: ignore[arg-type]


def test_bytes_and_file_objects_are_named_too(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"^The image data is empty"):
        images.load(b"")
    (tmp_path / "empty.jpg").touch()
    with (tmp_path / "empty.jpg").open("rb") as file, pytest.raises(ImageError, match=r"empty\.jpg is empty"):
        images.load(file)


def test_a_pil_image_that_breaks_while_loading_is_an_image_error() -> None:
    lazy = Image.open(io.BytesIO(as_bytes(noise(), "PNG")[:-300]))
    with pytest.raises(ImageError, match="cannot be decoded"):
        images.load(lazy)


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(as_bytes(Image.fromarray(scene()), "PNG"))

    monkeypatch.setattr(sys, "stdin", Stdin)
    assert np.array_equal(images.load("-"), scene())
    with pytest.raises(ImageError, match=r"^standard input is empty"):
        images.load("-")
