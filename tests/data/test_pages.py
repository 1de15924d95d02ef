"""Sets of pages with text: one definition of a string's corners, and folds that keep what looks alike."""

import json

import numpy as np
import pytest

from windowpane.data.pages import SETS, lines, pages, words
from windowpane.errors import DataError

QUAD = "x0,y0,x1,y1,x2,y2,x3,y3"


def write(root, name, head, rows):
    folder = root / SETS[name].folder
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "labels.csv").write_text(f"{head}\n" + "".join(f"{row}\n" for row in rows))
    return folder


def write_receipts(root, shops):
    folder = write(
        root, "receipts", f"file,{QUAD},text", [f"{n}.jpg,0,0,9,0,9,5,0,5,A 1" for n in range(len(shops))]
    )
    keys = {str(number): {"company": shop} for number, shop in enumerate(shops)}
    (folder / "keys.json").write_text(json.dumps(keys))


def names(root, name, fold=None):
    return [page.path.name for page in pages(root, name, fold)]


def test_a_string_has_corners_in_the_order_of_reading_however_the_page_is_turned(tmp_path):
    upright = "a.jpg,7,0,0,10,0,10,20,0,20,printed,0"
    turned = "a.jpg,4,0,0,10,0,10,20,0,20,printed,90"  # clockwise: its top is at the right
    write(tmp_path, "sudokus", f"file,digit,{QUAD},kind,turned", [upright, turned])
    (page,) = pages(tmp_path, "sudokus")
    assert page.path == tmp_path / "digits_sudoku_photos" / "images" / "a.jpg"
    assert (page.texts, page.notes, page.complete) == (("7", "4"), ("printed", "printed"), False)
    assert page.corners[0].tolist() == [[0, 0], [10, 0], [10, 20], [0, 20]]
    assert page.corners[1].tolist() == [[10, 0], [10, 20], [0, 20], [0, 0]]


def test_boxes_become_corners_and_displays_have_none(tmp_path):
    write(tmp_path, "plates", "file,x,y,w,h,text", ["us_a.jpg,10,20,30,8,AB 123"])
    write(tmp_path, "displays", "file,digits,used_liter,cells,quality", ["HQ_a.jpg,33,33,XX33,HQ"])
    (plate,), (display,) = pages(tmp_path, "plates"), pages(tmp_path, "displays")
    assert plate.corners.tolist() == [[[10, 20], [40, 20], [40, 28], [10, 28]]]
    assert (plate.texts, display.texts, display.notes) == (("AB 123",), ("33",), ("HQ",))
    assert np.isnan(display.corners).all()


def test_lines_are_cut_at_the_spaces(tmp_path):
    folder = write(tmp_path, "receipts", f"file,{QUAD},text", ['0.jpg,0,0,100,10,98,20,-2,10,"TO,AL 1.00"'])
    (folder / "keys.json").write_text("{}")
    (page,) = pages(tmp_path, "receipts")
    assert page.complete
    cut = words(page)
    assert cut.texts == ("TO,AL", "1.00")
    np.testing.assert_allclose(cut.corners[0], [[0, 0], [50, 5], [48, 15], [-2, 10]])
    np.testing.assert_allclose(cut.corners[1], [[60, 6], [100, 10], [98, 20], [58, 16]])
    assert words(cut).texts == cut.texts


def test_words_of_one_note_are_a_line(tmp_path):
    rows = [
        f"a.png,0,0,1,0,1,1,0,1,{text},0,{line}" for text, line in (("NO", "1.0"), ("7", "1.0"), ("8", "1.1"))
    ]
    folder = write(tmp_path, "forms", f"file,{QUAD},text,turned,line", rows)
    (folder / "images.csv").write_text("file,split\na.png,test\n")
    (page,) = pages(tmp_path, "forms", "test")
    assert lines(page) == ["NO 7", "8"]
    assert lines(words(page)) == ["NO 7", "8"]
    assert pages(tmp_path, "forms", "train") == []


