"""The public names, checked in: none comes or goes unnoticed, and each explains itself."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path

import pytest

import windowpane

NAMES = [
    "Alternative",
    "ConfigError",
    "DataError",
    "Detection",
    "Detections",
    "Detector",
    "Digit",
    "Driver",
    "Engine",
    "ImageError",
    "Images",
    "Imu",
    "LabelMap",
    "Lexicon",
    "MissingExtraError",
    "Motion",
    "Navigator",
    "NetFile",
    "NetFileError",
    "Odometry",
    "Parser",
    "PatchLearner",
    "Reader",
    "Reading",
    "Recording",
    "ScoreMap",
    "Sight",
    "Step",
    "StereoRig",
    "Wheels",
    "Window",
    "WindowpaneError",
    "load_calibration",
    "load_image",
    "load_net",
]


def test_the_list_of_public_names() -> None:
    assert sorted(windowpane.__all__) == sorted([*NAMES, "__version__"])


@pytest.mark.parametrize("name", NAMES)
def test_each_name_is_there_and_has_a_docstring(name: str) -> None:
    value = getattr(windowpane, name)
    written = value.__dict__.get("__doc__") if inspect.isclass(value) else value.__doc__
    assert written
    assert len(written.strip()) > 20
    assert not written.startswith(f"{name}(")  # what a dataclass makes up is no docstring
    assert name in dir(windowpane)
    assert getattr(windowpane, name) is value


def test_every_error_is_public_and_a_windowpane_error() -> None:
    errors = {name for name, kind in vars(windowpane.errors).items() if inspect.isclass(kind)}
    assert errors <= set(NAMES)
    assert all(issubclass(getattr(windowpane, name), windowpane.WindowpaneError) for name in errors)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Raeder'"):
        windowpane.Raeder  # noqa: B018


def test_version_is_that_of_the_project_file() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert windowpane.__version__ == tomllib.loads(project.read_text())["project"]["version"]
