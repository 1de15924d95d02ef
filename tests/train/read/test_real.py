"""Lines cut from real sets, on small ones made here: what they say, and what of it is known."""

import csv
import json

import cv2
import numpy as np
import pytest

from windowpane.data.pages import SETS
from windowpane.train.read.real import KINDS, script_of

RNG_SEED = 0


def write(root, name, rows, size=(120, 300)):
    """A set of pages of this name: one picture for each file, and a table."""
    folder = root / SETS[name].folder
    (folder / "images").mkdir(parents=True)
    with (folder / "labels.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    for number, file in enumerate({row["file"] for row in rows}):
        picture = np.full((*size, 3), 230, np.uint8)
        picture[30:70, 40:240] = 90 + number % 5
        for x in range(60, 200, 30):
            picture[38:62, x : x + 6] = 20
        cv2.imwrite(str(folder / "images" / file), picture)
    (folder / "keys.json").write_text(json.dumps({}))


def quad(x0=40, y0=30, x1=240, y1=70):
    return dict(
        zip(("x0", "y0", "x1", "y1", "x2", "y2", "x3", "y3"), (x0, y0, x1, y0, x1, y1, x0, y1), strict=True)
    )


FILES = [f"{number:02d}.png" for number in range(30)]


def pictures(root, kind, count=20):
    draw = KINDS[kind](root, "train")
    rng = np.random.default_rng(RNG_SEED)
    return [draw(rng) for _ in range(count)]


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("TEL : 03-5122", "???:03-5122"),
        ("RM 31.00", "??31.00"),
        ("(12/30) 5%", "12/305"),
        ("Größe", "?????"),
        ("٣", ""),
    ],
)
def test_a_script_is_digits_separators_and_letters(text, script):
    assert script_of(text) == script


def test_a_receipts_lines_say_all_that_is_written_but_not_where(tmp_path):
    write(tmp_path, "receipts", [{"file": file, **quad(), "text": "RM 31.00"} for file in FILES])
    for picture in pictures(tmp_path, "receipts"):
        assert (picture.script, picture.text) == ("??31.00", "3100")
        assert np.isnan(picture.middles).all()
        assert len(picture.middles) == len(picture.script)
        assert picture.pixels.ndim == 3


def test_a_plate_may_have_more_marks_than_its_text(tmp_path):
    rows = [{"file": file, "x": 40, "y": 30, "w": 200, "h": 40, "text": f"A{file[:2]}B"} for file in FILES]
    write(tmp_path, "plates", rows)
    for picture in pictures(tmp_path, "plates", 5):
        assert picture.script[0] == picture.script[-3] == "?"
        assert "".join(c for c in picture.script if c.isdigit()) == picture.text
        assert "~" in picture.script  # a point that the text leaves out may follow a digit


def test_a_display_is_its_panel_with_two_digits_more_than_are_told(tmp_path):
    rows = [
        {"file": file, "digits": str(n + 1), "cells": str(n), "quality": "HQ"} for n, file in enumerate(FILES)
    ]
    write(tmp_path, "displays", rows)
    for picture in pictures(tmp_path, "displays", 5):
        assert picture.script.endswith("~##")
        assert picture.pixels.max() < 200  # the housing is left out


def test_a_sudokus_digit_is_in_the_middle_of_its_cell(tmp_path):
    rows = [{"file": file, "digit": "7", **quad(), "kind": "printed", "turned": "0"} for file in FILES]
    write(tmp_path, "sudokus", rows)
    for picture in pictures(tmp_path, "sudokus", 5):
        assert picture.script == "7"
        assert picture.middles.tolist() == pytest.approx([picture.pixels.shape[1] / 2])


def test_a_counter_is_rolls_that_stand_still_side_by_side(tmp_path):
    folder = tmp_path / "digits_meter_rolls"
    folder.mkdir()
    values = ["1.0", "1.2", "1.5", "2.9", "7", "9.9"] * 10
    np.savez(
        folder / "images.npz", images=np.random.default_rng(0).integers(0, 255, (60, 32, 20, 3), np.uint8)
    )
    rows = [f"{place},{value},20x32,a" for place, value in enumerate(values)]
    (folder / "labels.csv").write_text("\n".join(["index,value,size,folder", *rows]))
    said = [picture.script for picture in pictures(tmp_path, "rolls", 60)]
    assert set("".join(said)) == set("1370")  # 1.5 is half-way, 9.9 nearly a 0
    picture = pictures(tmp_path, "rolls", 1)[0]
    assert len(picture.middles) == len(picture.script)
    assert (np.diff(picture.middles) > 0).all()
