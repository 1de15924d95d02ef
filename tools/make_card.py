"""Puts measured scores into a net file's card and writes the card as Markdown beside it.

windowpane eval read composed touching orand printed photographed mnist usps --seed 2026 --out eval
python tools/make_card.py src/windowpane/zoo/digits.onnx eval/read.json
windowpane eval detect cmu_mit people negatives --out eval
python tools/make_card.py src/windowpane/zoo/faces.onnx eval/detect.json
windowpane eval parse stanford-1 --net scenes --out eval
python tools/make_card.py src/windowpane/zoo/scenes.onnx eval/parse.json
windowpane eval drive kitti06 backyard --out eval      # without the rows of the way: they are no net's
python tools/make_card.py src/windowpane/zoo/ground.onnx eval/drive.json
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from windowpane.core.netfile import load_net, save


def main(net: Path, rows: Path) -> None:
    """Write the scores of each set into the card."""
    file = load_net(net)
    scores = dict(score(row) for row in json.loads(rows.read_text()))
    manifest = replace(file.manifest, card=file.manifest.card | {"scores": scores})
    save(net, file.data, manifest, file.second)
    lines = [f"# The net `{manifest.name}`", ""]
    for key, value in manifest.card.items():
        if isinstance(value, dict):
            lines += [f"## {key.replace('_', ' ').capitalize()}", ""]
            lines += [f"- {name}: {entry}" for name, entry in value.items()] + [""]
        elif isinstance(value, list):  # records, such as the materials
            lines += [f"## {key.replace('_', ' ').capitalize()}", "", *table(value), ""]
        else:
            lines += [f"**{key.replace('_', ' ').capitalize()}**: {value}", ""]
    net.with_suffix(".md").write_text("\n".join(lines))


def table(records: list[dict[str, Any]]) -> list[str]:
    """Return records of the same keys as the lines of a Markdown table."""
    rows = [list(records[0]), ["---"] * len(records[0]), *(map(str, one.values()) for one in records)]
    return [f"| {' | '.join(row)} |" for row in rows]


def score(row: dict[str, Any]) -> tuple[str, str]:
    """Return what was measured, and its result in words."""
    if "right" in row:
        share = f"{100 * row['right']:.2f} % of {row['count']} right (seed {row['seed']})"
        return f"{row['set']}, {row['what']}", share
    counts = [f"{row[key]} {key}" for key in ("pictures", "faces", "frames") if row.get(key)]
    results = [f"{k.replace('_', ' ')} {v:.4f}" for k, v in row.items() if isinstance(v, float)]
    return f"{row['set']} ({', '.join(counts)})", ", ".join(results)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
