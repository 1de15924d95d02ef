"""What is wrong with a data set, found before any training (data validation); and what is in it.

    read     pictures of numbers and a ``labels.csv`` with the columns ``file`` and ``label``
    detect   pictures with boxes in the layouts of `windowpane.data.annotations`
    parse    labelled scenes in the layouts of `windowpane.data.scenes.own`
    drive    a CSV of patches that a person marked, `windowpane.data.patches`

What is found here decides whether a training begins.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Literal

from windowpane.data.annotations import layout
from windowpane.data.annotations.labelme import labelme_files
from windowpane.data.check.boxes import check_boxes
from windowpane.data.check.lines import check_lines
from windowpane.data.check.patches import check_patches
from windowpane.data.check.problem import Findings, Problem
from windowpane.data.check.scenes import check_scenes
from windowpane.data.scenes.own import scene_layout
from windowpane.errors import DataError

Verb = Literal["read", "detect", "parse", "drive"]

PATCHES = "patches.csv"


def check_folder(
    folder: str | Path, verb: Verb | None = None, *, pictures: str | Path | None = None
) -> Findings:
    """Return the faults of a data set and what is in it.

    Parameters
    ----------
    verb
        What is to be trained on it; None = told by its files.
    pictures
        The folder of the pictures, where they are not beside their annotations.

    Raises
    ------
    DataError
        If there is no data set, or if nothing of it can be read.
    """
    folder, named = Path(folder), Path(pictures) if pictures else None
    told = verb or verb_of(folder)
    if told == "read":
        return check_lines(folder)
    if told == "drive":
        return check_patches(folder / PATCHES if folder.is_dir() else folder)
    if told == "parse":
        return check_scenes(folder, pictures=named)
    findings = check_boxes(folder, pictures=named)
    if verb is None and scene_layout(folder):
        hint = "its shapes can be areas too: to check it as labelled scenes, say --for parse"
        return Findings((*findings.problems, Problem(folder, None, hint, note=True)), findings.found)
    return findings


def refuse_faults(folder: str | Path, verb: Verb, *, pictures: str | Path | None = None) -> None:
    """Raise DataError, with the first fault, for a data set in which `check_folder` finds one.

    Python's `warnings` tell of what is only worth a look.
    """
    findings = check_folder(folder, verb, pictures=pictures)
    for problem in findings.warnings:
        warnings.warn(str(problem), stacklevel=2)
    faults = findings.faults
    if faults:
        more = f", and {len(faults) - 1} more problem(s)" if len(faults) > 1 else ""
        raise DataError(
            f"{faults[0]}{more}: `windowpane check {folder}` tells all, and training waits for it"
        )


def verb_of(folder: Path) -> Verb:
    """Tell what a data set is for by its files; raises DataError where it is none."""
    found = _verb_of(folder)
    if found is None:
        inner = [path for path in sorted(folder.glob("*")) if path.is_dir() and _verb_of(path)]
        raise DataError(
            f"{folder} holds no data set: expected pictures with a labels.csv (file,label), with boxes (a"
            " COCO .json, YOLO's labels/ and classes.txt, or VOC's Annotations/*.xml), with labels/*.png"
            " and classes.txt, or with labelme's .json"
            + (f"; there are some in it, as {inner[0]}: check that" if inner else "")
        )
    return found


def _verb_of(folder: Path) -> Verb | None:
    if (folder / "labels.csv").is_file():
        return "read"
    if (folder / PATCHES).is_file() or (folder.is_file() and folder.suffix.lower() == ".csv"):
        return "drive"
    labelled, boxes = scene_layout(folder), layout(folder)
    if labelled == "label pictures" or (labelled == "labelme" and _has_areas(folder)):
        return "parse"
    return "detect" if boxes else None


def _has_areas(folder: Path) -> bool:
    """Whether any shape of labelme is no rectangle."""
    return any(
        sign in file.read_bytes()
        for file in labelme_files(folder)
        for sign in (b'"polygon"', b'"mask"', b'"circle"')
    )
