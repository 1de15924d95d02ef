"""The log of a training: a line of JSON for what is told, and the same for TensorBoard."""

import json

import pytest

from windowpane.train.loop.log import Log


def test_a_line_says_stage_step_values_and_the_time_left(tmp_path):
    log = Log(tmp_path, "windows", 0)
    log.write(100, {"loss": 0.123456, "aside": 0.2}, left=12.4)
    log.close()
    (line,) = (tmp_path / "log.jsonl").read_text().splitlines()
    assert json.loads(line) == {"stage": "windows", "step": 100, "loss": 0.12346, "aside": 0.2, "left_s": 12}


def test_lines_of_later_steps_of_the_same_stage_are_forgotten(tmp_path, records):
    for stage in ("windows", "strings"):
        log = Log(tmp_path, stage, 0)
        for step in (100, 200, 300):
            log.write(step, {"loss": 1.0}, left=0)
    Log(tmp_path, "strings", 200)
    kept = [(record["stage"], record["step"]) for record in records(tmp_path)]
    assert kept == [("windows", 100), ("windows", 200), ("windows", 300), ("strings", 100), ("strings", 200)]


def test_the_log_of_a_run_that_was_broken_off_is_there(tmp_path, rote, records):
    def stop(name, step, total, remark):
        if step == 250:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rote(tmp_path, patience=3, progress=stop)
    assert [record["step"] for record in records(tmp_path)] == [100, 200]


def test_tensorboard_gets_the_same_numbers_where_it_is_installed(tmp_path, rote, records):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    rote(tmp_path, patience=3)
    reader = events.EventAccumulator(str(tmp_path / "events" / "rote"))
    reader.Reload()
    for name in ("loss", "aside"):
        written = [(event.step, event.value) for event in reader.Scalars(name)]
        assert written == [(one["step"], pytest.approx(one[name], abs=1e-4)) for one in records(tmp_path)]
