"""How verbs are listed: whole sentences in plain text, and quickly."""

import subprocess
import sys

import pytest


def test_what_a_verb_does_is_told_whole(run):
    words = " ".join(run("--help").out.split())
    assert (
        "Read numbers, find a face, parse a scene and drive along a path, and write one HTML report" in words
    )
    assert "..." not in words.split("Commands:")[1]


@pytest.mark.parametrize("group", ["batch", "train", "eval"])
def test_a_group_without_a_verb_lists_its_verbs(run, group):
    words = run(group, "--help").out
    assert all(f"  {verb} " in words for verb in ("read", "detect", "parse"))


def test_help_is_printed_without_what_draws_boxes():
    code = (
        "import sys; sys.argv = ['windowpane', '--help']\n"
        "from windowpane.cli import main\n"
        "try: main()\n"
        "finally: print('heavy:', {'rich', 'markdown_it', 'pygments'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "heavy: set()"
