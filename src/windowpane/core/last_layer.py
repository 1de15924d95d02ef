"""The last layer alone, learned online (a linear probe: softmax regression on fixed features, by SGD).

    learner = SoftmaxLearner(classes=5, features=100, lab=last_layer)
    learner.partial_fit(features, labels)   # some steps on what was just seen, and on what was seen before
    learner.predict_proba(features)         # probabilities

What was seen is kept in a replay buffer, so many examples for each class at each place: what is rare, and
what was seen somewhere else, is learned again and again and so not forgotten. The weights are drawn back
towards those of the lab: what is not seen for long is taken to be as it mostly is.

Sources: lecture 6.1; Hadsell et al., RSS 2007, "Online learning for offroad robots" (ring buffer, default
weights); Hadsell et al., IROS 2008 (softmax regression on fixed features); Kingma & Ba 2015 (Adam: the
steps).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.core import npz
from windowpane.errors import ArgumentError, DataError, renamed, taken

Floats = NDArray[np.float32]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class LastLayer:
    """A linear layer.

    Attributes
    ----------
    weights
        (classes, features) float32.
    bias
        (classes,) float32.
    """

    weights: Floats
    bias: Floats

    @classmethod
    def blank(cls, classes: int, features: int) -> LastLayer:
        """Return a layer that gives all classes the same probability."""
        return cls(np.zeros((classes, features), np.float32), np.zeros(classes, np.float32))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any], features: int) -> LastLayer:
        """Return the layer in a net file's settings; raises ValueError where it does not fit the features."""
        weights = np.asarray(settings.get("weights"), np.float32)
        bias = np.asarray(settings.get("bias"), np.float32)
        if weights.ndim != 2 or weights.shape != (len(settings.get("labels", ())), features):
            raise ValueError(f"the last layer's weights are (labels, {features}), not {weights.shape}")
        if bias.shape != weights.shape[:1]:
            raise ValueError(f"the last layer's bias has {len(weights)} numbers, not the shape {bias.shape}")
        return cls(weights, bias)


def last_layer_settings(labels: Sequence[str], layer: LastLayer) -> dict[str, Any]:
    """Return a last layer for a net file's settings: plain Python values, ready for JSON."""
    short = np.vectorize(lambda value: float(f"{value:.6g}"), otypes=[float])
    return {
        "labels": list(labels),
        "weights": short(layer.weights).tolist(),
        "bias": short(layer.bias).tolist(),
    }


@dataclass(frozen=True, slots=True)
class Hyperparameters:
    """How a learner learns.

    Attributes
    ----------
    rate
        Of a step, in the size of a weight (learning rate).
    steps, batch
        Steps of an update, and examples of a step.
    decay
        Towards the lab's weights (weight decay).
    fresh
        The share of examples from the place where it is now; the others are from all places.
    places, each
        How many places the buffer keeps, and how many examples of each class at each.

    Raises
    ------
    ArgumentError
        For a number that cannot be.
    """

    rate: float = 0.003
    steps: int = 16
    batch: int = 256
    decay: float = 1e-3
    fresh: float = 0.5
    places: int = 8
    each: int = 256

    def __post_init__(self) -> None:
        if min(self.batch, self.places, self.each) < 1 or self.steps < 0:
            raise ArgumentError(f"a batch, places and each are 1 or more, steps 0 or more, not {self}")
        if not (self.rate >= 0 and self.decay >= 0 and 0 <= self.fresh <= 1):
            raise ArgumentError(f"a rate and a decay are 0 or more, a share from 0 to 1, not {self}")


