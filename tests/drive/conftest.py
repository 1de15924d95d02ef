"""What the tests of driving see: `windowpane.sim.planes`, through a pair of cameras like a robot's."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.geometry.transforms import rotation_from_rpy
from windowpane.sim.planes import World, ground, pose, slope, wall


@pytest.fixture(scope="session")
def rig():
    """320x240, 66 degrees wide, 12 cm apart."""
    return StereoRig(Pinhole(247.0, 247.0, 160.0, 120.0, 320, 240), 0.12)


@pytest.fixture(scope="session")
def scene(rig):
    """What worlds are made of: ``scene.world(*faces)``, ``scene.ground``, ``scene.wall``, ``scene.pose``."""

    def world(*faces, **different):
        return World(rig, faces or (ground(1.0),), **different)

    return SimpleNamespace(world=world, ground=ground, wall=wall, slope=slope, pose=pose)


@pytest.fixture(scope="session")
def mounted(rig):
    """The same on a robot: 0.9 m above the ground, looking ahead and 10 degrees down."""
    T = np.eye(4)
    T[:3, :3] = rotation_from_rpy(0, np.radians(10), 0) @ np.array([[0, 0, 1], [-1, 0, 0], [0, -1, 0]])
    T[:3, 3] = 0.2, 0.06, 0.9
    return replace(rig.scaled(0.5), baseline=0.2, T_robot_camera=T)
