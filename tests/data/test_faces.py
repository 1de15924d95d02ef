"""The public sets of faces: their layouts, the frame that they share, and what is kept aside."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.data.faces import (
    BACKGROUNDS,
    FaceImage,
    background,
    cmu_mit,
    face_frames,
    frame_boxes,
    negatives,
    split,
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


def test_what_is_held_out_is_a_person_wherever_that_person_is():
    nobody = np.zeros((0, 3))
    faces = [
        FaceImage(Path(f"Person_{number}_{again}.jpg"), None, f"Person_{number}", nobody)
        for number in range(200)
        for again in range(3)
    ]
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


@pytest.mark.parametrize(
    "read",
    [
        ytf68,
        negatives,
        lambda root: cmu_mit(root, "test"),
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
    assert len(negatives(data)) == 1513


@pytest.mark.realdata
def test_about_one_in_twenty_is_held_out_to_tune_and_to_test(data):
    for fold in ("tune", "test"):
        for items in (ytf68(data), negatives(data)):
            assert 0.025 < len(split(items, fold)) / len(items) < 0.08
        aside = {face.person for face in split(ytf68(data), fold)}
        assert aside.isdisjoint(face.person for face in split(ytf68(data), "train"))


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


def test_a_background_leaves_out_what_may_show_a_face_after_all(tmp_path):
    folder = tmp_path / BACKGROUNDS["cats_dogs"].folder
    for name in ("cat.jpg", "dog.jpg", "owner.jpg"):
        picture(folder / "images" / name, 4, 4)
    (folder / "images.csv").write_text(
        "file,width,height,yunet_score\ncat.jpg,4,4,0.1\ndog.jpg,4,4,\nowner.jpg,4,4,0.8\n"
    )
    assert [path.name for path in background(tmp_path, "cats_dogs")] == ["cat.jpg", "dog.jpg"]
    with pytest.raises(DataError, match="there is no set without faces 'birds': choose from urtho"):
        background(tmp_path, "birds")
