"""What the systems of the lecture do, step by step, as one HTML page that needs nothing else.

A page is made of chapters, one for each system: `reading`, `detecting`, `parsing`, `driving`
and `coursing` make theirs.
Styles and pictures are inside the page.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np

from windowpane.show import draw
from windowpane.show.screen import figure4, screen

if TYPE_CHECKING:
    from windowpane.core.windows import Window
    from windowpane.detect.detector import Explanation as Search
    from windowpane.drive.driver import Sight
    from windowpane.drive.geometry.camera import Pinhole
    from windowpane.parse.parser import Explanation as Parsing
    from windowpane.read.reader import Explanation
    from windowpane.read.reading import Reading

READING = (
    (
        "Normalise",
        "Whatever the pen and the paper, the line becomes 32 pixels high, ink on nothing: shadows, colours "
        "and ruled lines go, and dark on light or light on dark make no difference.",
    ),
    (
        "Look through four windows",
        "One small ConvNet slides over the whole line in a single pass. Its four last layers see windows of "
        "four widths; at every position each says how sure it is of the digits 0 to 9, or that no whole "
        "digit stands in the middle of its window. A white square is a sure yes, a black one a sure no.",
    ),
    (
        "Vote",
        "A wide window sees a broad digit whole, a narrow one keeps the neighbours out. So the four opinions "
        "on each position are put together into one map.",
    ),
    (
        "Find the path",
        "Digits come in an order. The cheapest path from the lower left to the upper right may only go right "
        "and up; each step up reads one digit, so two equal digits in a row stay two.",
    ),
    (
        "Answer",
        "Each digit is shown in the window that was the surest of it. Comparing the path with all other "
        "paths gives the probability of the whole string; a low one is rejected rather than guessed.",
    ),
)
"""The steps of the lecture's reader (LeCun, NYU Deep Learning 2020, lecture 6.1), in our words."""

DETECTING = (
    (
        "Make every size one size",
        "The picture is reduced again and again, each time by the square root of two. On one of these scales "
        "a face, however large, is about 20 pixels high. All scales together cost twice the first one.",
    ),
    (
        "Slide one window",
        "One small ConvNet with a window of 33 pixels looks at every scale in a single pass, a place every "
        "4 pixels: how sure is it of a face, and where exactly?",
    ),
    (
        "Keep the surest",
        "A face is seen from several places and on neighbouring scales. Of boxes that overlap, the surest "
        "stays.",
    ),
    (
        "Look again",
        "What is left is cut out, twice as large, and shown to a larger ConvNet: is it a face after all, and "
        "where are eyes, nose and mouth? A score is the probability that a box found so stands on a face.",
    ),
)
"""The steps of the lecture's face detector, in our words."""

PARSING = (
    (
        "See it in several sizes",
        "What a blue patch is depends on what lies around it. So the picture is seen at full size, at half, "
        "at a quarter and less: the first shows details, the last nearly the whole scene.",
    ),
    (
        "Slide a net over each of them",
        "A small ConvNet for the picture itself, and a larger one, with the same weights for every smaller "
        "size, say at each place what they see.",
    ),
    (
        "Put the sizes together",
        "What is seen of a place is added up over all sizes, and classified. Each alone is often wrong; "
        "together they are mostly right.",
    ),
    (
        "Give every pixel its class",
        "Between the places that the net looked at the probabilities are interpolated, and each pixel takes "
        "the likeliest class.",
    ),
)
"""The steps of the lecture's scene parser, in our words."""

