"""Pictures of a world: against geometry that is known exactly, and as stereo sees them."""

from __future__ import annotations

import re
import sys
from math import radians, tan

import numpy as np
import pytest

from windowpane.drive.geometry.camera import Pinhole, StereoRig
from windowpane.drive.perception.stereo import Matcher
from windowpane.errors import MissingExtraError, install
from windowpane.sim.render import graphics
from windowpane.sim.render.renderer import Renderer
from windowpane.sim.world.scene import Class, Scene, Thing
from windowpane.sim.world.terrain import Terrain

pytestmark = pytest.mark.usefixtures("graphics")

WIDTH, HEIGHT, EYES = 160, 120, 0.9
FOCAL = WIDTH / 2 / tan(radians(35))
CAMERA = Pinhole(FOCAL, FOCAL, WIDTH / 2, HEIGHT / 2, WIDTH, HEIGHT)
RIG = StereoRig(CAMERA, 0.2)
WALL = Thing(Class.WALL, 5.15, 1.0, 0, (0.3, 3.0, 1.5))


class Walk:
    def at(self, time: float) -> tuple[float, float]:
        return 4.0, -2.0 + 1.2 * time


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(Terrain.flat(), [WALL], seed=3, persons=[Walk()])


def facing_east(pitch: float = 0.0, x: float = 0.0) -> np.ndarray:
    """Return T_world_camera of a level camera at the robot's eyes, or one that looks down."""
    T = np.eye(4)
    ahead, down = np.array([np.cos(pitch), 0, -np.sin(pitch)]), np.array([-np.sin(pitch), 0, -np.cos(pitch)])
    T[:3, :3] = np.stack([[0, -1, 0], down, ahead], axis=1)
    T[:3, 3] = x, 0, EYES
    return T


def test_the_ground_s_range_is_what_geometry_says(scene: Scene) -> None:
    shot = Renderer(scene, CAMERA).see(facing_east(), time=99)
    ground = shot.classes == Class.GRASS
    rows = np.broadcast_to(np.arange(HEIGHT)[:, None] + 0.5, ground.shape)
    expected = EYES * FOCAL / (rows - HEIGHT / 2)
    flat = ground & (np.abs(shot.range / expected - 1) < 0.003)
    assert ground[-40:].mean() > 0.95
    assert flat.sum() > 0.8 * ground.sum()  # the rest are tufts of grass, nearer than the ground
    assert (shot.range[ground] < expected[ground] * 1.003).all()


def test_a_wall_s_range_class_and_outline(scene: Scene) -> None:
    shot = Renderer(scene, CAMERA).see(facing_east(), time=99)
    wall = shot.classes == Class.WALL
    rows, columns = np.nonzero(wall)
    assert np.abs(shot.range[wall] - 5.0).max() < 0.31  # its front and its top
    assert np.median(shot.range[wall]) == pytest.approx(5.0, abs=0.002)
    left, right = (WIDTH / 2 - FOCAL * y / 5.0 for y in (2.5, -0.5))  # y to the left
    assert (columns.min(), columns.max() + 1) == pytest.approx((left, right), abs=1)
    assert rows.min() == pytest.approx(HEIGHT / 2 - FOCAL * 0.6 / 5.0, abs=1)
    assert abs(rows.max() + 1 - (HEIGHT / 2 + FOCAL * 0.9 / 5.0)) < 3  # grass may hide its foot


def test_above_the_horizon_is_sky(scene: Scene) -> None:
    shot = Renderer(scene, CAMERA).see(facing_east(), time=99)
    assert (shot.classes[:20] == Class.SKY).all()
    assert np.isinf(shot.range[shot.classes == Class.SKY]).all()
    assert np.isfinite(shot.range[shot.classes != Class.SKY]).all()
    blue = shot.picture[:20].reshape(-1, 3).mean(axis=0)
    assert blue[2] > blue[0] + 20


