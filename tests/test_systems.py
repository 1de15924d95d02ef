"""The table of systems: what it says is what classes, command line and server take."""

from __future__ import annotations

import inspect
import subprocess
import sys
from contextlib import closing
from importlib import resources

import pytest
import typer.main

from windowpane import Detector, Driver, MailReader, Navigator, Parser, Reader, load_image
from windowpane.cli import app
from windowpane.errors import ArgumentError, NetFileError
from windowpane.systems import DRIVE_NET, TASKS, PageReadings, task_of

CLASSES = {"read": Reader, "detect": Detector, "parse": Parser}
OF_THE_RUN = {"inputs", "images", "out", "workers", "address", "column", "as_json", "help", "max_pixels"}
OF_FILES = {"finder", "track", "blur", "crop", "table"}  # one more net, and what becomes of the answers


@pytest.fixture
def number():
    return (resources.files("windowpane") / "demo" / "ruled.png").read_bytes()


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_it_says_what_the_class_takes_and_what_it_does_where_nothing_is_said(task):
    taken = inspect.signature(CLASSES[task.name]).parameters
    assert taken["net"].default == task.net
    for name, option in task.options.items():
        if name not in ("page", "every", "mail", "country"):  # methods, and a class, of their own
            assert taken[name].default == option.default, name


@pytest.mark.parametrize("words", [[name] for name in TASKS] + [["batch", name] for name in TASKS])
def test_the_command_line_has_its_options_with_the_same_defaults(words):
    command = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]
    task = TASKS[words[-1]]
    for parameter in command.params:
        if parameter.name == "net":
            assert parameter.default == task.net
        elif parameter.name in task.old:  # hidden, and nothing unless it is given
            assert parameter.hidden
            assert parameter.default is None
        elif parameter.name not in OF_THE_RUN | OF_FILES:
            assert parameter.default == task.options[parameter.name].default, parameter.name


@pytest.mark.parametrize("name", TASKS)
def test_the_server_has_its_options_with_the_same_defaults(name):
    from windowpane.serve.app import create_app

    described = create_app().openapi()["paths"][f"/api/{name}"]["post"].get("parameters", [])
    for one in described:
        if one["name"] != "net":
            today = TASKS[name].old.get(one["name"], one["name"])
            assert one["schema"].get("default") == TASKS[name].options[today].default


def test_the_net_of_driving_is_that_of_its_classes():
    for one in (Driver, Navigator):
        assert inspect.signature(one).parameters["net"].default == DRIVE_NET


def test_a_system_answers_as_its_class_and_closes(number):
    picture = load_image(number)
    with closing(task_of("read").system(format="zip")) as system:
        assert system.answer(picture) == Reader(format="zip").read(picture)
        assert system.answer_many([picture, picture]) == [system.answer(picture)] * 2
    page = task_of("read").system("digits", page=True).answer(picture)
    assert isinstance(page, PageReadings)
    assert page.to_dict() == {"readings": [one.to_dict(box=True) for one in Reader().read_page(picture)]}


def test_mail_is_a_system_too(number):
    picture = load_image(number)
    with closing(task_of("read").system(mail=True, country="US")) as system:
        answer = system.answer(picture)
        assert answer == MailReader(country="US").answer(picture)
        assert set(answer.to_dict()) <= set(system.columns)
    with pytest.raises(ArgumentError, match="country='US' given without mail"):
        task_of("read").system(country="US")
    with pytest.raises(ArgumentError, match="length does not go with mail"):
        task_of("read").system(mail=True, length=5)


def test_valid_strings_may_be_given_as_a_list(number):
    assert task_of("read").system(format=["94721"]).answer(load_image(number)).text == "94721"


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("raed", {}, "no system 'raed': choose from read, detect, parse"),
        ("read", {"colour": 1}, "read has no option 'colour': choose from format, length"),
        ("read", {"top": "three"}, "the option top is 'three': give int"),
        ("detect", {"max_size": "large"}, "the option max_size is 'large': give int or float or None"),
    ],
)
def test_what_cannot_be_is_refused_before_a_net_is_loaded(name, options, says):
    with pytest.raises(ArgumentError, match=says):
        task_of(name).system("no such net", **options)


@pytest.mark.parametrize(
    ("name", "old", "new", "value"), [("read", "score", "threshold", 0.5), ("parse", "looks", "tta", 2)]
)
def test_an_old_name_of_an_option_is_taken_with_a_warning(name, old, new, value):
    with pytest.warns(DeprecationWarning, match=f"the argument {old} is now called {new}") as told:
        system = task_of(name).system(**{old: value})
    system.close()
    assert told[0].filename == __file__
    with pytest.warns(DeprecationWarning, match=new):
        assert task_of(name).checked({old: value})[new] == value


def test_a_net_of_another_task_is_refused():
    with pytest.raises(NetFileError):
        task_of("read").system("faces")


def test_to_look_costs_no_more_than_reading_the_file():
    code = "import sys, windowpane.systems; print({'numpy', 'cv2', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
