"""``windowpane drive --course`` as a shell runs it, in the simulator and with the net that ships."""

import json
from dataclasses import replace

import cv2
import pytest

pytest.importorskip("scipy")

from windowpane.errors import MissingExtraError
from windowpane.sim.render.renderer import Renderer
from windowpane.sim.robot.vehicle import RIGS
from windowpane.sim.world import courses

KEYS = (
    "course",
    "seed",
    "vision",
    "reached",
    "time_s",
    "distance_m",
    "shortest_m",
    "collisions",
    "interventions",
)


@pytest.fixture
def short(monkeypatch):
    """Courses that end at once, as otherwise each takes a minute."""
    made = courses.make("hillside", 0)
    try:
        Renderer(made.scene, RIGS.near[0].left)
    except MissingExtraError as missing:
        pytest.skip(str(missing))
    make = courses.make
    monkeypatch.setattr(courses, "make", lambda name, seed: replace(make(name, seed), timeout=0.35))


@pytest.mark.slow
def test_a_course_ends_in_one_object_and_leaves_screens_film_and_map(run, short, tmp_path):
    done = run("drive", "--course", "hillside", "--seed", 0, "--out", tmp_path / "new", "--json")
    assert done.status == 0
    record = json.loads(done.out)
    assert set(KEYS) <= record.keys()
    assert (record["course"], record["seed"], record["vision"]) == ("hillside", 0, "far")
    assert record["reached"] is False
    assert "from the goal" in record["reason"]
    names = sorted(path.name for path in (tmp_path / "new").iterdir())
    assert names == ["00000-screen.png", "drive.mp4", "map.png"]
    video = cv2.VideoCapture(str(tmp_path / "new" / "drive.mp4"))
    assert video.get(cv2.CAP_PROP_FRAME_COUNT) == 4


def test_a_person_is_told_in_a_line(run, short):
    done = run("drive", "--course", "hillside", "--vision", "near")
    assert done.status == 0
    assert done.out.startswith("hillside 0, near vision only: not at the goal: ")
    assert "0 collisions" in done.out


def test_a_course_that_there_is_not_is_wrong_usage(run):
    done = run("drive", "--course", "moon")
    assert done.status == 2
    assert "barrier, culdesac, path, grass, hillside, person" in done.err


@pytest.mark.parametrize("given", [(), ("--course", "path", "--stereo", ".")])
def test_one_of_course_and_recording_is_needed(run, given):
    done = run("drive", *given)
    assert done.status == 2
    assert "--stereo" in done.err


def test_what_only_a_recording_has_is_not_left_out_silently(run):
    done = run("drive", "--course", "path", "--bag", "drive.mcap", "--frames", 3)
    assert done.status == 2
    assert "--frames, --bag" in done.err
