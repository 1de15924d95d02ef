"""Every answer of the lattice against brute force: all paths through a few columns, one by one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from windowpane.read.lattice import Lattice, Path
from windowpane.read.lexicon import Lexicon


def lattice(seed, columns, digits="0123", sharpness=2.0):
    """Random log-probabilities (11, columns); only the given digits are possible: brute force is slow."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=sharpness, size=(11, columns))
    logits[[label for label in range(10) if str(label) not in digits]] = -np.inf
    return logits - np.logaddexp.reduce(logits, axis=0)


def brute_force(scores):
    """For each string, its probability and its cheapest path; digits of probability zero left out."""
    totals, paths = {}, {}
    for text, columns, cost in all_paths(scores):
        totals[text] = totals.get(text, 0.0) + math.exp(-cost)
        if text not in paths or cost < paths[text].cost:
            paths[text] = Path(text, columns, cost)
    everything = sum(totals.values())
    shares = {text: total / everything for text, total in totals.items()}
    return shares, sorted(paths.values(), key=lambda path: path.cost)


def all_paths(scores, column=0):
    """Every way on from a column: 'none' takes one column, a digit two, or the last one."""
    if column >= scores.shape[1]:
        yield "", (), 0.0
        return
    for text, columns, cost in all_paths(scores, column + 1):
        yield text, columns, cost - scores[10, column]
    for digit in range(10):
        if (scores[digit] > -1e3).any():
            for text, columns, cost in all_paths(scores, column + 2):
                yield f"{digit}{text}", (column, *columns), cost - scores[digit, column]


def assert_same_paths(found, expected):
    assert [path.text for path in found] == [path.text for path in expected]
    assert [path.columns for path in found] == [path.columns for path in expected]
    np.testing.assert_allclose([path.cost for path in found], [path.cost for path in expected], atol=1e-12)


lattices = st.builds(
    lattice,
    st.integers(0, 10**6),
    st.integers(1, 7),
    st.sampled_from(["0123", "07", "5"]),
    st.sampled_from([0.3, 2.0, 8.0]),
)
lengths = st.one_of(st.none(), st.integers(0, 5), st.sampled_from([range(1, 3), range(2, 9), range(0, 5, 2)]))


def allowed(path, length):
    return length is None or len(path.text) in ([length] if isinstance(length, int) else length)


@given(lattices, lengths)
@settings(max_examples=60, deadline=None)
def test_the_shortest_path_is_the_cheapest_of_all(scores, length):
    expected = [path for path in brute_force(scores)[1] if allowed(path, length)]
    (found,) = Lattice(scores[None]).shortest_paths(length)
    if expected:
        assert_same_paths([found], expected[:1])
    else:
        assert found == Path("", (), math.inf)


@given(lattices, lengths, st.sampled_from([1, 3, 1000]))
@settings(max_examples=60, deadline=None)
def test_best_strings_come_in_the_order_of_their_cost_each_once(scores, length, top):
    expected = [path for path in brute_force(scores)[1] if allowed(path, length)]
    found = [path for path in Lattice(scores[None]).best_strings(0, length, top=top) if path.cost < 1e3]
    assert_same_paths(found, expected[:top])


@given(st.lists(lattices, min_size=1, max_size=4), lengths, st.sampled_from([1, 4, 1000]))
@settings(max_examples=60, deadline=None)
def test_the_n_best_strings_of_many_lines_are_those_of_each_alone(lines, length, top):
    widths = np.array([line.shape[1] for line in lines])
    together = np.stack([np.pad(line, ((0, 0), (0, max(widths) - line.shape[1]))) for line in lines])
    found = Lattice(together, widths).n_best(length, top)
    for texts, scores in zip(found, lines, strict=True):
        paths = Lattice(scores[None]).best_strings(0, length, top=top)
        possible = [path.text for path in paths if path.cost < 1e3]  # the others cost all the same
        assert texts[: len(possible)] == possible
        assert len(texts) == len(set(texts)) == len(paths)


