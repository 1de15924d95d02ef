"""``windowpane demo``: read, detect, parse and drive on what is built in, and write a report of it."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from windowpane.cli.common.output import make_folder, place, track

if TYPE_CHECKING:
    from windowpane.show.report.page import Drive, DrivenCourse

PORTRAIT = "portrait.jpg"
PORTRAIT_NOTE = "Eileen Collins, astronaut. Photo: NASA, public domain"
SCENE = "rocket.jpg"
SCENE_NOTE = "A Falcon 9 before its launch. Photo: SpaceX, public domain"
WALK = "drive"
WALK_NOTE = "A walk along a path between bushes, drawn by our own renderer"
COURSE = "course"
COURSE_NOTE = "Two walls lead straight towards the goal, and end in a third"


def demo(
    out: Annotated[Path, typer.Option(help="The folder to write the report to.")] = Path("windowpane-demo"),
) -> None:
    """Read numbers, find a face, parse a scene and drive along a path, and write one HTML report of it."""
    from windowpane.detect.detector import Detector
    from windowpane.images import load
    from windowpane.parse.parser import Parser
    from windowpane.read.reader import Reader
    from windowpane.show.report import page as report

    make_folder(out)
    reader = Reader()
    folder = resources.files("windowpane") / "demo"
    lines = list(csv.DictReader((folder / "labels.csv").read_text(encoding="utf-8").splitlines()))
    entries = []
    for line in track(lines, "Reading", len(lines)):
        explanation = reader.explain(load((folder / line["file"]).read_bytes()))
        entries.append(report.Entry(line["file"], line["note"], line["label"], explanation))
        answer = explanation.reading
        right = "right" if answer.text == line["label"] else f"wrong: {line['label']} is written"
        typer.echo(f"{line['file']:<12} {answer.text:<9} {100 * answer.confidence:5.1f} %  {right}")
    search = Detector().explain((folder / PORTRAIT).read_bytes())
    for face in search.detections:
        typer.echo(f"{PORTRAIT:<12} a face    {100 * face.confidence:5.1f} %  at {place(face.box)}")
    portraits = [report.Portrait(PORTRAIT, PORTRAIT_NOTE, search)]
    parsed = Parser().explain((folder / SCENE).read_bytes())
    shares = sorted(parsed.scene.shares.items(), key=lambda one: -one[1])[:3]
    typer.echo(f"{SCENE:<12} " + ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares))
    scenes = [report.ParsedScene(SCENE, SCENE_NOTE, parsed)]
    chapters = [report.reading(entries), report.detecting(portraits), report.parsing(scenes)]
    chapters += [report.driving([_walk()]), report.coursing([_course()])]
    typer.echo(f"Report: {report.write(chapters, out / 'report.html')}")


def _walk() -> Drive:
    """Drive along the built-in path, telling of each frame."""
    from windowpane.drive.driver import Driver
    from windowpane.drive.geometry.camera import load_calibration
    from windowpane.drive.logs.recording import Recording
    from windowpane.show.report.page import Drive

    with resources.as_file(resources.files("windowpane") / "demo") as folder:
        recording = Recording(folder / WALK)
        rig = load_calibration(folder / WALK / "calib.txt", recording.size)
        driver, steps = Driver(rig), []
        for frame in recording:
            step = driver.step(frame.left, frame.right, frame.time)
            steps.append(step)
            seen = f"ground {100 * step.far.ground_share:.0f} %, seen to {step.far.far:.0f} m"
            typer.echo(f"{WALK + '/' + frame.name:<12} {seen}; {step.motion.inliers} corners followed")
    return Drive(WALK, WALK_NOTE, steps, rig.left, driver.window)


def _course() -> DrivenCourse:
    """Show the built-in course, which was driven in the simulator."""
    import json

    from windowpane.images import load
    from windowpane.show.report.page import DrivenCourse

    folder = resources.files("windowpane") / "demo" / COURSE
    far, near = json.loads((folder / "outcome.json").read_text(encoding="utf-8"))
    names = sorted(file.name for file in folder.iterdir() if file.name.startswith("screen"))
    screens = [load((folder / name).read_bytes()) for name in names]
    ground = load((folder / "map.jpg").read_bytes())
    end = "at the goal" if far["reached"] else "not at the goal"
    shown = f"{COURSE}/{far['course']}"
    typer.echo(f"{shown:<12} {end} after {far['time_s']:.0f} s; {far['collisions']} collisions")
    return DrivenCourse(shown, COURSE_NOTE, far, near, screens, ground)
