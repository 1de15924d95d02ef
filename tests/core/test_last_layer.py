"""The last layer: what it learns, what it does not forget, and what it writes to a file."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.core.last_layer import (
    Hyperparameters,
    LastLayer,
    ReplayBuffer,
    SoftmaxLearner,
    last_layer_settings,
    softmax,
)
from windowpane.errors import ArgumentError, DataError

WAYS = np.random.default_rng(5).normal(size=(2, 3, 8)).astype(np.float32) * 2


def examples(rng, count, place=0, shares=(1, 1, 1)):
    """Three clouds of points in eight dimensions, elsewhere at each place."""
    labels = rng.choice(3, count, p=np.array(shares) / sum(shares))
    return (WAYS[place][labels] + rng.normal(0, 1, (count, 8))).astype(np.float32), labels


def right(learner, place=0):
    features, labels = examples(np.random.default_rng(99), 2000, place)
    return (learner.predict_proba(features).argmax(-1) == labels).mean()


def learned(learner, place, frames, seed=0, shares=(1, 1, 1)):
    rng = np.random.default_rng(seed)
    for _ in range(frames):
        learner.partial_fit(*examples(rng, 200, place, shares), place=place)
    return learner


def test_it_learns_and_gives_probabilities():
    learner = SoftmaxLearner(3, 8, hyperparameters=Hyperparameters(rate=0.01))
    assert right(learner) < 0.6
    learned(learner, 0, 10)
    assert right(learner) > 0.93
    probabilities = learner.predict_proba(np.zeros((4, 5, 8)))
    assert probabilities.shape == (4, 5, 3)
    np.testing.assert_allclose(probabilities.sum(-1), 1, rtol=1e-5)


def test_rare_classes_are_learned_as_well():
    learner = learned(
        SoftmaxLearner(3, 8, hyperparameters=Hyperparameters(rate=0.01)), 0, 20, shares=(100, 100, 2)
    )
    features, labels = examples(np.random.default_rng(99), 2000)
    given = learner.predict_proba(features).argmax(-1)
    assert (given[labels == 2] == 2).mean() > 0.9


def test_an_old_place_is_not_forgotten_at_a_new_one():
    how = Hyperparameters(rate=0.01, places=4)
    learner = learned(SoftmaxLearner(3, 8, hyperparameters=how), 0, 15)
    learned(learner, 1, 15)
    assert right(learner, 1) > 0.8
    forgetful = learned(SoftmaxLearner(3, 8, hyperparameters=Hyperparameters(rate=0.01, places=1)), 0, 15)
    forgetful = learned(forgetful, 1, 15)
    assert right(forgetful, 0) < right(learner, 0) - 0.1


def test_without_examples_it_goes_back_to_the_lab():
    lab = LastLayer(WAYS[0], np.zeros(3, np.float32))
    learner = learned(
        SoftmaxLearner(3, 8, lab=lab, hyperparameters=Hyperparameters(rate=0.05, decay=0.2)), 1, 10
    )
    away = np.abs(learner.layer.weights - lab.weights).mean()
    free = learned(
        SoftmaxLearner(3, 8, lab=lab, hyperparameters=Hyperparameters(rate=0.05, decay=0.0)), 1, 10
    )
    assert away < np.abs(free.layer.weights - lab.weights).mean()
    np.testing.assert_array_equal(SoftmaxLearner(3, 8, lab=lab).layer.weights, lab.weights)


def test_the_same_examples_give_the_same_weights_and_a_file_goes_on_where_it_stopped(tmp_path):
    one, other = (learned(SoftmaxLearner(3, 8, seed=4), 0, 3) for _ in range(2))
    np.testing.assert_array_equal(one.layer.weights, other.layer.weights)
    assert not np.array_equal(one.layer.weights, learned(SoftmaxLearner(3, 8, seed=5), 0, 3).layer.weights)
    one.save(tmp_path / "state.npz")
    again = SoftmaxLearner.load(tmp_path / "state.npz")
    for learner in (one, again):
        learned(learner, 1, 3, seed=8)
    np.testing.assert_array_equal(one.layer.weights, again.layer.weights)
    np.testing.assert_array_equal(one.layer.bias, again.layer.bias)


@pytest.mark.parametrize("content", [b"", b"no archive", None])
def test_what_is_no_learners_file_is_explained(tmp_path, content):
    path = tmp_path / "state.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"state\.npz is no learner's file"):
        SoftmaxLearner.load(path)
    np.savez(tmp_path / "other.npz", weights=np.zeros((2, 3)))
    with pytest.raises(DataError, match="is no learner's file"):
        SoftmaxLearner.load(tmp_path / "other.npz")


def test_what_is_not_finite_or_has_no_label_is_left_out():
    learner = SoftmaxLearner(3, 8)
    features, labels = examples(np.random.default_rng(0), 60)
    features[::3], labels[1::3] = np.nan, -1
    learner.partial_fit(features, labels)
    assert learner.buffer.filled.sum() == 20
    assert np.isfinite(learner.layer.weights).all()
    learner.partial_fit(np.zeros((0, 8)), np.zeros(0))
    with pytest.raises(ValueError, match=r"\(N, 8\)"):
        learner.partial_fit(np.zeros((3, 7)), np.zeros(3))
    with pytest.raises(ValueError, match="labels are 0 to 2"):
        learner.partial_fit(np.zeros((3, 8)), np.full(3, 3))


def test_a_frame_does_not_push_out_all_that_was_seen_at_its_place():
    rng, buffer = np.random.default_rng(0), ReplayBuffer(2, 1, places=2, each=40)
    for value in range(6):
        buffer.add(np.full((500, 1), value, np.float32), np.zeros(500, np.int64), rng)
    assert sorted(set(buffer.examples[0, 0].ravel())) == [2, 3, 4, 5]
    buffer.move_to(1)
    buffer.add(np.full((5, 1), 9, np.float32), np.ones(5, np.int64), rng)
    assert buffer.filled.tolist() == [[40, 0], [0, 5]]
    drawn, labels = buffer.draw(200, 0.5, rng)
    assert np.bincount(labels).tolist() == [100, 100], "each class as often"
    assert set(drawn[labels == 1].ravel()) == {9}
    buffer.move_to(2)
    assert buffer.filled.tolist() == [[0, 0], [0, 5]], "the oldest place is given up"


def test_a_lab_of_another_shape_is_refused_at_once():
    with pytest.raises(ArgumentError, match=r"\(3, 9\), not \(3, 8\)"):
        SoftmaxLearner(3, 9, lab=LastLayer.blank(3, 8))


def test_probabilities_are_over_the_axis_that_is_asked_for():
    logits = np.random.default_rng(0).normal(0, 50, (3, 4, 5)).astype(np.float32)
    for axis in (0, -1):
        found = softmax(logits, axis)
        assert found.dtype == np.float32
        np.testing.assert_allclose(found.sum(axis), 1, rtol=1e-5)
        np.testing.assert_array_equal(found.argmax(axis), logits.argmax(axis))


def test_old_names_are_taken_and_warn():
    how = Hyperparameters(steps=3)
    with pytest.warns(DeprecationWarning, match="pace is now called hyperparameters"):
        learner = SoftmaxLearner(3, 8, pace=how)
    assert learner.hyperparameters is how
    given = examples(np.random.default_rng(0), 60)
    with pytest.warns(DeprecationWarning, match="update is now called partial_fit"):
        learner.update(*given)
    with pytest.warns(DeprecationWarning, match="predict is now called predict_proba"):
        np.testing.assert_array_equal(learner.predict(given[0]), learner.predict_proba(given[0]))


def test_a_last_layer_goes_into_a_net_file_and_back():
    layer = LastLayer(WAYS[0], np.arange(3, dtype=np.float32))
    settings = last_layer_settings(("a", "b", "c"), layer)
    back = LastLayer.from_settings(settings, 8)
    np.testing.assert_allclose(back.weights, layer.weights, rtol=1e-5)
    np.testing.assert_allclose(back.bias, layer.bias)
    with pytest.raises(ValueError, match=r"\(labels, 9\)"):
        LastLayer.from_settings(settings, 9)
