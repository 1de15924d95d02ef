"""The bill of materials tells what was learned from, and changes with it."""

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.data.faces import BACKGROUNDS
from windowpane.data.materials import faces_materials
from windowpane.data.photographs import SETS


def write(root, names, box="10,10,30,30"):
    folder = root / SETS["mik1i"].folder
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "images.csv").write_text(
        "file,width,height,note\n" + "".join(f"{n},64,64,{n}\n" for n in names)
    )
    (folder / "labels.csv").write_text("file,x,y,w,h,note\n" + "".join(f"{n},{box},\n" for n in names))
    for number, name in enumerate(names):
        cv2.imwrite(str(folder / "images" / name), np.full((64, 64), number, np.uint8))
    empty = root / BACKGROUNDS["hays"].folder
    empty.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(empty / "scene.jpg"), np.zeros((64, 64), np.uint8))


def test_each_set_has_its_terms_counts_and_a_hash_of_pictures_and_boxes(tmp_path):
    names = [f"{number}.png" for number in range(40)]
    write(tmp_path, names)
    faces, empty = faces_materials(tmp_path, ["mik1i"], ["hays"])
    assert (faces.name, faces.terms, faces.free) == ("mik1i", "CC BY 4.0", True)
    assert faces.pictures == faces.objects < 40  # the other folds are not learned from
    assert (empty.pictures, empty.objects, empty.free) == (1, 0, False)
    assert faces_materials(tmp_path, ["mik1i"], ["hays"]) == [faces, empty]
    write(tmp_path, names, box="10,10,30,31")
    assert faces_materials(tmp_path, ["mik1i"], [])[0].sha256 != faces.sha256
    assert faces.to_dict()["sha256"] == faces.sha256


@pytest.mark.realdata
def test_the_nets_of_faces_that_ship_learned_from_the_sets_as_they_are(data):
    for name in ("faces",):
        card = load_net(name).manifest.card
        recipe = card["recipe"]
        there = [one for one in recipe["faces"] if one == "ytf68" or (data / SETS[one].folder).exists()]
        empty = [one for one in recipe["backgrounds"] if (data / BACKGROUNDS[one].folder).exists()]
        told = {one["name"]: one for one in card["materials"]}
        assert list(told) == [*recipe["faces"], *recipe["backgrounds"]]
        for material in faces_materials(data, there, empty):
            assert material.to_dict() == told[material.name]
