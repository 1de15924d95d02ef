"""The settings of a parser's training."""

import cv2
import numpy as np
import pytest

from windowpane.errors import ConfigError, DataError
from windowpane.train.parse.config import Config
from windowpane.train.parse.recipe import train


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
        ("step = 3", "did you mean 'steps'"),
    ],
)
def test_what_is_wrong_with_a_configuration_is_said_in_one_sentence(tmp_path, text, message):
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        Config.load(path)


@pytest.fixture
def folder(tmp_path):
    """A folder of scenes of one's own that is called as a public set is, and a configuration beside it."""
    for part in ("images", "labels"):
        (tmp_path / "camvid" / part).mkdir(parents=True)
    cv2.imwrite(str(tmp_path / "camvid" / "images" / "a.png"), np.zeros((30, 40, 3), np.uint8))
    cv2.imwrite(str(tmp_path / "camvid" / "labels" / "a.png"), np.eye(30, 40, dtype=np.uint8))
    (tmp_path / "camvid" / "classes.txt").write_text("path\nbush\n")
    (tmp_path / "own.toml").write_text('scenes = "camvid"\n')
    return tmp_path


def test_a_folder_of_ones_own_may_be_called_as_a_public_set(folder, monkeypatch):
    monkeypatch.setenv("WINDOWPANE_DATA", "nowhere")
    config = Config.load(folder / "own.toml")
    config.refuse_faults(folder)
    assert config.dataset(folder).names == ("path", "bush")
    (folder / "camvid" / "classes.txt").unlink()
    with pytest.raises(DataError):  # of the public set, whose data are not here
        config.dataset(folder)


def test_what_check_finds_keeps_the_training_from_beginning(folder):
    cv2.imwrite(str(folder / "camvid" / "labels" / "a.png"), 2 * np.eye(30, 40, dtype=np.uint8))
    with pytest.raises(DataError, match=r"a\.png: 30 pixels have the number 2.*windowpane check"):
        train(folder / "own.toml", out=folder / "run")
