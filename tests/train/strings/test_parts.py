"""Parts to learn from: what their cells are to say, and what it costs to say something else."""

import math

import numpy as np
import pytest
import torch

from windowpane.data.writing.blocks import Stock
from windowpane.data.writing.pages import ComposedPage
from windowpane.train.strings.net import FinderNet, window_of
from windowpane.train.strings.parts import (
    CELLS,
    NOTHING,
    PASSED_OVER,
    Parts,
    Sources,
    Spot,
    parts,
    parts_loss,
    targets,
)
from windowpane.train.strings.real import RealPage

WINDOW = window_of(7)
SIDE = WINDOW.height + 4 * (CELLS - 1)
NO_DOUBT = np.zeros((0, 3))


def a_page(*characters):
    """A part with characters: x, y, height, angle and what each is."""
    middles = np.array([one[:2] for one in characters], float).reshape(-1, 2)
    heights = np.array([one[2] for one in characters], float)
    sizes = np.column_stack([heights * 0.6, heights])
    angles = np.array([one[3] for one in characters], float)
    text = "".join(one[4] for one in characters)
    count = np.arange(len(text))
    return ComposedPage(np.zeros((SIDE, SIDE), np.uint8), text, count, middles, sizes, angles)


def test_the_cells_in_a_characters_middle_find_it():
    x, y = WINDOW.centre(20, 30)
    class_ids, places = targets(a_page((x + 1, y, 18.0, 0.3, "7")), NO_DOUBT, WINDOW, 16.0)
    assert class_ids.shape == (CELLS, CELLS)
    assert class_ids[20, 30] == 0
    told = places[:, 20, 30].tolist()
    assert told == pytest.approx([1 / 16, 0, math.log(18 / 16), math.cos(0.3), math.sin(0.3)], abs=1e-6)
    assert class_ids[20, 32] == PASSED_OVER
    assert class_ids[20, 36] == NOTHING
    assert (class_ids >= 0).sum() < 12


@pytest.mark.parametrize(("character", "class_id"), [("7", 0), ("a", 1), (".", 2), ("%", 1)])
def test_classes_are_digit_letter_and_mark(character, class_id):
    x, y = WINDOW.centre(20, 30)
    class_ids, _ = targets(a_page((x, y, 16.0, 0.0, character)), NO_DOUBT, WINDOW, 16.0)
    assert class_ids[20, 30] == class_id


@pytest.mark.parametrize(
    ("height", "there"), [(16, 0), (22, 0), (28, PASSED_OVER), (45, NOTHING), (6, NOTHING)]
)
def test_characters_of_other_sizes_are_passed_over_or_nothing(height, there):
    x, y = WINDOW.centre(20, 30)
    class_ids, _ = targets(a_page((x, y, float(height), 0.0, "7")), NO_DOUBT, WINDOW, 16.0)
    assert class_ids[20, 30] == there


def test_of_neighbours_the_nearer_one_is_found():
    x, y = WINDOW.centre(20, 30)
    class_ids, _ = targets(a_page((x, y, 16.0, 0, "7"), (x + 8, y, 16.0, 0, "a")), NO_DOUBT, WINDOW, 16.0)
    assert class_ids[20, 30] == 0
    assert class_ids[20, 32] == 1


def test_what_is_in_doubt_is_passed_over():
    x, y = WINDOW.centre(20, 30)
    class_ids, _ = targets(a_page(), np.array([[x, y, 9.0]]), WINDOW, 16.0)
    assert (class_ids[19:22, 29:32] == PASSED_OVER).all()
    assert class_ids[24, 30] == NOTHING


def sources(**different):
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (300, 400), dtype=np.uint8)
    middles = np.array([[100.0, 100.0], [120.0, 100.0], [140.0, 100.0]])
    real = RealPage(
        picture, middles, np.full(3, 20.0), np.array([0, 0, 1]), np.tile([1.0, 0.0], (3, 1)), NO_DOUBT
    )
    shares = {"composed": 0.4, "real": 0.3, "nothing": 0.3}
    given = {
        "stock": Stock(pictures=[picture]),
        "real": [real],
        "spots": [Spot(0, 50, 60, 20)],
        "shares": shares,
    }
    return Sources(**{**given, **different})


def test_batches_are_drawn_from_all_kinds_and_by_a_seed():
    one, other = (next(parts(sources(), WINDOW, 16.0, 12, (3,))) for _ in range(2))
    assert one.pixels.shape == (12, SIDE, SIDE)
    assert one.places.shape == (12, 5, CELLS, CELLS)
    assert np.array_equal(one.pixels, other.pixels)
    assert np.array_equal(one.class_ids, other.class_ids)
    some = (one.class_ids >= 0).any(axis=(1, 2))
    assert 0 < some.sum() < 12


def test_real_pages_give_their_characters():
    shares = {"composed": 0, "real": 1.0, "nothing": 0}
    batch = next(parts(sources(shares=shares), WINDOW, 16.0, 8, (1,)))
    assert (batch.class_ids == 0).any(axis=(1, 2)).sum() > 3


def test_the_loss_falls_as_a_net_learns():
    torch.manual_seed(0)
    net = FinderNet((4, 6, 8, 8, 8, 8, 8))
    batch = next(parts(sources(), WINDOW, 16.0, 4, (3,)))
    optimizer = torch.optim.Adam(net.parameters(), 1e-2)
    losses = []
    for _ in range(8):
        optimizer.zero_grad()
        loss = parts_loss(net, batch)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.7 * losses[0]


def test_what_is_passed_over_costs_nothing():
    net = FinderNet((4, 6, 8, 8, 8, 8, 8)).eval()
    pixels = np.zeros((1, SIDE, SIDE), np.uint8)
    nothing = np.full((1, CELLS, CELLS), PASSED_OVER)
    places = np.zeros((1, 5, CELLS, CELLS), np.float32)
    assert parts_loss(net, Parts(pixels, nothing, places)).item() == 0
    assert parts_loss(net, Parts(pixels, np.full_like(nothing, NOTHING), places)).item() > 0
