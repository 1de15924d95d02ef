"""Many pictures at once: which lines are run together, how a stream is cut into chunks, and its lanes."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import numpy as np
import pytest

from windowpane.core.system import Failure
from windowpane.read import batching
from windowpane.read.batching import Lanes, by_width, in_chunks
from windowpane.read.line import HEIGHT, Line

DOT = np.zeros((2, 2, 3), np.uint8)


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as workers:
        yield workers


def line(width, value=9):
    return Line(np.full((HEIGHT, width), value, np.uint8), (1.0, 1.0), 0.0, 0.0)


def test_lines_of_like_width_are_run_together_and_padded_with_paper():
    groups = {tuple(members): inks for members, inks in by_width([line(50), line(310), line(64, 7)])}
    assert {members: inks.shape for members, inks in groups.items()} == {
        (0, 2): (2, HEIGHT, 64),
        (1,): (1, HEIGHT, 310),
    }
    first, last = groups[0, 2]
    assert (first[:, :50] == 9).all()
    assert not first[:, 50:].any()
    assert (last == 7).all()


def test_a_stack_has_no_more_paper_than_pays_and_no_more_pixels_than_are_quick(monkeypatch):
    monkeypatch.setattr(batching, "PAPER", 10)
    lines = [line(width) for width in (43, 40, 46, 47, 50)]
    assert [members for members, _ in by_width(lines)] == [[1, 0, 2], [3, 4]]  # 3 + 2 * 3, and 3 more
    monkeypatch.setattr(batching, "STACK_PIXELS", 2 * 47 * HEIGHT)
    assert [members for members, _ in by_width(lines)] == [[1, 0], [2, 3], [4]]
    assert [members for members, _ in by_width([line(4096)])] == [[0]]


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


# -- Lanes -------------------------------------------------------------------------------------------------

# The work is `eval`, which a process beside this one knows as well.
WHO = "__import__('time').sleep(0.3) or __import__('os').getpid()"


@pytest.fixture
def lanes():
    with Lanes(2) as two:
        yield two


def beside(lanes):
    """The number of the process that works beside this one, once it does."""
    who = {future.result() for future in [lanes.submit(eval, WHO) for _ in range(2)]}
    assert len(who) == 2
    (other,) = who - {os.getpid()}
    return other


def test_the_first_lane_is_here_and_a_second_one_a_process(lanes):
    assert [lanes.submit(eval, "__import__('os').getpid()").result() for _ in range(3)] == 3 * [os.getpid()]
    assert beside(lanes) == beside(lanes)


def test_a_process_takes_another_work_and_may_print(lanes):
    beside(lanes)
    both = [lanes.submit(work, WHO) for work in (len, eval, len, eval)]
    assert [future.result() for future in both][::2] == [len(WHO)] * 2
    told = [lanes.submit(eval, f"print('no answer') or {WHO}") for _ in range(2)]
    assert len({future.result() for future in told}) == 2


def test_all_lanes_end(lanes):
    other = beside(lanes)
    lanes.shutdown()
    with pytest.raises(ProcessLookupError):
        os.kill(other, 0)


def test_what_ends_a_process_is_done_here(lanes):
    other = beside(lanes)
    ends = f"__import__('os')._exit(1) if __import__('os').getpid() == {other} else ({WHO})"
    assert {future.result() for future in [lanes.submit(eval, ends) for _ in range(2)]} == {os.getpid()}
    assert {future.result() for future in [lanes.submit(eval, WHO) for _ in range(2)]} == {os.getpid()}


def test_what_cannot_be_sent_is_done_here(lanes):
    gate = threading.Barrier(2)
    assert [future.result() for future in [lanes.submit(lambda _: gate.wait(10), 0) for _ in range(2)]]


def test_an_error_in_a_process_reaches_the_caller(lanes, capfd):
    other = beside(lanes)
    fails = [lanes.submit(eval, f"{WHO} and 1 // 0") for _ in range(2)]
    for future in fails:
        with pytest.raises(ZeroDivisionError):
            future.result()
    assert other
    capfd.readouterr()


UNGUARDED = """
import os
from windowpane.read.batching import Lanes

who = "__import__('time').sleep(0.3) or __import__('os').getpid()"
lanes = Lanes(2)

def numbers():
    return {future.result() for future in [lanes.submit(eval, who) for _ in range(2)]}

here = numbers()
read, write = os.pipe()
if not os.fork():
    os.write(write, str(len(numbers() - here)).encode())
    os._exit(0)
os.wait()
print(len(here), os.read(read, 1).decode(), numbers() == here)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no such system")
def test_a_program_without_a_file_or_a_guard_has_lanes_and_so_has_its_fork():
    done = subprocess.run([sys.executable, "-"], input=UNGUARDED, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["2", "2", "True"], done.stderr
