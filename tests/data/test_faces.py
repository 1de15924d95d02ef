"""The public sets of faces: their layouts, the frame that they share, and what is kept aside."""

import cv2
import numpy as np
import pytest

from windowpane.data.faces import (
    CALTECH_FRAME,
    LFW_FRAME,
    caltech_crops,
    cmu_mit,
    face_frames,
    frame_boxes,
    lfw,
    negatives,
    split,
    unpainted,
    ytf68,
)
from windowpane.errors import DataError
from windowpane.images import load

FIVE = [[10, 20], [30, 20], [20, 30], [14, 40], [26, 40]]  # both eyes, nose, both corners of the mouth


def picture(path, width=112, height=112):
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.zeros((height, width), np.uint8))


def test_a_frame_is_centred_between_eyes_and_mouth_and_twice_their_distance():
    frames = face_frames(np.array([FIVE, FIVE], float) * [[[1]], [[2]]])
    assert frames.tolist() == [[20, 30, 40], [40, 60, 80]]
    assert frame_boxes(frames).tolist() == [[0, 10, 40, 50], [0, 20, 80, 100]]


def test_a_frame_turns_with_its_face():
    turned = np.array([FIVE], float) @ [[0, 1], [-1, 0]]
    assert face_frames(turned).tolist() == [[-30, 20, 40]]
    assert face_frames(np.zeros((0, 5, 2))).shape == (0, 3)


def test_ytf68_gives_five_of_its_landmarks_and_the_person(tmp_path):
    points = np.full((68, 2), -1.0)
    points[36:42] = FIVE[0] + np.array([[-3, 0], [-1, -1], [1, -1], [3, 0], [1, 1], [-1, 1]])
    points[42:48] = FIVE[1] + np.array([[-3, 0], [-1, -1], [1, -1], [3, 0], [1, 1], [-1, 1]])
    points[[30, 48, 54]] = FIVE[2:]
    folder = tmp_path / "faces" / "ytf68"
    folder.mkdir(parents=True)
    table = folder / "training_frames_keypoints.csv"
    table.write_text(f",0\nAnna_B_12.jpg,{','.join(map(str, points.ravel()))}\n")
    (face,) = ytf68(tmp_path)
    assert face.path == folder / "training" / "Anna_B_12.jpg"
    assert face.person == "Anna_B"
    assert face.landmarks.tolist() == [FIVE]
    assert face.frames.tolist() == [[20, 30, 40]]
    table.write_text(table.read_text() + "Anna_B_13.jpg,1,2\n")
    with pytest.raises(DataError, match=r"keypoints\.csv:3: expected a picture and 68 points"):
        ytf68(tmp_path)


def test_cmu_mit_gives_all_faces_of_a_picture_and_pictures_without_one(tmp_path):
    folder = tmp_path / "faces" / "cmu_mit" / "newtest"
    picture(folder / "a.png")
    picture(folder / "b.png")
    points = "10 20 30 20 20 30 14 40 20 43 26 40"  # with the middle of the mouth
    truth = folder / "groundtruth.txt"
    truth.write_text(f"#filename left-eye\nb.png {points}\n\nb.png {points}\n")
    first, second = cmu_mit(tmp_path, "newtest")
    assert (first.path.name, first.landmarks.shape, first.frames.shape) == ("a.png", (0, 5, 2), (0, 3))
    assert second.landmarks.tolist() == [FIVE, FIVE]
    assert second.frames.tolist() == [[20, 30, 40]] * 2
    for line, message in (("b.png 1 2", "and 6 points"), (f"c.png {points}", r"there is no picture c\.png")):
        truth.write_text(f"\n{line}\n")
        with pytest.raises(DataError, match=rf"groundtruth\.txt:2: .*{message}"):
            cmu_mit(tmp_path, "newtest")


def test_lfw_gives_the_face_in_the_middle_and_the_person(tmp_path):
    for name in ("George_HW_Bush12", "Anna_B0", "Anna_B10", "Anna_B9"):
        picture(tmp_path / "faces" / "lfw250_part" / f"{name}.jpg")
    faces = lfw(tmp_path)
    assert [face.person for face in faces] == ["Anna_B"] * 3 + ["George_HW_Bush"]
    assert [face.path.stem for face in faces[:3]] == ["Anna_B0", "Anna_B9", "Anna_B10"]
    assert all(face.landmarks is None and face.frames.tolist() == [list(LFW_FRAME)] for face in faces)


def test_marks_on_a_face_are_taken_away():
    rng = np.random.default_rng(4)
    plain = cv2.GaussianBlur(rng.integers(0, 255, (112, 112, 3), np.uint8), (0, 0), 9) // 2 + 90
    painted = plain.copy()
    cv2.rectangle(painted, (27, 25), (84, 82), (0, 128, 0), 1)
    for x, y in rng.integers(45, 70, (30, 2)):
        painted[y, x] = (0, 128, 0)
    cleaned = unpainted(painted)
    assert (cleaned.shape, cleaned.dtype) == ((112, 112, 3), np.uint8)
    grey = cv2.cvtColor(plain, cv2.COLOR_RGB2GRAY).astype(int)
    before = np.abs(cv2.cvtColor(painted, cv2.COLOR_RGB2GRAY) - grey)
    assert before[25, 30:80].min() > 15
    assert np.abs(cleaned[..., 0] - grey).max() < 8