def test_a_person_walks(scene: Scene) -> None:
    renderer = Renderer(scene, CAMERA)
    for time, y in ((0.0, -2.0), (1.5, -0.2)):
        shot = renderer.see(facing_east(), time)
        person = shot.classes == Class.PERSON
        expected = WIDTH / 2 - FOCAL * y / 4.0
        assert np.nonzero(person)[1].mean() == pytest.approx(expected, abs=2)
        assert shot.range[person].mean() == pytest.approx(4.0, abs=0.15)
        high = np.nonzero(person.any(axis=1))[0]
        assert (high[-1] - high[0]) == pytest.approx(FOCAL * 1.75 / 4.0, abs=4)


def test_a_pair_is_what_two_cameras_see(scene: Scene) -> None:
    renderer, T = Renderer(scene, CAMERA), facing_east(0.1)
    left, right = renderer.pair(RIG, T, 0.5)
    T_right = T.copy()
    T_right[:3, 3] += T[:3, 0] * RIG.baseline
    assert (left == renderer.see(T, 0.5).picture).mean() > 0.999
    # The right camera's own picture has its ground cut into other triangles.
    other = renderer.see(T_right, 0.5).picture
    assert np.abs(right.astype(int) - other).mean() < 3
    assert np.abs(left.astype(int) - right).mean() > 5


def test_stereo_finds_the_range_of_wall_and_ground() -> None:
    renderer = Renderer(Scene(Terrain.flat(), [WALL], seed=5), CAMERA)
    T = facing_east(0.15)
    depth, shot = Matcher(RIG, disparities=48).match(*renderer.pair(RIG, T)), renderer.see(T)
    off = np.abs(depth.points[..., 2] - shot.range) / depth.sigma
    for kind in (Class.WALL, Class.GRASS):
        seen = (shot.classes == kind) & (shot.range < 8)
        known = seen & depth.valid
        known[:, :48] = False  # the right camera does not see that
        assert known[:, 48:].sum() > 0.8 * seen[:, 48:].sum()
        assert (off[known] < 3).mean() > 0.9
        assert np.median(off[known]) < 1.3  # the matcher prefers whole pixels: its error is not chance alone


def test_disparity_is_focal_length_times_baseline_over_range() -> None:
    renderer = Renderer(Scene(Terrain.flat(), [WALL], seed=5), CAMERA)
    left, right = (one.astype(np.float64).mean(axis=2) for one in renderer.pair(RIG, facing_east()))
    rows, columns = slice(56, 64), slice(50, 80)  # on the wall, 5 m away
    errors = [np.abs(left[rows, columns] - right[rows, 50 - d : 80 - d]).mean() for d in range(10)]
    d = int(np.argmin(errors))
    before, here, after = errors[d - 1 : d + 2]
    expected = FOCAL * RIG.baseline / 5.0
    assert d + (before - after) / (2 * (before - 2 * here + after)) == pytest.approx(expected, abs=0.3)


@pytest.mark.slow
def test_the_same_seed_has_the_same_pixels(scene: Scene) -> None:
    again = Scene(Terrain.flat(), [WALL], seed=3, persons=[Walk()])
    other = Scene(Terrain.flat(), [WALL], seed=4, persons=[Walk()])
    one, same, different = (
        Renderer(it, CAMERA).see(facing_east(), 1.0).picture for it in (scene, again, other)
    )
    assert (one == same).all()
    assert not (one == different).all()


def test_a_wall_throws_a_shadow_away_from_the_sun() -> None:
    thing = Thing(Class.WALL, 6, 0, 0, (0.3, 6.0, 2.0))
    lit, dark = (
        Renderer(Scene(Terrain.flat(), [thing], (way, 0, 0.6), seed=3), CAMERA).see(facing_east(0.2)).picture
        for way in (-1, 1)
    )
    before = slice(58, 68), slice(60, 100)  # the ground before the wall, 3 to 5 m away
    assert dark[before].mean() < 0.75 * lit[before].mean()


def test_without_the_extra_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "moderngl", None)
    with pytest.raises(MissingExtraError, match=re.escape(install("sim"))):
        graphics.context.__wrapped__()


def test_without_egl_one_sentence_names_the_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise Exception("libEGL.so not loaded")

    monkeypatch.setattr("moderngl.create_standalone_context", broken)
    with pytest.raises(MissingExtraError, match="apt-get install libegl1 libgl1-mesa-dri"):
        graphics.context.__wrapped__()
