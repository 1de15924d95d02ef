"""The reader's net: its size, what its cells see, and that a line is read as its windows are."""

import numpy as np
import pytest
import torch

from windowpane.errors import NetFileError
from windowpane.read import votes
from windowpane.read.alphabet.labels import NAMES, parted
from windowpane.train.loop.weights import count_parameters
from windowpane.train.read.net import (
    HEADS,
    RESTRAINT,
    UNHEARD,
    MarksOnly,
    ReaderNet,
    _with_marks,
    align,
    blended,
    start_from,
    vote,
)


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(0)
    made = ReaderNet()
    made(torch.rand(8, 1, 32, 96))  # the norms see some data
    return made.eval()


def test_it_is_small(net):
    assert count_parameters(net) <= 300_000
    assert count_parameters(net) > 50_000


def test_four_heads_give_log_probabilities_of_all_labels(net):
    assert HEADS == (5, 4, 3, 2)
    assert (len(NAMES), NAMES[-1]) == (17, "none")
    maps = net(torch.rand(2, 1, 32, 160))
    for scores, window in zip(maps, net.windows(), strict=True):
        assert scores.shape == (2, 17, *window.map_size(32, 160))
        torch.testing.assert_close(scores.exp().sum(1), torch.ones_like(scores[:, 0]))


def test_windows_are_what_a_perturbation_shows(net):
    image = torch.rand(1, 1, 40, 120, requires_grad=True)
    for head, window in enumerate(net.windows()):
        rows, columns = window.map_size(40, 120)
        for row, column in ((0, 0), (rows - 1, columns // 2), (0, columns - 1)):
            (gradient,) = torch.autograd.grad(net(image)[head][0, :, row, column].square().sum(), image)
            seen = gradient[0, 0].abs() > 0
            x0, y0, x1, y1 = (int(value) for value in window.box(row, column))
            inside = seen[y0:y1, x0:x1]
            assert seen.sum() == inside.sum()  # nothing outside the window matters
            assert inside.any(0)[[0, -1]].all()  # and its outermost columns and rows do
            assert inside.any(1)[[0, -1]].all()


def test_a_line_is_read_as_each_of_its_windows_alone(net):
    line = torch.rand(1, 1, 32, 100)
    with torch.no_grad():
        for head, (scores, window) in enumerate(zip(net(line), net.windows(), strict=True)):
            for column in range(scores.shape[3]):
                x0, _, x1, _ = (int(value) for value in window.box(0, column))
                crop = torch.zeros(1, 1, 32, 48)  # the widest window's width, so that every head has a cell
                crop[..., : x1 - x0] = line[..., x0:x1]
                torch.testing.assert_close(
                    net(crop)[head][0, :, 0, 0], scores[0, :, 0, column], rtol=1e-4, atol=1e-4
                )


def test_align_and_vote_are_those_of_the_reader(net):
    maps = [scores[:, :, 0] for scores in net(torch.rand(3, 1, 32, 132))]
    aligned = align(tuple(maps), net.windows())
    expected = votes.align([scores.detach().numpy() for scores in maps], net.windows())
    np.testing.assert_array_equal(aligned.detach().numpy(), expected)
    np.testing.assert_allclose(vote(aligned).detach().numpy(), votes.vote(expected, "majority"), atol=1e-5)


def test_training_can_start_from_the_net_that_ships():
    net = start_from("digits").eval()
    image = torch.rand(1, 1, 32, 100)
    from windowpane.core.engine import Engine

    given = Engine("digits").run(image[0, 0].numpy())
    for ours, theirs in zip(net(image), given, strict=True):
        digits, marks = parted(ours[0].detach().numpy(), NAMES, axis=-3)
        if len(theirs.names) == len(NAMES):
            np.testing.assert_allclose(ours[0].detach().numpy(), theirs.scores, atol=1e-3)
        else:  # a net without marks: they are kinds of nothing, and rare
            np.testing.assert_allclose(np.exp(digits), np.exp(theirs.scores), atol=0.05)
            assert np.exp(marks).max() < 0.05


def test_a_net_that_knows_fewer_labels_begins_with_rare_marks():
    kernel = np.arange(11, dtype=np.float32).reshape(11, 1, 1, 1)
    wide, bias = _with_marks([kernel, np.zeros(11, np.float32)], (*"0123456789", "none"))
    assert wide.ravel().tolist() == [*range(10), *[10] * 7]
    assert bias.tolist() == [0] * 10 + [-UNHEARD] * 6 + [0]


def test_a_blend_is_between_the_net_before_and_after():
    before, after = start_from("digits"), start_from("digits")
    with torch.no_grad():
        for part in after.parameters():
            part += 0.1
    kernel, marks = after.backbone[0].weight.clone(), after.heads[0].weight[10].clone()
    net = blended(before, after, 0.25)
    expected = 0.25 * kernel + 0.75 * before.backbone[0].weight
    torch.testing.assert_close(net.backbone[0].weight, expected)
    torch.testing.assert_close(net.heads[0].weight[10], marks)  # marks are as they were learned


def test_a_file_that_is_no_net_to_start_from_is_named(tmp_path):
    with pytest.raises(NetFileError, match="nothing"):
        start_from(str(tmp_path / "nothing.onnx"))


def test_marks_are_learned_and_all_else_stays():
    torch.manual_seed(0)
    net = start_from("digits").eval()
    ink = torch.rand(4, 1, 32, 100)
    before = [scores.detach() for scores in net(ink)]
    learner = MarksOnly(net)
    for ours, theirs in zip(learner.eval()(ink), before, strict=True):
        torch.testing.assert_close(ours.detach(), theirs, rtol=1e-4, atol=1e-4)
    optimizer = torch.optim.AdamW(learner.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        (-learner.train()(ink)[0][:, NAMES.index(".")].mean()).backward()
        optimizer.step()
    after = [scores.detach() for scores in learner.finished().eval()(ink)]
    assert (after[0][:, 10] > before[0][:, 10] - RESTRAINT).all()
    for ours, theirs in zip(after, before, strict=True):  # of digits and none the odds are as they were
        torch.testing.assert_close(
            ours[:, :10] - ours[:, -1:], theirs[:, :10] - theirs[:, -1:], rtol=1e-3, atol=1e-3
        )
