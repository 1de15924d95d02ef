"""Puts measured scores into a net file's card and writes the card as Markdown beside it.

windowpane eval read composed touching orand printed photographed mnist usps --seed 2026 --out eval
python tools/make_card.py src/windowpane/zoo/digits.onnx eval/read.json
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from windowpane.netfile import load, save


def main(net: Path, rows: Path) -> None:
    """Write the scores, as ``set, rule: share right (lines, seed)``, into the card."""
    file = load(net)
    scores = {}
    for row in json.loads(rows.read_text()):
        share = f"{100 * row['right']:.2f} % of {row['count']} right (seed {row['seed']})"
        scores[f"{row['set']}, {row['what']}"] = share
    manifest = replace(file.manifest, card=file.manifest.card | {"scores": scores})
    save(net, file.data, manifest)
    lines = [f"# The net `{manifest.name}`", ""]
    for key, value in manifest.card.items():
        if isinstance(value, dict):
            lines += [f"## {key.replace('_', ' ').capitalize()}", ""]
            lines += [f"- {name}: {entry}" for name, entry in value.items()] + [""]
        else:
            lines += [f"**{key.replace('_', ' ').capitalize()}**: {value}", ""]
    net.with_suffix(".md").write_text("\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
