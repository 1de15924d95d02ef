"""Many pictures at once: which lines are run together, and how a stream is cut into chunks."""

import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import pytest

from windowpane.core.system import Failure
from windowpane.read import batching
from windowpane.read.batching import by_width, in_chunks
from windowpane.read.line import HEIGHT, Line

DOT = np.zeros((2, 2, 3), np.uint8)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as workers:
        yield workers


def line(width, value=9):
    return Line(np.full((HEIGHT, width), value, np.uint8), (1.0, 1.0), 0.0, 0.0)


def test_lines_of_like_width_are_run_together_and_padded_with_paper():
    groups = {tuple(members): inks for members, inks in by_width([line(50), line(90), line(64, 7)])}
    assert {members: inks.shape for members, inks in groups.items()} == {
        (0, 2): (2, HEIGHT, 64),
        (1,): (1, HEIGHT, 96),
    }
    first, last = groups[0, 2]
    assert (first[:, :50] == 9).all()
    assert not first[:, 50:].any()
    assert (last == 7).all()


def test_a_line_alone_is_not_padded():
    ((members, inks),) = by_width([line(51)])
    assert members == [0]
    assert inks.shape == (1, HEIGHT, 51)
    assert list(by_width([])) == []


def test_a_stream_is_worked_on_in_chunks_in_its_order(pool, monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", 3)
    sizes = []
    items = [Failure(str(number), "") for number in range(8)]
    assert list(in_chunks(items, lambda chunk: sizes.append(len(chunk)) or chunk, pool, 2)) == items
    assert sorted(sizes) == [2, 3, 3]


def test_large_pictures_make_small_chunks(pool, monkeypatch):
    monkeypatch.setattr(batching, "CHUNK_PIXELS", 12)
    chunks = []
    assert len(list(in_chunks([DOT] * 7, lambda chunk: chunks.append(len(chunk)) or chunk, pool, 2))) == 7
    assert sorted(chunks) == [1, 3, 3]


def test_no_more_is_taken_of_an_endless_stream_than_some_chunks(pool, monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", 3)
    taken = count()
    items = (Failure(str(next(taken)), "") for _ in count())
    stream = in_chunks(items, lambda chunk: chunk, pool, 2)
    assert [next(stream).image for _ in range(4)] == ["0", "1", "2", "3"]
    stream.close()
    assert next(taken) <= 3 * 5


def test_what_is_not_wanted_any_more_is_not_begun(monkeypatch):
    monkeypatch.setattr(batching, "CHUNK", 1)
    gate, begun = threading.Event(), []

    def work(chunk):
        begun.append(chunk)
        assert len(begun) == 1 or gate.wait(10)
        return chunk

    with ThreadPoolExecutor(1) as pool:
        stream = in_chunks([DOT] * 9, work, pool, 3)
        next(stream)
        stream.close()
        gate.set()
    assert len(begun) <= 2


def test_an_error_in_the_work_reaches_the_caller(pool):
    with pytest.raises(ZeroDivisionError):
        list(in_chunks([DOT], lambda chunk: 1 // 0, pool, 1))
