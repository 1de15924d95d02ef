"""A finder's configuration: what is wrong with one is said."""

import pytest

from windowpane.errors import ConfigError
from windowpane.train.strings.config import SHARES, Config


def load(tmp_path, text):
    path = tmp_path / "strings.toml"
    path.write_text(text)
    return Config.load(path)


def test_what_is_left_out_is_by_default(tmp_path):
    config = load(tmp_path, 'backgrounds = ["urtho"]\n[shares]\ncomposed = 1\n')
    assert config.backgrounds == ("urtho",)
    assert config.shares == {"composed": 1}
    assert Config().shares == SHARES


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("maps = [16, 32]", "three or more"),
        ("[shares]\nletters = 1", "unknown kind of part"),
        ("[shares]\nreal = -1", "from 0 on"),
        ("sizes = 3", "unknown setting"),
    ],
)
def test_wrong_values_are_told_of(tmp_path, text, wrong):
    with pytest.raises(ConfigError, match=wrong):
        load(tmp_path, text)
