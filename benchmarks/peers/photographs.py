"""What detectors find on photographs of today: tables of `detect_peers.py` by set, kind and stress."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
import numpy as np
from numpy.typing import NDArray
from peers.contenders import Answers, Contender, Found, NotMeasured, find_all
from results import percent, table

from windowpane.data.annotations import read_boxes
from windowpane.data.photographs import Photograph, photographs
from windowpane.errors import DataError
from windowpane.evaluate.measures.detection import Matches
from windowpane.evaluate.measures.looks import UNKNOWN
from windowpane.evaluate.measures.photographs import FALSE, allowed, calibration_error, recall
from windowpane.evaluate.photographs import (
    KINDS,
    LARGE,
    Judged,
    Shown,
    finds,
    given_landmarks,
    joined,
    judged,
    kinds,
    mean_landmark_error,
    people_free,
    rates,
    sets_there,
    show,
    size_names,
)
from windowpane.evaluate.stress import STRESSES, Portrait, portraits, stressed

# The first that is there tells poses where the sets have no landmarks.
TELLERS = ("SCRFD-2.5G", "SCRFD-500M", "YuNet")
NOTHING = np.zeros((0, 0, 3), np.uint8)  # instead of pixels, which lie in files
SURE = 0.3  # its least score for that
ABOUT = """\
The test folds of the sets of photographs, reduced to a longer side of at most 640 pixels, and the same pixels
for all. A true face is the whole face; a box finds it when its centre is within half a size (the root of the
area) of the face's and its size from 0.4 to 2.5 of it; one box a face, by falling score; every other box is
false, unless it finds no face and its middle lies on what is ignored: faces under 16 pixels, and what the set
marks. Recall at 1 / 10 / 100 false boxes for 100 pictures (pictures, faces). People in the background are not
always marked, in the web faces least: there the first of the three means little."""
ABOUT_PLAIN = f"""\
With the thresholds that the detectors have by themselves, on all of these sets: faces from {LARGE:.0f} pixels
found, with a mask and without, of the sets that tell; false boxes for 100 pictures with people; false boxes a
picture without people (cats, dogs, landscapes, things: {{empty}} pictures). Calibration: the expected
calibration error of the scores from 0.1 up, over the boxes of all these sets, ten bins; most scores of others
are not meant as probabilities. Landmarks off: mean distance of eyes, nose and middle of the mouth from those
marked on the web faces, over the distance of the eyes, for the faces found at 10 false boxes for 100
pictures."""
ABOUT_KINDS = """\
Recall at 10 false boxes for 100 pictures of each set, by kind of face (faces). Pose: how far the tip of the
nose is from the middle of the eyes along their line, over their distance: up to 0.2 frontal (some 20
degrees), up to 0.55 half turned (some 45). Turn: the angle of the line of the eyes: from 25, 65 and 115
degrees. Tone: the individual typology angle of the cheeks of frontal, unmasked faces in colour with eyes 12
pixels apart or more: light over 41 degrees, intermediate over 28, tan over 10. It is the tone of the picture,
not of the person: dim light makes all skin dark, and a warm one tan.
{teller}"""
ABOUT_TELLER = f"""\
The landmarks are those of the sets, and where there are none those of {{teller}} for the faces that it finds
with a score of {SURE} or more ({{share}} of the faces have landmarks so): its own row is flattered by it, and
those of its kin."""
ABOUT_STRESS = """\
{count} frontal portraits of the web faces' test fold, the face brought to 128 pixels, and made harder one
thing at a time: faces found with the thresholds that the detectors have by themselves / with the one that
lets each have 10 false boxes for 100 pictures of all sets together."""


@dataclass(frozen=True, eq=False)
class Asked:
    """Pictures written for the detectors, and what is known of them.

    Attributes
    ----------
    sets
        Of each set its pictures, without their pixels.
    paths
        Of each set; "" has the pictures without people.
    stressed
        Portraits by what was done to them, and `hard` their paths.
    """

    sets: dict[str, list[Shown]]
    paths: dict[str, list[Path]]
    stressed: dict[str, list[Portrait]]
    hard: dict[str, list[Path]]

    @property
    def every_path(self) -> list[Path]:
        return [*chain(*self.paths.values()), *chain(*self.hard.values())]


@dataclass(frozen=True, eq=False)
class Answered:
    """What one detector found: of each set; boxes where there are no people; which portraits by stress."""

    sets: dict[str, Judged]
    landmarks: dict[str, NDArray[np.float64]]  # of the faces of each set, NaN where not sure
    landmark_errors: dict[str, float]  # NaN where they are not known
    empty: int
    hard: dict[str, list[bool]]  # at its own threshold
    equal: dict[str, list[bool]]  # at that of 10 false boxes for 100 pictures


def section(root: Path, contenders: Mapping[str, Contender], limit: int | None, extra: Path | None) -> str:
    """Return all tables, or that there are no photographs to measure on."""
    with TemporaryDirectory() as folder:
        try:
            asked = write(root, Path(folder), limit, extra)
        except DataError:
            return "Photographs of today: not measured, for the data root has none."
        return tables(contenders, asked)


# -- The pictures ------------------------------------------------------------------------------------------


def write(root: Path, folder: Path, limit: int | None, extra: Path | None) -> Asked:
    """Write all pictures as the protocol shows them, of the sets that are there."""
    given = {name: photographs(root, name, "test") for name in sets_there(root)}
    if extra is not None:
        given[extra.name] = list(annotated(extra))
    sets: dict[str, list[Shown]] = {}
    paths: dict[str, list[Path]] = {}
    for name, each in given.items():
        shown, paths[name] = [], []
        for place, one in enumerate(each[:limit]):
            picture = show(one)
            paths[name].append(put(folder / f"{name}-{place}.png", picture.pixels))
            shown.append(replace(picture, pixels=NOTHING))
        sets[name] = shown
    free = people_free(root)[:: 1 if limit is None else 100]
    paths[""] = [
        put(folder / f"free-{place}.png", show(bare(path)).pixels) for place, path in enumerate(free)
    ]
    faces = portraits(root)[:limit] if "webfaces" in given else []
    hard = {name: list(stressed(faces, name)) for name in STRESSES} if faces else {}
    places = {
        name: [put(folder / f"{stress}-{place}.png", one.pixels) for place, one in enumerate(each)]
        for stress, (name, each) in enumerate(hard.items())
    }
    return Asked(sets, paths, hard, places)


def annotated(folder: Path) -> Iterator[Photograph]:
    """Yield the pictures of a folder of one's own with boxes of whole faces."""
    for image in read_boxes(folder).images:
        unknown = np.full((len(image.boxes), 5, 2), np.nan)
        yield Photograph(image.path, image.boxes, image.ignored, unknown, ("",) * len(image.boxes))


