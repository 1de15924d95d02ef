"""The detectors that `detect_peers.py` compares: each is a process (`faces.py`) that waits for pictures."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, NamedTuple

HERE = Path(__file__).parent
PEERS = HERE.parents[1] / ".venv-peers"

# What each detector is to `faces.py`: the Python that runs it, its name there, and what else it needs.
Contender = tuple[str | Path, str, str | Path]
Found = dict[str, Any]  # in one picture


class Answers(NamedTuple):
    about: str
    low: list[Found]  # with all boxes down to low scores
    plain: list[Found]  # as it comes


def contenders(net: str, nets: Path, peers: Path = PEERS) -> dict[str, Contender]:
    """MTCNN runs on the torch that windowpane trains with; only its own package is the peers'."""
    packages = next(peers.glob("lib/python*/site-packages"), peers)
    python = peers / "bin" / "python"
    return {
        "windowpane": (sys.executable, "windowpane", net),
        "YuNet": (python, "yunet", nets),
        "SCRFD-500M": (python, "scrfd-500m", nets),
        "SCRFD-2.5G": (python, "scrfd-2.5g", nets),
        "CenterFace": (python, "centerface", nets),
        "MTCNN": (sys.executable, "mtcnn", packages),
        "UltraLight RFB-640": (python, "ultralight-640", nets),
        "UltraLight RFB-320": (python, "ultralight-320", nets),
        "OpenCV Haar alt2": (python, "haar-alt2", nets),
        "OpenCV Haar default": (python, "haar-default", nets),
        "dlib HOG, one enlargement": (python, "dlib-40", nets),
        "dlib HOG": (python, "dlib-80", nets),
    }


class NotMeasured(Exception):  # noqa: N818
    """Why a detector could not be measured."""


class Running:
    """A detector that waits for pictures."""

    def __init__(self, contender: Contender, threads: int, use: str) -> None:
        python, name, needs = contender
        command = [str(python), str(HERE / "faces.py"), name, str(threads), use, str(needs)]
        self.errors = TemporaryFile("w+")  # noqa: SIM115
        try:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors, text=True
            )
        except FileNotFoundError:
            raise NotMeasured("not installed") from None
        first = self._answer()
        self.about: str = first["about"]
        self.threshold: float | None = first["threshold"]

    def find(self, path: Path) -> Found:
        with suppress(BrokenPipeError):  # the answer that does not come says why
            print(path, file=self.process.stdin, flush=True)
        return self._answer()

    def _answer(self) -> Found:
        for line in self.process.stdout or ():
            if line.startswith("{"):
                return dict(json.loads(line))
        self.errors.seek(0)
        text = self.errors.read()
        print(text, file=sys.stderr)
        last = (text.strip().splitlines() or ["it stopped without a word"])[-1]
        raise NotMeasured(last.split(":")[0].replace("ModuleNotFoundError", "not installed"))

    def __enter__(self) -> Running:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.communicate()


def find_all(contender: Contender, paths: Sequence[Path]) -> Answers:
    with Running(contender, 1, "all") as low:
        every = [low.find(path) for path in paths]
    if low.threshold is not None:
        return Answers(low.about, every, [_cut(found, low.threshold) for found in every])
    with Running(contender, 1, "default") as plain:
        return Answers(low.about, every, [plain.find(path) for path in paths])


def _cut(found: Found, threshold: float) -> Found:
    """Return what has at least a score."""
    kept = [place for place, score in enumerate(found["scores"]) if score >= threshold]
    lists = {name: value for name, value in found.items() if isinstance(value, list)}
    return found | {name: [value[place] for place in kept] for name, value in lists.items()}
