"""Workers share the pieces of one picture's work; the runtimes themselves are tested with the engine."""

import threading

import pytest

from windowpane.core.runtimes import Workers


def workers_alive():
    return [thread for thread in threading.enumerate() if thread.name.startswith("windowpane-worker")]


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_results_have_the_order_of_the_items(threads):
    workers = Workers(threads)
    assert workers.map(lambda number: number**2, iter(range(200))) == [number**2 for number in range(200)]
    assert workers.map(str, []) == []
    workers.close()


def test_of_one_thread_there_is_no_other():
    before = workers_alive()
    workers = Workers(1)
    here = threading.current_thread()
    assert workers.map(lambda _: threading.current_thread(), range(5)) == [here] * 5
    assert workers_alive() == before


def test_the_one_that_asks_works_along():
    """Two pieces that wait for each other end only where two are at work at once."""
    workers, both = Workers(2), threading.Barrier(2, timeout=10)

    def piece(_):
        both.wait()
        return threading.current_thread()

    assert threading.current_thread() in workers.map(piece, range(2))
    workers.close()


def test_further_items_are_made_while_the_first_are_at_work():
    workers, begun = Workers(2), threading.Event()

    def items():
        yield begun.set
        assert begun.wait(timeout=10)
        yield lambda: None

    workers.map(lambda item: item(), items())
    workers.close()


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_reaches_the_one_that_asked(threads):
    workers = Workers(threads)
    with pytest.raises(ZeroDivisionError):
        workers.map(lambda number: 1 // number, [3, 2, 1, 0, 1])
    assert workers.map(abs, [-1]) == [1]
    workers.close()


def test_closed_workers_leave_all_to_the_one_that_asks():
    before = workers_alive()
    workers = Workers(3)
    workers.map(abs, range(10))
    assert workers.threads == 3
    workers.close()
    workers.close()
    assert workers.threads == 1
    assert workers_alive() == before
    assert workers.map(abs, [-1, -2]) == [1, 2]
