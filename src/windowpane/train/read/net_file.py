"""From a trained reader's net to one net file (export), calibrated on the validation set."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch

from windowpane.core.calibration import Platt
from windowpane.core.netfile import Manifest, Output
from windowpane.data.materials import reading_materials
from windowpane.evaluate.measures.confidence import accepted_at_error
from windowpane.read.alphabet.labels import NAMES
from windowpane.read.reader import Reader
from windowpane.read.votes import How
from windowpane.train.loop.export import export
from windowpane.train.loop.run import card_of
from windowpane.train.loop.weights import count_parameters
from windowpane.train.read.config import Config
from windowpane.train.read.net import HEADS, ReaderNet
from windowpane.train.read.pool import Maker, Sources


def finish(net: ReaderNet, config: Config, sources: Sources, path: Path) -> None:
    """Export a trained net, calibrate it on the validation set, and write its net file.

    The vote that reads more of those lines right becomes the default; the curve makes its probabilities
    honest; the threshold accepts as many of them as it may with 1 % of the accepted wrong.
    """
    draft = manifest(net, config)
    if sources.data:
        materials = reading_materials(sources.data, config.sets_of_lines(), sources.fonts)
        listed = {"materials": [material.to_dict() for material in materials]}
        draft = replace(draft, card=draft.card | listed)
    write = partial(export, net, path=path, example=torch.rand(2, 1, 32, 160))
    write(draft)
    maker, rng = Maker(sources, validation=True), np.random.default_rng(config.seed)
    pictures = [maker.picture(rng) for _ in range(config.tuning_lines)]
    results = {}
    votes: tuple[How, How] = ("majority", "highest")
    for how in votes:
        readings = Reader(path, vote=how, threads=config.threads).read(p.pixels for p in pictures)
        pairs = [(r.text == p.text, r.confidence) for r, p in zip(readings, pictures, strict=True)]
        results[how] = np.array([right for right, _ in pairs]), np.array([score for _, score in pairs])
    best = max(votes, key=lambda how: results[how][0].mean())
    right, confidence = results[best]
    curve = Platt.fit(confidence, right)
    _, threshold = accepted_at_error(np.array([curve.of_probability(float(p)) for p in confidence]), right)
    shares = {how: round(float(results[how][0].mean()), 4) for how in votes}
    settings = draft.settings | {"vote": best, "calibration": [curve.slope, curve.shift]}
    card = draft.card | {"kept_aside": {"lines": len(pictures), "right": shares}}
    write(replace(draft, threshold=threshold, settings=settings, card=card))


def manifest(net: ReaderNet, config: Config) -> Manifest:
    """Return what the net file says of the net before it is calibrated."""
    outputs = tuple(
        Output(f"width_{width}", NAMES, window) for width, window in zip(HEADS, net.windows(), strict=True)
    )
    what = "reads lines of handwritten and printed digits; four heads on one backbone"
    card = card_of(config, what, count_parameters(net))
    settings = {"vote": "majority", "sure": config.second_look}
    return Manifest(config.name, "read", 1, "ink", (0.0,), (1.0,), outputs, None, settings, card)
