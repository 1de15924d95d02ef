"""What the systems of the lecture do, step by step, as one HTML page that needs nothing else (report).

A page is made of chapters, one for each system: `reading`, `detecting`, `parsing`, `driving` and `coursing`
make theirs. What they say is in ``texts.toml``, the page around them in ``report.html``, its styles in
``report.css``; styles and pictures are inside the page.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from importlib import resources
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

import numpy as np

from windowpane.images.drawing import Image, data_url, jpeg, png
from windowpane.show import draw
from windowpane.show.screen import figure4, screen

if TYPE_CHECKING:
    from windowpane.core.windows import Window
    from windowpane.detect.steps import DetectSteps
    from windowpane.drive.driver import Sight
    from windowpane.drive.geometry.camera import Pinhole
    from windowpane.parse.steps import ParseSteps
    from windowpane.read.reading import Reading
    from windowpane.read.steps import ReadSteps


@dataclass(frozen=True)
class Chapter:
    """One system in the report.

    Attributes
    ----------
    title, lead
        Its name, and what it does in a sentence or two.
    steps
        What it does step by step: the text of each step by its name.
    body
        Its pictures, as HTML.
    """

    title: str
    lead: str
    steps: Mapping[str, str]
    body: str


def write(chapters: Sequence[Chapter], path: str | Path) -> Path:
    """Write the report to ``path``, making its folder; return the path.

    The page is one file: no script, no font, no picture and no link is fetched. It follows the reader's light
    or dark setting and prints one picture after the other.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page(chapters), encoding="utf-8")
    return path


def page(chapters: Sequence[Chapter]) -> str:
    """Return the report as a text of HTML."""
    body = "".join(_shown(chapter) for chapter in chapters)
    return Template(_resource("report.html")).substitute(style=_resource("report.css"), chapters=body)


def _shown(chapter: Chapter) -> str:
    steps = "".join(
        f"<li><h3>{escape(name)}</h3><p>{escape(text)}</p></li>" for name, text in chapter.steps.items()
    )
    return f"""<header><h1>{escape(chapter.title)}</h1>
<p class="lead">{escape(chapter.lead)}</p></header>
<ol class="steps">{steps}</ol>
{chapter.body}
"""


def _chapter(name: str, body: str, **figures: float) -> Chapter:
    """Make the chapter that the texts have under a name; ``figures`` are filled in."""
    steps = {step: _on_one_line(text) for step, text in _texts()[name]["steps"].items()}
    return Chapter(_told(name, "title"), _told(name, "lead", **figures), steps, body)


def _told(chapter: str, text: str, /, **figures: object) -> str:
    """Return a text of a chapter, with what is in braces filled in."""
    return _on_one_line(_texts()[chapter][text]).format(**figures)


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(_resource("texts.toml"))


def _resource(name: str) -> str:
    return (resources.files("windowpane.show.report") / name).read_text(encoding="utf-8")


# -- Numbers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A picture of a number: its name, what it shows, what is written on it, and how it was read."""

    name: str
    note: str
    label: str
    explanation: ReadSteps


def reading(entries: Sequence[Entry]) -> Chapter:
    """Return the chapter of the reader."""
    right = sum(entry.explanation.reading.text == entry.label for entry in entries)
    total = sum(sum(entry.explanation.ms.values()) for entry in entries)
    body = "".join(_read(entry) for entry in entries)
    return _chapter("reading", body, count=len(entries), right=right, total=total)


def _read(entry: Entry) -> str:
    """One picture: what came in, what was read, the figure with all maps, the time."""
    explanation = entry.explanation
    answer = explanation.reading
    seen = _image(draw.reading(explanation.picture, answer), f"{entry.name} with a box around each digit")
    answered = _answer(answer, entry.label)
    return _section(
        entry,
        f'<div class="pair"><figure class="input">{seen}</figure><div>{answered}</div></div>',
        _plate(draw.figure1(explanation), f"Score maps, vote, path and windows of {entry.name}"),
        _times(explanation.ms),
    )


def _answer(answer: Reading, label: str) -> str:
    """The string, digit by digit with a bar for each one's confidence, and what else it may be."""
    tiles = "".join(
        f'<span class="digit"><b>{escape(digit.text)}</b>'
        f'<i style="width:{100 * digit.confidence:.1f}%" title="{100 * digit.confidence:.1f} %"></i></span>'
        for digit in answer.digits
    )
    verdict = "rejected" if answer.rejected else "accepted"
    truth = "" if answer.text == label else f'<p class="wrong">On the picture: {escape(label)}</p>'
    others = ", ".join(f"{escape(one.text)} ({100 * one.confidence:.2f} %)" for one in answer.alternatives)
    also = f'<p class="also">Next best: {others}</p>' if others else ""
    return (
        f'<p class="digits">{tiles or "nothing found"}</p>'
        f'<p class="sure"><b>{100 * answer.confidence:.1f} %</b> sure, {verdict}</p>{truth}{also}'
    )


# -- Faces -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Portrait:
    """A picture with faces: its name, what it shows and whose it is, and how they were found."""

    name: str
    note: str
    explanation: DetectSteps


def detecting(portraits: Sequence[Portrait]) -> Chapter:
    """Return the chapter of the detector."""
    found = sum(len(one.explanation.detections) for one in portraits)
    total = sum(sum(one.explanation.ms.values()) for one in portraits)
    return _chapter("detecting", "".join(_found(one) for one in portraits), count=found, total=total)


def _found(one: Portrait) -> str:
    """One picture: what was found, the score map of every scale, the time."""
    scores = ", ".join(f"{100 * face.confidence:.1f} %" for face in one.explanation.detections)
    return _section(
        one,
        _line("sure", f"Sure: {scores}" if scores else "nothing found"),
        _plate(draw.detection_figure(one.explanation), f"Faces and score maps of {one.name}"),
        _times(one.explanation.ms),
    )


