"""A picture file written again with some of its pixels changed."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from windowpane.errors import ImageError
from windowpane.images import load
from windowpane.images.rewriting import only_picture, rewritten

LOSSLESS = ["png", "tif", "webp", "bmp", "ppm"]


@pytest.fixture(scope="module")
def pixels():
    """Noise, smoothed so that a JPEG can keep it."""
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3)).astype(np.float32)
    return cv2.normalize(cv2.GaussianBlur(noise, (0, 0), 3), None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def darkened(picture):
    """Change the upper left corner."""
    changed = picture.copy()
    changed[:8, :8] = 0
    return changed


@pytest.mark.parametrize("kind", LOSSLESS)
def test_all_other_pixels_stay_as_they_are(pixels, tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    Image.fromarray(pixels).save(path, **({"lossless": True} if kind == "webp" else {}))
    data = rewritten(path, darkened)
    assert data[:2] == path.read_bytes()[:2], "the same format"
    np.testing.assert_array_equal(load(data), darkened(pixels))


def test_a_jpeg_stays_close(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.jpg", quality=90, subsampling=0)
    before, after = load(tmp_path / "a.jpg").astype(int), load(rewritten(tmp_path / "a.jpg", darkened))
    assert np.abs(before - after)[16:, 16:].mean() < 1.5


@pytest.mark.parametrize(
    ("shape", "kind"),
    [((40, 30), np.uint8), ((40, 30), np.uint16), ((40, 30, 3), np.uint16), ((40, 30, 4), np.uint8)],
)
def test_depth_and_transparency_stay(tmp_path, shape, kind):
    stored = np.random.default_rng(1).integers(0, np.iinfo(kind).max, shape, kind, endpoint=True)
    cv2.imwrite(str(tmp_path / "a.png"), stored)
    data = np.frombuffer(rewritten(tmp_path / "a.png", lambda picture: picture), np.uint8)
    after = cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
    assert after.dtype == kind
    np.testing.assert_array_equal(after, stored)


def test_a_pgm_of_any_peak_keeps_its_values(tmp_path):
    values = (np.arange(12) * 90).astype(">u2")
    (tmp_path / "a.pgm").write_bytes(b"P5 4 3 1023\n" + values.tobytes())
    after = rewritten(tmp_path / "a.pgm", lambda picture: picture)
    np.testing.assert_array_equal(load(after), load(tmp_path / "a.pgm"))


@pytest.mark.parametrize("kind", ["jpg", "png", "webp", "tif"])
def test_it_is_upright_and_says_so(pixels, tmp_path, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / f"a.{kind}"
    Image.fromarray(pixels).save(path, exif=exif)
    seen = []
    data = rewritten(path, lambda picture: seen.append(picture) or picture)
    np.testing.assert_array_equal(seen[0], load(path))
    again = Image.open(io.BytesIO(data))
    assert again.size == (48, 64)
    assert again.getexif().get(0x0112, 1) == 1


def test_no_thumbnail_and_no_place_goes_on(pixels, tmp_path):
    thumbnail = io.BytesIO()
    Image.fromarray(pixels).resize((16, 12)).save(thumbnail, "JPEG")
    exif = Image.Exif()
    exif[0x010E] = "SECRET"
    data = exif.tobytes()[:-4] + b"\0\0\0\0" + thumbnail.getvalue()
    Image.fromarray(pixels).save(tmp_path / "a.jpg", exif=data)
    assert (tmp_path / "a.jpg").read_bytes().count(b"\xff\xd8\xff") == 2
    again = rewritten(tmp_path / "a.jpg", darkened)
    assert again.count(b"\xff\xd8\xff") == 1
    assert b"SECRET" not in again
    assert b"Exif" not in again


@pytest.mark.skipif(not hasattr(cv2, "imencodeWithMetadata"), reason="this OpenCV hands no profile on")
@pytest.mark.parametrize("kind", ["jpg", "png", "webp"])
def test_the_colour_profile_goes_on(pixels, tmp_path, kind):
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(pixels).save(tmp_path / f"a.{kind}", icc_profile=profile)
    again = Image.open(io.BytesIO(rewritten(tmp_path / f"a.{kind}", darkened)))
    assert again.info["icc_profile"] == profile


@pytest.mark.parametrize("kind", ["tif", "webp", "png"])
def test_a_file_of_several_pictures_is_refused(pixels, tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    Image.fromarray(pixels).save(path, save_all=True, append_images=[Image.fromarray(pixels[::-1])])
    if cv2.imcount(str(path)) < 2:
        pytest.skip("this OpenCV does not count them")
    with pytest.raises(ImageError, match=r"a\.\w+ holds 2 pictures"):
        rewritten(path, darkened)


@pytest.mark.parametrize("data", [b"", b"no picture", None])
def test_what_is_no_picture_is_explained(tmp_path, data):
    if data is not None:
        (tmp_path / "a.png").write_bytes(data)
    with pytest.raises(ImageError, match=r"a\.png"):
        rewritten(tmp_path / "a.png", darkened)


@pytest.mark.parametrize("kind", ["gif", "pbm"])
def test_what_is_only_read_is_refused(pixels, tmp_path, kind):
    picture = Image.fromarray(pixels)
    path = tmp_path / f"a.{kind}"
    (picture.convert("1") if kind == "pbm" else picture).save(path)
    with pytest.raises(ImageError, match=r"which is only read, not written: save it as PNG"):
        rewritten(path, darkened)


def test_what_was_read_in_part_is_refused(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with pytest.raises(
        ImageError, match="has 3 frames, of which the first was read, and the others would stay"
    ):
        only_picture(tmp_path / "a.png", ["has 3 frames, of which the first was read"])


def test_the_limit_of_pixels_can_be_another(pixels, tmp_path):
    Image.fromarray(pixels).save(tmp_path / "a.png")
    with pytest.raises(ImageError, match="more than max_pixels = 99"):
        rewritten(tmp_path / "a.png", darkened, max_pixels=99)
