"""The settings of a detector's training."""

from importlib import resources

import cv2
import numpy as np
import pytest

from windowpane.core.netfile import load_net
from windowpane.errors import ConfigError, DataError
from windowpane.train.detect.config import Config
from windowpane.train.detect.recipe import train


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
        ('object = "signs"', "did you mean 'objects'"),
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


@pytest.fixture
def folder(tmp_path):
    """A folder of objects of one's own that is called as the public sets are, with a configuration."""
    (tmp_path / "faces" / "labels").mkdir(parents=True)
    for number in range(40):
        pixels = np.random.default_rng(number).integers(0, 255, (50, 60, 3), np.uint8)
        cv2.imwrite(str(tmp_path / "faces" / f"{number}.png"), pixels)
        (tmp_path / "faces" / "labels" / f"{number}.txt").write_text("0 .5 .5 .4 .4\n0 .2 .2 .3 .3\n")
    (tmp_path / "faces" / "classes.txt").write_text("cat\n")
    (tmp_path / "own.toml").write_text('objects = "faces"\n')
    return tmp_path


def test_a_folder_of_ones_own_may_be_called_faces(folder):
    config = Config.load(folder / "own.toml")
    assert config.of_ones_own
    config.refuse_faults(folder)
    assert config.dataset(folder).names == ("cat",)
    (folder / "public.toml").write_text('objects = "faces"\nfaces = ["mik1i"]\nbackgrounds = ["hands"]\n')
    assert not Config.load(folder / "public.toml").of_ones_own


def test_what_check_finds_keeps_the_training_from_beginning(folder):
    (folder / "faces" / "labels" / "3.txt").write_text("0 .5 .5 0 .4\n")
    with pytest.raises(DataError, match=r"3\.txt:1: the box has no area.*windowpane check"):
        train(folder / "own.toml", out=folder / "run")
