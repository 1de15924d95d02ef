"""From bytes to records: together where that helps, and whatever is wrong with one picture is its own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from windowpane.batch import answering
from windowpane.batch.answering import records
from windowpane.batch.inputs import PictureFile, Row
from windowpane.errors import ImageError
from windowpane.images import loader


class Sizes:
    """Says how wide a picture is; and remembers how many it was given together."""

    columns = {"width": "int32"}  # noqa: RUF012

    def __init__(self):
        self.together = []

    def answer(self, picture):
        if picture.shape[1] == 13:
            raise ImageError("thirteen is no width")
        return SimpleNamespace(to_dict=lambda: {"width": picture.shape[1]})

    def answer_many(self, pictures):
        self.together.append(len(pictures))
        return [self.answer(picture) for picture in pictures]


def grey(width, name="a.pgm"):
    return PictureFile(Row(name), b"P5 %d 1 255\n" % width + bytes(width))


def test_records_come_in_order_with_errors_in_their_places():
    files = [grey(3), ImageError("b.png does not exist."), PictureFile(Row("c.png"), b"no picture"), grey(4)]
    first, gone, broken, last = records(Sizes(), files)
    assert (first, last) == ({"width": 3}, {"width": 4})
    assert gone == {"error": "b.png does not exist."}
    assert broken["error"].startswith("c.png is no JPEG")


def test_one_faulty_picture_does_not_keep_those_beside_it_from_their_answers():
    assert list(records(Sizes(), [grey(3), grey(13), grey(5)])) == [
        {"width": 3},
        {"error": "The picture cannot be answered: thirteen is no width"},
        {"width": 5},
    ]


def test_few_are_answered_together_and_fewer_if_they_are_large(monkeypatch):
    system = Sizes()
    assert len(list(records(system, (grey(2) for _ in range(130))))) == 130
    assert system.together == [64, 64, 2]
    monkeypatch.setattr(answering, "PIXELS", 20)
    system = Sizes()
    list(records(system, [grey(12), grey(12), grey(3)]))
    assert system.together == [2, 1]


def test_no_memory_for_a_picture_is_that_pictures_error(monkeypatch):
    def full(data, max_pixels):
        raise MemoryError

    monkeypatch.setattr(loader, "from_file", full)
    assert list(records(Sizes(), [grey(2)])) == [{"error": "a.pgm cannot be decoded: MemoryError."}]


@pytest.mark.parametrize("count", [0, 1])
def test_nothing_is_asked_where_there_is_nothing(count):
    system = Sizes()
    assert len(list(records(system, [ImageError("gone")] * count))) == count
    assert system.together == []