def test_what_is_held_out_is_a_person_wherever_that_person_is(tmp_path):
    for number in range(200):
        for again in range(3):
            picture(tmp_path / "faces" / "lfw250_part" / f"Person_{number}x{again}.jpg", 1, 1)
    faces = lfw(tmp_path)
    tune, test, others = (split(faces, fold) for fold in ("tune", "test", "train"))
    people = {face.person for face in tune}
    assert len(tune) + len(test) + len(others) == 600
    assert not people & {face.person for face in test + others}
    assert not {face.person for face in test} & {face.person for face in others}
    assert 4 <= len(people) <= 18
    assert {face.person for face in split(faces[::2], "tune")} <= people


def test_negatives_are_held_out_by_their_names(tmp_path):
    for number in range(100):
        for name in ("neg_urtho", "neg_hays_scenes", "neg_bsds500"):
            picture(tmp_path / "faces" / name / f"{name}{number}.jpg", 1, 1)
    paths = negatives(tmp_path)
    assert len(paths) == 300
    tune, test = split(paths, "tune"), split(paths, "test")
    assert 7 <= len(tune) <= 25
    assert 7 <= len(test) <= 25
    assert sorted(tune + test + split(paths, "train")) == sorted(paths)
    assert split(paths[::-1], "tune") == tune[::-1]


def test_crops_are_held_out_in_runs(tmp_path):
    folder = tmp_path / "faces" / "caltech_web_crops36"
    folder.mkdir(parents=True)
    images = np.zeros((1000, 36, 36), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(1000), 100)
    np.savez(folder / "crops.npz", images=images)
    tune, test, others = (caltech_crops(tmp_path, fold) for fold in ("tune", "test", "train"))
    assert (len(tune), len(test), len(others)) == (50, 50, 900)
    for aside in (tune, test):
        places = np.sort(aside[:, 0, 0].astype(int) * 100 + aside[:, 0, 1])
        assert (np.diff(places) == 1).all()  # one run of 50


@pytest.mark.parametrize(
    "read",
    [
        ytf68,
        lfw,
        negatives,
        lambda root: cmu_mit(root, "test"),
        lambda root: caltech_crops(root, "test"),
    ],
)
def test_a_set_that_is_not_there_is_named(read, tmp_path):
    with pytest.raises(DataError, match=r"the data set lacks .*faces"):
        read(tmp_path)


# -- The sets themselves -----------------------------------------------------------------------------------


@pytest.mark.realdata
def test_the_sets_are_whole(data):
    frames = ytf68(data)
    assert (len(frames), len({face.person for face in frames})) == (3462, 347)
    tests = [cmu_mit(data, part) for part in ("newtest", "test", "test-low")]
    assert [len(part) for part in tests] == [65, 42, 23]
    assert sum(len(face.frames) for part in tests for face in part) == 511
    assert (len(lfw(data)), len(negatives(data))) == (3671, 1513)
    assert sum(len(caltech_crops(data, fold)) for fold in ("train", "tune", "test")) == 6709


@pytest.mark.realdata
def test_about_one_in_twenty_is_held_out_to_tune_and_to_test(data):
    for fold in ("tune", "test"):
        for items in (ytf68(data), lfw(data), negatives(data)):
            assert 0.025 < len(split(items, fold)) / len(items) < 0.08
        aside = {face.person for face in split([*ytf68(data), *lfw(data)], fold)}
        assert aside.isdisjoint(face.person for face in split([*ytf68(data), *lfw(data)], "train"))


@pytest.mark.realdata
def test_landmarks_lie_on_the_picture_with_left_at_the_left(data):
    for face in ytf68(data)[::100]:
        height, width = load(face.path).shape[:2]
        ((left, right, nose, left_corner, right_corner),) = face.landmarks
        assert left[0] < right[0]
        assert left_corner[0] < right_corner[0]
        assert left[1] < nose[1] < left_corner[1]
        assert (face.landmarks > 0).all()
        assert (face.landmarks < [width, height]).all()


def darkest(pixels, x, y, reach):
    """The place x, y of the darkest pixel, as eyes and mouths are, at most so far from a place each way."""
    left, top = round(x - reach), round(y - reach)
    part = pixels[top : round(y + reach) + 1, left : round(x + reach) + 1]
    row, column = np.unravel_index(part.argmin(), part.shape)
    return np.array([left + column + 0.5, top + row + 0.5])


@pytest.mark.realdata
def test_aligned_faces_have_eyes_and_mouth_where_the_frame_says(data):
    aligned = (
        (np.mean([unpainted(load(face.path))[..., 0] for face in lfw(data)[::30]], axis=0), LFW_FRAME),
        (caltech_crops(data, "tune").mean(axis=0), CALTECH_FRAME),
    )
    for pixels, (cx, cy, size) in aligned:
        pixels, cx, cy, size = cv2.resize(pixels, None, fx=3, fy=3), 3 * cx, 3 * cy, 3 * size
        for x, y in ((-0.25, -0.25), (0.25, -0.25), (0, 0.25)):  # the eyes are about s / 2 apart
            across, down = (darkest(pixels, cx + x * size, cy + y * size, 0.2 * size) - (cx, cy)) / size
            assert down == pytest.approx(y, abs=0.05)
            if x:
                assert across == pytest.approx(x, abs=0.05)
