"""Batches made ahead."""

import os
import signal

import pytest

from windowpane.train.loop.prefetch import prefetched, prefetched_apart


@pytest.mark.parametrize("ahead", [prefetched, prefetched_apart])
def test_items_made_ahead_are_the_same_in_the_same_order(ahead):
    assert list(ahead(iter(range(1, 20)))) == list(range(1, 20))


def test_another_process_makes_them():
    assert next(prefetched_apart(iter([os.getpid()]))) == os.getpid()  # made here
    assert next(prefetched_apart(os.getpid() for _ in range(9))) != os.getpid()


def test_what_goes_wrong_there_is_raised_here():
    def broken():
        yield 1
        raise ValueError("no such picture")

    items = prefetched_apart(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="no such picture"):
        next(items)


def test_a_process_that_dies_is_missed():
    def dying():
        yield 1
        os._exit(1)

    with pytest.raises(RuntimeError, match="the process that makes batches died"):
        list(prefetched_apart(dying()))


def test_where_its_parent_handles_being_ended_it_ends_all_the_same_and_says_nothing(capfd):
    def ended(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, ended)
    try:
        items = prefetched_apart(bytes(1 << 20) for _ in range(100))
        next(items)
        items.close()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert capfd.readouterr().err == ""


def test_it_can_be_left_before_its_end():
    items = prefetched_apart(iter(range(1000)))
    assert next(items) == 0
    items.close()