@given(
    lattices,
    lengths,
    st.sets(st.text("01257", min_size=1, max_size=5), min_size=1, max_size=40),
    st.sampled_from([1, 2, 1000]),
)
@settings(max_examples=100, deadline=None)
def test_a_lexicon_leaves_exactly_its_own_strings(scores, length, strings, top):
    valid = strings | {""}
    expected = [path for path in brute_force(scores)[1] if allowed(path, length) and path.text in valid]
    found = Lattice(scores[None]).best_strings(0, length, Lexicon.from_strings(strings), top)
    assert all(path.text in valid for path in found)
    assert_same_paths([path for path in found if path.cost < 1e3], expected[:top])


@given(lattices, st.sampled_from(["[0-1]#", "#[12][2-3]", "7##0"]))
@settings(max_examples=40, deadline=None)
def test_a_pattern_leaves_exactly_its_own_strings(scores, pattern):
    lexicon = Lexicon.from_pattern(pattern)
    expected = [path for path in brute_force(scores)[1] if path.text in lexicon]
    found = [
        path for path in Lattice(scores[None]).best_strings(0, range(1, 6), lexicon, top=5) if path.cost < 1e3
    ]
    assert_same_paths(found, expected[:5])


@given(lattices)
@settings(max_examples=40, deadline=None)
def test_the_probability_of_a_string_is_the_sum_over_its_paths(scores):
    totals, _ = brute_force(scores)
    logs = Lattice(scores[None]).lines([0] * len(totals)).log_probability(list(totals))
    np.testing.assert_allclose(np.exp(logs), list(totals.values()))
    np.testing.assert_allclose(np.exp(logs).sum(), 1)  # all strings of all lengths


@given(lattices)
@settings(max_examples=40, deadline=None)
def test_posteriors_are_shares_of_the_strings_of_the_same_length(scores):
    totals, paths = brute_force(scores)
    text = paths[0].text
    same_length = {other: total for other, total in totals.items() if len(other) == len(text)}
    (posteriors,), _ = Lattice(scores[None]).digit_posteriors([text])
    expected = [
        sum(total for other, total in same_length.items() if other[place] == text[place])
        / sum(same_length.values())
        for place in range(len(text))
    ]
    np.testing.assert_allclose(posteriors, expected)


def written(text, columns, width, sure=0.99):
    """A clear line: each digit at its column with probability ``sure``, elsewhere 'none'."""
    scores = np.full((11, width), (1 - sure) / 10)
    labels = np.full(width, 10)
    labels[list(columns)] = [int(digit) for digit in text]
    scores[labels, np.arange(width)] = sure
    return np.log(scores)


@pytest.mark.parametrize("text", ["00000", "11811", "90210", "7", ""])
def test_a_clear_line_is_read_with_its_columns_whether_or_not_the_length_is_given(text):
    columns = tuple(range(2, 2 + 3 * len(text), 3))
    scores = written(text, columns, 20)
    expected = Path(text, columns, pytest.approx((len(text) - 20) * math.log(0.99)))
    for length in (None, len(text)):
        assert Lattice(scores[None]).shortest_paths(length)[0] == expected
        assert Lattice(scores[None]).best_strings(0, length) == [expected]
    probabilities, places = Lattice(scores[None]).digit_posteriors([text])
    assert tuple(places[0]) == columns
    assert (probabilities > 0.85).all()


def test_a_digit_seen_by_two_neighbouring_columns_is_read_once_and_surely():
    scores = np.log(np.full((11, 9), 0.001))
    scores[10] = np.log(0.99)
    scores[7, [3, 4]] = scores[10, [3, 4]] = np.log(0.495)
    (path,) = Lattice(scores[None]).shortest_paths()
    assert path.text == "7"
    assert Lattice(scores[None]).log_probability(["7"])[0] > math.log(0.65)
    scores[7, [3, 4]], scores[10, [3, 4]] = np.log(0.99), np.log(0.001)
    assert Lattice(scores[None]).shortest_paths()[0].text == "7"
    assert Lattice(scores[None]).log_probability(["7"])[0] > math.log(0.9)


def test_digits_two_columns_apart_are_two_digits():
    scores = written("0000", range(0, 8, 2), 8)
    assert Lattice(scores[None]).best_strings(0)[0].text == "0000"
    assert Lattice(scores[None]).shortest_paths()[0].text == "0000"


