"""The net that describes windows, and what else it is refused for."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.drive.perception.backbone import Backbone
from windowpane.drive.perception.labels import NAMES
from windowpane.errors import NetFileError


def test_the_shipped_net_describes_every_window() -> None:
    backbone = Backbone()
    image = np.random.default_rng(0).normal(0, 1, (36, 80, 3)).astype(np.float32)
    features = backbone.describe(image)
    assert features.shape == (*backbone.window.map_size(36, 80), backbone.count)
    assert backbone.names == NAMES
    assert backbone.lab.weights.shape == (5, backbone.count)
    assert not backbone.of_patches
    assert repr(backbone) == f"Backbone('ground', {backbone.count} features)"


def test_another_net_than_a_robots_is_refused() -> None:
    with pytest.raises(NetFileError, match="task 'read'"):
        Backbone("digits")


def test_a_last_layer_for_other_features_is_refused() -> None:
    with pytest.raises(NetFileError, match="no last layer that fits"):
        Backbone().layer(7)
