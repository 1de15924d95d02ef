"""The detector's recipe: windows are learned, then false alarms are mined and learned, round after round.

    windowpane train detect CONFIG.toml

1. material: every object is cut out with its surroundings; `windowpane.train.material`.
2. round 0: windows that show an object against windows at random places, and windows beside objects.
3. rounds 1, 2, ...: the net is run over pictures without an object; what it takes for one is learned as
   "nothing", together with all that earlier rounds found; `windowpane.train.mining`.
4. export: one ``.onnx`` file with its manifest and card.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from windowpane.boxes import overlap
from windowpane.data.root import data_root
from windowpane.detect.detections import plural
from windowpane.detect.detector import Detector
from windowpane.engine import Engine
from windowpane.errors import ConfigError
from windowpane.metrics.confidence import fit_curve
from windowpane.netfile import Manifest, NetFile, Output, save
from windowpane.read.confidence import calibrated
from windowpane.train.config import read_config, run_folder
from windowpane.train.curves import draw_curves
from windowpane.train.cutouts import Pixels, Rng, worn
from windowpane.train.export import export
from windowpane.train.loop import Progress, Schedule, run_stage
from windowpane.train.material import Material, boxes, faces
from windowpane.train.mining import Mined, mine, random_windows, windows_of
from windowpane.train.nets import DetectorNet, count_parameters
from windowpane.train.objects import Colour, Windows, beside, nothing, showing

SHOWING, BESIDE = 0.35, 0.1  # shares of a batch; the rest shows nothing
WORN = 0.8  # how often a window that shows nothing is worn as those are that show an object
BATCHES = 500  # of one pass
ALARM = -1.0  # logit from which a window of an empty picture is learned from
LEAST = 0.02  # score of boxes that calibration looks at
HIT = 0.4  # overlap of a box with the object that it stands on
MEAN, STD = 0.5, 0.25  # of the net's input


@dataclass(frozen=True, slots=True)
class Config:
    """A detector's training, as written in TOML.

    name: of the net. objects: "faces" = the public sets of faces, or a folder in COCO, YOLO or VOC layout.
    empty: folders of pictures without any of the objects. data: root of the public sets, "" = where
    `data_root` finds them. Folders are relative to the configuration. colour: "grey" or "rgb". mirror, turn:
    whether objects of one's own may be mirrored, and turned by so many degrees at most.
    size: of an object in the net's window, pixels. maps: channels of the net's layers.
    rounds: of mining. first_steps, round_steps: batches of round 0 and of each other round. batch: windows.
    rate: highest learning rate, halved after round 0. pictures: looked at in a round of mining. per_picture:
    false alarms kept of each. seed, threads: of the training.
    false_alarms: in a picture, on average, at the threshold of the net file.
    sets, terms: of the data, for the card.
    """

    name: str = "objects"
    objects: str = "faces"
    empty: tuple[str, ...] = ()
    data: str = ""
    colour: str = "grey"
    mirror: bool = True
    turn: float = 10.0
    size: float = 20.0
    maps: tuple[int, ...] = (16, 32, 48, 48, 64)
    rounds: int = 6
    first_steps: int = 4_000
    round_steps: int = 3_000
    batch: int = 256
    rate: float = 4e-3
    pictures: int = 1_500
    per_picture: int = 40
    seed: int = 1
    threads: int = 1
    false_alarms: float = 0.02
    sets: str = ""
    terms: str = ""

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if config.colour not in ("grey", "rgb"):
            raise ConfigError(f'{path}: colour is "grey" or "rgb", not {config.colour!r}')
        if len(config.maps) < 2 or not all(isinstance(count, int) and count > 0 for count in config.maps):
            raise ConfigError(f"{path}: maps are two or more numbers of channels, not {list(config.maps)}")
        return config

    def material(self, base: Path, *, tuning: bool) -> Material:
        """Return what to learn from, or what was kept aside; base: the folder that others are relative to."""
        if self.objects == "faces":
            return faces(Path(self.data) if self.data else data_root(), tuning=tuning)
        colour: Colour = "rgb" if self.colour == "rgb" else "grey"
        empty = tuple(base / folder for folder in self.empty)
        turn = math.radians(self.turn)
        return boxes(base / self.objects, empty, colour=colour, mirror=self.mirror, turn=turn, tuning=tuning)


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a detector by a configuration; return the net file, ``<out>/<name>.onnx``.

    out: the run folder, by default ``runs/<name>``; it keeps checkpoints, mined windows, ``log.jsonl``,
    ``mining.jsonl`` and ``curves.png`` too. With ``resume`` everything already done there is kept. Raises
    ConfigError, DataError or MissingExtraError before anything is trained.
    """
    config_path = Path(config_path)
    config = Config.load(config_path)
    folder = run_folder(out, config.name, resume=resume)
    torch.set_num_threads(config.threads)
    cv2.setNumThreads(1)  # of windows as small as these, two threads make less
    torch.manual_seed(config.seed)
    material = config.material(config_path.parent, tuning=False)
    kept_aside = config.material(config_path.parent, tuning=True)
    channels = 1 if material.colour == "grey" else 3
    net = DetectorNet(channels, len(material.names), material.points, config.maps)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    run_rounds(net, material, config, folder, resume=resume, progress=progress)
    draw_curves(folder / "log.jsonl", folder / "curves.png")
    return finish(net, material, kept_aside, config, folder)