def bare(path: Path) -> Photograph:
    return Photograph(path, np.zeros((0, 4)), np.zeros(0, np.bool_), np.zeros((0, 5, 2)), ())


def put(path: Path, pixels: NDArray[np.uint8]) -> Path:
    cv2.imwrite(str(path), pixels[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 1])
    return path


# -- The answers -------------------------------------------------------------------------------------------


def answer(contender: Contender, asked: Asked) -> Answered:
    found = find_all(contender, asked.every_path)
    place, sets, landmarks, errors = 0, {}, {}, {}
    for name, shown in asked.sets.items():
        here = slice(place, place + len(shown))
        sets[name] = judge(found, here, shown)
        points = [one.get("landmarks") for one in found.low[here]]
        landmarks[name] = given_landmarks(points, sets[name], SURE)
        errors[name] = off(given_landmarks(points, sets[name], sets[name].at(10)), shown)
        place += len(shown)
    empty = sum(len(one["scores"]) for one in found.plain[place : place + len(asked.paths[""])])
    place += len(asked.paths[""])
    together = pooled(list(sets.values()))
    equal = together.threshold(allowed(together.pictures, 10))
    hard, fair = {}, {}
    for stress, each in asked.stressed.items():
        here = slice(place, place + len(each))
        hard[stress] = found_in(found.plain[here], each, -np.inf)
        fair[stress] = found_in(found.low[here], each, equal)
        place += len(each)
    return Answered(sets, landmarks, errors, empty, hard, fair)


def pooled(sets: Sequence[Judged]) -> Matches:
    """Return the boxes of all sets together; who finds whom is not kept."""
    scores, faces, sizes = (
        np.concatenate([getattr(one.low, name) for one in sets]) for name in ("scores", "faces", "sizes")
    )
    return Matches(scores, faces, sizes, sum(one.low.pictures for one in sets))


def found_in(found: Sequence[Found], hard: Sequence[Portrait], threshold: float) -> list[bool]:
    pairs = zip(found, hard, strict=True)
    return [
        finds(
            [box for box, score in zip(one["boxes"], one["scores"], strict=True) if score >= threshold], face
        )
        for one, face in pairs
    ]


def judge(found: Answers, here: slice, shown: Sequence[Shown]) -> Judged:
    low, plain = ([(one["boxes"], one["scores"]) for one in each[here]] for each in (found.low, found.plain))
    return judged(low, plain, [one.truth for one in shown])


def off(points: NDArray[np.float64], shown: Sequence[Shown]) -> float:
    return mean_landmark_error(points, np.concatenate([one.landmarks for one in shown]))


# -- The tables --------------------------------------------------------------------------------------------