def test_the_receipts_of_one_shop_are_in_one_fold(tmp_path):
    shops = [f"SHOP {number // 5}{branch} SDN" for number in range(300) for branch in ("", " (M)")]
    write_receipts(tmp_path, shops)
    folds = {fold: names(tmp_path, "receipts", fold) for fold in ("train", "tune", "test")}
    assert sorted(name for found in folds.values() for name in found) == sorted(names(tmp_path, "receipts"))
    assert len(folds["train"]) > 400
    for found in folds.values():
        here = [int(name[:-4]) // 10 for name in found]
        assert all(here.count(shop) == 10 for shop in here)


def test_photographs_of_one_puzzle_are_in_one_fold_and_the_mixed_ones_to_test_with(tmp_path):
    rows = [
        f"{number}.jpg,{digit},0,0,1,0,1,1,0,1,printed,0"
        for number in range(200)
        for digit in f"{number // 4:02d}"
    ]
    extra = [f"{number}.jpg,9,0,0,1,0,1,1,0,1,handwritten,0" for number in range(200)]
    for name in ("sudokus", "sudokus_mixed"):
        write(tmp_path, name, f"file,digit,{QUAD},kind,turned", rows + extra * (name == "sudokus_mixed"))
    test = names(tmp_path, "sudokus", "test")
    puzzles = [int(name[:-4]) // 4 for name in test]
    assert test
    assert all(puzzles.count(puzzle) == 4 for puzzle in puzzles)
    assert names(tmp_path, "sudokus_mixed", "test") == test
    assert names(tmp_path, "sudokus_mixed", "train") == names(tmp_path, "sudokus_mixed", "tune") == []
    assert len(names(tmp_path, "sudokus_mixed")) == 200


def test_what_a_set_keeps_to_test_with_is_to_test_with(tmp_path):
    folder = write(
        tmp_path, "screenshots", "file,digit,x,y,w,h", [f"{number}.jpg,1,0,0,1,1" for number in range(60)]
    )
    splits = {number: ("train", "valid", "test")[number % 3] for number in range(60)}
    (folder / "images.csv").write_text(
        "file,width,height,digits,split\n"
        + "".join(f"{number}.jpg,9,9,1,{split}\n" for number, split in splits.items())
    )
    test = {int(name[:-4]) for name in names(tmp_path, "screenshots", "test")}
    assert {number for number, split in splits.items() if split != "train"} <= test
    train = {int(name[:-4]) for name in names(tmp_path, "screenshots", "train")}
    assert train
    assert not train & test


def test_bad_names_and_tables_are_told(tmp_path):
    with pytest.raises(DataError, match="there is no set of pages 'pages': choose from forms"):
        pages(tmp_path, "pages")
    with pytest.raises(DataError, match=r"the data set lacks .*digits_plates"):
        pages(tmp_path, "plates")
    folder = write(tmp_path, "plates", "file,x,y,w,h,text", ["a.jpg,1,2,x,4,AB"])
    with pytest.raises(DataError, match=r"a\.jpg: its rows in the table are no strings with corners"):
        pages(tmp_path, "plates")
    (folder / "labels.csv").write_bytes(b"file,x,y,w,h,text\na.jpg,1,2,3,4,\xff\n")
    with pytest.raises(DataError, match="is no text in UTF-8"):
        pages(tmp_path, "plates")
    folder = write(tmp_path, "receipts", f"file,{QUAD},text", [])
    (folder / "keys.json").write_text("{")
    with pytest.raises(DataError, match=r"keys\.json is no JSON"):
        pages(tmp_path, "receipts")


@pytest.mark.realdata
@pytest.mark.parametrize("name", SETS)
def test_the_sets_are_whole_and_their_folds_apart(data, name):
    if not (data / SETS[name].folder).is_dir():
        pytest.skip(f"no {SETS[name].folder}")
    every = pages(data, name)
    assert all(page.path.is_file() and len(page.texts) for page in every)
    folds = [set(names(data, name, fold)) for fold in ("train", "tune", "test")]
    assert sum(map(len, folds)) == len(set().union(*folds))
    assert folds[2]
    if not SETS[name].test_only:
        assert sum(map(len, folds)) == len(every)
        assert len(folds[0]) > len(every) / 2
