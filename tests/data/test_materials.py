"""The bill of materials tells what was learned from, and changes with it."""

import tomllib
from importlib import resources

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.data import digits, glyphs, pages
from windowpane.data.faces import BACKGROUNDS
from windowpane.data.materials import READING, faces_materials, reading_materials
from windowpane.data.photographs import LEARNED, SETS


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


def write_plates(root, text="AB 12"):
    folder = root / pages.SETS["plates"].folder
    (folder / "images").mkdir(parents=True, exist_ok=True)
    (folder / "labels.csv").write_text(
        "file,x,y,w,h,text\n" + "".join(f"{n}.png,1,2,3,4,{text} {n}\n" for n in range(40))
    )
    for number in range(40):
        cv2.imwrite(str(folder / "images" / f"{number}.png"), np.full((8, 8), number, np.uint8))


def test_what_a_reader_learns_from_has_its_terms_counts_and_hash(tmp_path):
    write_plates(tmp_path)
    folder = tmp_path / glyphs.SETS["choice"].folder
    folder.mkdir()
    np.savez(folder / "images.npz", images=np.zeros((3, 28, 28), np.uint8), labels=np.array([48, 49, 65]))
    plates, letters = reading_materials(tmp_path, ["plates", "choice"])
    assert plates.pictures == plates.objects < 40  # the other folds are not learned from
    assert (plates.title, plates.free) == (pages.SETS["plates"].title, False)
    assert (letters.pictures, letters.objects, letters.name) == (3, 3, "choice")
    write_plates(tmp_path, "AC 12")
    again, same = reading_materials(tmp_path, ["plates", "choice"])
    assert again.sha256 != plates.sha256
    assert same == letters


def test_typefaces_are_a_material(tmp_path, monkeypatch):
    (tmp_path / "face.ttf").write_bytes(b"a typeface")
    monkeypatch.setattr(
        "windowpane.data.materials.text_typefaces", lambda folder, held_out: [folder / "face.ttf"]
    )
    (faces,) = reading_materials(tmp_path, [], tmp_path)
    assert (faces.name, faces.pictures, faces.free, len(faces.sha256)) == ("typefaces", 1, True, 64)


def test_no_two_sets_to_read_from_share_a_name():
    assert len(READING) == len(digits.SETS) + len(glyphs.SETS) + len(pages.SETS)


@pytest.mark.realdata
def test_the_lines_and_digits_that_a_reader_learns_from(data):
    mnist, usps, orand = reading_materials(data, ["mnist", "usps", "orand"])
    assert (mnist.pictures, usps.pictures, orand.pictures) == (60_000, 7_291, 1_080)
    assert orand.objects > 4 * orand.pictures
    assert [one.free for one in (mnist, usps, orand)] == [True, False, False]


@pytest.mark.parametrize("name", ["faces", "faces-free"])
def test_the_card_lists_what_the_recipe_names_with_the_terms_of_each(name):
    recipe = tomllib.loads((resources.files("windowpane") / "zoo" / f"{name}.toml").read_text())
    materials = load_net(name).manifest.card["materials"]
    assert [one["name"] for one in materials] == recipe["faces"] + recipe["backgrounds"]
    for one in materials:
        known = (LEARNED | BACKGROUNDS)[one["name"]]
        assert (one["title"], one["terms"], one["free"]) == (known.title, known.terms, known.free)
        assert one["pictures"] > 0
        assert len(one["sha256"]) == 64


def test_faces_free_learned_only_from_what_may_be_used_for_anything():
    materials = load_net("faces-free").manifest.card["materials"]
    assert all(one["free"] and one["terms"] == "CC BY 4.0" for one in materials)


def test_digits_free_learned_only_from_what_may_be_used_for_anything():
    materials = load_net("digits-free").manifest.card["materials"]
    assert {"mnist", "typefaces"} <= {one["name"] for one in materials}
    assert all(one["free"] for one in materials)
    assert not all(one["free"] for one in load_net("digits").manifest.card["materials"])


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["faces", "faces-free"])
def test_the_nets_learned_from_the_sets_as_they_are(data, name):
    card = load_net(name).manifest.card
    sets, empty = card["recipe"]["faces"], card["recipe"]["backgrounds"]
    there = [one for one in sets if (data / LEARNED[one].folder).exists()]
    bare = [one for one in empty if (data / BACKGROUNDS[one].folder).exists()]
    told = {one["name"]: one for one in card["materials"]}
    for material in faces_materials(data, there, bare):
        assert material.to_dict() == told[material.name]
