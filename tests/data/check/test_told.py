"""Sizes, counts and shares in a few words."""

from windowpane.data.check.told import counts, shares, sizes


def test_what_is_there_is_told_in_a_few_words():
    assert sizes([(30, 40)]) == "1 picture, 40 x 30 pixels"
    assert sizes([(30, 40), (60, 40)]) == "2 pictures, 40 x 30 to 60 pixels"
    assert sizes([]) == "no picture that can be read"
    assert counts({"cat": 2, "dog": 1}) == "cat 2, dog 1"
    assert shares({"cat": 3, "dog": 0, "cow": 1}) == "cat 75.0%, cow 25.0%"
    assert (counts({}), shares({})) == ("none", "none")
