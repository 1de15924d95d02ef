"""Brush strokes: a few label the rest, and the last one counts."""

from __future__ import annotations

import numpy as np
import pytest

from windowpane.errors import DataError
from windowpane.parse.labelmap import LabelMap
from windowpane.teach.strokes import NOTHING, Stroke

NAMES = ("grass", "water", "brick")


def right(scene: LabelMap, truth: np.ndarray) -> float:
    return float((scene.class_ids == truth).mean())


def test_a_dab_of_each_labels_the_rest_of_this_picture_and_another(teacher, field, dabs):
    picture, truth = field()
    seen = teacher.look(picture)
    layer = teacher.learn([(seen, dabs())], 3)
    assert right(teacher.label(seen, layer, NAMES), truth) > 0.9
    other, _ = field(seed=1)
    assert right(teacher.label(teacher.look(other), layer, NAMES), truth) > 0.85


def test_the_same_strokes_give_the_same_layer(teacher, field):
    picture, _ = field(height=768, width=1023)
    seen = teacher.look(picture)
    strokes = [
        Stroke(label, [(x, y), (x + 60, y + 9)], 14)
        for y in range(20, 740, 60)
        for label, x in enumerate((90, 430, 790))
    ]
    layer = teacher.learn([(seen, strokes)], 3)
    assert layer.weights.any()
    assert np.array_equal(layer.weights, teacher.learn([(seen, strokes)], 3).weights)


def test_the_last_stroke_counts_and_can_take_others_away(teacher, field, dabs):
    picture, truth = field()
    seen = teacher.look(picture)
    wrong = [Stroke(2, [(60, 120)], 30), Stroke(0, [(300, 120)], 30)]
    layer = teacher.learn([(seen, [*wrong, *dabs(30)])], 3)
    assert right(teacher.label(seen, layer, NAMES), truth) > 0.9
    with pytest.raises(DataError, match="fewer than two"):
        teacher.learn([(seen, [*dabs(), Stroke(NOTHING, [(0, 120), (360, 120)], 60)])], 3)


def test_a_picture_too_large_is_refused(teacher):
    with pytest.raises(DataError, match="1024"):
        teacher.look(np.zeros((100, 1025, 3), np.uint8))