DRIVING = (
    (
        "See how far things are",
        "Two cameras side by side tell the distance of what is near, and so where the ground is: a plane. "
        "What rises from it is an obstacle. A dozen metres ahead the two pictures are too alike to tell.",
    ),
    (
        "Follow the way",
        "Corners of the pictures are found again from frame to frame. They tell how the robot has moved; no "
        "net is needed for this, so it is quick.",
    ),
    (
        "Make every distance one size",
        "The picture is cut into bands along the ground, each shrunk so that a bush has one height in all of "
        "them, be it near or far. What one ConvNet says of a band holds for the others.",
    ),
    (
        "Learn from what is near",
        "Stereo labels the windows nearby: ground, foot of an obstacle, obstacle. The net's last layer "
        "learns them, in a few milliseconds, in every frame: it gets to know this place, this light, this "
        "grass.",
    ),
    (
        "See to the horizon",
        "Then the same net labels all that the picture shows, many times as far as stereo sees: an open way, "
        "or a dead end, is seen before the robot is in it.",
    ),
)
"""The steps of the lecture's long-range vision, in our words."""

COURSING = (
    (
        "See near, quickly",
        "Ten times a second, and without a net: where am I, by corners of the pictures; what stands within "
        "six metres, by small stereo pictures?",
    ),
    (
        "See far, slowly",
        "Once a second the net labels all up to the horizon, and learns from stereo while it does.",
    ),
    (
        "Keep a map",
        "Both go to one map around the robot: fine cells nearby, ever coarser ones out to 200 m. What was "
        "seen nearer, or later, counts more. Ground that nobody saw has a price, but may be driven.",
    ),
    (
        "Plan the whole way",
        "On the map the cheapest way to the goal is found, and found anew whenever there is news: a dead end "
        "costs little when it is seen before the robot is in it.",
    ),
    (
        "Drive the best arc",
        "Some arcs lie before the robot. It takes the one from which the rest is cheapest, no faster than "
        "it can stop.",
    ),
)
"""How the robot's two loops get it to its goal, in our words."""


@dataclass(frozen=True)
class Chapter:
    """One system in the report: what it does, its steps as pairs of name and text, its pictures as HTML."""

    title: str
    lead: str
    steps: Sequence[tuple[str, str]]
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
    style = (resources.files("windowpane.show.report") / "report.css").read_text(encoding="utf-8")
    body = "".join(_chapter(chapter) for chapter in chapters)
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Windowpane: what its windows see</title>
<style>{style}</style></head>
<body><main>
<p class="brand">Windowpane</p>
{body}
<footer>Made by <code>windowpane demo</code>. After Yann LeCun, NYU Deep Learning 2020, lecture 6.1:
Applications of Convolutional Networks.</footer>
</main></body></html>
"""


def _chapter(chapter: Chapter) -> str:
    steps = "".join(f"<li><h3>{escape(name)}</h3><p>{escape(text)}</p></li>" for name, text in chapter.steps)
    return f"""<header><h1>{escape(chapter.title)}</h1>
<p class="lead">{escape(chapter.lead)}</p></header>
<ol class="steps">{steps}</ol>
{chapter.body}
"""


# -- Numbers -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Entry:
    """A picture of a number: its name, what it shows, what is written on it, and how it was read."""

    name: str
    note: str
    label: str
    explanation: Explanation


def reading(entries: Sequence[Entry]) -> Chapter:
    """Return the chapter of the reader."""
    right = sum(entry.explanation.reading.text == entry.label for entry in entries)
    total = sum(sum(entry.explanation.ms.values()) for entry in entries)
    lead = (
        "A small ConvNet looks through windows, four widths at once. A shortest path makes one string of "
        f"what it sees. Here are all the steps on {len(entries)} pictures: {right} read right, in "
        f"{total:.1f} ms together."
    )
    body = "".join(_read(entry) for entry in entries)
    return Chapter("How a number is read", lead, READING, body)


def _read(entry: Entry) -> str:
    """One picture: what came in, what was read, the figure with all maps, the time."""
    explanation = entry.explanation
    answer = explanation.reading
    seen = _image(draw.reading(explanation.picture, answer), f"{entry.name} with a box around each digit")
    figure = _image(draw.figure1(explanation), f"Score maps, vote, path and windows of {entry.name}")
    return f"""<section>
