"""Options that several verbs take are the same everywhere: one spelling, one meaning, one default."""

from collections import defaultdict

import typer.main

from windowpane.cli import app

OTHER = {"--out", "--workers", "--seed", "--net", "--threads"}
"""Of several verbs, but not the same thing for each."""


def options(command, name=""):
    """Yield every option of every verb: the verb's name, how it is written, and what it means."""
    for verb, below in getattr(command, "commands", {}).items():
        yield from options(below, f"{name} {verb}")
    if not hasattr(command, "commands"):
        for one in command.params:
            for written in one.opts:
                if written.startswith("--"):
                    yield name.strip(), written, one


def test_an_option_of_a_system_means_one_thing():
    meanings = defaultdict(set)
    for verb, written, one in options(typer.main.get_command(app)):
        if written not in OTHER:
            meanings[verb.split()[-1], written].add((one.help, repr(one.default)))
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


def test_what_the_verbs_say_is_in_the_table():
    from windowpane.systems import TASKS

    command = typer.main.get_command(app)
    for name, task in TASKS.items():
        for one in command.commands[name].params:
            if one.name in task.options and one.name != "help":
                assert one.help == task.options[one.name].help