def test_a_lexicon_is_no_repair_afterwards():
    """The best valid string can differ from the free reading in more digits than another valid one does."""
    scores = written("123", (1, 3, 5), 7)
    scores[[1, 2], [1, 3]] = scores[[7, 8], [1, 3]] = math.log(0.46)
    scores[3, 5] = math.log(0.99)
    lexicon = Lexicon.from_strings(["783", "124"])
    assert Lattice(scores[None]).best_strings(0, 3, lexicon)[0].text == "783"


def test_more_digits_than_columns_are_no_reading():
    scores = lattice(0, 3)
    assert Lattice(scores[None]).best_strings(0, 4) == []
    assert Lattice(scores[None]).best_strings(0, 5, Lexicon.us_zip()) == []
    assert Lattice(scores[None]).shortest_paths(4)[0] == Path("", (), math.inf)
    assert Lattice(scores[None]).log_probability(["0123"])[0] == -math.inf
    assert Lattice(scores[None]).digit_posteriors(["0123"])[0].tolist() == [[0, 0, 0, 0]]


def test_a_line_without_columns_holds_nothing():
    scores = np.zeros((11, 0))
    assert Lattice(scores[None]).best_strings(0) == [Path("", (), 0.0)]
    assert Lattice(scores[None]).shortest_paths()[0] == Path("", (), 0.0)
    assert Lattice(scores[None]).log_probability([""]).tolist() == [0.0]


@given(st.integers(0, 10**6), st.lists(st.integers(0, 9), min_size=1, max_size=6), lengths)
@settings(max_examples=50, deadline=None)
def test_a_batch_of_lines_of_several_widths_gives_what_each_line_gives_alone(seed, widths, length):
    rng = np.random.default_rng(seed)
    scores = np.stack([lattice(rng.integers(10**6), 9, "0123456789") for _ in widths])
    alone = [line[None, :, :width] for line, width in zip(scores, widths, strict=True)]
    paths = Lattice(scores, np.array(widths)).shortest_paths(length)
    assert_same_paths(list(paths), [Lattice(line).shortest_paths(length)[0] for line in alone])

    strings = ["".join(map(str, rng.integers(0, 10, width // 3))) for width in widths]
    together = Lattice(scores, np.array(widths)).log_probability(strings)
    one_by_one = [Lattice(line).log_probability([text])[0] for line, text in zip(alone, strings, strict=True)]
    np.testing.assert_allclose(together, one_by_one)

    probabilities, columns = Lattice(scores, np.array(widths)).digit_posteriors(strings)
    for row, (line, text) in enumerate(zip(alone, strings, strict=True)):
        expected, places = Lattice(line).digit_posteriors([text])
        np.testing.assert_allclose(probabilities[row, : len(text)], expected[0])
        np.testing.assert_array_equal(columns[row, : len(text)], places[0])
        assert (probabilities[row, len(text) :] == 0).all()
        assert (columns[row, len(text) :] == -1).all()


@given(st.integers(0, 10**6))
@settings(max_examples=20, deadline=None)
def test_float32_scores_give_the_same_reading(seed):
    scores = lattice(seed, 30, "0123456789")
    assert (
        Lattice(scores[None].astype(np.float32)).shortest_paths(5)[0].text
        == Lattice(scores[None]).shortest_paths(5)[0].text
    )


def test_impossible_labels_leave_every_number_finite():
    scores = np.full((11, 4), -np.inf)
    scores[3, 1] = scores[10, [0, 2, 3]] = 0.0
    assert Lattice(scores[None]).best_strings(0) == [Path("3", (1,), 0.0)]
    assert math.isfinite(Lattice(scores[None]).best_strings(0, 2)[0].cost)


def test_wrong_shapes_and_strings_are_named():
    with pytest.raises(ValueError, match=r"\(11, 5\)"):
        Lattice(np.zeros((11, 5)))
    with pytest.raises(ValueError, match=r"\(1, 12, 5\)"):
        Lattice(np.zeros((1, 12, 5)))
    with pytest.raises(ValueError, match="widths"):
        Lattice(np.zeros((2, 11, 5)), np.array([5]))
    with pytest.raises(ValueError, match="2 strings"):
        Lattice(np.zeros((1, 11, 5))).log_probability(["1", "2"])
    with pytest.raises(ValueError, match="'1a'"):
        Lattice(np.zeros((1, 11, 5))).log_probability(["1a"])
    with pytest.raises(ValueError, match="-1"):
        Lattice(np.zeros((1, 11, 5))).best_strings(0, -1)
