"""Who writes words and numbers with separators, and that they are told as they are written."""

import numpy as np
import pytest

from windowpane.data.writing.hands import SEPARATORS, Hand
from windowpane.data.writing.lines import TRAINING
from windowpane.train.read.lettering import PRINTED, lettering, written
from windowpane.train.read.symbols import CHARACTERS


def drawn(name, characters):
    images = np.zeros((len(characters), 40, 40), np.uint8)
    images[:, 10:30, 16:24] = 255
    return Hand(name, name, images, np.array(list(characters)), 20)


@pytest.fixture
def groups(tmp_path):
    folder = tmp_path / "letters_omniglot_small"
    folder.mkdir()
    images = np.full((40, 52, 52), 255, np.uint8)
    labels, names = np.repeat(np.arange(2), 20), np.array(["Greek/character01", "Greek/character02"])
    np.savez(folder / "images.npz", images=images, labels=labels, names=names)
    printed, people = [drawn("face", "0123456789ABCDEabcde.,")], [drawn("writer", "0123456789")]
    return lettering(tmp_path, ["omniglot"], printed, people, "train")


def test_typefaces_are_there_more_than_once_and_people_have_separators(groups):
    assert [group[0].name for group in groups[:PRINTED]] == ["face"] * PRINTED
    assert set(SEPARATORS) <= set(groups[PRINTED][0].places)
    assert len(groups) == PRINTED + 2
    assert lettering(None, ["omniglot"], [], [], "train") == []


def test_what_is_written_is_a_transcript(groups):
    rng = np.random.default_rng(0)
    numbers = [written(rng, groups, "mixed", TRAINING) for _ in range(30)]
    assert all(set(ink.script) <= set(CHARACTERS) for ink in numbers)
    assert all(len(ink.middles) == len(ink.script) for ink in numbers)
    assert any(set(ink.script) & set(SEPARATORS) for ink in numbers)
    words = [written(rng, groups, "words", TRAINING) for _ in range(20)]
    assert not any(any(map(str.isdigit, ink.script)) for ink in words)
