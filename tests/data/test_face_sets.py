"""The script that builds sets of faces: what it keeps and leaves out, and that the package reads it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from windowpane.data.photographs import photographs

SCRIPT = Path(__file__).parents[2] / "tools" / "make_face_sets.py"
HEAD = "Name,width,height,xmin,ymin,xmax,ymax"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("make_face_sets", SCRIPT)
    module = sys.modules["make_face_sets"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def tested_on(tmp_path, monkeypatch):
    """A data root with one test picture."""
    folder = tmp_path / "root" / "faces" / "cmu_mit" / "test"
    folder.mkdir(parents=True)
    (folder / "team.png").write_bytes(picture(9))
    monkeypatch.setenv("WINDOWPANE_DATA", str(tmp_path / "root"))


def picture(seed, width=400, height=300):
    """Soft blots, as a PNG file."""
    rough = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), np.uint8)
    pixels = cv2.resize(rough, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".png", pixels)[1].tobytes()


def voc(width, height, *boxes):
    tags = ("xmin", "ymin", "xmax", "ymax")
    corners = (
        "".join(f"<{tag}>{value}</{tag}>" for tag, value in zip(tags, box, strict=True)) for box in boxes
    )
    objects = "".join(f"<object><bndbox>{corner}</bndbox></object>" for corner in corners)
    return f"<a><size><width>{width}</width><height>{height}</height></size>{objects}</a>".encode()


def clone(folder, files, bare=False):
    """Commit files to a repository of its own, and leave it there or a bare clone of it."""
    work = folder.with_name(folder.name + "-work") if bare else folder
    for name, content in files.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_bytes(content)
    author = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "all"]):
        subprocess.run(["git", "-C", work, *command], check=True)
    if bare:
        subprocess.run(["git", "clone", "-q", "--bare", work, folder], check=True)


def test_a_set_is_what_the_package_reads(script, tmp_path):
    rows = ["a.jpg,2048,1024,200,100,400,340", "a.jpg,2048,1024,1900,0,2100,90", "b.jpg,400,300,10,20,40,60"]
    rows += ["again.jpg,400,300,1,1,30,30", "tested.jpg,400,300,1,1,30,30"]
    files = {
        "bbox_train.csv": "\n".join([HEAD, *rows]).encode(),
        "dataset/a.jpg": picture(1, 2048, 1024),
        "dataset/again.jpg": picture(1),
        "dataset/b.jpg": picture(2),
        "dataset/tested.jpg": picture(9),
        "dataset/without_boxes.jpg": picture(3),
    }
    clone(tmp_path / "clones" / "Icyfire18" / "Face_Counting", files)
    script.main(tmp_path / "clones", tmp_path / "sets", ["groupcount"])
    first, second = photographs(tmp_path / "sets", "groupcount")
    assert cv2.imread(str(first.path)).shape == (512, 1024, 3)
    np.testing.assert_allclose(first.boxes, [[100, 50, 200, 170], [950, 0, 1024, 45]])
    np.testing.assert_allclose(second.boxes, [[10, 20, 40, 60]])
    source = (tmp_path / "sets" / "faces_groupcount" / "SOURCE.txt").read_text()
    assert "2 pictures, 3 boxes" in source
    assert "again.jpg, same as a.jpg" in source
    assert "tested.jpg, same as team.png" in source


def test_only_training_pictures_of_wider_are_taken(script, tmp_path):
    names = [
        ("WIDER_train_annotations", "0_Parade_1"),
        ("WIDER_train_annotations", "9_Press_Conference_2"),
        ("WIDER_val_annotations", "0_Parade_3"),
        ("WIDER_val_annotations", "55_Sports_Coach_Trainer_4"),
    ]
    truth = {f"{part}/{name}.xml": voc(400, 300, (10, 20, 40, 60)) for part, name in names}
    folder = "datasets/widerface/images/train"  # whatever the copy says
    pictures = {f"{folder}/{name}.jpg": picture(seed) for seed, (_, name) in enumerate(names)}
    for repository, files in zip(script.RECIPES["widerparade"].repositories, (truth, pictures), strict=True):
        clone(tmp_path / repository.replace("/", "+"), files, bare=True)
    script.main(tmp_path, tmp_path / "sets", ["widerparade"])
    (found,) = photographs(tmp_path / "sets", "widerparade")
    assert "0_Parade_1" in (tmp_path / "sets" / "faces_wider_part" / "images.csv").read_text()
    assert found.boxes.tolist() == [[10, 20, 40, 60]]


def test_ellipses_become_upright_boxes(script, tmp_path):
    lines = ["2002/07/19/big/img_130", "2", "50 30 1.5707963 100 120 1", "50 30 0 100 120 1"]
    clone(tmp_path / "folds", {"FDDB-folds/FDDB-fold-01-ellipseList.txt": "\n".join(lines).encode()})
    boxes = script.ellipse_boxes(script.Clone("folds", tmp_path / "folds" / ".git"))
    assert list(boxes) == ["2002_07_19_big_img_130"]
    np.testing.assert_allclose(
        boxes["2002_07_19_big_img_130"], [[70, 70, 60, 100], [50, 90, 100, 60]], atol=1e-4
    )


def test_hands_that_look_like_faces_are_left_out(script, tmp_path):
    names = ["IMG-20230312-WA0079_jpg.rf.1.jpg", "IMG-20230312-WA0080_jpg.rf.2.jpg"]
    files = {f"train/images/{name}": picture(seed) for seed, name in enumerate(names)}
    clone(tmp_path / "hands", files)
    (kept,) = script.hands(script.Clone("hands", tmp_path / "hands" / ".git"))
    assert kept.name == "IMG-20230312-WA0080_jpg"


def test_what_is_missing_is_said_with_its_address(script, tmp_path):
    with pytest.raises(SystemExit, match=r"git clone --bare https://github\.com/imistyrain/fddb"):
        script.main(tmp_path, tmp_path / "sets", ["fddb"])
    with pytest.raises(SystemExit, match="there is no recipe for 'cats': choose from groupcount"):
        script.main(tmp_path, tmp_path / "sets", ["cats"])
    (tmp_path / "sets" / "faces_fddb").mkdir(parents=True)
    with pytest.raises(SystemExit, match="faces_fddb is there already"):
        script.main(tmp_path, tmp_path / "sets", ["fddb"])
