"""Shapes fill the box of their thing, and face outward; textures repeat without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.sim.render.meshes import LEVELS, SOLID, Shape, mesh
from windowpane.sim.render.textures import SIDE, Layer, grounds, layers, sky

EACH = [(shape, level) for shape in Shape for level in range(LEVELS)]


@pytest.mark.parametrize(("shape", "level"), EACH)
def test_a_shape_is_about_as_large_as_its_thing(shape: Shape, level: int) -> None:
    corners = mesh(shape, level)[:, :3]
    low, high = (-1.0, 0.0) if shape is Shape.LIMB else (0.0, 1.0)  # a limb hangs
    assert corners[:, 2].max() == pytest.approx(high, abs=0.2)
    assert corners[:, 2].min() <= low + 0.1
    assert np.abs(corners[:, :2]).max() < 0.7
    assert np.ptp(corners[:, :2], axis=0) == pytest.approx((1, 1), abs=0.45)


@pytest.mark.parametrize(("shape", "level"), EACH)
def test_far_shapes_have_fewer_triangles(shape: Shape, level: int) -> None:
    assert len(mesh(shape, level)) % 3 == 0
    assert len(mesh(shape, level)) <= len(mesh(shape, max(0, level - 1)))


@pytest.mark.parametrize("shape", SOLID)
def test_solid_shapes_face_outward(shape: Shape) -> None:
    """What is seen from behind is left out, so a triangle that is the wrong way round would be a hole."""
    triangles = mesh(shape).reshape(-1, 3, 11)
    first, second, third = (triangles[:, k, :3] for k in range(3))
    facing = np.cross(second - first, third - first)
    assert (np.einsum("ij,ij->i", facing, triangles[:, :, 3:6].mean(axis=1)) >= 0).all()
    if shape in (Shape.ROCK, Shape.LIMB):  # these are one body, so outward is away from its middle
        middle = triangles[:, :, :3].mean(axis=(0, 1))
        assert (np.einsum("ij,ij->i", facing, first - middle) >= -1e-6).mean() > 0.95


def test_textures_repeat_without_a_seam() -> None:
    textures = layers(0)
    assert textures.shape == (len(Layer), SIDE, SIDE, 4)
    for layer in (Layer.ROCK, Layer.LEAVES, Layer.CLOTH):
        grey = textures[layer, ..., :3].mean(axis=2)
        inside, across = np.abs(np.diff(grey, axis=1)).mean(), np.abs(grey[:, 0] - grey[:, -1]).mean()
        assert across < 1.5 * inside


def test_textures_are_drawn_from_their_seed() -> None:
    for drawn in (layers, grounds, sky):
        assert (drawn(1) == drawn(1)).all()
        assert not (drawn(1) == drawn(2)).all()


def test_ground_has_contrast_at_every_size() -> None:
    """Near and far, a pixel covers more or less of it: stereo must find something to match."""
    for texture in grounds(3).astype(float):
        grey = texture[..., :3].mean(axis=2)
        for cell in (1, 4, 16, 64):
            means = grey.reshape(SIDE // cell, cell, SIDE // cell, cell).mean(axis=(1, 3))
            assert np.abs(np.diff(means, axis=1)).mean() > 2
