"""The probability that training climbs is the one that reading uses: the sum over all paths of a string."""

import math
import re
from collections import Counter
from itertools import product

import numpy as np
import pytest
import torch

from windowpane.read.alphabet.labels import NAMES, parted
from windowpane.read.lattice import Lattice
from windowpane.train.read.strings import string_log_probability
from windowpane.train.read.symbols import symbols_of

LABELS = len(NAMES)


def lines(n, columns, seed=0, sharpness=2.0):
    logits = torch.randn(n, LABELS, columns, generator=torch.Generator().manual_seed(seed)) * sharpness
    return logits.log_softmax(1)


def probability(scores, texts, columns=None):
    columns = [scores.shape[2]] * len(texts) if columns is None else columns
    codes = [symbols_of(text) for text in texts]
    symbols = torch.full((len(texts), max(1, *map(len, codes))), 9)
    for row, code in zip(symbols, codes, strict=True):
        row[: len(code)] = torch.from_numpy(code)
    lengths = torch.tensor([len(code) for code in codes])
    return string_log_probability(scores, symbols, lengths, torch.tensor(columns))


def brute_force(scores, column=0):
    """The sum over all paths of what each says, column by column: a digit takes two, or the last one."""
    if column >= scores.shape[1]:
        return Counter({"": 1.0})
    totals = Counter()
    for label, name in enumerate(NAMES):
        said = "?" if name == "other" else "" if name == "none" else name
        for rest, total in brute_force(scores, column + (2 if label < 10 else 1)).items():
            totals[said + rest] += math.exp(scores[label, column]) * total
    return totals


def alike(said, text):
    """Whether what a path says, a mark for every column that looks at one, is a transcript."""
    if "~" in text:
        return "".join(c for c in said if c.isdigit()) == text.replace("~", "") and said[:1].isdigit()
    parts = [re.split("([0-9#])", one) for one in (said, text)]
    return len(parts[0]) == len(parts[1]) and all(
        (one.isdigit() if other == "#" else one == other)
        if place % 2  # a digit
        else bool(one) == bool(other) and set(one) <= set(other)
        for place, (one, other) in enumerate(zip(*parts, strict=True))
    )


@pytest.mark.parametrize("text", ["", "7", "77", "12", ".", "?", "1.2", "?1", "3?", "-4", "?,", "#", "1~2~"])
def test_it_is_the_share_of_the_paths_of_the_string_among_all(text):
    scores = lines(1, 4, seed=len(text))
    totals = brute_force(scores[0].double())
    right = sum(total for said, total in totals.items() if alike(said, text))
    assert float(probability(scores, [text])[0]) == pytest.approx(
        math.log(right / sum(totals.values())), abs=1e-4
    )


@pytest.mark.parametrize("sharpness", [0.5, 2.0, 9.0])
def test_of_digits_alone_it_is_what_the_reader_computes(sharpness):
    texts = ["", "0", "94720", "11811", "00000", "31415926"]
    widths = [30, 12, 30, 21, 25, 16]
    scores = lines(len(texts), 30, seed=3, sharpness=sharpness)
    opened = [text.replace("", "~")[1:] for text in texts]
    scores[:, 10:16] = -1e3  # no marks
    scores = scores.log_softmax(1)
    digits = parted(scores.numpy(), NAMES)[0]
    expected = Lattice(digits, np.array(widths)).log_probability(texts)
    for same in (texts, opened):
        np.testing.assert_allclose(probability(scores, same, widths).numpy(), expected, rtol=1e-4, atol=2e-3)


def test_columns_behind_the_width_do_not_count():
    scores = lines(2, 20, seed=4)
    changed = scores.clone()
    changed[:, :, 15:] = lines(2, 5, seed=5)
    for one, two in zip(
        probability(scores, ["12", "3.?"], [15, 15]),
        probability(changed, ["12", "3.?"], [15, 15]),
        strict=True,
    ):
        assert float(one) == pytest.approx(float(two), abs=1e-5)


def test_all_transcripts_of_a_line_have_probability_one_together():
    scores = lines(1, 2, seed=6)
    gaps, digits = ("", ".,-/:?"), "0123456789"  # without a mark, and with any
    texts = [*gaps, *(f"{a}{digit}{b}" for digit in digits for a in gaps for b in gaps if a == "" or b == "")]
    texts += [f"{one}{two}" for one, two in product(digits, repeat=2)]
    total = torch.logsumexp(probability(scores.expand(len(texts), -1, -1), texts), 0)
    assert float(total) == pytest.approx(0, abs=1e-4)


def test_more_digits_than_columns_cannot_be_but_have_a_gradient_that_is_a_number():
    scores = lines(1, 3, seed=7).requires_grad_()
    value = probability(scores, ["1.2,3-4/5"])
    assert float(value) < -1000
    value.sum().backward()
    assert torch.isfinite(scores.grad).all()


@pytest.mark.parametrize(("text", "said"), [("505", "505"), ("3.05", "3.05"), ("?12", "?12")])
def test_its_gradient_raises_the_string(text, said):
    logits = torch.zeros(1, LABELS, 12, requires_grad=True)
    optimizer = torch.optim.SGD([logits], lr=3.0)
    for _ in range(200):
        optimizer.zero_grad()
        value = probability(logits.log_softmax(1), [text])
        (-value).sum().backward()
        optimizer.step()
    assert math.exp(float(value)) > 0.9
