from pathlib import Path

from windowpane.data.check.problem import Findings, Problem


def test_a_problem_is_told_with_its_place():
    assert str(Problem(Path("a.csv"), 3, "has no label")) == "a.csv:3: has no label"
    assert str(Problem(Path("a.png"), None, "is blank")) == "a.png: is blank"
    told = Problem(Path("a.png"), None, "is blank", note=True).to_dict()
    assert told == {"file": "a.png", "line": None, "message": "is blank", "note": True}


def test_a_warning_keeps_no_training_from_beginning():
    fault, warned, note = (
        Problem(Path("a.png"), None, "is blank", **level) for level in ({}, {"warning": True}, {"note": True})
    )
    findings = Findings((fault, warned, note))
    assert (findings.faults, findings.warnings) == ((fault,), (warned,))
    assert warned.to_dict()["warning"]
    assert "warning" not in fault.to_dict()
