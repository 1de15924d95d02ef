"""Windowpane: train a small ConvNet on windows, slide it over whole pictures; read, detect, parse, drive.

The public names. Each is loaded from its home when it is first used, so that ``import windowpane`` is quick
and pulls in neither NumPy nor OpenCV nor a runtime. ONNX Runtime is told not to report to its maker.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from windowpane.errors import (
    ConfigError,
    DataError,
    ImageError,
    MissingExtraError,
    NetFileError,
    WindowpaneError,
)

if TYPE_CHECKING:  # for type checkers and editors, the same names as in _HOMES
    from windowpane.core.engine import Engine, ScoreMap
    from windowpane.core.netfile import NetFile
    from windowpane.core.netfile import load as load_net
    from windowpane.core.windows import Window
    from windowpane.detect.detections import Detection, Detections
    from windowpane.detect.detector import Detector
    from windowpane.drive.driver import Driver, Sight
    from windowpane.drive.geometry.camera import StereoRig, load_calibration
    from windowpane.drive.localization.odometry import Motion, Odometry
    from windowpane.drive.logs.recording import Recording
    from windowpane.drive.navigator import Navigator, Step
    from windowpane.drive.senses import Images, Imu, Wheels
    from windowpane.images import load as load_image
    from windowpane.parse.labelmap import LabelMap
    from windowpane.parse.parser import Parser
    from windowpane.read.lexicon import Lexicon
    from windowpane.read.reader import Reader
    from windowpane.read.reading import Alternative, Digit, Reading
    from windowpane.teach.patches import PatchLearner

# From 1.29 on it sends what it runs, and keeps an identifier of the machine in the user's folder, unless this
# is set before it is loaded, wherever that is.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

__version__ = "0.1.0"

__all__ = [
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
    "__version__",
    "load_calibration",
    "load_image",
    "load_net",
]

_HOMES = {
    "Alternative": "windowpane.read.reading:Alternative",
    "Detection": "windowpane.detect.detections:Detection",
    "Detections": "windowpane.detect.detections:Detections",
    "Detector": "windowpane.detect.detector:Detector",
    "Digit": "windowpane.read.reading:Digit",
    "Driver": "windowpane.drive.driver:Driver",
    "Engine": "windowpane.core.engine:Engine",
    "Images": "windowpane.drive.senses:Images",
    "Imu": "windowpane.drive.senses:Imu",
    "LabelMap": "windowpane.parse.labelmap:LabelMap",
    "Lexicon": "windowpane.read.lexicon:Lexicon",
    "Motion": "windowpane.drive.localization.odometry:Motion",
    "Navigator": "windowpane.drive.navigator:Navigator",
    "NetFile": "windowpane.core.netfile:NetFile",
    "Odometry": "windowpane.drive.localization.odometry:Odometry",
    "Parser": "windowpane.parse.parser:Parser",
    "PatchLearner": "windowpane.teach.patches:PatchLearner",
    "Reader": "windowpane.read.reader:Reader",
    "Reading": "windowpane.read.reading:Reading",
    "Recording": "windowpane.drive.logs.recording:Recording",
    "ScoreMap": "windowpane.core.engine:ScoreMap",
    "Sight": "windowpane.drive.driver:Sight",
    "Step": "windowpane.drive.navigator:Step",
    "StereoRig": "windowpane.drive.geometry.camera:StereoRig",
    "Wheels": "windowpane.drive.senses:Wheels",
    "Window": "windowpane.core.windows:Window",
    "load_calibration": "windowpane.drive.geometry.camera:load_calibration",
    "load_image": "windowpane.images:load",
    "load_net": "windowpane.core.netfile:load",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its home, once."""
    if name not in _HOMES:
        raise AttributeError(f"module 'windowpane' has no attribute {name!r}")
    home, attribute = _HOMES[name].split(":")
    value = getattr(import_module(home), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the names that are still to be loaded too."""
    return sorted({*globals(), *_HOMES})
