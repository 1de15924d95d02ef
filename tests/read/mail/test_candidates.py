"""Which strings may be a postcode."""

from windowpane.read.mail.candidates import candidates
from windowpane.read.mail.countries import country


def found(readings, name):
    return {(one.text, one.cut) for one in candidates(readings, name and country(name))}


def test_a_string_of_the_right_length_is_one(said):
    readings = [said("33000", 100, 200), said("9", 100, 160), said("0556926880", 100, 400)]
    assert ("33000", "whole") in found(readings, "FR")
    assert ("9", "whole") not in found(readings, "FR")


def test_digits_that_belong_to_letters_beside_it_are_cut_off(said):
    assert found([said("3300080", 100, 200)], "FR") == {("33000", "first"), ("00080", "last")}


def test_the_first_five_of_zip_plus_four(said):
    assert ("12345", "first") in found([said("123456789", 0, 0)], "US")


def test_a_code_with_a_blank_is_joined(said):
    readings = [said("123", 100, 200), said("45", 155, 202)]
    assert ("12345", "joined") in found(readings, "SE")
    for x, y in ((255, 202), (155, 230)):  # too far apart, on another row
        readings = [said("123", 100, 200), said("45", x, y)]
        assert {cut for _, cut in found(readings, "SE")} == {"grown"}


def test_digits_each_in_a_box_are_joined(said):
    readings = [said(digit, 100 + 45 * place, 200) for place, digit in enumerate("4028")]
    (one,) = candidates(readings, country("HU"))
    assert (one.text, one.cut) == ("4028", "joined")
    assert one.box == (100, 200, 247, 220)


def test_a_string_that_lacks_a_digit_is_looked_for_beyond_its_box_where_the_country_is_known(said):
    readings = [said("402", 100, 200)]
    found = candidates(readings, country("HU"))
    assert {(one.text, one.cut, one.length) for one in found} == {("402", "grown", 4)}
    x0, _, x1, _ = readings[0].box
    spans = [(round(one.box[0] - x0), round(one.box[2] - x1)) for one in found]
    assert spans == [(0, 0), (0, 13), (-13, 0)]
    assert candidates(readings, None) == []
    assert candidates([said("4", 100, 200)], country("HU")) == []


def test_numbers_beside_it_are_counted(said):
    row = [said("06", 0, 0), said("55", 50, 0), said("1692", 100, 0), said("6880", 700, 0)]
    (first, _) = (one for one in candidates(row, country("HU")) if one.cut == "whole")
    assert (first.text, first.neighbours) == ("1692", 2)


def test_of_any_country_all_lengths_are_taken_but_three(said):
    readings = [said("123", 0, 0), said("1234", 0, 50), said("123456", 0, 100)]
    whole = {text for text, cut in found(readings, None) if cut == "whole"}
    assert whole == {"1234", "123456"}


def test_a_page_without_numbers_has_none():
    assert candidates([], None) == []
