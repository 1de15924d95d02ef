"""The net that describes windows by features (backbone), and the last layer that the lab gave it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from windowpane.core.engine import Engine
from windowpane.core.last_layer import LastLayer
from windowpane.core.netfile import NetFile, load_net
from windowpane.core.runtimes import RuntimeName
from windowpane.errors import NetFileError

Floats = NDArray[np.float32]


class Backbone:
    """Describes every window of a band.

    Parameters
    ----------
    net
        A name that ships, a path, the bytes of a net file, or a loaded one.
    runtime, threads
        Of the engine.

    Attributes
    ----------
    window
        What a description speaks of.
    count
        Of its numbers.
    lab
        The last layer in the file, for the classes `names`.
    of_patches
        Whether these are of patches that a person marked, and not the five labels; then there is no lab.

    Raises
    ------
    NetFileError
        For a net that is no robot's.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes = "ground",
        *,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
    ) -> None:
        self.file = net if isinstance(net, NetFile) else load_net(net)
        manifest = self.file.manifest
        if manifest.task != "drive" or manifest.colour != "yuv" or len(manifest.outputs) != 1:
            raise NetFileError(
                f"the net {manifest.name!r} is for the task {manifest.task!r}: driving needs a net of one"
                " output for bands in YUV, made by `windowpane train drive`"
            )
        self.window = manifest.outputs[0].window
        self.count = len(manifest.outputs[0].names)
        self.names = tuple(manifest.settings.get("labels", ()))
        self.of_patches = manifest.settings.get("source") == "patches"
        self.lab = LastLayer.blank(len(self.names), self.count)
        if not self.of_patches:
            self.lab = self.layer(self.count)
        self.engine = Engine(self.file, runtime=runtime, threads=threads)

    def __repr__(self) -> str:
        return f"Backbone({self.file.manifest.name!r}, {self.count} features)"

    def layer(self, features: int) -> LastLayer:
        """Return the last layer in the file; raises NetFileError where it is not for so many features."""
        try:
            return LastLayer.from_settings(self.file.manifest.settings, features)
        except (ValueError, TypeError) as error:
            raise NetFileError(
                f"the net {self.file.manifest.name!r} has no last layer that fits: {error}"
            ) from error

    def describe(self, image: Floats) -> Floats:
        """Return the features (rows, cols, count) of a band's windows.

        Parameters
        ----------
        image
            (h, w, 3) float32 YUV.
        """
        return np.moveaxis(self.engine.run(image)[0].scores, 0, -1)
