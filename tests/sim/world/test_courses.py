"""Courses are drawn by their seed, are fair, and hold what the lecture's claim needs."""

from __future__ import annotations

from functools import cache
from math import hypot

import cv2
import numpy as np
import pytest

pytest.importorskip("scipy")

from windowpane.errors import DataError
from windowpane.sim.robot.vehicle import Pose
from windowpane.sim.world.courses import COURSES, Course, make
from windowpane.sim.world.shortest import length, shortest
from windowpane.sim.world.terrain import Class

made = cache(make)
EACH = [(name, seed) for name in COURSES for seed in (0, 1)]


def straight(course: Course) -> float:
    return hypot(course.goal[0] - course.start[0], course.goal[1] - course.start[1])


def way_without(course: Course, kind: Class) -> float:
    """Return metres of the shortest way if what is of a kind could not be driven over."""
    drawn = (~course.map.mask).astype(np.uint8)
    for thing in course.scene.things:
        if thing.kind is kind:
            column, row = (int((at + 60) / 0.1) for at in (thing.x, thing.y))
            cv2.circle(drawn, (column, row), int(thing.size[0] / 2 / 0.1), 0, -1)
    free = cv2.distanceTransform(drawn, cv2.DIST_L2, 5) * 0.1 > 0.3
    line = shortest(free, 0.1, course.map.origin, course.start[:2], course.goal)
    assert line is not None
    return length(line)


@pytest.mark.parametrize(("name", "seed"), EACH)
def test_a_course_is_fair(name: str, seed: int) -> None:
    course = made(name, seed)
    assert 35 <= straight(course) <= 50
    assert straight(course) - 0.01 <= course.shortest <= 1.35 * straight(course)
    assert course.timeout > 3 * course.shortest / 1.2
    assert not course.touches(Pose(*course.start))
    assert course.room(*course.start[:2]) > 1.5  # room to turn
    assert course.room(*course.goal) > 1.5
    for x, y in course.line[1:-1]:
        assert course.room(x, y) > 0.25  # half the robot's width


def test_the_same_seed_is_the_same_course_and_another_one_is_another() -> None:
    one, again, other = make("grass", 0), made("grass", 0), made("grass", 1)
    assert one.scene.things == again.scene.things
    assert (one.start, one.goal, one.shortest) == (again.start, again.goal, again.shortest)
    assert np.array_equal(one.scene.terrain.heights, again.scene.terrain.heights)
    assert one.start != other.start
    assert one.scene.sun != other.scene.sun


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_gap_is_far_to_one_side_and_can_be_seen_from_the_start(seed: int) -> None:
    course = made("barrier", seed)
    start, goal = np.array(course.start[:2]), np.array(course.goal)
    gap = course.line[int(np.argmax(np.hypot(*(course.line - start).T) > 12))]
    assert 14 < np.hypot(*(gap - start)) < 25  # too far for near vision
    ahead = (goal - start) / np.hypot(*(goal - start))
    east, north = gap - start
    assert abs(ahead[0] * north - ahead[1] * east) > 7
    on_the_way = start + np.linspace(0, 0.95, 200)[:, None] * (gap - start)
    assert not course.map.at(*on_the_way.T).any()
    through = start + np.linspace(0, 1, 800)[:, None] * (goal - start)
    hits = course.map.at(*through.T)
    assert hits.any()  # the barrier is in the way
    assert np.argmax(hits) / 800 * np.hypot(*(goal - start)) > 14  # and too far off to be seen near


@pytest.mark.parametrize("seed", [0, 1, 2, 3])
def test_the_culdesac_is_open_in_front_and_closed_far_behind(seed: int) -> None:
    course = made("culdesac", seed)
    start, goal = np.array(course.start[:2]), np.array(course.goal)
    through = start + np.linspace(0, 1, 800)[:, None] * (goal - start)
    end = np.argmax(course.map.at(*through.T)) / 800 * np.hypot(*(goal - start))
    assert 22 < end < 29
    assert course.shortest < 1.12 * straight(course)


@pytest.mark.parametrize("seed", [0, 1])
def test_tall_grass_is_the_short_way_and_may_be_driven_through(seed: int) -> None:
    course = made("grass", seed)
    assert way_without(course, Class.TALL_GRASS) > 1.02 * course.shortest


def test_the_hillside_is_steep_and_its_ground_is_no_obstacle() -> None:
    course = made("hillside", 0)
    along = course.line[0] + np.linspace(0, 1, 80)[:, None] * (course.line[-1] - course.line[0])
    heights = course.scene.terrain.height(*along.T)
    assert np.ptp(heights) > 2
    assert course.shortest < 1.1 * straight(course)


def test_a_person_crosses_the_way() -> None:
    course = made("person", 0)
    assert course.walk is not None
    middle = np.array(course.walk.start) * 0.7 + np.array(course.walk.end) * 0.3
    gaps = [
        np.linalg.norm(middle - point)
        for point in course.line[0] + np.linspace(0, 1, 200)[:, None] * (course.line[-1] - course.line[0])
    ]
    assert min(gaps) < 1.5
    assert made("path", 0).walk is None


def test_a_course_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(DataError, match="barrier, culdesac, path, grass, hillside, person"):
        make("maze", 0)