<header><h2>{escape(entry.name)}</h2><p>{escape(entry.note)}</p></header>
<div class="pair"><figure class="input">{seen}</figure><div>{_answer(answer, entry.label)}</div></div>
<figure class="plate">{figure}</figure>
{_times(explanation.ms)}
</section>
"""


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
    explanation: Search


def detecting(portraits: Sequence[Portrait]) -> Chapter:
    """Return the chapter of the detector."""
    found = sum(len(one.explanation.detections) for one in portraits)
    total = sum(sum(one.explanation.ms.values()) for one in portraits)
    lead = (
        "One small ConvNet with one window slides over the picture in many sizes, so it finds small faces "
        f"and large ones. Here {found} found, in {total:.1f} ms."
    )
    return Chapter("How a face is found", lead, DETECTING, "".join(_found(one) for one in portraits))


def _found(one: Portrait) -> str:
    """One picture: what was found, the score map of every scale, the time."""
    figure = _image(draw.detection_figure(one.explanation), f"Faces and score maps of {one.name}")
    scores = ", ".join(f"{100 * face.score:.1f} %" for face in one.explanation.detections)
    return f"""<section>
<header><h2>{escape(one.name)}</h2><p>{escape(one.note)}</p></header>
<p class="sure">{f"Sure: {scores}" if scores else "nothing found"}</p>
<figure class="plate">{figure}</figure>
{_times(one.explanation.ms)}
</section>
"""


# -- Scenes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """A picture of a scene: its name, what it shows and whose it is, and how it was parsed."""

    name: str
    note: str
    explanation: Parsing


def parsing(scenes: Sequence[Scene]) -> Chapter:
    """Return the chapter of the parser."""
    total = sum(sum(scene.explanation.ms.values()) for scene in scenes)
    lead = (
        "One ConvNet looks at the scene in several sizes and gives every pixel a class. Here in "
        f"{total:.1f} ms."
    )
    return Chapter("How a scene is parsed", lead, PARSING, "".join(_parsed(scene) for scene in scenes))


def _parsed(scene: Scene) -> str:
    """One scene: its classes, what each scale makes of it, the time."""
    figure = _image(draw.parsing_figure(scene.explanation), f"The classes and the scales of {scene.name}")
    return f"""<section>
<header><h2>{escape(scene.name)}</h2><p>{escape(scene.note)}</p></header>
<figure class="plate">{figure}</figure>
{_times(scene.explanation.ms)}
</section>
"""


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
    lead = (
        "A robot's two cameras see how far things are only nearby. A ConvNet learns from that on the way and "
        f"labels all up to the horizon. Here {len(steps)} frames, in {each:.0f} ms each."
    )
    return Chapter("How a robot sees far ahead", lead, DRIVING, "".join(_driven(drive) for drive in drives))


def _driven(drive: Drive) -> str:
    """One drive: labels of the first and the last frame, the operator's screen, the time."""
    last = drive.steps[-1]
    way = [step.motion.T_world_camera for step in drive.steps]
    shown = screen(last, drive.camera, drive.window, way)
    rows = figure4([drive.steps[0], last], drive.camera, drive.window)
    labels = _image(rows, "Picture, stereo labels and net labels of the first and the last frame")
    operator = _image(shown, "The operator's screen after the last frame")
    metres = sum(float(np.linalg.norm(step.motion.T_last_this[:3, 3])) for step in drive.steps)
    share, far = 100 * last.far.ground_share, last.far.far
    answer = f"Moved {metres:.2f} m. Below the horizon {share:.0f} % is ground; it is seen {far:.0f} m ahead."
    parts = {step: ms for step, ms in last.ms.items() if step != "all" and ":" not in step}
    return f"""<section>
<header><h2>{escape(drive.name)}</h2><p>{escape(drive.note)}</p></header>
<p class="sure">{escape(answer)}</p>
<figure class="plate">{labels}<figcaption>Picture, stereo labels, and what the net sees. Above
the first frame, seen with the last layer that the lab gave; below the last one, after it has learned from
those before.</figcaption></figure>
<figure class="plate">{operator}<figcaption>The operator's screen after the last frame.</figcaption></figure>
{_times(parts)}
</section>
"""


