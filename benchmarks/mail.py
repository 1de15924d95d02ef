"""How often the code of the address is the one answer to an envelope; writes its section of RESULTS.md.

    python benchmarks/mail.py [--fonts FOLDER] [--count 300] [--real FOLDER]

Of composed envelopes: of those whose country is told and of those whose country is not. With --real also of
pictures in a folder with a ``labels.csv`` (file, label, country).
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from results import made_with, percent, publish, table

from windowpane.data.root import data_root
from windowpane.evaluate.mail import MailResult, envelopes, measure
from windowpane.evaluate.read import fonts
from windowpane.read.mail.mail_reader import MailReader

SEED = 2027  # of the reported numbers; nothing was ever tuned on it
GOAL = 0.95


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fonts", type=Path, default=fonts())
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--real", type=Path, help="a folder of real envelopes")
    options = parser.parse_args()
    readers: dict[str | None, MailReader] = {None: MailReader()}

    def reader(country: str | None) -> MailReader:
        if country not in readers:
            readers[country] = MailReader(country=country)
        return readers[country]

    def composed():
        return envelopes(data_root(), options.fonts, part="test", seed=options.seed, count=options.count)

    rows = [
        row(
            "composed, country told", measure(lambda one: reader(one.country).answer(one.pixels), composed())
        ),
        row("composed, country not told", measure(lambda one: reader(None).answer(one.pixels), composed())),
    ]
    if options.real:
        rows += [real(options.real, reader, told=told) for told in (True, False)]
    head = ["envelopes", "count", "right", "goal", "accepted", "wrong among these"]
    made = made_with("numpy", "opencv-python-headless", "onnxruntime", "pillow", seed=options.seed)
    publish("mail", "The code on the mail", f"{made}\n\n{table(head, rows)}", quick=options.count < 300)


def row(name: str, result: MailResult) -> list[object]:
    """Return a row of the table."""
    shares = [percent(result.accepted), percent(result.wrong, 2)]
    return [name, result.count, percent(result.right), percent(GOAL), *shares]


def real(folder: Path, reader, *, told: bool) -> list[object]:
    """Return the row of real envelopes."""
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as lines:
        listed = list(csv.DictReader(lines))
    answers = [reader(one["country"] if told else None).read(folder / one["file"]) for one in listed]
    right = [found.code == one["label"] for found, one in zip(answers, listed, strict=True)]
    accepted = [ok for ok, found in zip(right, answers, strict=True) if not found.rejected]
    wrong = 1 - sum(accepted) / len(accepted) if accepted else 0.0
    result = MailResult(len(right), sum(right) / len(right), len(accepted) / len(right), wrong)
    return row(f"real, country {'told' if told else 'not told'}", result)


if __name__ == "__main__":
    main()
