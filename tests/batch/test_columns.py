"""The columns of a batch: a system says them in plain words, and they become Arrow types."""

from __future__ import annotations

from types import SimpleNamespace

import pyarrow as pa
import pytest

from windowpane.batch.columns import record_of, schema_of
from windowpane.errors import ArgumentError
from windowpane.systems import TASKS

ANSWER = SimpleNamespace(to_dict=lambda: {"where": "hier, übrigens", "count": 2}, to_png=lambda: b"png")


def test_lists_and_dicts_become_lists_and_structs():
    columns = {"count": "int32", "found": [{"box": ["float64"], "sure": "bool"}]}
    schema = schema_of(SimpleNamespace(columns=columns))
    assert schema.names == ["image", "row", "count", "found", "notes", "error"]
    assert schema.field("count").type == pa.int32()
    found = pa.struct({"box": pa.list_(pa.float64()), "sure": pa.bool_()})
    assert schema.field("found").type == pa.list_(found)


def test_a_system_that_does_not_say_has_json():
    assert schema_of(object()).names == ["image", "row", "answer", "notes", "error"]
    assert record_of(object(), ANSWER) == {"answer": '{"where": "hier, übrigens", "count": 2}'}


def test_an_answer_that_is_a_picture_gives_it_where_there_is_a_column_for_it():
    assert "png" not in record_of(SimpleNamespace(columns={"count": "int32"}), ANSWER)
    assert record_of(SimpleNamespace(columns={"png": "binary"}), ANSWER)["png"] == b"png"


@pytest.mark.parametrize("shape", ["letters", 7, ["int32", "int32"], {"inner": None}])
def test_a_type_that_there_is_not_is_refused(shape):
    with pytest.raises(ArgumentError, match="give the name of an Arrow type such as 'string'"):
        schema_of(SimpleNamespace(columns={"count": shape}))


def test_a_column_of_every_batch_cannot_be_a_systems():
    with pytest.raises(ArgumentError, match="'row' is in every batch"):
        schema_of(SimpleNamespace(columns={"row": "int32"}))


@pytest.mark.parametrize("name", TASKS)
def test_the_answers_of_what_ships_fit_into_their_columns(name, number):
    from windowpane.images import load

    system = TASKS[name].system()
    record = {"image": "a", "row": None, **record_of(system, system.answer(load(number)))}
    table = pa.Table.from_pylist([record], schema=schema_of(system))
    assert record.keys() - set(table.column_names) == set()
    (row,) = table.to_pylist()
    assert {key: row[key] for key in record} == record
