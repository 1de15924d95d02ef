"""Numbers that stay with objects from frame to frame."""

import numpy as np
import pytest

from windowpane import ArgumentError, Tracker
from windowpane.detect.detections import NO_TRACK, Detections


def seen(*objects, names=("face", "dog")):
    """What is found in a frame: of each object x and y of the middle, its size, confidence and class."""
    rows = [(*one, *(30, 0.9, 0)[len(one) - 2 :]) for one in objects]
    x, y, size, sure, kind = np.array(rows, float).reshape(-1, 5).T
    boxes = np.stack([x - size / 2, y - size / 2, x + size / 2, y + size / 2], axis=1)
    return Detections(boxes, sure, kind.astype(np.intp), names, None, 640, 480)


def followed(frames, times=None, **settings):
    """The ids of every frame."""
    tracker = Tracker(**settings)
    times = [None] * len(frames) if times is None else times
    return [tracker.update(found, time).ids.tolist() for found, time in zip(frames, times, strict=True)]


def test_a_number_stays_with_what_moves_and_begins_at_the_second_sighting():
    ids = followed([seen((100 + 6 * n, 100), (500 - 6 * n, 120)) for n in range(20)])
    assert ids[0] == [NO_TRACK, NO_TRACK]
    assert ids[1:] == [[1, 2]] * 19


def test_all_that_was_found_comes_back_as_it_was():
    found = seen((100, 100), (300, 100, 40, 0.6))
    answer = Tracker().update(found)
    np.testing.assert_array_equal(answer.boxes, found.boxes)
    np.testing.assert_array_equal(answer.confidence, found.confidence)
    assert found.ids is None, "the record given is left alone"


def test_a_number_comes_back_after_a_short_gap_where_the_object_should_be():
    frames = [seen((100 + 8 * n, 100)) if not 10 <= n < 20 else seen() for n in range(30)]
    ids = followed(frames)
    assert ids[9] == ids[20] == [1]
    assert abs(8 * 10) > 2 * 30, "it has moved by more than two of its sizes"


def test_after_a_longer_gap_it_is_somebody_new():
    frames = [seen((100, 100))] * 3 + [seen()] * 30 + [seen((100, 100))] * 3
    assert followed(frames)[-1] == [2]
    assert followed(frames, gap=2.0)[-1] == [1]


def test_a_single_false_alarm_uses_no_number_up():
    frames = [seen((100, 100)), seen((100, 100), (400, 300)), seen((100, 100)), seen((100, 100), (200, 50))]
    ids = followed([*frames, seen((100, 100), (200, 50))])
    assert ids[-1] == [1, 2]


def test_with_one_hit_numbers_begin_at_once():
    assert followed([seen((100, 100), (300, 100))], hits=1) == [[1, 2]]


def test_two_who_cross_keep_their_numbers():
    frames = [seen((100 + 10 * n, 100), (400 - 10 * n, 118)) for n in range(30)]
    assert followed(frames)[1:] == [[1, 2]] * 29


@pytest.mark.parametrize("every", [1, 2, 5])
def test_frames_may_come_at_any_rate(every):
    numbers = np.arange(0, 60, every)
    frames = [seen((100 + 4 * n, 100, 40)) for n in numbers]
    assert followed(frames, numbers / 30)[1:] == [[1]] * (len(numbers) - 1)


def test_missing_frames_are_time_that_passes():
    times = [0, 0.04, 0.08, 0.12, 0.5, 0.54, 0.58]
    frames = [seen((100 + 200 * time, 100)) for time in times]
    assert followed(frames, times)[1:] == [[1]] * 6
    assert followed(frames, [*times[:4], *(time + 3 for time in times[4:])])[-1] == [2]


def test_what_is_in_doubt_continues_a_track_and_begins_none():
    sure, faint = (100, 100, 30, 0.9), (100, 100, 30, 0.2)
    frames = [seen(sure), seen(sure), seen(faint, (300, 100, 30, 0.2)), seen(sure)]
    tracker = Tracker()
    answers = [tracker.update(found) for found in frames]
    assert [len(answer) for answer in answers] == [1, 1, 1, 1]
    assert [answer.ids.tolist() for answer in answers[1:]] == [[1], [1], [1]]
    assert answers[2].confidence[0] == pytest.approx(0.2)


def test_the_surest_first_as_they_were_found():
    tracker = Tracker(hits=1)
    tracker.update(seen((100, 100), (300, 100, 30, 0.8)))
    answer = tracker.update(seen((300, 100, 30, 0.95), (200, 300, 30, 0.7), (100, 100, 30, 0.2)))
    assert answer.confidence.tolist() == [0.95, 0.7, 0.2]
    assert answer.ids.tolist() == [2, 3, 1]


def test_classes_do_not_continue_each_other():
    face, dog = (100, 100, 30, 0.9, 0), (100, 100, 30, 0.9, 1)
    assert followed([seen(face), seen(face), seen(dog), seen(dog)]) == [[NO_TRACK], [1], [NO_TRACK], [2]]


def test_one_that_grows_keeps_its_number():
    frames = [seen((200, 200, 20 * 1.05**n)) for n in range(40)]
    assert followed(frames)[1:] == [[1]] * 39


def test_the_same_frames_have_the_same_numbers():
    rng = np.random.default_rng(0)
    frames = [
        seen(*((60 * k + rng.normal(0, 2), 100 + rng.normal(0, 2), 30, rng.random()) for k in range(8)))
        for _ in range(30)
    ]
    assert followed(frames) == followed(frames)


def test_a_tracked_record_says_its_numbers_in_json_and_in_words():
    tracker = Tracker()
    tracker.update(seen((100, 100)))
    found = tracker.update(seen((100, 100), (300, 100, 30, 0.6)))
    assert [one["id"] for one in found.to_dict()["faces"]] == [1, None]
    assert [one.id for one in found] == [1, NO_TRACK]
    assert found[found.ids == 1].ids.tolist() == [1]
    assert "face 1" in repr(found[0])
    assert "-1" not in repr(found[1])
    assert "id" not in seen((100, 100)).to_dict()["faces"][0], "nothing new where nothing is tracked"


def test_an_empty_film_has_no_numbers():
    assert followed([seen()] * 3) == [[]] * 3


def test_time_does_not_go_back():
    tracker = Tracker()
    tracker.update(seen(), 1.0)
    with pytest.raises(ArgumentError, match=r"0\.5 s after one of 1\.0 s"):
        tracker.update(seen(), 0.5)


@pytest.mark.parametrize(
    "settings", [{"threshold": 1.5}, {"hits": 0}, {"gap": -1}, {"gap": float("nan")}, {"gap": float("inf")}]
)
def test_settings_that_cannot_be_are_refused_at_once(settings):
    with pytest.raises(ArgumentError, match="give"):
        Tracker(**settings)
