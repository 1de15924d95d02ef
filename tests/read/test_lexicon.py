from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from windowpane.errors import ArgumentError, DataError
from windowpane.read.lexicon import END, Lexicon

DIGITS = st.text("0123456789", min_size=1, max_size=5)


def strings_of(lexicon):
    """All strings that one meets by walking from the roots along the table."""
    found = []

    def walk(state, prefix, remaining):
        if remaining == 0:
            assert state == END
            found.append(prefix)
            return
        for digit, following in enumerate(lexicon.table[state].tolist()):
            if following >= 0:
                walk(following, prefix + str(digit), remaining - 1)

    for length, root in lexicon.roots.items():
        walk(root, "", length)
    return found


@given(st.lists(DIGITS, min_size=1, max_size=60))
def test_a_list_of_strings_holds_these_and_no_others(strings):
    lexicon = Lexicon.from_strings(strings)
    assert sorted(strings_of(lexicon)) == sorted(set(strings))
    assert len(lexicon) == len(set(strings))
    assert set(lexicon.roots) == {len(string) for string in strings}


@given(st.sets(DIGITS, min_size=1, max_size=60), DIGITS)
def test_in_answers_for_valid_and_invalid_strings(strings, other):
    lexicon = Lexicon.from_strings(strings)
    assert all(string in lexicon for string in strings)
    assert (other in lexicon) == (other in strings)


@given(st.sets(DIGITS, min_size=1, max_size=30))
def test_tails_are_the_digits_at_each_place_from_the_end(strings):
    tails = Lexicon.from_strings(strings).tails
    expected = np.zeros((max(map(len, strings)), 10), bool)
    for string in strings:
        for after, digit in enumerate(reversed(string)):
            expected[after, int(digit)] = True
    np.testing.assert_array_equal(tails, expected)


@pytest.mark.parametrize("other", ["", "12", "1234", "12x", "١٢٣", "12²", 123, None])
def test_what_is_no_string_of_its_length_is_not_in(other):
    assert other not in Lexicon.from_pattern("###")


def test_long_strings_do_not_overflow():
    text = "98765432109876543210987654321"
    lexicon = Lexicon.from_strings([text, text[:-1] + "2"])
    assert text in lexicon
    assert text[:-1] + "3" not in lexicon


@pytest.mark.parametrize("strings", [[], [""], ["12", "1a"], ["٣"]])
def test_strings_that_are_no_digits_are_refused(strings):
    with pytest.raises(ArgumentError, match="digits"):
        Lexicon.from_strings(strings)


@pytest.mark.parametrize(
    ("pattern", "choices"),
    [
        ("7", ["7"]),
        ("9[0-4]#", ["9", "01234", "0123456789"]),
        ("[13-57]0", ["13457", "0"]),
        ("[0-93]", ["0123456789"]),
    ],
)
def test_a_pattern_holds_all_its_strings(pattern, choices):
    expected = ["".join(digits) for digits in product(*choices)]
    lexicon = Lexicon.from_pattern(pattern)
    assert sorted(strings_of(lexicon)) == sorted(expected)
    assert len(lexicon) == len(expected)


@pytest.mark.parametrize("pattern", ["", "9x", "[", "[]", "[4-0]", "[1-", "9[4-01]", "1.2", "٣", "12\n"])
def test_a_faulty_pattern_is_named(pattern):
    with pytest.raises(ArgumentError, match="Pattern"):
        Lexicon.from_pattern(pattern)


@given(st.integers(0, 1999), st.integers(0, 1999))
def test_a_range_holds_the_numbers_between(one, other):
    first, last = sorted((one, other))
    lexicon = Lexicon.from_range(f"{first:04d}", f"{last:04d}")
    assert sorted(strings_of(lexicon)) == [f"{number:04d}" for number in range(first, last + 1)]
    assert len(lexicon) == last - first + 1


def test_a_wide_range_stays_small():
    lexicon = Lexicon.from_range("0" * 17 + "7", "9" * 17 + "8")
    assert len(lexicon) == 10**18 - 1 - 7
    assert len(lexicon.table) < 100


@pytest.mark.parametrize(("first", "last"), [("20", "10"), ("5", "10"), ("", ""), ("1a", "20")])
def test_a_faulty_range_is_named(first, last):
    with pytest.raises(ArgumentError, match="Range"):
        Lexicon.from_range(first, last)


def test_us_zip_holds_zip_codes():
    lexicon = Lexicon.us_zip()
    assert len(lexicon) == 41_488
    assert set(lexicon.roots) == {5}
    assert all(code in lexicon for code in ["00501", "02139", "10012", "90210", "99950"])
    assert not any(code in lexicon for code in ["00000", "99999", "1234", "9021O"])


@pytest.mark.parametrize(
    ("country", "length", "count", "some"),
    [
        ("FR", 5, 20_393, ["33000", "75001", "01000"]),
        ("hu", 4, 3_046, ["1007", "4028", "9985"]),
        ("SG", 6, 121_135, ["238823"]),
    ],
)
def test_postcodes_of_other_countries(country, length, count, some):
    lexicon = Lexicon.postcodes(country)
    assert (set(lexicon.roots), len(lexicon)) == ({length}, count)
    assert all(code in lexicon for code in some)
    assert "0" * length not in lexicon


def test_the_lists_are_of_46_countries():
    assert len(Lexicon.countries()) == 46
    assert all(min(Lexicon.postcodes(country).roots) in {4, 5, 6} for country in ("AR", "UA", "RU"))
    with pytest.raises(ArgumentError, match="'GB' asked for; choose from AR, AT"):
        Lexicon.postcodes("gb")


def test_a_file_has_one_string_a_line(tmp_path):
    path = tmp_path / "codes.txt"
    path.write_bytes(b"\xef\xbb\xbf# my codes\r\n\r\n  0042 \r\n7\n7\n# end\n123")
    assert sorted(strings_of(Lexicon.from_file(path))) == ["0042", "123", "7"]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"12\n\n1a4\n", "codes.txt, line 3: '1a4'"),
        (b"12\n12 # a street\n", "codes.txt, line 2"),
        (b"\n# nothing\n", "no string in it"),
        (b"", "no string in it"),
        (b"\xff\xfe1\x002\x00", "UTF-8"),
    ],
)
def test_a_faulty_file_is_named_with_its_line(tmp_path, content, says):
    path = tmp_path / "codes.txt"
    path.write_bytes(content)
    with pytest.raises(DataError, match=says) as error:
        Lexicon.from_file(path)
    assert str(path) in str(error.value)


def test_a_lexicon_shows_how_many_strings_it_has():
    assert repr(Lexicon.from_strings(["12", "7", "34"])) == "<Lexicon of 3 strings of 1, 2 digits>"
    assert len(repr(Lexicon.from_pattern("#" * 30))) < 100


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"nowhere\.txt"):
        Lexicon.from_file(tmp_path / "nowhere.txt")
    with pytest.raises(DataError, match="cannot be read"):
        Lexicon.from_file(tmp_path)
