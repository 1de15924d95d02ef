"""What a header keeps, and what it refuses."""

import numpy as np
import pytest

from windowpane.images.formats.header import Header, UnusableError, values


def test_a_size_is_taken_over_or_refused():
    header = Header("PNG", 100)
    header.claim(20, 5)
    assert (header.width, header.height) == (20, 5)
    with pytest.raises(UnusableError, match="no pixels"):
        header.claim(0, 5)
    with pytest.raises(UnusableError, match="claims 21 x 5 pixels, more than max_pixels = 100"):
        header.claim(21, 5)


@pytest.mark.parametrize(
    ("count", "notes"), [(0, []), (1, []), (3, ["has 3 pages, of which the first was read"])]
)
def test_several_pages_are_noted(count, notes):
    header = Header("TIFF", 100)
    header.first_of(count, "pages")
    assert header.notes == notes


def test_one_channel_needs_no_axis():
    assert values(np.zeros((4, 5, 1))).shape == (4, 5)
    assert values(np.zeros((4, 5, 3))).shape == (4, 5, 3)
