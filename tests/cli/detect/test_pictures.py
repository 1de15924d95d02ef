"""``windowpane detect --blur``, ``--crop`` and ``--track`` of pictures."""

import cv2
import numpy as np
import pytest
from PIL import Image


def test_what_is_found_is_hidden_and_the_rest_stays(detect, squares, records, tmp_path):
    path = squares("album/a.png", (20, 40, 16), (96, 64, 32))
    answer = detect("--json", "--blur", "--out", tmp_path / "out", path)
    assert (answer.status, answer.err) == (0, "")
    (record,) = records(answer)
    assert record["file"] == str(tmp_path / "out" / "a.png")
    assert len(record["faces"]) == 2
    before, after = cv2.imread(str(path)), cv2.imread(record["file"])
    assert after[40:56, 20:36].max() < 250
    assert after[64:96, 96:128].max() < 250
    changed = (before != after).any(axis=-1)
    assert not changed[:, 50:80].any()


def test_a_picture_without_a_face_is_copied_byte_for_byte(detect, squares, tmp_path):
    path = squares("a.jpg")
    exif = Image.Exif()
    exif[0x010E] = "kept"
    Image.open(path).save(path, exif=exif)
    assert detect("--blur", "--out", tmp_path / "out", path).status == 0
    assert (tmp_path / "out" / "a.jpg").read_bytes() == path.read_bytes()


def test_a_folder_keeps_its_names_and_sub_folders(detect, squares, tmp_path):
    for name in ("album/a.png", "album/2019/a.png", "album/2019/b.bmp"):
        squares(name, (20, 40, 16))
    (tmp_path / "album" / "bad.png").write_text("no picture")
    out = tmp_path / "album" / "out"
    for _ in range(2):  # what it wrote is no input the next time
        answer = detect("--blur", "--out", out, tmp_path / "album")
        assert answer.status == 1
        assert "bad.png" in answer.err
        written = sorted(path.relative_to(out).as_posix() for path in out.rglob("*.*"))
        assert written == ["2019/a.png", "2019/b.bmp", "a.png"]


def test_a_turned_photo_comes_out_upright_with_the_face_hidden(detect, squares, tmp_path):
    path = squares("a.jpg", (96, 64, 32))
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.open(path).transpose(Image.Transpose.ROTATE_90).save(path, exif=exif, quality=95)
    assert detect("--blur", "--out", tmp_path / "out", path).status == 0
    with Image.open(tmp_path / "out" / "a.jpg") as picture:
        assert picture.size == (160, 120)
        assert not picture.getexif()
        assert np.asarray(picture)[64:96, 96:128].max() < 250


def test_standard_input_becomes_a_png(detect, squares, records, tmp_path):
    path = squares("a.jpg", (20, 40, 16))
    answer = detect("--json", "--blur", "--out", tmp_path / "out", "-", stdin=path.read_bytes())
    assert records(answer)[0]["file"] == str(tmp_path / "out" / "stdin.png")
    assert cv2.imread(str(tmp_path / "out" / "stdin.png"))[40:56, 20:36].max() < 250


def test_a_file_of_several_pictures_is_not_copied_unseen(detect, squares, tmp_path):
    path = tmp_path / "a.tif"
    pages = [Image.open(squares("b.png")), Image.open(squares("c.png", (20, 40, 16)))]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    answer = detect("--blur", "--out", tmp_path / "out", path)
    assert answer.status == 1
    assert "a.tif holds 2 pictures" in answer.err
    assert not (tmp_path / "out" / "a.tif").exists()


def test_each_face_is_cut_out_with_some_room(detect, squares, records, tmp_path):
    one, other = squares("x/a.png", (20, 40, 16), (96, 64, 32)), squares("y/a.png", (0, 40, 16))
    answer = detect("--json", "--crop", tmp_path / "crops", one, other)
    first, second = (record["crops"] for record in records(answer))
    names = ["a_1.png", "a_2.png", "a-2_1.png"]
    assert [*first, *second] == [str(tmp_path / "crops" / name) for name in names]
    widths = sorted(cv2.imread(path).shape[1] for path in first)
    assert widths == pytest.approx([24, 48], abs=3)
    corner = cv2.imread(second[0])
    assert corner.shape[1] == pytest.approx(20, abs=3), "less where the picture ends"
    assert corner[8:16, :12].min() > 250, "in full resolution, as it was"


def test_crops_show_faces_also_where_the_picture_hides_them(detect, squares, tmp_path):
    path = squares("a.png", (20, 40, 16))
    assert detect("--blur", "--out", tmp_path / "out", "--crop", tmp_path / "crops", path).status == 0
    assert cv2.imread(str(tmp_path / "crops" / "a_1.png")).max() == 255


def test_pictures_are_the_frames_of_one_film_where_they_are_tracked(detect, squares, records, tmp_path):
    for number in range(4):
        squares(f"frames/f{number}.png", (20 + 4 * number, 40, 16))
    (tmp_path / "frames" / "f2.png").write_text("no picture")
    answer = detect("--json", "--track", tmp_path / "frames")
    assert answer.status == 1
    first, second, third, last = records(answer)
    assert list(second) == ["image", "frame", "time", "width", "height", "faces"]
    assert [record["frame"] for record in (first, second, last)] == [0, 1, 3]
    assert first["faces"][0]["id"] is None
    assert second["faces"][0]["id"] == last["faces"][0]["id"] == 1
    assert set(third) == {"image", "error"}
    assert "#1" in detect("--track", tmp_path / "frames").out


def test_blurring_needs_a_folder(detect, squares):
    answer = detect("--blur", squares("a.png"))
    assert (answer.status, answer.out) == (2, "")
    assert "--out" in answer.err


@pytest.mark.parametrize("given", ["album", "album/a.png"])
def test_the_pictures_themselves_are_never_written_over(detect, squares, tmp_path, given):
    path = squares("album/a.png", (20, 40, 16))
    before = path.read_bytes()
    answer = detect("--blur", "--out", path.parent, tmp_path / given)
    assert answer.status in (1, 2)
    assert answer.err.startswith("windowpane: ")
    assert answer.err.count("\n") == 1
    assert path.read_bytes() == before


def test_every_page_is_answered_and_drawn(detect, squares, records, tmp_path):
    path = tmp_path / "scan.tif"
    pages = [Image.open(squares("b.png")), Image.open(squares("c.png", (20, 40, 16)))]
    pages[0].save(path, save_all=True, append_images=pages[1:])
    first, second = records(detect("--json", "--out", tmp_path / "out", path))
    assert list(first) == ["image", "page", "width", "height", "faces", "file"]
    assert [len(one["faces"]) for one in (first, second)] == [0, 1]
    assert second["file"] == str(tmp_path / "out" / "scan-p2-detected.png")
    assert "scan.tif, page 2: 1 found" in detect(path).out


def test_notes_are_no_faces(detect, records, tmp_path):
    frames = [Image.new("L", (160, 120), level) for level in (0, 90)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    (record,) = records(detect("--json", tmp_path / "a.gif"))
    assert record["notes"] == ["has 2 frames, of which the first was read"]
    assert detect(tmp_path / "a.gif").out == f"{tmp_path / 'a.gif'}: 0 found\n"
