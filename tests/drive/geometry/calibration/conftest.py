"""Two cameras as they really are, and how a file of them is written."""

from types import SimpleNamespace

import cv2
import numpy as np
import pytest


@pytest.fixture
def written(tmp_path):
    def write(text, name="stereo.yaml"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    return write


@pytest.fixture(scope="session")
def truth():
    """Cameras of 320x240 px, 12 cm apart, slightly turned; R and T map the left camera to the right one."""
    R = cv2.Rodrigues(np.array([-0.003, 0.008, -0.002]))[0]
    return SimpleNamespace(
        left=np.array([[262.0, 0, 156.0], [0, 263.0, 123.0], [0, 0, 1]]),
        right=np.array([[263.0, 0, 159.0], [0, 264.0, 122.5], [0, 0, 1]]),
        bent=[-0.36, 0.17, 0.001, -0.002],
        R=R,
        T=np.array([-0.12, 0.001, -0.001]),
    )


@pytest.fixture(scope="session")
def motion(truth):
    """T_right_left (4, 4)."""
    T = np.eye(4)
    T[:3, :3], T[:3, 3] = truth.R, truth.T
    return T
