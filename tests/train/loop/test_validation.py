"""Early stopping: the best weights on the validation set are kept, and a stage ends by itself."""

import math

import pytest
import torch
from torch import nn

from windowpane.train.loop.distributed import SINGLE
from windowpane.train.loop.validation import Validation


def looks(validation, *losses):
    """Look so many times at nets whose losses are these; the net that is trained has none of them."""
    net, averaged = nn.Linear(1, 1), nn.Linear(1, 1)
    for step, loss in enumerate(losses):
        averaged.bias.data.fill_(loss)
        validation.look(net, averaged, lambda _: net.bias.sum(), SINGLE, step)
    return net


def test_the_best_weights_are_kept_and_patience_ends():
    validation = Validation([0, 1], patience=2)
    looks(validation, 3.0, 1.0, 2.0)
    assert (validation.loss, validation.step, validation.worse) == (1.0, 1, 1)
    assert validation.weights["bias"].item() == 1.0
    assert not validation.over
    looks(validation, 4.0)
    assert validation.over


def test_without_a_validation_set_it_is_never_over():
    validation = Validation([], patience=0)
    assert not validation.over
    assert validation.loss == math.inf


def test_the_net_that_is_trained_is_left_as_it_was():
    net = looks(Validation([0], patience=1), 5.0)
    assert net.bias.item() != 5.0
    assert net.training


def test_it_goes_on_from_its_state():
    one, other = (Validation([0], patience=9) for _ in range(2))
    looks(one, 3.0, 1.0, 2.0)
    other.restore(one.state())
    assert other.state() == one.state()


def test_a_training_ends_when_the_validation_set_gets_no_better_and_keeps_the_best(
    tmp_path, rote, records, cost
):
    told = []
    net = rote(tmp_path, patience=3, progress=lambda *news: told.append(news))
    lines = records(tmp_path)
    best = min(lines, key=lambda record: record["aside"])
    assert lines[-1]["step"] == best["step"] + 300 < 1500
    assert cost(net)(torch.tensor([8])).item() == pytest.approx(best["aside"], abs=1e-4)
    name, step, total, remark = told[-1]
    assert (name, step, total) == ("rote", lines[-1]["step"], lines[-1]["step"])
    assert f"validation {lines[-1]['aside']:.4f}, no better since step {best['step']}" in remark


def test_without_patience_it_learns_to_the_end(tmp_path, rote, records):
    rote(tmp_path, patience=0)
    lines = records(tmp_path)
    assert lines[-1]["step"] == 1500
    assert all("aside" not in record for record in lines)


def test_what_ended_early_is_not_gone_on_with_and_what_was_broken_off_ends_where_it_would_have(
    tmp_path, rote, records
):
    (tmp_path / "broken").mkdir()
    whole = rote(tmp_path, patience=3)
    last = records(tmp_path)[-1]["step"]

    def never(*news):
        raise AssertionError("trained again")

    again = rote(tmp_path, patience=3, resume=True, progress=never)

    def stop(name, step, total, remark):
        if step == 250:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rote(tmp_path / "broken", patience=3, progress=stop)
    resumed = rote(tmp_path / "broken", patience=3, resume=True)
    assert records(tmp_path / "broken")[-1]["step"] == last
    for net in (again, resumed):
        torch.testing.assert_close(net.state_dict(), whole.state_dict())
