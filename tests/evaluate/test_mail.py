"""How well the code of the address is found."""

import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from windowpane.errors import DataError
from windowpane.evaluate.mail import envelopes, measure
from windowpane.read.mail.postal_code import PostalCode


def answer(envelope):
    sure = envelope.code != "3"
    return PostalCode("1" if envelope.code == "1" else "2", 0.9, not sure, None, ())


def test_right_accepted_and_wrong_are_counted():
    found = measure(answer, [SimpleNamespace(code=code) for code in "1233"])
    assert (found.count, found.right, found.accepted, found.wrong) == (4, 0.5, 0.5, 0.0)
    found = measure(answer, [SimpleNamespace(code=code) for code in "1445"])
    assert (found.right, found.accepted, found.wrong) == (0.25, 1.0, 0.75)
    assert measure(answer, [SimpleNamespace(code="3")]).wrong == 0


@pytest.mark.realdata
@pytest.mark.slow
def test_envelopes_are_of_many_countries_and_the_same_every_time(data):
    fonts = Path(os.environ.get("WINDOWPANE_FONTS") or "/usr/share/fonts")
    pytest.importorskip("PIL")
    try:
        first, again = (list(envelopes(data, fonts, part="train", seed=5, count=6)) for _ in range(2))
    except DataError as error:
        pytest.skip(str(error))
    assert [one.code for one in first] == [one.code for one in again]
    assert len({one.country for one in first}) > 3
