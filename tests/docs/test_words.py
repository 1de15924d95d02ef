"""Where the documentation says in which file a thing is, there is such a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("docs/**/*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])


def files_in(text: str) -> set[str]:
    """Return the Python files that a page names with their folders."""
    return set(re.findall(r"`([\w/]+/\w+\.py)`", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_file_that_a_page_names_is_there(page: Path) -> None:
    named = files_in(page.read_text(encoding="utf-8"))
    assert [
        one
        for one in sorted(named)
        if not any((ROOT / base / one).is_file() for base in ("", "src/windowpane"))
    ] == []


def test_the_table_of_words_has_a_file_in_every_row() -> None:
    rows = (
        (ROOT / "docs/concepts.md").read_text(encoding="utf-8").split("## Words")[1].split("|---|---|---|")[1]
    )
    wanted = [row for row in rows.strip().splitlines() if row.startswith("|")]
    assert len(wanted) >= 40
    assert [
        row for row in wanted if not re.search(r"`[\w/]+\.py` *\|$|`[\w/]+\.py`, `[\w/]+\.py` *\|$", row)
    ] == []
