"""The settings of a parser's training."""

import pytest

from windowpane.errors import ConfigError
from windowpane.train.parse.config import Config


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('pyramid = "steep"', "laplacian"),
        ("maps = [8]", "maps"),
        ("mix = 1.5", "mix is a share, 0 up to 1, not 1.5"),
        ("halvings = 9", "halvings are 1 to 5"),
        ("wider = -1", "wider must be at least 0, not -1"),
        ("fold = 6", "fold is 1 to 5"),
        ("speed = 3", "unknown setting 'speed'"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        Config.load(path)
