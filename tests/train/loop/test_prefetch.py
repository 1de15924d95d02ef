"""Batches made ahead."""

from windowpane.train.loop.prefetch import prefetched


def test_items_made_ahead_are_the_same_in_the_same_order():
    assert list(prefetched(iter(range(7)))) == list(range(7))
