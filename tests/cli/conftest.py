"""What the tests of the command line share: a way to run it, pictures, and a reader that needs no net."""

import io
import sys
from types import ModuleType, SimpleNamespace

import cv2
import numpy as np
import pytest

from windowpane.cli import main
from windowpane.core.system import answers
from windowpane.read.reading import Alternative, Digit, Reading


@pytest.fixture
def run(monkeypatch, capfd):
    """Run ``windowpane ARGS``; gives status, out and err as a user's shell would."""

    def run(*args, stdin=b""):
        monkeypatch.setattr(sys, "argv", ["windowpane", *map(str, args)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capfd.readouterr()
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        out, err = capfd.readouterr()
        return SimpleNamespace(status=status, out=out, err=err)

    return run


@pytest.fixture
def picture(tmp_path):
    """Write a grey picture whose mean the fake reader takes for the number on it; gives its path."""

    def write(name="a.png", number=42):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.full((20, 60, 3), number, np.uint8))
        return path

    return write


class FakeReader:
    """Reads a blank picture as its grey level; keeps the options that it was made with."""

    options = ()

    def __init__(self, net="digits", **options):
        FakeReader.options = {"net": net, **options}

    def read(self, image):
        text = str(int(image.mean()))
        digits = tuple(
            Digit(one, (10.0 * place, 0, 10.0 * place + 9, 20), 0.5) for place, one in enumerate(text)
        )
        sure = 0.25 if text == "13" else 0.875
        return Reading(text, sure, sure < 0.5, digits, (Alternative("7", 0.0625),), (0, 0, 60.0, 20.0))

    def read_many(self, images):
        return answers(images, self.read)

    def read_page(self, image, every=False):
        found = (self.read(image), self.read(image + 1))
        return found if every else tuple(one for one in found if not one.rejected)


@pytest.fixture
def fake_reader(monkeypatch):
    module = ModuleType("windowpane.read.reader")
    module.Reader = FakeReader
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return FakeReader
