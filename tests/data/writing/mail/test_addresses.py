"""Made-up addresses."""

import numpy as np
import pytest

from windowpane.data.writing.mail.addresses import address, telephone
from windowpane.read.mail.countries import country


def some(name, count=60):
    rng = np.random.default_rng(3)
    return [address(rng, country(name)) for _ in range(count)]


def digits(words):
    return "".join(character for word in words for character in word if character.isdigit())


@pytest.mark.parametrize("name", ["FR", "US", "HU", "SE", "PT", "BR", "CN"])
def test_the_code_stands_where_it_is_said_and_is_in_the_list(name):
    for one in some(name):
        row, first, last = one.place
        assert digits(one.lines[row][first : last + 1]).startswith(one.code)
        assert one.code in country(name).lexicon
        assert 3 <= len(one.lines) <= 7


def test_it_stands_before_or_after_the_town_as_the_country_has_it():
    assert all(one.place[1] == 0 for one in some("DE"))
    assert all(one.place[2] == len(one.lines[one.place[0]]) - 1 for one in some("US"))
    alone = [len(one.lines[one.place[0]]) == 1 for one in some("HU")]
    assert 0.5 < np.mean(alone) < 0.95


def test_codes_are_written_in_their_groups_and_now_and_then_with_more():
    assert all(one.place[2] == one.place[1] + 1 for one in some("SE"))
    portuguese = some("PT")
    assert all("-" in one.lines[one.place[0]][0] for one in portuguese)
    plus_four = [len(digits([one.lines[one.place[0]][-1]])) == 9 for one in some("US")]
    assert 0.1 < np.mean(plus_four) < 0.5
    assert any(one.lines[one.place[0]][0].startswith(("D-", "DE-")) for one in some("DE"))


def test_the_same_seed_gives_the_same():
    assert some("IT", 3) == some("IT", 3)
    assert telephone(np.random.default_rng(1)) == telephone(np.random.default_rng(1))
