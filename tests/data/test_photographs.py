"""Sets of photographs with faces: one definition of a box, and folds that keep doubles together."""

import numpy as np
import pytest

from windowpane.data.photographs import SETS, face_boxes, photographs
from windowpane.errors import DataError


def write(root, name, faces, pictures, extra=""):
    folder = root / SETS[name].folder
    folder.mkdir(parents=True)
    (folder / "labels.csv").write_text("file,x,y,w,h,note" + extra + "\n" + "\n".join(faces) + "\n")
    (folder / "images.csv").write_text("file,width,height,note\n" + "\n".join(pictures) + "\n")


def test_boxes_are_taken_as_they_are_cut_at_the_edge_and_the_tiny_ones_ignored(tmp_path):
    write(
        tmp_path,
        "mask848",
        ["a.jpg,80,10,40,50,with_mask", "a.jpg,5,5,6,6,"],
        ["a.jpg,100,90,", "b.jpg,9,9,"],
    )
    one, none = photographs(tmp_path, "mask848")
    assert one.boxes.tolist() == [[80, 10, 100, 60], [5, 5, 11, 11]]
    assert one.ignored.tolist() == [False, True]
    assert one.notes == ("with_mask", "")
    assert np.isnan(one.landmarks).all()
    assert none.boxes.shape == (0, 4)


@pytest.mark.parametrize("turn", [0.0, 0.7, np.pi / 2, np.pi])
def test_a_face_is_around_its_landmarks_however_it_is_turned(turn):
    upright = np.array([[-10, -10], [10, -10], [0, 2], [-8, 12], [8, 12]], float)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    (box,) = face_boxes((upright @ rotation.T + 50)[None])
    width, height = (42, 52) if turn in (0, np.pi) else (52, 42) if turn == np.pi / 2 else (None, None)
    if width:
        np.testing.assert_allclose(box[2:] - box[:2], [width, height])
    np.testing.assert_allclose((box[:2] + box[2:]) / 2, 50 + rotation @ [0, 1], atol=1e-9)
    assert 42 <= np.sqrt((box[2:] - box[:2]).prod()) <= 52


def test_landmarks_give_the_box_and_the_corners_of_the_mouth(tmp_path):
    row = "a.jpg,0,0,1,1,,40,40,60,40,50,52,50,62"
    write(tmp_path, "webfaces", [row], ["a.jpg,200,200,"], ",lex,ley,rex,rey,nx,ny,mx,my")
    (one,) = photographs(tmp_path, "webfaces")
    np.testing.assert_allclose(one.boxes, [[29, 25, 71, 77]])
    np.testing.assert_allclose(one.landmarks[0], [[40, 40], [60, 40], [50, 52], [42, 62], [58, 62]])


def test_a_head_with_a_nose_has_a_face_towards_it_and_one_without_is_ignored(tmp_path):
    faces = ["a.jpg,0,0,40,40,baby", "a.jpg,30,18,4,4,nose", "a.jpg,100,100,40,40,baby"]
    write(tmp_path, "babies", faces, ["a.jpg,200,200,"])
    (one,) = photographs(tmp_path, "babies")
    assert one.ignored.tolist() == [False, True]
    middle = (one.boxes[0, :2] + one.boxes[0, 2:]) / 2
    np.testing.assert_allclose(middle, [0.65 * 32 + 0.35 * 20, 20])


def test_folds_keep_doubles_and_films_together_and_nothing_is_in_two(tmp_path):
    names = [f"{number}.jpg" for number in range(300)]
    write(tmp_path, "ilc2021", [], [f"{name},9,9," for name in names])
    write(tmp_path, "mask848", [], [f"{name},9,9," for name in names])
    frames = [f"{number}.jpg,9,9,Movie-{number // 30}_mov-{number % 30:04d}_jpg" for number in range(300)]
    write(tmp_path, "mik1i", [], frames)
    doubles = [f"faces_ilc2021,{n}.jpg,faces_mask848,{299 - n}.jpg,0.99" for n in range(300)]
    (tmp_path / "overlaps.csv").write_text(
        "set_a,file_a,set_b,file_b,correlation\n" + "\n".join(doubles) + "\n"
    )
    for fold in ("train", "tune", "test"):
        here = {photo.path.name for photo in photographs(tmp_path, "ilc2021", fold)}
        there = {photo.path.name for photo in photographs(tmp_path, "mask848", fold)}
        assert here
        assert {f"{299 - int(name[:-4])}.jpg" for name in here} == there
        film = [int(photo.path.stem) // 30 for photo in photographs(tmp_path, "mik1i", fold)]
        assert all(film.count(one) == 30 for one in film)
    folds = [len(photographs(tmp_path, "ilc2021", fold)) for fold in ("train", "tune", "test")]
    assert sum(folds) == 300
    assert folds[0] > 200


def test_what_is_to_test_with_is_in_no_other_fold(tmp_path):
    write(tmp_path, "wider308", [], ["a.jpg,9,9,"])
    assert [len(photographs(tmp_path, "wider308", fold)) for fold in ("train", "tune", "test")] == [0, 0, 1]


def test_bad_names_and_tables_are_told(tmp_path):
    with pytest.raises(DataError, match="there is no set of photographs 'faces': choose from groupcount"):
        photographs(tmp_path, "faces")
    with pytest.raises(DataError, match=r"the data set lacks .*faces_mask848"):
        photographs(tmp_path, "mask848")
    write(tmp_path, "ilc2021", ["a.jpg,1,2,x,4,"], ["a.jpg,9,9,"])
    with pytest.raises(DataError, match=r"a\.jpg: its rows in the tables of ilc2021 are no boxes"):
        photographs(tmp_path, "ilc2021")