# -- Courses -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Course:
    """A course that was driven: its name, what it shows, and how it ended with far vision and without.

    screens: the operator's screens on the way. ground: the course from above, with the ways.
    """

    name: str
    note: str
    far: Mapping[str, Any]
    near: Mapping[str, Any]
    screens: Sequence[draw.Image]
    ground: draw.Image


def coursing(courses: Sequence[Course]) -> Chapter:
    """Return the chapter of the robot that drives to a goal."""
    lead = (
        "Two loops drive a robot to a goal in a world that answers: one sees far and plans, one is quick and "
        "does not bump. Drawn and driven by our own simulator."
    )
    body = "".join(_coursed(one) for one in courses)
    return Chapter("How a robot gets to its goal", lead, COURSING, body)


def _coursed(course: Course) -> str:
    """One course: how it ended, the ways on the ground, the screens."""
    ways = _image(
        course.ground, f"The course {course.name} from above, and the ways that were taken", photo=True
    )
    shown = "".join(
        f'<figure class="plate">{_image(one, f"Operator screen {number}", photo=True)}</figure>'
        for number, one in enumerate(course.screens, 1)
    )
    return f"""<section>
<header><h2>{escape(course.name)}</h2><p>{escape(course.note)}</p></header>
<p class="sure">With far vision: {escape(_ended(course.far))}</p>
<p class="sure">Near vision only: {escape(_ended(course.near))}</p>
<figure class="plate">{ways}<figcaption>The ground as it is, which the robot does not know, with
the ways that were taken and the shortest there is.</figcaption></figure>
{shown}
<p class="also">The operator's screen on the way: the map with the route, what the quick loop sees and the
arcs it weighs, and below what the net says of all up to the horizon and what it learned that from.</p>
</section>
"""


def _ended(outcome: Mapping[str, Any]) -> str:
    """Return how a drive ended, in words."""
    if not outcome["reached"]:
        return f"not at the goal, {outcome['reason']}."
    more = outcome["distance_m"] / max(outcome["shortest_m"], 1e-6)
    return (
        f"at the goal after {outcome['time_s']:.0f} s and {outcome['distance_m']:.1f} m, {more:.2f} times "
        f"the shortest way; {outcome['collisions']} collisions."
    )


# -- Pieces of all ----------------------------------------------------------------------------------------


def _times(ms: Mapping[str, float]) -> str:
    """A bar with a part for each step, and the figures below it."""
    total = sum(ms.values()) or 1.0
    parts = "".join(f'<i style="flex-grow:{value / total:.4f}"></i>' for value in ms.values())
    names = "".join(f"<li>{escape(step)} <b>{value:.2f} ms</b></li>" for step, value in ms.items())
    return f'<div class="times"><div class="bar">{parts}</div><ul>{names}</ul></div>'


def _image(image: draw.Image, alt: str, *, photo: bool = False) -> str:
    """An image inside the page; a photo's noise is not kept to the last bit."""
    kind, how = (
        ("jpeg", [cv2.IMWRITE_JPEG_QUALITY, 85]) if photo else ("png", [cv2.IMWRITE_PNG_COMPRESSION, 9])
    )
    data = base64.b64encode(cv2.imencode(f".{kind}", image[..., ::-1], how)[1].tobytes()).decode("ascii")
    size = f'width="{image.shape[1]}" height="{image.shape[0]}"'
    return f'<img src="data:image/{kind};base64,{data}" alt="{escape(alt, quote=True)}" {size}>'
