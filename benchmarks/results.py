"""RESULTS.md, which the benchmarks write: each script replaces its own section and no other."""

from __future__ import annotations

import platform
import re
from collections.abc import Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = """# Results

Measured by the scripts in this folder (`make bench`); a script replaces its own section as a whole.
"""


def publish(name: str, title: str, body: str, *, quick: bool) -> None:
    """Put a section, in Markdown, between its two markers in RESULTS.md; a new one goes to the end.

    A quick look, on fewer lines than the reported figures, is printed instead.
    """
    if quick:
        print(body)
        return
    text = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else HEAD
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    section = f"{begin}\n## {title}\n\n{body.strip()}\n{end}"
    old = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if old.search(text):
        text = old.sub(lambda _: section, text, count=1)
    else:
        text = f"{text.rstrip()}\n\n{section}\n"
    RESULTS.write_text(text, encoding="utf-8")


def made_with(*packages: str, seed: int | None = None, more: str = "") -> str:
    """Return the line under a title: date, machine, versions of packages and seed."""
    versions = [f"Python {platform.python_version()}", *(f"{name} {_version(name)}" for name in packages)]
    drawn = "" if seed is None else f"; seed {seed}"
    return f"{date.today()}; {_processor()}, {cpu_count()} cores; {', '.join(versions)}{drawn}{more}."


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def percent(share: float, digits: int = 1) -> str:
    """Return a share (0..1) as a percentage."""
    return f"{100 * share:.{digits}f} %"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    """Return the processor's own name; never the machine's."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