def tables(contenders: Mapping[str, Contender], asked: Asked) -> str:
    answers, why_not = {}, {}
    for name, contender in contenders.items():
        try:
            answers[name] = answer(contender, asked)
        except NotMeasured as reason:
            why_not[name] = f"not measured: {reason}"
    parts = [by_set(answers, why_not, asked), plain(answers, asked), by_kind(answers, asked)]
    return "\n\n".join(part for part in [*parts, by_stress(answers, asked)] if part)


def by_set(answers: Mapping[str, Answered], why_not: Mapping[str, str], asked: Asked) -> str:
    head = ["detector"]
    for name, shown in asked.sets.items():
        head.append(f"{name} ({len(shown)}, {sum(len(one.truth.asked) for one in shown)})")
    rows = [[name, *map(recalls, each.sets.values())] for name, each in answers.items()]
    rows += [[name, reason, *[""] * (len(asked.sets) - 1)] for name, reason in why_not.items()]
    return f"{ABOUT}\n\n{table(head, rows)}"


def recalls(one: Judged) -> str:
    return " / ".join(f"{100 * at:.1f}" for at in recall(one.low, FALSE)) if len(one.low.sizes) else ""


def plain(answers: Mapping[str, Answered], asked: Asked) -> str:
    masks = np.array([mask for shown in asked.sets.values() for one in shown for mask in one.masks])
    rows, head = [], ["detector"]
    for name, each in answers.items():
        found = np.concatenate([one.found for one in each.sets.values()])
        large = np.concatenate([one.low.sizes for one in each.sets.values()]) >= LARGE
        by_mask = rates(found[large], masks[large], "mask")
        head = ["detector", *(f"{mask} ({count})" for mask, (_, count) in by_mask.items())]
        pictures = sum(one.low.pictures for one in each.sets.values())
        false = 100 * sum(one.false for one in each.sets.values()) / pictures
        calibration = calibration_error(one.low for one in each.sets.values())
        rows.append(
            [
                name,
                *(percent(rate) for rate, _ in by_mask.values()),
                f"{false:.1f}",
                f"{each.empty / max(1, len(asked.paths[''])):.3f}",
                percent(calibration),
                ", ".join(percent(error) for error in each.landmark_errors.values() if np.isfinite(error)),
            ]
        )
    head += ["false, 100 pictures", "false, without people", "calibration", "landmarks off"]
    return f"{ABOUT_PLAIN.format(empty=len(asked.paths['']))}\n\n{table(head, rows)}"


def by_kind(answers: Mapping[str, Answered], asked: Asked) -> str:
    teller = next((name for name in TELLERS if name in answers), "")
    told = {name: told_kinds(name, answers.get(teller), asked) for name in asked.sets}
    every = joined(told.values())
    known = every["pose"] != UNKNOWN
    about = ABOUT_TELLER.format(teller=teller, share=percent(known.mean())) if teller else ""
    parts = [ABOUT_KINDS.format(teller=about)]
    for kind in KINDS:
        rows, head = [], ["detector"]
        for name, each in answers.items():
            found = np.concatenate([one.found_at(10) for one in each.sets.values()])
            shares = rates(found, every[kind], kind)
            head = ["detector", *(f"{key} ({count})" for key, (_, count) in shares.items())]
            rows.append([name, *(percent(rate) for rate, _ in shares.values())])
        parts.append(table(head, rows))
    return "\n\n".join(parts)


def told_kinds(name: str, teller: Answered | None, asked: Asked) -> dict[str, NDArray[np.str_]]:
    """Return of what kinds the faces of a set are, by a detector's landmarks where it has none."""
    pictures, before = [], 0
    for shown, path in zip(asked.sets[name], asked.paths[name], strict=True):
        landmarks, here = shown.landmarks, slice(before, before + len(shown.landmarks))
        if teller is not None:
            unknown = np.isnan(landmarks).any(axis=(1, 2), keepdims=True)
            landmarks = np.where(unknown, teller.landmarks[name][here], landmarks)
        pixels = cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
        sizes = np.sqrt((shown.truth.asked[:, 2:] - shown.truth.asked[:, :2]).prod(axis=1))
        one = replace(shown, pixels=np.asarray(pixels, np.uint8), landmarks=landmarks)
        pictures.append(kinds(one) | {"size": size_names(sizes)})
        before = here.stop
    return joined(pictures)


def by_stress(answers: Mapping[str, Answered], asked: Asked) -> str:
    if not asked.stressed:
        return ""
    rows = [
        [name, *(f"{sum(each.hard[stress])} / {sum(each.equal[stress])}" for stress in asked.stressed)]
        for name, each in answers.items()
    ]
    count = len(next(iter(asked.stressed.values())))
    return f"{ABOUT_STRESS.format(count=count)}\n\n{table(['detector', *asked.stressed], rows)}"
