"""How countries write their postcodes."""

import pytest

from windowpane.errors import ArgumentError
from windowpane.read.lexicon import Lexicon
from windowpane.read.mail.countries import COUNTRIES, LETTERED, country


def test_every_list_that_ships_is_of_a_country_whose_codes_are_as_long():
    for name in Lexicon.countries():
        assert country(name).listed
        assert set(country(name).lexicon.roots) == {country(name).length}, name


def test_a_country_without_a_list_has_all_numbers_of_its_length():
    poland = country("pl")
    assert (poland.groups, poland.length, poland.listed) == ((2, 3), 5, False)
    assert len(poland.lexicon) == 10**5
    assert "00950" in poland.lexicon


def test_letters_in_the_code_are_told_of():
    for name in ("GB", "uk", "CA", "IE"):
        with pytest.raises(ArgumentError, match="letters"):
            country(name)
    assert not LETTERED & set(COUNTRIES)


def test_what_is_no_country_is_told_of():
    with pytest.raises(ArgumentError, match="'XX' given: choose from AR, AT"):
        country("xx")
