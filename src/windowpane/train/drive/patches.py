"""A last layer from patches that a person marked (transfer learning): the backbone of a net file is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from windowpane.core.last_layer import last_layer_settings
from windowpane.core.netfile import save
from windowpane.data.patches import read_patches
from windowpane.errors import DataError
from windowpane.teach.patches import PatchLearner
from windowpane.train.drive.config import Config


def learn_patches(config: Config, base: Path, path: Path) -> Path:
    """Write a net file with the backbone of another and a last layer for patches; return its path."""
    learner = PatchLearner(config.net, seed=config.seed)
    count = 0
    for patches in read_patches(base / config.patches):
        learner.learn(patches.picture, patches.boxes, patches.labels)
        count += len(patches.labels)
    if len(learner.names) < 2:
        raise DataError(f"{base / config.patches}: all patches are {learner.names[0]!r}: mark another class")
    file = learner.backbone.file
    settings = last_layer_settings(learner.names, learner.layer) | {"source": "patches"}
    card = file.manifest.card | {
        "what": f"labels pictures as {', '.join(learner.names)}, learned from {count} patches",
        "trunk": file.manifest.name,
        "seed": config.seed,
    }
    for key, added in (("data", config.sets), ("terms", config.terms)):
        if added:  # what the backbone was made from still counts
            card[key] = f"{added}; the trunk: {card.get(key, 'unknown')}"
    save(path, file.data, replace(file.manifest, name=config.name, settings=settings, card=card))
    return path
