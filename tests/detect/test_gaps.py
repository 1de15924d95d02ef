"""Boxes of tracks in the frames where they were missed."""

import numpy as np

from windowpane.detect.detections import NO_TRACK
from windowpane.detect.gaps import filled

BOX = np.array([10.0, 20, 30, 40])


def test_a_gap_is_crossed_in_a_straight_line_by_time():
    times = [0.0, 0.1, 0.2, 0.4]
    boxes = [BOX[None], np.zeros((0, 4)), np.zeros((0, 4)), BOX[None] + 40]
    ids = [np.array([7]), np.zeros(0, int), np.zeros(0, int), np.array([7])]
    for frame, moved in zip(filled(times, boxes, ids), (0, 10, 20, 40), strict=True):
        np.testing.assert_allclose(frame, BOX[None] + moved)


def test_the_ends_of_a_track_are_held_a_little():
    times = np.arange(20) / 10
    ids = [np.array([3]) if n in (8, 9) else np.zeros(0, int) for n in range(20)]
    boxes = [BOX[None] if len(some) else np.zeros((0, 4)) for some in ids]
    held = [len(some) for some in filled(times.tolist(), boxes, ids, hold=0.25)]
    assert [number for number, count in enumerate(held) if count] == [6, 7, 8, 9, 10, 11]


def test_what_has_no_number_is_held_and_joined_with_nothing():
    boxes = [BOX[None], np.zeros((0, 4)), np.zeros((0, 4)), BOX[None] + 40]
    ids = [np.full(len(some), NO_TRACK) for some in boxes]
    counts = [len(some) for some in filled([0.0, 1.0, 2.0, 3.0], boxes, ids)]
    assert counts == [1, 0, 0, 1]


def test_two_tracks_at_once_keep_apart():
    boxes = [np.stack([BOX, BOX + 100]), np.zeros((0, 4)), np.stack([BOX + 110, BOX + 10])]
    ids = [np.array([1, 2]), np.zeros(0, int), np.array([2, 1])]
    np.testing.assert_allclose(filled([0, 1, 2], boxes, ids, hold=0)[1], np.stack([BOX + 5, BOX + 105]))


def test_a_film_without_anything_stays_so():
    empty = filled([0.0, 1.0], [np.zeros((0, 4))] * 2, [np.zeros(0, int)] * 2)
    assert [some.shape for some in empty] == [(0, 4), (0, 4)]
    assert filled([], [], []) == []
