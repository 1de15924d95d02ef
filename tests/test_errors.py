"""Errors can be caught as what they are; old names are taken for a while, with a warning at the caller."""

import json
import warnings
from importlib import metadata, resources
from pathlib import Path
from types import SimpleNamespace

import pytest

from windowpane.errors import (
    ArgumentError,
    ImageError,
    WindowpaneError,
    choices,
    did_you_mean,
    install,
    renamed,
    taken,
)


class Answer:
    scores = renamed("scores", "confidence")
    confidence = 0.9


def threshold_of(threshold=0.5, score=None):
    return taken("score", score, "threshold", threshold)


def test_a_bad_argument_is_a_value_error_too():
    with pytest.raises(ValueError, match="seven"):
        raise ArgumentError("seven")
    assert issubclass(ArgumentError, WindowpaneError)
    assert not issubclass(ImageError, ValueError)


def test_an_old_attribute_gives_the_new_one_and_says_so_where_it_is_used():
    with pytest.warns(DeprecationWarning, match=r"Answer\.scores is now called confidence") as told:
        assert Answer().scores == 0.9
    assert Path(told[0].filename) == Path(__file__)


def test_an_old_argument_counts_and_says_so():
    with pytest.warns(DeprecationWarning, match="the argument score is now called threshold"):
        assert threshold_of(score=0.7) == 0.7


def test_new_names_do_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert threshold_of(threshold=0.2) == 0.2
        assert Answer().confidence == 0.9


def test_what_is_misspelt_is_told_how_it_is_spelt():
    known = ("objects", "rounds", "steps")
    assert did_you_mean("object", known) == " (did you mean 'objects'?)"
    assert did_you_mean("Round", known) == " (did you mean 'rounds'?)"
    assert did_you_mean("colour", known) == ""
    assert choices("Round", known) == f" (did you mean 'rounds'?): choose from {', '.join(known)}"


FOLDER = {"url": "file:///windowpane", "dir_info": {"editable": True}}
BRANCH = {"url": "https://example.org/windowpane.git", "vcs_info": {"vcs": "git", "commit_id": "1"}}
WHEEL = {"url": "https://example.org/windowpane-1-py3-none-any.whl", "archive_info": {}}


@pytest.mark.parametrize(
    ("came", "command"),
    [
        (FOLDER, "pip install '.[drive,sim]'"),
        ({**FOLDER, "dir_info": {}}, "pip install '.[drive,sim]'"),
        (BRANCH, "pip install 'windowpane[drive,sim] @ git+https://example.org/windowpane.git'"),
        (WHEEL, "pip install 'windowpane[drive,sim] @ https://example.org/windowpane-1-py3-none-any.whl'"),
        (None, "pip install 'windowpane[drive,sim]'"),
    ],
    ids=["in place", "from a folder", "from a repository", "from a wheel", "from an index"],
)
def test_extras_are_installed_as_the_package_was(monkeypatch, came, command):
    told = SimpleNamespace(read_text=lambda name: came and json.dumps(came))
    monkeypatch.setattr(metadata, "distribution", lambda name: told)
    assert install("drive", "sim") == command


def test_what_was_not_installed_at_all_is_run_from_its_source(monkeypatch):
    def none(name):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "distribution", none)
    assert install("serve") == "pip install '.[serve]'"


def test_no_message_names_the_command_by_itself():
    package = Path(str(resources.files("windowpane")))
    named = [path for path in package.rglob("*.py") if "pip install 'windowpane[" in path.read_text("utf-8")]
    assert named == [package / "errors.py"]
