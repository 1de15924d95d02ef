"""The answer to an envelope."""

import json

from windowpane.read.mail.postal_code import PostalCode
from windowpane.read.reading import Alternative

SURE = PostalCode("33000", 0.99871, False, (1.234, 2, 30, 40), (Alternative("33008", 0.01),))
NONE = PostalCode("", 0.0, True, None, (), "no number was found on it")


def test_its_record_is_json_and_has_a_reason_only_where_it_is_rejected():
    record = json.loads(json.dumps(SURE.to_dict()))
    assert list(record) == ["code", "confidence", "rejected", "box", "alternatives"]
    assert record["box"] == [1.23, 2, 30, 40]
    assert record["alternatives"] == [{"text": "33008", "confidence": 0.01}]
    assert NONE.to_dict() == {
        "code": "",
        "confidence": 0.0,
        "rejected": True,
        "box": None,
        "alternatives": [],
        "reason": "no number was found on it",
    }


def test_it_shows_itself():
    assert str(SURE) == "33000"
    assert repr(SURE) == "<PostalCode '33000', 99.9% sure, at [1, 2, 30, 40]>"
    assert repr(NONE) == "<PostalCode: none, no number was found on it>"
    assert "33008" in SURE._repr_html_()
    assert "no number was found on it" in NONE._repr_html_()
