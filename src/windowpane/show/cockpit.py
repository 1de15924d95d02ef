"""The operator's screen of a robot that drives to a goal (cockpit), as the original had it.

    image = cockpit(step, rigs, window)      # cost map and route, the fast loop's view and arcs, far labels

All images are RGB uint8 ``(H, W, 3)``, always new ones. Source: LeCun, NYU Deep Learning 2020, lecture 6.1.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from windowpane.core.windows import Window
from windowpane.drive.driver import Sight
from windowpane.drive.geometry.camera import StereoRig
from windowpane.drive.geometry.transforms import inverse, transformed
from windowpane.drive.mapping import map_picture
from windowpane.drive.navigator import Step
from windowpane.drive.perception.label_picture import LEGEND, labelled
from windowpane.images.drawing import DARK, Image, blank, resized, write
from windowpane.show.canvas import BAR, DOUBT, pane, status
from windowpane.show.screen import stereo_labelled

Floats = NDArray[np.float64]

WIDTH = 1120
MAP = 520  # width of the map's pane
SEEN = (WIDTH - MAP) // 2  # width of a picture of the fast loop
BELOW = WIDTH // 4  # width of a picture of the far loop
AROUND = 5.0  # metres of ground that the pane with the arcs shows ahead

FREE, HIT, CHOSEN = (70, 190, 90), (205, 60, 50), (255, 255, 255)
SOIL, STANDS, ROBOT = (44, 78, 54), (226, 72, 60), (250, 205, 60)
NEAR_LEGEND = ((FREE, "free"), (STANDS, "obstacle"), (CHOSEN, "chosen arc"))


def cockpit(step: Step, near: Sequence[StereoRig], window: Window | None = None) -> Image:
    """Draw a step.

    Parameters
    ----------
    step
        What a `Navigator` saw and did.
    near
        The pairs of the fast loop.
    window
        `Navigator.window`: of the far loop's net, if there is a far loop.

    Returns
    -------
    ndarray of shape (H, W, 3)
        H depends on nothing but whether there is a far loop, so screens make a video.
    """
    route = None if step.route is None else step.route.points
    chart = pane("Cost map and route", map_picture.drawn(step.map, MAP - 8, route), MAP, map_picture.LEGEND)
    eyes = [_eye(step, number, rig) for number, rig in enumerate(near[:2])]
    eyes += [blank(round((SEEN - 8) * 0.75), SEEN - 8, DARK)] * (2 - len(eyes))
    titles = "Fast loop: left pair", "Fast loop: right pair"
    seen = np.hstack([pane(title, eye, SEEN) for title, eye in zip(titles, eyes, strict=True)])
    room = chart.shape[0] - seen.shape[0] - 28
    arcs = pane(
        "Fast loop: arcs on what is near", _arcs(step, WIDTH - MAP - 8, room), WIDTH - MAP, NEAR_LEGEND
    )
    rows = [np.hstack([chart, np.vstack([seen, arcs])])]
    if window is not None:
        rows.append(_far(step.sights, window))
    return np.vstack([*rows, _status(step)])


def _eye(step: Step, number: int, rig: StereoRig) -> Image:
    """Draw a picture of the fast loop with the points it judged: what stands in red, ground in green."""
    width, height = SEEN - 8, round((SEEN - 8) * rig.left.height / rig.left.width)
    pictures = step.near.pictures
    picture = pictures[number] if number < len(pictures) else None
    if picture is None:
        return blank(height, width, DARK)
    drawn = resized(picture if picture.ndim == 3 else np.dstack([picture] * 3), width / picture.shape[1])
    T_camera_odom = inverse(step.near.T_odom_robot @ rig.mount)
    points = transformed(T_camera_odom, step.near.points)
    pixels = rig.left.resized(*drawn.shape[:2]).project(points)
    with np.errstate(invalid="ignore"):
        inside = ((pixels >= 0) & (pixels < (drawn.shape[1], drawn.shape[0]))).all(axis=1)
    colours = np.where(step.near.obstacle[:, None], STANDS, FREE)[inside]
    x, y = pixels[inside].astype(np.intp).T
    paint = np.zeros_like(drawn)
    paint[y, x] = colours
    paint = np.asarray(cv2.dilate(paint, np.ones((2, 2), np.uint8)), np.uint8)
    there = paint.any(axis=2)
    drawn[there] = (0.5 * drawn[there] + 0.5 * paint[there]).astype(np.uint8)
    return drawn


def _arcs(step: Step, width: int, height: int) -> Image:
    """Draw the ground around the robot, which looks up, with the arcs it weighed."""
    drawn = blank(height, width, DARK)
    scale = height / (AROUND + 1.2)
    origin = np.array([width / 2, height - 1.0 * scale])

    def at(places: Floats) -> NDArray[np.int32]:
        """From metres ahead and to the left to sixteenths of pixels."""
        return np.round(16 * (origin - scale * places[..., ::-1])).astype(np.int32)

    points = transformed(inverse(step.pose), step.near.points)[:, :2]
    for stands, colour in ((False, SOIL), (True, STANDS)):
        for x, y in at(points[step.near.obstacle == stands][::2]):
            cv2.circle(drawn, (int(x), int(y)), round(16 * 0.05 * scale), colour, cv2.FILLED, cv2.LINE_AA, 4)
    arcs, rooms, chosen = step.command.arcs, step.command.rooms, step.command.chosen
    for number, (arc, room) in enumerate(zip(arcs, rooms, strict=True)):
        gone = np.cumsum(np.linalg.norm(np.diff(arc, axis=0, prepend=[[0, 0]]), axis=1))
        line = np.vstack([[0, 0], arc])
        free = int((gone <= room + 1e-6).sum()) + 1
        cv2.polylines(
            drawn,
            [at(line[:free])],
            False,
            CHOSEN if number == chosen else FREE,
            1 + (number == chosen),
            cv2.LINE_AA,
            4,
        )
        cv2.polylines(drawn, [at(line[free - 1 :])], False, HIT, 1, cv2.LINE_AA, 4)
    front, side = step.map.vehicle.length / 2, step.map.vehicle.width / 2
    corners = np.array([[front, side], [front, -side], [-front, -side], [-front, side]])
    cv2.polylines(drawn, [at(corners)], True, ROBOT, 2, cv2.LINE_AA, 4)
    tip = np.array([[front - 0.15, 0.12], [front, 0], [front - 0.15, -0.12]])
    cv2.polylines(drawn, [at(tip)], False, ROBOT, 2, cv2.LINE_AA, 4)
    for metres in (2, 4):
        write(drawn, f"{metres} m", 6, round(origin[1] - metres * scale) + 4, DOUBT, 0.36)
    write(drawn, step.command.reason, 6, height - 8, BAR, 0.42)
    return drawn


def _far(sights: Sequence[Sight], window: Window) -> Image:
    """Draw what the net sees and what stereo says, for the left and the right pair."""
    nets, stereo = [], []
    for number in range(2):
        sight = sights[number] if number < len(sights) else None
        inner = BELOW - 8
        if sight is None or sight.picture is None:
            nets.append(blank(inner * 3 // 4, inner, DARK))
            stereo.append(nets[-1])
            continue
        nets.append(labelled(sight.picture, sight.far.labels, sight.far.confidence))
        stereo.append(stereo_labelled(sight.picture, sight.far, window))
    strip = [
        pane(f"Far loop: net, {side}", one, BELOW, LEGEND[:1])
        for side, one in zip(("left", "right"), nets, strict=True)
    ]
    strip += [
        pane(f"Stereo, learned, {side}", one, BELOW, LEGEND[-1:])
        for side, one in zip(("left", "right"), stereo, strict=True)
    ]
    return np.hstack(strip)


def _status(step: Step) -> Image:
    """Return the lines below: where the robot is, what it does, how long it took, what is amiss."""
    x, y = step.goal_odom[0] - step.pose[0, 3], step.goal_odom[1] - step.pose[1, 3]
    parts = [
        f"{step.time:6.1f} s",
        f"east {step.place[0]:+.1f} north {step.place[1]:+.1f} m",
        f"goal in {float(np.hypot(x, y)):.1f} m",
        f"{step.command.speed:+.2f} m/s, {step.command.turn:+.2f} rad/s",
        f"{step.ms.get('all', 0):.0f} ms",
    ]
    return status(parts, step.reasons, WIDTH)
