"""The settings of a reader's training."""

from importlib import resources
from importlib.resources import as_file, files

import pytest

from windowpane.core.netfile import load_net
from windowpane.data.materials import READING
from windowpane.errors import ConfigError
from windowpane.train.read.config import Config

MINE = """
name = "mine"
own = ["pictures"]
batch = 8

[shares]
own = 1.0
nothing = 0
"""


@pytest.fixture
def write(tmp_path):
    """Write a configuration; gives its path."""

    def write(text):
        path = tmp_path / "my.toml"
        path.write_text(text)
        return path

    return write


def test_a_configuration_is_read_with_defaults(write):
    config = Config.load(write(MINE))
    assert (config.name, config.own, config.batch) == ("mine", ("pictures",), 8)
    assert config.shares == {"own": 1.0, "nothing": 0}
    assert config.seed == Config().seed
    assert Config.load(write("rate = 1")).rate == 1.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("stepps = 3", "unknown setting 'stepps'; known are name, "),
        ("lines = 'many'", "lines must be a int, not 'many'"),
        ("batch = true", "batch must be a int, not True"),
        ("own = 'pictures'", "own must be a tuple, not 'pictures'"),
        ("lines = 0", "lines must be at least 1, not 0"),
        ("batch = -8", "batch must be at least 1, not -8"),
        ("strings_steps = -1", "strings_steps must be at least 0, not -1"),
        ("[shares]\nletters = 1", "unknown kind of line 'letters'; known are writers, "),
        ("[shares]\nown = -1", "share of own must be a number from 0 on, not -1"),
        ("[shares]\nown = 'all'", "share of own must be a number from 0 on, not 'all'"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_in_one_sentence(write, text, message):
    path = write(text)
    with pytest.raises(ConfigError, match=message) as error:
        Config.load(path)
    assert str(error.value).startswith(str(path))
    assert "\n" not in str(error.value)


def test_the_recipe_of_the_net_that_ships_is_one():
    config = Config.load(resources.files("windowpane") / "zoo" / "digits.toml")
    assert config.name == "digits"
    recipe = load_net("digits").manifest.card["recipe"]
    assert {key: recipe[key] for key in ("lines", "seed")} == {"lines": config.lines, "seed": config.seed}


def zoo(name):
    with as_file(files("windowpane") / "zoo" / f"{name}.toml") as path:
        return Config.load(path)


@pytest.mark.parametrize("name", ["digits", "digits-free", "digits-indic"])
def test_the_recipes_that_ship_name_their_sets(name):
    sets = zoo(name).sets_of_lines()
    assert sets
    assert set(sets) <= set(READING)
    assert all(READING[one].free for one in sets) == (name == "digits-free")


def test_sets_are_named_once_and_letters_where_words_are_written():
    shares = {"writers": 1.0, "mixed": 1.0, "orand": 1.0, "spliced": 1.0, "print": 1.0, "usps": 0.0}
    assert Config(shares=shares, letters=("omniglot",)).sets_of_lines() == ["mnist", "orand", "omniglot"]
    assert Config(shares={"writers": 1.0}, letters=("omniglot",)).sets_of_lines() == ["mnist"]