class ReplayBuffer:
    """Examples to be learned again, so many of each class at each place; the newest take the oldest's room.

    Places are numbered without end, and only the last ``places`` are kept.

    Parameters
    ----------
    classes, features, places, each
        How many there are of each: classes, numbers of an example, places, examples of a class at a place.

    Attributes
    ----------
    examples
        (classes, places, each, features) float32.
    seen
        (classes, places), how many were added, those included that are no longer there.
    place
        Number of the present one.
    """

    def __init__(self, classes: int, features: int, places: int, each: int) -> None:
        self.examples: Floats = np.zeros((classes, places, each, features), np.float32)
        self.seen: Numbers = np.zeros((classes, places), np.int64)
        self.place = 0

    @property
    def filled(self) -> Numbers:
        """How many examples there are of each class at each place: (classes, places)."""
        return np.minimum(self.seen, self.examples.shape[2])

    def move_to(self, place: int) -> None:
        """Go on at another place; the room of the one that used it last is emptied."""
        if place != self.place:
            self.place = place
            self.seen[:, place % self.seen.shape[1]] = 0

    def add(self, features: Floats, labels: Numbers, rng: np.random.Generator) -> None:
        """Keep examples (N, features) of the classes (N,); of too many a random part."""
        slot, each = self.place % self.seen.shape[1], self.examples.shape[2]
        for label in np.unique(labels):
            mine = features[labels == label]
            # A frame may not take all the room, or the place would be known by its last frame alone.
            most = max(1, each // 4) if self.examples.shape[1] > 1 else each
            if len(mine) > most:
                mine = mine[rng.choice(len(mine), most, replace=False)]
            first = self.seen[label, slot]
            self.examples[label, slot, (first + np.arange(len(mine))) % each] = mine
            self.seen[label, slot] += len(mine)

    def draw(self, count: int, fresh: float, rng: np.random.Generator) -> tuple[Floats, Numbers]:
        """Return about so many examples and their classes: each class as often, and of it each place.

        Parameters
        ----------
        fresh
            The share that comes from the present place, where that has the class.
        """
        filled = self.filled
        classes = np.flatnonzero(filled.any(axis=1))
        if not len(classes):
            return np.zeros((0, self.examples.shape[3]), np.float32), np.zeros(0, np.int64)
        labels = np.resize(rng.permutation(classes), count)
        # A place drawn at random among those that have the class: the place with the largest random number.
        chance = rng.random((count, filled.shape[1])) * (filled[labels] > 0)
        slots = chance.argmax(axis=1)
        here = self.place % filled.shape[1]
        slots[(rng.random(count) < fresh) & (filled[labels, here] > 0)] = here
        numbers = (rng.random(count) * filled[labels, slots]).astype(np.int64)
        return self.examples[labels, slots, numbers], labels


class SoftmaxLearner:
    """Softmax regression (multinomial logistic regression) on fixed features, learned example by example.

    Parameters
    ----------
    classes, features
        Their numbers.
    lab
        The weights to begin with and to be drawn back to; none = all classes alike.
    hyperparameters
        How it learns; none = as the robot does.
    seed
        Of everything random: the same examples in the same order give the same weights.
    pace
        The old name of ``hyperparameters``.

    Raises
    ------
    ArgumentError
        Where there are none of them, and where the lab's weights are not for so many.
    """

    def __init__(
        self,
        classes: int,
        features: int,
        *,
        lab: LastLayer | None = None,
        hyperparameters: Hyperparameters | None = None,
        seed: int = 0,
        pace: Hyperparameters | None = None,
    ) -> None:
        if classes < 1 or features < 1:
            raise ArgumentError(f"{classes} classes and {features} features: give 1 or more of each")
        given = taken("pace", pace, "hyperparameters", hyperparameters)
        self.hyperparameters = given or Hyperparameters()
        self.lab = lab or LastLayer.blank(classes, features)
        if self.lab.weights.shape != (classes, features):
            raise ArgumentError(
                f"the lab's weights are ({classes}, {features}), not {self.lab.weights.shape}: give a layer"
                " of these classes and features"
            )
        self._home = np.column_stack([self.lab.weights, self.lab.bias]).astype(np.float32)
        self._weights = self._home.copy()
        self._mean, self._square = np.zeros_like(self._home), np.zeros_like(self._home)
        self._steps = 0
        self.buffer = ReplayBuffer(classes, features, self.hyperparameters.places, self.hyperparameters.each)
        self._rng = np.random.default_rng(seed)

    def __repr__(self) -> str:
        classes, inputs = self._weights.shape
        return f"SoftmaxLearner({classes} classes, {inputs - 1} features, {self._steps} steps learned)"

    @property
    def layer(self) -> LastLayer:
        """The weights as they are now."""
        return LastLayer(self._weights[:, :-1].copy(), self._weights[:, -1].copy())

    def predict_proba(self, features: ArrayLike) -> Floats:
        """Return the probability of each class, (..., classes) float32, for features (..., D)."""
        logits = np.asarray(features, np.float32) @ self._weights[:, :-1].T + self._weights[:, -1]
        return softmax(logits)

    def partial_fit(
        self, features: ArrayLike, labels: ArrayLike, weights: ArrayLike | None = None, place: int = 0
    ) -> None:
        """Learn from what was just seen; it takes the same time however much it is.

        Parameters
        ----------
        features
            (N, D); rows with a number that is not finite are left out.
        labels
            (N,) whole numbers from 0 on; negative ones are left out.
        weights
            (N,) from 0 to 1, the chance that an example is kept; none = all are.
        place
            Number of the place where it was seen.

        Raises
        ------
        ArgumentError
            For shapes that do not fit together and for a label that is no class.
        """
        given = np.asarray(features, np.float32)
        numbers = np.asarray(labels).astype(np.int64)
        classes, width = len(self._weights), self._weights.shape[1] - 1
        if given.ndim != 2 or given.shape[1] != width or numbers.shape != given.shape[:1]:
            raise ArgumentError(
                f"features are (N, {width}) and labels (N,), not {given.shape} and {numbers.shape}"
            )
        if numbers.size and numbers.max() >= classes:
            raise ArgumentError(f"labels are 0 to {classes - 1}, not {numbers.max()}")
        kept = (numbers >= 0) & np.isfinite(given).all(axis=1)
        if weights is not None:
            kept &= self._rng.random(len(numbers)) < np.asarray(weights)
        self.buffer.move_to(place)
        self.buffer.add(given[kept], numbers[kept], self._rng)
        how = self.hyperparameters
        for _ in range(how.steps):
            self._step(*self.buffer.draw(how.batch, how.fresh, self._rng))

    update = renamed("update", "partial_fit")
    predict = renamed("predict", "predict_proba")
    pace = renamed("pace", "hyperparameters")

    def _step(self, features: Floats, labels: Numbers) -> None:
        """Go down the cross-entropy of a batch by Adam, and towards the lab's weights."""
        if not len(labels):
            return
        wrong = softmax(features @ self._weights[:, :-1].T + self._weights[:, -1])
        wrong[np.arange(len(labels)), labels] -= 1
        gradient = np.column_stack([wrong.T @ features, wrong.sum(axis=0)]) / np.float32(len(labels))
        self._steps += 1
        self._mean += 0.1 * (gradient - self._mean)
        self._square += 0.01 * (gradient * gradient - self._square)
        mean = self._mean / (1 - 0.9**self._steps)
        square = self._square / (1 - 0.99**self._steps)
        rate, decay = self.hyperparameters.rate, self.hyperparameters.decay
        self._weights -= rate * mean / (np.sqrt(square) + 1e-4)
        self._weights -= rate * decay * (self._weights - self._home)

    # -- To a file and back --------------------------------------------------------------------------------

    def save(self, path: str | Path) -> None:
        """Write everything that was learned, and the buffer, as NPZ."""
        npz.save(path, self.arrays())

    @classmethod
    def load(cls, path: str | Path) -> SoftmaxLearner:
        """Return the learner that `save` wrote, which goes on as if it had never stopped.

        Raises
        ------
        DataError
            For a file that is none.
        """
        arrays = npz.load(path, "learner's file")
        try:
            return cls.from_arrays(arrays)
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"{path} is no learner's file ({error}): give one that SoftmaxLearner.save wrote"
            ) from error

    def arrays(self) -> dict[str, Any]:
        """Return all that `from_arrays` needs."""
        state = {"pace": asdict(self.hyperparameters), "steps": self._steps, "place": self.buffer.place}
        text = json.dumps(state | {"random": self._rng.bit_generator.state})
        return {
            "weights": self._weights,
            "home": self._home,
            "mean": self._mean,
            "square": self._square,
            "examples": self.buffer.examples,
            "seen": self.buffer.seen,
            "state": np.frombuffer(text.encode(), np.uint8),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> SoftmaxLearner:
        """Return the learner whose `arrays` these are; raises KeyError or ValueError for others."""
        state = json.loads(arrays["state"].tobytes())
        home, how = arrays["home"], Hyperparameters(**state["pace"])
        lab = LastLayer(home[:, :-1], home[:, -1])
        learner = cls(len(home), home.shape[1] - 1, lab=lab, hyperparameters=how)
        learner._weights, learner._mean, learner._square = (
            arrays[name].reshape(home.shape) for name in ("weights", "mean", "square")
        )
        learner.buffer.examples[:], learner.buffer.seen[:] = arrays["examples"], arrays["seen"]
        learner._steps, learner.buffer.place = int(state["steps"]), int(state["place"])
        learner._rng.bit_generator.state = state["random"]
        return learner


def softmax(logits: Floats, axis: int = -1) -> Floats:
    """Return probabilities over an axis."""
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.asarray(powers / powers.sum(axis=axis, keepdims=True), np.float32)