def run_rounds(
    net: DetectorNet,
    material: Material,
    config: Config,
    folder: Path,
    *,
    resume: bool,
    progress: Progress | None = None,
) -> None:
    """Train a net in place, through round 0 and all rounds of mining.

    folder: of the run; it gets checkpoints, mined windows, and ``mining.jsonl`` with the false alarms for a
    million pixels that each round of mining found.
    """
    side = net.window.height
    found = [random_windows(material.empty, 20_000, colour=material.colour, side=side, seed=config.seed)]
    for number in range(config.rounds + 1):
        if number:
            draft = write_net(net, material, config, folder / "draft.onnx")
            mined = mine(
                Engine(draft),
                material.empty,
                folder / f"mined-{number}",
                colour=material.colour,
                size=config.size,
                threshold=ALARM,
                pictures=config.pictures,
                per_picture=config.per_picture,
                seed=config.seed + number,
                progress=progress,
            )
            _log(folder, number, mined)
            if len(mined.pixels):
                found.append(mined.pixels)
        steps, rate = (config.round_steps, config.rate / 2) if number else (config.first_steps, config.rate)
        run_stage(
            net,
            Schedule(f"round-{number}", steps, rate),
            partial(_batches, material, found, config, side, number),
            partial(windows_loss, net),
            folder=folder,
            resume=resume,
            progress=progress,
        )


def finish(net: DetectorNet, material: Material, kept_aside: Material, config: Config, folder: Path) -> Path:
    """Export a trained net, calibrate it on what was kept aside, and write its net file; return the path.

    The curve makes scores probabilities: of a box to stand on an object, among the boxes found on those
    pictures. The threshold lets ``false_alarms`` pass in a picture, on average.
    """
    path = folder / f"{config.name}.onnx"
    draft = write_net(net, material, config, path)
    detector = Detector(draft, score=LEAST)
    scores, right, alarms, objects, found = [], [], [np.zeros(1)], 0, 0
    empty = {scene.path for scene in kept_aside.empty}
    for scene in {scene.path: scene for scene in kept_aside.shown + kept_aside.empty}.values():
        detections = detector.detect(scene.path)
        hit = overlap(detections.boxes, scene.boxes) > HIT
        hit &= detections.labels[:, None] == scene.labels
        hits = hit.any(axis=1)
        objects, found = objects + len(scene.boxes), found + int(hit.any(axis=0).sum())
        scores.append(detections.scores)
        right.append(hits)
        if scene.path in empty:
            alarms.append(detections.scores[~hits])
    chances, truths = np.concatenate(scores), np.concatenate(right)
    curve = fit_curve(chances, truths)
    false = np.sort(np.concatenate(alarms))[::-1]
    worst_left = false[min(int(config.false_alarms * len(empty)), len(false) - 1)]
    threshold = calibrated(float(worst_left) + 1e-6, curve)
    card = draft.manifest.card | {"kept_aside_found": round(found / max(1, objects), 4)}
    settings = draft.manifest.settings | {"calibration": list(curve)}
    save(path, draft.data, replace(draft.manifest, threshold=threshold, settings=settings, card=card))
    return path


