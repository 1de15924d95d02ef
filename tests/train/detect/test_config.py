"""The settings of a detector's training."""

from importlib import resources

import pytest

from windowpane.core.netfile import load_net
from windowpane.errors import ConfigError
from windowpane.train.detect.config import Config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('colour = "sepia"', "grey"),
        ("maps = [8]", "maps"),
        ("rounds = -1", "at least 0"),
        ("second_maps = [8, 16]", "second_maps are three or more numbers of channels, or none at all"),
        ("strides = [2, 1]", "strides are as many whole numbers as there are layers after the first, 4"),
        ("", "needs the names of sets to learn from"),
        ('faces = ["mik1i"]', "give faces, .*, and backgrounds"),
        ("speed = 3", "unknown setting 'speed'"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        Config.load(path)


def test_the_recipe_of_the_net_that_ships_is_one():
    config = Config.load(resources.files("windowpane") / "zoo" / "faces.toml")
    recipe = load_net("faces").manifest.card["recipe"]
    assert config.name == "faces"
    assert (config.maps, config.second_maps) == (tuple(recipe["maps"]), tuple(recipe["second_maps"]))
