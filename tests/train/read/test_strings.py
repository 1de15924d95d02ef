"""The probability that training climbs is the one that reading uses: the sum over all paths of a string."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from windowpane.read.lattice import NONE, Lattice
from windowpane.train.read.strings import string_log_probability


def lines(n, columns, seed=0, sharpness=2.0):
    logits = torch.randn(n, 11, columns, generator=torch.Generator().manual_seed(seed)) * sharpness
    return logits.log_softmax(1)


def padded(texts):
    longest = max(1, *(len(text) for text in texts))
    return torch.tensor([[int(c) for c in text.ljust(longest, "9")] for text in texts])


def probability(scores, texts, columns=None):
    columns = [scores.shape[2]] * len(texts) if columns is None else columns
    lengths = torch.tensor([len(text) for text in texts])
    return string_log_probability(scores, padded(texts), lengths, torch.tensor(columns))


def brute_force(scores, column=0):
    """The sum over all paths of each string: 'none' takes one column, a digit two, or the last one."""
    if column >= scores.shape[1]:
        return {"": 1.0}
    totals = {}
    steps = [("", 1, NONE)] + [(str(digit), 2, digit) for digit in range(10)]
    for text, span, label in steps:
        for rest, total in brute_force(scores, column + span).items():
            totals[text + rest] = totals.get(text + rest, 0.0) + math.exp(scores[label, column]) * total
    return totals


@pytest.mark.parametrize("text", ["", "7", "77", "12"])
def test_it_is_the_share_of_the_paths_of_the_string_among_all(text):
    scores = lines(1, 4, seed=len(text))
    totals = brute_force(scores[0])
    expected = math.log(totals[text] / sum(totals.values()))
    assert float(probability(scores, [text])[0]) == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("sharpness", [0.5, 2.0, 9.0])
def test_it_is_what_the_reader_computes(sharpness):
    texts = ["", "0", "94720", "11811", "00000", "31415926"]
    widths = [30, 12, 30, 21, 25, 16]
    scores = lines(len(texts), 30, seed=3, sharpness=sharpness)
    expected = Lattice(scores.numpy(), np.array(widths)).log_probability(texts)
    np.testing.assert_allclose(probability(scores, texts, widths).numpy(), expected, rtol=1e-4, atol=1e-3)


def test_columns_behind_the_width_do_not_count():
    scores = lines(2, 20, seed=4)
    changed = scores.clone()
    changed[:, :, 15:] = lines(2, 5, seed=5)
    for one, two in zip(
        probability(scores, ["12", "3"], [15, 15]), probability(changed, ["12", "3"], [15, 15]), strict=True
    ):
        assert float(one) == pytest.approx(float(two), abs=1e-6)


def test_all_strings_of_a_line_have_probability_one_together():
    scores = lines(1, 3, seed=6)
    texts = ["".join(digits) for n in range(3) for digits in product("0123456789", repeat=n)]
    total = torch.logsumexp(probability(scores.expand(len(texts), -1, -1), texts), 0)
    assert float(total) == pytest.approx(0, abs=1e-5)


def test_more_digits_than_columns_cannot_be_but_have_a_gradient_that_is_a_number():
    scores = lines(1, 3, seed=7).requires_grad_()
    value = probability(scores, ["12345"])
    assert float(value) < -1000
    value.sum().backward()
    assert torch.isfinite(scores.grad).all()


def test_its_gradient_raises_the_string():
    logits = torch.zeros(1, 11, 12, requires_grad=True)
    optimizer = torch.optim.SGD([logits], lr=3.0)
    for _ in range(150):
        optimizer.zero_grad()
        value = probability(logits.log_softmax(1), ["505"])
        (-value).sum().backward()
        optimizer.step()
    assert math.exp(float(value)) > 0.9