def write_net(net: DetectorNet, material: Material, config: Config, path: Path) -> NetFile:
    """Write a net as a net file, not yet calibrated."""
    channels = 1 if material.colour == "grey" else 3
    outputs = [Output("score", material.names, net.window)]
    outputs.append(Output("box", ("x", "y", "width", "height"), net.window))
    if material.points:
        axes = tuple(f"{axis}{number}" for number in range(material.points) for axis in "xy")
        outputs.append(Output("landmarks", axes, net.window))
    recipe = {
        k: v for k, v in asdict(config).items() if k not in {"data", "objects", "empty", "sets", "terms"}
    }
    card = {
        "what": f"finds {', '.join(map(plural, material.names))}: one window net on a pyramid",
        "parameters": count_parameters(net),
        "data": config.sets,
        "terms": config.terms,
        "licence": "Apache-2.0 for the code; see terms for the weights",
        "recipe": recipe,
        "seed": config.seed,
    }
    settings = {"object_size": config.size, "aspect": material.aspect, "overlap": 0.3}
    mean, std = (MEAN,) * channels, (STD,) * channels
    manifest = Manifest(
        config.name, "detect", channels, material.colour, mean, std, tuple(outputs), None, settings, card
    )
    example = torch.rand(2, channels, net.window.height + 24, net.window.width + 16)
    return export(deepcopy(net), manifest, path, example)


def _batches(
    material: Material, found: list[Pixels], config: Config, side: int, round_number: int, number: int
) -> Iterator[Windows]:
    """Yield the batches of one pass."""
    rng = np.random.default_rng((config.seed, round_number, number))
    objects = material.objects
    with_object, near = round(SHOWING * config.batch), round(BESIDE * config.batch)
    for _ in range(BATCHES):
        picks = rng.integers(len(objects), size=with_object + near)
        cut_out = partial(showing, objects, rng=rng, side=side, size=config.size, variety=material.variety)
        cut_beside = partial(beside, objects, rng=rng, side=side, size=config.size, variety=material.variety)
        parts = [
            cut_out(picks[:with_object]),
            cut_beside(picks[with_object:]),
            nothing(_false_alarms(rng, found, config.batch - len(picks), side), material.points),
        ]
        yield Windows.joined(parts)


def _false_alarms(rng: Rng, found: list[Pixels], count: int, side: int) -> Pixels:
    """Return windows without an object, of every round of mining as many."""
    windows: list[Pixels] = []
    for mined, share in zip(found, np.bincount(rng.integers(len(found), size=count)), strict=False):
        for window in windows_of(mined, side, rng, rng.integers(len(mined), size=share)):
            windows.append(worn(rng, window) if rng.random() < WORN else window)
    return np.stack(windows)


def windows_loss(net: DetectorNet, batch: Windows) -> Tensor:
    """Return the loss of a batch: is an object there, and where there is one its box and landmarks."""
    pixels = torch.from_numpy(batch.pixels)
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
    image = (pixels.float() / 255 - MEAN) / STD
    with torch.autocast("cpu", torch.bfloat16):
        maps = net(image.contiguous(memory_format=torch.channels_last))
    score, box, *landmarks = (one[:, :, 0, 0].float() for one in maps)
    labels = torch.from_numpy(batch.labels)
    shown = labels >= 0
    wanted = nn.functional.one_hot(labels.clamp(min=0), score.shape[1]).float() * shown[:, None]
    value = nn.functional.binary_cross_entropy_with_logits(score, wanted)
    value = value + _off(box[shown], torch.from_numpy(batch.boxes)[shown])
    if landmarks:
        points = torch.from_numpy(batch.landmarks).flatten(1)
        known = shown[:, None] & points.isfinite()
        value = value + _off(landmarks[0][known], points[known])
    return value


def _off(given: Tensor, wanted: Tensor) -> Tensor:
    """Return how far numbers are off, on average; 0 for none."""
    return nn.functional.smooth_l1_loss(given, wanted, beta=0.1, reduction="sum") / max(1, given.numel())


def _log(folder: Path, number: int, mined: Mined) -> None:
    record = {
        "round": number,
        "false_alarms_per_megapixel": round(mined.per_megapixel, 4),
        "megapixels": round(mined.megapixels, 1),
        "kept": len(mined.pixels),
    }
    log = folder / "mining.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows = [row for row in rows if row["round"] != number]  # a resumed run finds the same again
    log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, record]))
