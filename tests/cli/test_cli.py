import subprocess
import sys
from importlib.metadata import version

import pytest

from windowpane.errors import NetFileError


def test_help_names_every_verb(run):
    answer = run("--help")
    assert answer.status == 0
    for verb in ("read", "detect", "train", "eval", "demo", "nets", "check"):
        assert verb in answer.out


def test_help_loads_nothing_heavy():
    code = (
        "import sys; import windowpane.cli; "
        "print(*{'numpy', 'cv2', 'onnxruntime', 'torch', 'openvino'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == ""


def test_version_is_that_of_the_installed_package(run):
    answer = run("--version")
    assert (answer.status, answer.out.strip()) == (0, version("windowpane"))


def test_python_m_windowpane_is_the_same_command():
    done = subprocess.run([sys.executable, "-m", "windowpane", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert "windowpane" in done.stdout


@pytest.mark.parametrize(
    "args", [["fly"], ["read"], ["read", "--wings", "a.png"], ["check"], ["train", "walk"]]
)
def test_wrong_usage_exits_with_2_and_says_so_on_standard_error(run, args):
    answer = run(*args)
    assert answer.status == 2
    assert answer.out == ""
    assert answer.err
    assert "Traceback" not in answer.err


def test_an_error_about_an_option_is_one_sentence_and_status_2(run, fake_reader, picture, monkeypatch):
    def refuse(self, net, **options):
        raise NetFileError(f"no net named {net!r}")

    monkeypatch.setattr(fake_reader, "__init__", refuse)
    answer = run("read", "--net", "nosuch", picture())
    assert (answer.status, answer.out, answer.err) == (2, "", "windowpane: no net named 'nosuch'\n")


def test_ctrl_c_leaves_without_a_traceback(run, fake_reader, picture, monkeypatch):
    def stop(self, image):
        raise KeyboardInterrupt

    monkeypatch.setattr(fake_reader, "read", stop)
    answer = run("read", picture())
    assert answer.status == 130
    assert "Traceback" not in answer.err
