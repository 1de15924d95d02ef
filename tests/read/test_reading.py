"""Readings as records: what they say, and their JSON as COMMANDS promises it to scripts."""

import dataclasses
import json

import pytest

from windowpane.read.reading import Alternative, Digit, Reading

READING = Reading(
    text="94",
    confidence=0.987654321,
    rejected=False,
    digits=(Digit("9", (1.23456, 2.0, 11.0, 22.0), 0.99999), Digit("4", (12.0, 2.5, 20.0, 22.0), 0.98765432)),
    alternatives=(Alternative("44", 0.01234567),),
    box=(1.23456, 2.0, 20.0, 22.0),
)


def test_a_reading_prints_as_its_text():
    assert str(READING) == "94"
    assert f"{READING}" == "94"


def test_a_reading_shows_itself_in_one_line():
    assert repr(READING) == "<Reading '94', 98.8% sure, at [1.23, 2.0, 20.0, 22.0]>"
    assert repr(dataclasses.replace(READING, rejected=True)).startswith(
        "<Reading '94', 98.8% sure, rejected,"
    )


def test_the_record_for_scripts():
    assert json.loads(json.dumps(READING.to_dict())) == {
        "text": "94",
        "confidence": 0.9877,
        "rejected": False,
        "digits": [
            {"text": "9", "box": [1.23, 2.0, 11.0, 22.0], "confidence": 1.0},
            {"text": "4", "box": [12.0, 2.5, 20.0, 22.0], "confidence": 0.9877},
        ],
        "alternatives": [{"text": "44", "confidence": 0.0123}],
    }


def test_on_a_page_the_record_has_the_place_too():
    assert READING.to_dict(box=True) == READING.to_dict() | {"box": [1.23, 2.0, 20.0, 22.0]}


def test_a_reading_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        READING.text = "95"
