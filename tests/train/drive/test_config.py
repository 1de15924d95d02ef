"""The settings of a training for the robot."""

from importlib import resources

import pytest

from windowpane.core.netfile import load_net
from windowpane.errors import ConfigError
from windowpane.train.drive.config import Config
from windowpane.train.drive.recipe import train


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [("maps = [8, 16]", "three numbers"), ("height = 11", "height = 12"), ("speed = 3", "unknown setting")],
)
def test_wrong_settings_are_explained(tmp_path, changed, complaint):
    (tmp_path / "bad.toml").write_text(changed)
    with pytest.raises(ConfigError, match=complaint):
        train(tmp_path / "bad.toml", out=tmp_path / "run")


def test_the_recipe_of_the_net_that_ships_is_one():
    config = Config.load(resources.files("windowpane") / "zoo" / "ground.toml")
    recipe = load_net("ground").manifest.card["recipe"]
    assert (config.name, config.maps) == ("ground", tuple(recipe["maps"]))
