"""The operator's screen of a robot that drives."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("scipy")

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.geometry.transforms import rotation_from_rpy
from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.navigator import Images, Navigator
from windowpane.drive.vehicle import Vehicle
from windowpane.show.cockpit import ROBOT, cockpit
from windowpane.sim.planes import World, ground, wall

T_world_odom = np.array([[0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def rig():
    T = np.eye(4)
    T[:3, :3] = rotation_from_rpy(0, np.radians(10), 0) @ np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    T[:3, 3] = 0.2, 0.1, 0.9
    return StereoRig(Pinhole(114, 114, 80, 60, 160, 120), 0.2, T)


@pytest.fixture(scope="module")
def navigated(rig):
    """A navigator with far vision, and its step before a wall that stands on the left."""
    navigator = Navigator((15.0, 0.0), [rig], [rig.scaled(2)], far_latency=0.0)
    world = ground(0.0), wall(-2.5, 3.5, 2.0, -1.2, 0.0)
    near, far = ([World(one, world).see(T_world_odom @ one.T_robot_camera)] for one in (rig, rig.scaled(2)))
    for k in range(3):
        step = navigator.step(Images(near, far), 0.1 * k)
    return navigator, step


def test_the_screen_has_one_size_whatever_is_known(navigated, rig):
    navigator, step = navigated
    window = navigator.window
    full = cockpit(step, [rig], window)
    blind = cockpit(
        replace(step, route=None, sights=(), near=replace(step.near, pictures=(None,))), [rig], window
    )
    assert full.shape == blind.shape
    assert full.dtype == np.uint8
    assert full.shape[0] > cockpit(step, [rig]).shape[0]


def test_obstacles_are_red_where_they_stand(navigated, rig):
    step = navigated[1]
    screen = cockpit(step, [rig]).astype(int)
    arcs = screen[-300:-50, 560:]
    red = (arcs[..., 0] > 180) & (arcs[..., 1] < 110)
    columns = np.flatnonzero(red.any(axis=0))
    assert columns.size
    assert columns.mean() < arcs.shape[1] / 2  # the robot looks up: left is left


def test_the_robot_is_drawn_as_large_as_it_is(navigated, rig):
    step, sizes = navigated[1], []
    for vehicle in (Vehicle(), Vehicle(length=1.4, width=1.0)):
        costmap = CostMap(vehicle=vehicle)
        arcs = cockpit(replace(step, map=costmap), [rig])[-300:, 560:]
        sizes.append(np.ptp(np.argwhere((arcs == ROBOT).all(axis=2)), axis=0))
    assert (sizes[1] > 1.5 * sizes[0]).all()
