"""A parser's net file: what makes one, and what its backbones see of all levels."""

import numpy as np
import pytest

from windowpane.errors import NetFileError
from windowpane.parse.net import MultiscaleNet
from windowpane.parse.parser import Parser


def test_there_is_a_map_for_each_level_whatever_the_threads(make_net, blobs):
    file, picture = make_net(apart=True), blobs(200, 150)
    at = np.arange(150) + 0.5, np.arange(200) + 0.5
    one, two = (MultiscaleNet(file, threads=threads) for threads in (1, 2))
    levels = one.levels_of(picture, at)
    for first, second in zip(one.maps_of(levels), two.maps_of(levels), strict=True):
        np.testing.assert_array_equal(first, second)
    assert [level.scale for level in levels] == [(1, 1), (0.5, 0.5), (0.25, 0.25)]
    two.close()


@pytest.mark.parametrize("linear", [True, False])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_levels_may_have_nets_of_their_own(make_net, linear, threads, blobs):
    picture = blobs(200, 150)
    one = Parser(make_net(linear=linear, apart=True), threads=threads).parse(picture)
    other = Parser(make_net(linear=linear)).parse(picture)
    np.testing.assert_array_equal(one.confidence, other.confidence)
    np.testing.assert_array_equal(one.class_ids, other.class_ids)


@pytest.mark.parametrize(
    ("different", "complaint"),
    [
        ({"task": "read"}, "the task 'read'.*train parse"),
        ({"pyramid": "steep"}, "'pyramid'"),
        ({"levels": 0}, "'levels'"),
        ({"levels": 2}, "one output for each level"),
        ({"levels": 2, "apart": True}, "one output for each level"),
        ({"more": 2}, "classifier of what it gives"),
    ],
)
def test_a_net_that_is_no_parser_says_what_it_lacks(make_net, different, complaint):
    with pytest.raises(NetFileError, match=complaint):
        Parser(make_net(**different))