# -- Scenes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ParsedScene:
    """A picture of a scene: its name, what it shows and whose it is, and how it was parsed."""

    name: str
    note: str
    explanation: ParseSteps


def parsing(scenes: Sequence[ParsedScene]) -> Chapter:
    """Return the chapter of the parser."""
    total = sum(sum(scene.explanation.ms.values()) for scene in scenes)
    return _chapter("parsing", "".join(_parsed(scene) for scene in scenes), total=total)


def _parsed(scene: ParsedScene) -> str:
    """One scene: its classes, what each scale makes of it, the time."""
    figure = draw.parsing_figure(scene.explanation)
    return _section(
        scene, _plate(figure, f"The classes and the scales of {scene.name}"), _times(scene.explanation.ms)
    )


# -- Driving -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Drive:
    """A drive: its name, what it shows, its steps in order, and the camera and the net's window of them."""

    name: str
    note: str
    steps: Sequence[Sight]
    camera: Pinhole
    window: Window


def driving(drives: Sequence[Drive]) -> Chapter:
    """Return the chapter of the robot's sight."""
    steps = [step for drive in drives for step in drive.steps]
    each = sum(step.ms["all"] for step in steps) / max(1, len(steps))
    body = "".join(_driven(drive) for drive in drives)
    return _chapter("driving", body, count=len(steps), each=each)


def _driven(drive: Drive) -> str:
    """One drive: labels of the first and the last frame, the operator's screen, the time."""
    last = drive.steps[-1]
    way = [step.motion.T_world_camera for step in drive.steps]
    rows = figure4([drive.steps[0], last], drive.camera, drive.window)
    shown = screen(last, drive.camera, drive.window, way)
    metres = sum(float(np.linalg.norm(step.motion.T_last_this[:3, 3])) for step in drive.steps)
    share, far = 100 * last.far.ground_share, last.far.far
    alt = "Picture, stereo labels and net labels of the first and the last frame"
    return _section(
        drive,
        _line("sure", _told("driving", "answer", metres=metres, share=share, far=far)),
        _plate(rows, alt, _told("driving", "labels")),
        _plate(shown, "The operator's screen after the last frame", _told("driving", "screen")),
        _times({step: ms for step, ms in last.ms.items() if step != "all" and ":" not in step}),
    )


# -- Courses -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DrivenCourse:
    """A course that was driven.

    Attributes
    ----------
    name, note
        Its name, and what it shows.
    far, near
        How it ended, with far vision and without: an outcome as the command line tells it.
    screens
        The operator's screens on the way.
    ground
        The course from above, with the ways.
    """

    name: str
    note: str
    far: Mapping[str, Any]
    near: Mapping[str, Any]
    screens: Sequence[Image]
    ground: Image


def coursing(courses: Sequence[DrivenCourse]) -> Chapter:
    """Return the chapter of the robot that drives to a goal."""
    return _chapter("coursing", "".join(_coursed(one) for one in courses))


def _coursed(course: DrivenCourse) -> str:
    """One course: how it ended, the ways on the ground, the screens."""
    alt = f"The course {course.name} from above, and the ways that were taken"
    screens = (
        _plate(one, f"Operator screen {number}", photo=True) for number, one in enumerate(course.screens, 1)
    )
    return _section(
        course,
        _line("sure", f"With far vision: {_ended(course.far)}"),
        _line("sure", f"Near vision only: {_ended(course.near)}"),
        _plate(course.ground, alt, _told("coursing", "ways"), photo=True),
        "".join(screens),
        _line("also", _told("coursing", "screens")),
    )


def _ended(outcome: Mapping[str, Any]) -> str:
    """Return how a drive ended, in words."""
    if not outcome["reached"]:
        return _told("coursing", "missed", reason=outcome["reason"])
    more = outcome["distance_m"] / max(outcome["shortest_m"], 1e-6)
    return _told("coursing", "reached", more=more, **outcome)


# -- Pieces of all -----------------------------------------------------------------------------------------


def _section(shown: Entry | Portrait | ParsedScene | Drive | DrivenCourse, *parts: str) -> str:
    """What is shown, with its name and note above."""
    head = f"<header><h2>{escape(shown.name)}</h2><p>{escape(shown.note)}</p></header>"
    return "\n".join(["<section>", head, *parts, "</section>", ""])


def _line(kind: str, text: str) -> str:
    return f'<p class="{kind}">{escape(text)}</p>'


def _plate(image: Image, alt: str, caption: str = "", *, photo: bool = False) -> str:
    """A figure as wide as the page, and what is to be seen on it."""
    below = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f'<figure class="plate">{_image(image, alt, photo=photo)}{below}</figure>'


def _times(ms: Mapping[str, float]) -> str:
    """A bar with a part for each step, and the figures below it."""
    total = sum(ms.values()) or 1.0
    parts = "".join(f'<i style="flex-grow:{value / total:.4f}"></i>' for value in ms.values())
    names = "".join(f"<li>{escape(step)} <b>{value:.2f} ms</b></li>" for step, value in ms.items())
    return f'<div class="times"><div class="bar">{parts}</div><ul>{names}</ul></div>'


def _image(image: Image, alt: str, *, photo: bool = False) -> str:
    """An image inside the page; a photo's noise is not kept to the last bit."""
    url = data_url(jpeg(image, 85), "jpeg") if photo else data_url(png(image, 9))
    size = f'width="{image.shape[1]}" height="{image.shape[0]}"'
    return f'<img src="{url}" alt="{escape(alt, quote=True)}" {size}>'
