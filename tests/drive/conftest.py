"""What the tests of driving see: `windowpane.data.worlds`, through a pair of cameras like a robot's."""

from types import SimpleNamespace

import pytest

from windowpane.data.worlds import World, ground, pose, slope, wall
from windowpane.drive.camera import Pinhole, StereoRig


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
