"""Batches of lines: what each column is told to say, and that ink and targets stay together."""

import numpy as np
import pytest
import torch

from windowpane.read.line import HEIGHT, MARGIN
from windowpane.train.read.batches import IGNORED, STRIDE, assemble, batches, columns_of, epoch, joined
from windowpane.train.read.net import NONE, ReaderNet
from windowpane.train.read.pool import Lines


def line(width, *digits):
    """A line with a bar of ink at every digit's centre: digits are (character, x)."""
    ink = np.zeros((HEIGHT, width), np.uint8)
    for _, x in digits:
        ink[8:24, int(x) - 1 : int(x) + 2] = 200
    return ink, "".join(c for c, _ in digits), np.array([x for _, x in digits], np.float32)


def lines(*made):
    inks, texts, centres = zip(*made, strict=True)
    return Lines(list(inks), list(texts), list(centres))


def test_columns_are_those_of_the_widest_window():
    window = max(ReaderNet.windows(), key=lambda one: one.width)
    for width in (48, 49, 51, 52, 100, 333):
        assert columns_of(width) == window.map_size(HEIGHT, width)[1]


def test_a_column_says_the_digit_in_its_middle_and_none_elsewhere():
    ink, text, centres = line(120, ("7", MARGIN), ("3", MARGIN + 40))
    batch = assemble([ink], [text], [centres], None)
    expected = [NONE] * 19
    expected[0], expected[10] = 7, 3  # columns 0 and 10 are centred at MARGIN and MARGIN + 40
    targets = batch.targets[0].tolist()
    assert targets[:19] == expected
    assert set(targets[19:]) <= {IGNORED}  # padding
    assert (batch.symbols[0].tolist(), batch.lengths.tolist(), batch.columns.tolist()) == ([7, 3], [2], [19])


def test_a_digit_between_two_columns_leaves_both_in_doubt():
    ink, text, centres = line(120, ("5", MARGIN + 4 * STRIDE + STRIDE / 2))
    targets = assemble([ink], [text], [centres], None).targets[0].tolist()
    assert targets[4:6] == [IGNORED, IGNORED]
    assert set(targets[:4] + targets[6:19]) == {NONE}


def test_a_digit_a_little_off_is_still_that_columns():
    for off in (-1, 1):
        ink, text, centres = line(120, ("5", MARGIN + 4 * STRIDE + off))
        targets = assemble([ink], [text], [centres], None).targets[0].tolist()
        assert targets[4] == 5
        assert targets[4 + off] == IGNORED
        assert set(targets[:3] + targets[6:19]) == {NONE}


def test_a_line_without_digits_says_none_throughout():
    batch = assemble([np.zeros((HEIGHT, 60), np.uint8)], [""], [np.zeros(0, np.float32)], None)
    assert batch.targets[0, : int(batch.columns[0])].tolist() == [NONE] * 4
    assert batch.lengths.tolist() == [0]


def test_without_a_generator_the_ink_is_that_of_the_lines():
    first, second = line(75, ("1", 30)), line(118, ("2", 40), ("3", 70))
    batch = assemble([first[0], second[0]], [first[1], second[1]], [first[2], second[2]], None)
    assert batch.ink.shape[:3] == (2, 1, HEIGHT)
    assert batch.ink.shape[3] >= 118
    np.testing.assert_allclose(batch.ink[0, 0, :, :75], first[0] / 255, atol=1e-6)
    np.testing.assert_allclose(batch.ink[1, 0, :, :118], second[0] / 255, atol=1e-6)
    assert batch.ink[0, 0, :, 75:].max() == 0  # paper
    assert batch.columns.tolist() == [columns_of(75), columns_of(118)]


def test_varied_lines_keep_their_digits_under_their_columns():
    generator = np.random.default_rng(1)
    made = [line(160, ("4", 50), ("9", 100)) for _ in range(16)]
    batch = assemble(*map(list, zip(*made, strict=True)), generator)
    assert batch.ink.min() >= 0
    assert batch.ink.max() <= 1
    for ink, targets in zip(batch.ink[:, 0], batch.targets, strict=True):
        for digit in (4, 9):
            for column in torch.nonzero(targets == digit).flatten().tolist():
                centre = column * STRIDE + MARGIN
                inked = ink[8:24].mean(0)
                assert inked[centre - 4 : centre + 5].max() > 2 * inked.median() + 0.05
    assert len({tuple(row) for row in batch.targets.tolist()}) > 1  # shifted differently


def test_every_line_is_in_one_batch_of_lines_like_it():
    made = lines(*(line(60 + 7 * i, (str(i % 10), 30)) for i in range(23)))
    for generator in (None, np.random.default_rng(0)):
        seen, widths = [], []
        for batch in batches(made, size=5, rng=generator):
            assert len(batch.lengths) <= 5
            seen += [int(text[0]) for text in batch.symbols]
            widths.append(int(batch.columns.max() - batch.columns.min()))
        assert sorted(seen) == sorted(i % 10 for i in range(23))
        assert np.mean(widths) < 15


def test_lines_are_joined_in_order():
    one, two = lines(line(60, ("1", 30))), lines(line(70, ("2", 30)), line(80, ("3", 30)))
    both = joined([one, two])
    assert both.texts == ["1", "2", "3"]
    assert [ink.shape[1] for ink in both.inks] == [60, 70, 80]


def test_a_pass_is_the_same_for_the_same_seed(tmp_path, monkeypatch):
    made = lines(*(line(60 + i, (str(i % 10), 30)) for i in range(12)))
    monkeypatch.setattr("windowpane.train.read.batches.read_shard", lambda path: made)
    runs = {}
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        runs[name] = list(epoch([tmp_path / "a", tmp_path / "b"], size=4, seed=seed))
    assert sum(len(batch.lengths) for batch in runs["first"]) == 24
    for one, two in zip(runs["first"], runs["again"], strict=True):
        torch.testing.assert_close(one.ink, two.ink)
        torch.testing.assert_close(one.targets, two.targets)
    assert any(
        one.ink.shape != two.ink.shape or not torch.equal(one.ink, two.ink)
        for one, two in zip(runs["first"], runs["other"], strict=True)
    )
    assert len(runs["first"]) == pytest.approx(24 / 4, abs=1)
