"""Sets of single characters: ink on nothing, and folds by counter and person."""

import json

import numpy as np
import pytest

from windowpane.data.glyphs import SETS, UNSEEN, GlyphSet, drawn, glyphs
from windowpane.errors import DataError


def save(root, name, file="images.npz", **arrays):
    folder = root / SETS[name].folder
    folder.mkdir(parents=True, exist_ok=True)
    np.savez(folder / file, **arrays)
    return folder


def write_rolls(root, rows, count=None):
    images = np.zeros((count or len(rows), 32, 20, 3), np.uint8)
    images[..., 0] = 200  # blue, as the file has it
    folder = save(root, "rolls", images=images)
    lines = [f"{index},{value},20x32,{counter}\n" for index, (value, counter) in enumerate(rows)]
    (folder / "labels.csv").write_text("index,value,size,folder\n" + "".join(lines))


def test_counters_that_are_kept_are_in_no_other_fold(tmp_path):
    kept = list(UNSEEN)
    write_rolls(tmp_path, [("4.3", counter) for counter in kept] + [("7", "datasets/meterdigits/0.0")])
    every = glyphs(tmp_path, "rolls")
    assert isinstance(every, GlyphSet)
    assert len(every) == len(kept) + 1
    assert every.images[0, 0, 0].tolist() == [0, 0, 200]  # RGB
    folds = {fold: glyphs(tmp_path, "rolls", fold) for fold in ("train", "tune", "test")}
    assert folds["train"].texts.tolist() == ["7"]
    for fold in ("tune", "test"):
        assert folds[fold].sources.tolist() == [one for one in kept if UNSEEN[one] == fold]
        assert set(folds[fold].texts.tolist()) == {"4.3"}


def test_what_a_set_of_digits_keeps_is_to_test_with_and_ink_is_light(tmp_path):
    paper = np.full((40, 32, 32), 255, np.uint8)
    paper[:, 10:20, 10:20] = 0
    labels = np.arange(40) // 4
    save(
        tmp_path,
        "bangla",
        "bangla.npz",
        training=paper,
        training_labels=labels,
        testing=paper[:5],
        testing_labels=labels[:5],
    )
    folds = {fold: glyphs(tmp_path, "bangla", fold) for fold in ("train", "tune", "test")}
    assert [len(one) for one in folds.values()] == [38, 2, 5]
    assert folds["test"].texts.tolist() == ["0", "0", "0", "0", "1"]
    image = folds["train"].images[0]
    assert (image[0, 0], image[15, 15]) == (0, 255)


def test_a_person_is_in_one_fold_with_all_characters(tmp_path):
    codes = np.repeat([ord("0"), ord("q")], 55).astype(np.uint8)
    folder = save(tmp_path, "chars74k", images=np.zeros((110, 64, 64), np.uint8), labels=codes)
    strokes = {one: [[[[0, 1], [2, 3], [4, 5]], []] for _ in range(55)] for one in "q0"}
    (folder / "strokes.json").write_text(json.dumps(strokes))
    people = {fold: set() for fold in ("train", "tune", "test")}
    for fold, found in people.items():
        one = glyphs(tmp_path, "chars74k", fold)
        found |= set(one.sources.tolist())
        assert sorted(one.texts.tolist()) == ["0"] * len(found) + ["q"] * len(found)
        assert {(line.text, line.writer) for line in drawn(tmp_path, fold)} == {
            (text, writer) for text in "0q" for writer in found
        }
    assert sum(map(len, people.values())) == len(set().union(*people.values())) == 55
    assert people["test"]
    assert [stroke.tolist() for stroke in drawn(tmp_path)[0].strokes] == [[[0, 1], [2, 3], [4, 5]]]


def test_letters_without_writers_are_to_learn_from_and_alphabets_have_their_own(tmp_path):
    save(tmp_path, "choice", images=np.full((2, 28, 28), 250, np.uint8), labels=np.array([48, 81], np.uint8))
    letters = glyphs(tmp_path, "choice", "train")
    assert letters.texts.tolist() == ["0", "Q"]
    assert letters.images.max() == 5
    assert len(glyphs(tmp_path, "choice", "test")) == 0
    save(
        tmp_path,
        "omniglot",
        images=np.zeros((4, 52, 52), np.uint8),
        labels=np.array([0, 0, 1, 1], np.int16),
        names=np.array(["Greek/character01", "Greek/character02"]),
    )
    signs = glyphs(tmp_path, "omniglot")
    assert signs.sources.tolist() == ["Greek/00", "Greek/01", "Greek/00", "Greek/01"]
    assert signs.texts[2] == "Greek/character02"


def test_bad_names_and_files_are_told(tmp_path):
    with pytest.raises(DataError, match="there is no set of characters 'digits': choose from rolls"):
        glyphs(tmp_path, "digits")
    with pytest.raises(DataError, match=r"the data set lacks .*digits_meter_rolls"):
        glyphs(tmp_path, "rolls")
    write_rolls(tmp_path, [("1", "a")], count=2)
    with pytest.raises(DataError, match="1 rows and 2 pictures"):
        glyphs(tmp_path, "rolls")
    folder = save(tmp_path, "choice", images=np.zeros((1, 28, 28), np.uint8))
    with pytest.raises(DataError, match=r"images\.npz does not hold images, labels"):
        glyphs(tmp_path, "choice")
    (folder / "images.npz").write_bytes(b"no archive")
    with pytest.raises(DataError, match=r"images\.npz does not hold images, labels"):
        glyphs(tmp_path, "choice")
    folder = save(tmp_path, "chars74k")
    (folder / "strokes.json").write_text('{"a": [[["x"]]]}')
    with pytest.raises(DataError, match=r"strokes\.json holds no strokes"):
        drawn(tmp_path)


@pytest.mark.realdata
@pytest.mark.parametrize("name", SETS)
def test_the_sets_are_whole_and_show_ink(data, name):
    if not (data / SETS[name].folder).is_dir():
        pytest.skip(f"no {SETS[name].folder}")
    every = glyphs(data, name)
    folds = [glyphs(data, name, fold) for fold in ("train", "tune", "test")]
    assert sum(map(len, folds)) == len(every) > 2_000
    if name != "rolls":
        assert every.images.mean() < 90
        assert np.quantile(every.images.max(axis=(1, 2)), 0.1) > 80
    sources = [set(one.sources.tolist()) - {""} for one in folds]
    assert sum(map(len, sources)) == len(set().union(*sources))
