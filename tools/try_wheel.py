"""Builds the wheel and tries it with the Python that runs this, in an environment of its own; prints JSON.

python3.12 tools/try_wheel.py [FOLDER]

FOLDER, else a temporary one that is removed, keeps the environment and the report of the demo. The answers
are what the commands say of the built-in lines and of the portrait; sizes are in millions of bytes. Exit
status 1, with what went wrong on standard error, where a step fails or a line is read wrongly.
"""

from __future__ import annotations

import csv
import json
import platform
import subprocess
import sys
import venv
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LINES = ROOT / "src" / "windowpane" / "demo"


def main(folder: Path) -> None:
    """Build, install, run the demo and read the built-in lines."""
    tools, fresh, wheels = folder / "tools", folder / "fresh", folder / "wheels"
    venv.create(tools, with_pip=True)
    venv.create(fresh, with_pip=False)
    pip = [str(tools / "bin" / "pip"), "--quiet", "--disable-pip-version-check"]
    build_s = seconds([*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)])
    (wheel,) = wheels.glob("*.whl")
    before = megabytes(fresh)
    into = ["--python", str(fresh / "bin" / "python"), "install"]
    pinned = ["--constraint", str(ROOT / "constraints.txt")]
    install_s = seconds([*pip, *into, *pinned, str(wheel)])
    windowpane = str(fresh / "bin" / "windowpane")
    seconds([windowpane, "demo", "--out", str(folder / "demo")])
    rows = list(csv.DictReader((LINES / "labels.csv").open(encoding="utf-8")))
    lines = answers([windowpane, "read", "--json", *(str(LINES / row["file"]) for row in rows)])
    (portrait,) = answers([windowpane, "detect", "--json", str(LINES / "portrait.jpg")])
    packages = list((fresh / "lib").glob("python*/site-packages/*.dist-info"))
    found = {
        "python": platform.python_version(),
        "wheel_mb": megabytes(wheel),
        "build_s": build_s,
        "install_s": install_s,
        "install_mb": megabytes(fresh) - before,
        "packages": len(packages),
        "report_mb": megabytes(folder / "demo"),
        "answers": [*((one["text"], one["confidence"]) for one in lines), portrait["faces"]],
    }
    print(json.dumps({key: round(v, 2) if isinstance(v, float) else v for key, v in found.items()}))
    if [one["text"] for one in lines] != [row["label"] for row in rows]:
        sys.exit("a built-in line is read wrongly")


def seconds(command: list[str]) -> float:
    """Run a command and return the seconds that it took."""
    start = perf_counter()
    output(command)
    return perf_counter() - start


def output(command: list[str]) -> str:
    """Run a command and return what it printed; exit with its complaint if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr.strip()}")
    return done.stdout


def answers(command: list[str]) -> list[dict[str, Any]]:
    """Run a command and return the JSON objects that it printed."""
    return [json.loads(line) for line in output(command).splitlines()]


def megabytes(path: Path) -> float:
    """Return the size of a file or of all files of a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if not file.is_symlink() and file.is_file()) / 1e6


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with TemporaryDirectory() as temporary:
            main(Path(temporary))
