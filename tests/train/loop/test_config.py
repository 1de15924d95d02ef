"""Configurations: every setting has its type and least value, and what is wrong is said in one sentence."""

from dataclasses import dataclass, field

import pytest

from windowpane.errors import ConfigError
from windowpane.train.loop.config import FROM_ZERO, NOT_ON_CARD, read_config, settings_on_card


@dataclass(frozen=True)
class Settings:
    name: str = "net"
    steps: int = 10
    hidden: int = field(default=4, metadata=FROM_ZERO)
    rate: float = 0.5
    light: bool = True
    maps: tuple[int, ...] = (1, 2)
    data: str = field(default="", metadata=NOT_ON_CARD)


@pytest.fixture
def read(tmp_path):
    def read(text):
        path = tmp_path / "my.toml"
        path.write_text(text)
        return read_config(Settings, path)

    return read


def test_settings_have_their_types_and_the_others_their_defaults(read):
    assert read("") == Settings()
    assert read("rate = 1\nmaps = [3]\nlight = false") == Settings(rate=1.0, maps=(3,), light=False)
    assert isinstance(read("rate = 1").rate, float)


def test_only_numbers_that_may_be_0_are(read):
    assert read("hidden = 0").hidden == 0
    with pytest.raises(ConfigError, match="hidden must be at least 0, not -1"):
        read("hidden = -1")
    with pytest.raises(ConfigError, match=r"my\.toml: steps must be at least 1, not 0"):
        read("steps = 0")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("speed = 3", "unknown setting 'speed'; known are name, steps, "),
        ("steps = true", "steps must be a int, not True"),
        ("steps = 1.5", "steps must be a int, not 1.5"),
        ("light = 1", "light must be a bool, not 1"),
        ("maps = 3", "maps must be a tuple, not 3"),
        ("name = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence_with_the_file(read, text, message):
    with pytest.raises(ConfigError, match=message) as error:
        read(text)
    assert "my.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_a_configuration_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"there is no configuration .*none\.toml"):
        read_config(Settings, tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"cannot be read .* a configuration is a TOML file"):
        read_config(Settings, tmp_path)


def test_the_card_tells_all_but_what_is_marked():
    told = settings_on_card(Settings(data="/somewhere"))
    assert list(told) == ["name", "steps", "hidden", "rate", "light", "maps"]
