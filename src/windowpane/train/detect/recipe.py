"""The detector's recipe: windows are learned, then false alarms are mined and learned, round after round.

    windowpane train detect CONFIG.toml

1. material: every object is cut out with its surroundings; `windowpane.train.detect.material`.
2. round 0: windows that show an object against windows at random places, and windows beside objects.
3. rounds 1, 2, ...: the net is run over pictures without an object; what it takes for one is learned as
   "nothing", together with all that earlier rounds found; `windowpane.train.detect.mining`.
4. second look: a larger net learns in the same way, from windows twice as large, which of the first net's
   boxes show an object; in every round it is mined with both nets.
5. export: one ``.onnx`` file with its manifest and card; `windowpane.train.detect.calibrate`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn

from windowpane.core.engine import Engine
from windowpane.core.netfile import Manifest, NetFile, Output, save
from windowpane.core.netfile import load as load_net
from windowpane.data.root import data_root
from windowpane.detect.detections import plural
from windowpane.detect.detector import Detector
from windowpane.errors import ConfigError
from windowpane.images.crops import Pixels
from windowpane.train.detect.augment import Rng, worn
from windowpane.train.detect.calibrate import calibrate
from windowpane.train.detect.material import Material, boxes, faces
from windowpane.train.detect.mining import (
    Finder,
    Mined,
    boxes_above,
    mine,
    random_windows,
    windows_above,
    windows_of,
)
from windowpane.train.detect.objects import CROP_SIZE, Colour, Windows, beside, nothing, showing
from windowpane.train.loop.config import read_config, run_folder
from windowpane.train.loop.distributed import Team, half_precision, team
from windowpane.train.loop.export import export
from windowpane.train.loop.loop import Progress, Schedule, run_stage
from windowpane.train.loop.validation import PASS
from windowpane.train.read.net import DetectorNet, count_parameters, detector_from

SHOWING, BESIDE = 0.35, 0.1  # shares of a batch; the rest shows nothing
WORN = 0.8  # how often a window that shows nothing is worn as those are that show an object
BATCHES = 500  # of one pass
LOOKED_AT = 8  # batches of what is kept aside
AT_RANDOM = 20_000  # windows at random places to begin with
ALARM = -1.0  # logit from which a window of an empty picture is learned from
MEAN, STD = 0.5, 0.25  # of the net's input

SECOND_STRIDES = (2, 2, 1, 1, 1)  # of the second net's layers after the first
SECOND_CROP = 48  # pixels that an object measures in its crop for the second net
SECOND_SHIFT, SECOND_ZOOM = 0.1, 1.2  # what is left once the first net has placed a box
SECOND_STRETCH = 1.12  # of an object's width over its height, at most: faces are longer and shorter
SECOND_ZOOMS = (0.85, 1.18)  # of its boxes, from nearer and from farther, for what is in doubt
SECOND_SURE = 5.0  # a logit that hardly any false alarm reaches: from there on nothing is in doubt
SECOND_ALARM = -4.0  # logit from which the second net learns from a box in an empty picture: few are left
SECOND_COARSEST = 0.4  # of its windows: as sharp as at this share of their size
SECOND_PLACE = 4.0  # what boxes and landmarks count in the second net's loss
CANDIDATES = 30.0  # boxes in a megapixel without objects that the first net may leave to the second
MORE = 8  # for how many times as many the second net is trained first


@dataclass(frozen=True, slots=True)
class Config:
    """A detector's training, as written in TOML.

    name: of the net. start: a net that ships or a file to go on from, "" = none; with ``first_steps`` and
    ``rounds`` 0 its first net stays as it is. objects: "faces" = the public sets of faces, or a folder in
    COCO, YOLO or VOC layout. empty: folders of pictures without any of the objects. data: root of the
    public sets, "" = where `data_root` finds them. Folders are relative to the configuration. colour: "grey"
    or "rgb". mirror, turn: whether objects of one's own may be mirrored, and by how many degrees turned.
    size: of an object in the net's window, pixels. maps: channels of the net's layers.
    rounds: of mining. first_steps, round_steps: batches of round 0 and of each other round. batch: windows.
    rate: highest learning rate, halved after round 0. patience: hundreds of steps of a round, without getting
    better on the one picture in ten that is kept aside, after which it ends; 0 = each goes to its end.
    pictures: looked at in a round of mining. per_picture: false alarms kept of each. seed, threads: of the
    training.
    second_size, second_maps: of the net for a second look, six layers; none = there is no such net.
    second_rounds: of mining, with both nets. second_steps: batches of each round.
    false_alarms: in a picture, on average, at the threshold of the net file.
    sets, terms: of the data, for the card.
    """

    name: str = "objects"
    start: str = ""
    objects: str = "faces"
    empty: tuple[str, ...] = ()
    data: str = ""
    colour: str = "grey"
    mirror: bool = True
    turn: float = 10.0
    size: float = 20.0
    maps: tuple[int, ...] = (16, 32, 32, 32, 48)
    rounds: int = 6
    first_steps: int = 4_000
    round_steps: int = 3_000
    batch: int = 256
    rate: float = 4e-3
    patience: int = 0
    pictures: int = 1_500
    per_picture: int = 40
    seed: int = 1
    threads: int = 1
    second_size: float = 44.0
    second_maps: tuple[int, ...] = (16, 32, 64, 128, 160, 192)
    second_rounds: int = 3
    second_steps: int = 3_000
    false_alarms: float = 0.01
    sets: str = ""
    terms: str = ""

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for what is wrong with it."""
        config = read_config(cls, path)
        if config.colour not in ("grey", "rgb"):
            raise ConfigError(f'{path}: colour is "grey" or "rgb", not {config.colour!r}')
        if len(config.maps) < 2 or not _are_counts(config.maps):
            raise ConfigError(f"{path}: maps are two or more numbers of channels, not {list(config.maps)}")
        if len(config.second_maps) not in (0, len(SECOND_STRIDES) + 1) or not _are_counts(config.second_maps):
            raise ConfigError(
                f"{path}: second_maps are {len(SECOND_STRIDES) + 1} numbers of channels, or none at all, not"
                f" {list(config.second_maps)}"
            )
        return config

    def material(self, base: Path, *, tuning: bool = False, crop_size: int = CROP_SIZE) -> Material:
        """Return what to learn from, or what was kept aside; base: the folder that others are relative to."""
        if self.objects == "faces":
            root = Path(self.data) if self.data else data_root()
            return faces(root, tuning=tuning, crop_size=crop_size)
        colour: Colour = "rgb" if self.colour == "rgb" else "grey"
        return boxes(
            base / self.objects,
            tuple(base / folder for folder in self.empty),
            colour=colour,
            mirror=self.mirror,
            turn=math.radians(self.turn),
            tuning=tuning,
            crop_size=crop_size,
        )


def _are_counts(maps: tuple[int, ...]) -> bool:
    return all(isinstance(count, int) and count > 0 for count in maps)


@dataclass(frozen=True, slots=True)
class Look:
    """One of a detector's nets in training: the first, which looks everywhere, or the second.

    stages: what the names of its stages begin with, "" of the first net. material, aside: what it learns
    from, and what is kept aside. size: of an object in its window, pixels. place: what boxes and landmarks
    count in the loss. steps: batches of each round, from round 0.
    """

    stages: str
    net: DetectorNet
    material: Material
    aside: Material
    size: float
    place: float
    steps: tuple[int, ...]


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
    material = config.material(config_path.parent)
    kept_aside = config.material(config_path.parent, tuning=True)
    path = folder / f"{config.name}.onnx"
    first = first_look(config, material, kept_aside)
    with team() as us:
        run = partial(run_rounds, config=config, folder=folder, resume=resume, progress=progress, us=us)
        draft = folder / f"draft{us.rank or ''}.onnx"

        def mined_by_first(number: int) -> Finder | None:
            return (
                windows_above(Engine(write_net(first, config, draft)), ALARM, first.size) if number else None
            )

        run(first, mined_by_first)
        if us.leads:
            file = write_net(first, config, path)
            if config.second_maps:
                calibrate(path, file, kept_aside, per_megapixel=CANDIDATES)
        us.wait()
        file = load_net(path)
        if config.second_maps:
            larger = partial(config.material, config_path.parent, crop_size=SECOND_CROP)
            second = second_look(config, larger(), larger(tuning=True))
            limit = 1 / (1 + math.exp(-SECOND_ALARM))

            def mined_by_both(number: int) -> Finder:
                assert file.manifest.threshold is not None
                if not number:
                    return boxes_above(Detector(file, threshold=file.manifest.threshold / MORE))
                return boxes_above(Detector(with_second(file, second, config, draft), threshold=limit))

            run(second, mined_by_both)
        if us.leads:
            file = with_second(file, second, config, path) if config.second_maps else file
            calibrate(path, file, kept_aside, per_picture=config.false_alarms)
        us.wait()
    return path


def first_look(config: Config, material: Material, aside: Material) -> Look:
    """Return the net that looks everywhere, untrained or as it starts from."""
    net = _net(material, config.maps, start=load_net(config.start) if config.start else None)
    steps = (config.first_steps, *config.rounds * [config.round_steps])
    return Look("", net, material, aside, config.size, 1.0, steps)


def second_look(config: Config, material: Material, aside: Material) -> Look:
    """Return the net that judges what the first one found, untrained or as it starts from."""
    start = load_net(config.start).second if config.start else None
    net = _net(material, config.second_maps, SECOND_STRIDES, start)
    variety = replace(
        material.variety,
        shift=SECOND_SHIFT,
        zoom=SECOND_ZOOM,
        stretch=SECOND_STRETCH,
        coarsest=SECOND_COARSEST,
    )
    material, aside = (replace(one, variety=variety) for one in (material, aside))
    steps = (1 + config.second_rounds) * (config.second_steps,)
    return Look("second-", net, material, aside, config.second_size, SECOND_PLACE, steps)


def _net(
    material: Material, maps: tuple[int, ...], strides: tuple[int, ...] = (), start: NetFile | None = None
) -> DetectorNet:
    if start:
        _check_start(start.manifest, material)
        net = detector_from(start, strides)
    else:
        channels = 1 if material.colour == "grey" else 3
        net = DetectorNet(channels, len(material.names), material.points, maps, strides)
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _check_start(given: Manifest, material: Material) -> None:
    """Raise ConfigError where a net to start from is for other objects or colours than those to learn."""
    labels = {output.name: output.names for output in given.outputs}
    names, points = labels.get("score", ()), len(labels.get("landmarks", ())) // 2
    if names != material.names or given.colour != material.colour or points not in (0, material.points):
        raise ConfigError(
            f"start: the net {given.name!r} is for {', '.join(names)} in {given.colour}, and what is to be"
            f" learned is {', '.join(material.names)} in {material.colour}: start from a net for the same, or"
            " from none"
        )


def run_rounds(
    look: Look,
    finder: Callable[[int], Finder | None],
    *,
    config: Config,
    folder: Path,
    resume: bool,
    us: Team,
    progress: Progress | None = None,
) -> None:
    """Train a net in place, through round 0 and all rounds of mining.

    finder: gives, for the number of a round, what to mine with before it, if there is anything. What is kept
    aside is mined in the same way, if it is to be looked at. folder: of the run; it gets checkpoints, mined
    windows, and ``mining.jsonl`` with the false alarms for a million pixels that each round of mining found.
    us: the processes that train and mine together.
    """
    learned: list[Pixels] = []
    kept: list[Pixels] = []
    for number, steps in enumerate(look.steps):
        search = partial(_search, look, finder(number), number, config, folder, progress, us)
        search(look.material, learned, "mined")
        batches = partial(_batches, look, look.material, learned, config, number)
        aside: list[Windows] = []
        if config.patience:
            search(look.aside, kept, "aside")
            aside = list(islice(_batches(look, look.aside, kept, config, number, PASS), LOOKED_AT))
        rate = config.rate / 2 if number else config.rate
        run_stage(
            look.net,
            Schedule(f"{look.stages}round-{number}", steps, rate, patience=config.patience),
            batches,
            partial(windows_loss, look.net, place=look.place),
            folder=folder,
            resume=resume,
            progress=progress,
            team=us,
            aside=aside,
        )


def _search(
    look: Look,
    find: Finder | None,
    number: int,
    config: Config,
    folder: Path,
    progress: Progress | None,
    us: Team,
    material: Material,
    found: list[Pixels],
    part: str,
) -> None:
    """Add windows without an object, for a round, to those found before: mined ones, or to begin with any.

    part: "mined" or "aside", for the folder where they are kept; of the mined ones the log tells too.
    """
    side = look.net.window.height
    if find:
        mined = mine(
            find,
            material.empty,
            folder / f"{look.stages}{part}-{number}",
            colour=material.colour,
            size=look.size,
            side=side,
            pictures=config.pictures,
            per_picture=config.per_picture,
            seed=config.seed + number,
            progress=progress,
            team=us,
        )
        if part == "mined" and us.leads:
            _log(folder, f"{look.stages}round-{number}", mined)
        if len(mined.pixels):
            found.append(mined.pixels)
    if not found:
        empty, colour = material.empty, material.colour
        found.append(random_windows(empty, AT_RANDOM, colour=colour, side=side, seed=config.seed))


def write_net(look: Look, config: Config, path: Path) -> NetFile:
    """Write a net as a net file of its own, not yet calibrated.

    The first of two nets has learned landmarks too, for what they teach it, but the second one gives them.
    """
    material, net = look.material, deepcopy(look.net)
    if config.second_maps and not look.stages and material.points:
        net = net.without_landmarks()
    channels = 1 if material.colour == "grey" else 3
    outputs = [Output("score", material.names, net.window)]
    outputs.append(Output("box", ("x", "y", "width", "height"), net.window))
    if len(net.channels) > 2:
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
    settings: dict[str, object] = {"object_size": look.size, "aspect": material.aspect, "overlap": 0.3}
    if look.stages:
        settings |= {"mirrored": material.variety.mirror, "zooms": list(SECOND_ZOOMS), "sure": SECOND_SURE}
    mean, std = (MEAN,) * channels, (STD,) * channels
    manifest = Manifest(
        config.name, "detect", channels, material.colour, mean, std, tuple(outputs), None, settings, card
    )
    example = torch.rand(2, channels, net.window.height + 24, net.window.width + 16)
    return export(net, manifest, path, example)


def with_second(first: NetFile, second: Look, config: Config, path: Path) -> NetFile:
    """Write the file of the first net again, with the second one in it."""
    carried = write_net(second, config, path)
    card = first.manifest.card | {
        "what": f"{first.manifest.card['what']}, and a second net that looks again at what it found",
        "parameters": first.manifest.card["parameters"] + count_parameters(second.net),
    }
    carried = replace(carried, manifest=replace(carried.manifest, card={}))
    return save(path, first.data, replace(first.manifest, card=card), carried)


def _batches(
    look: Look, material: Material, found: list[Pixels], config: Config, round_number: int, number: int
) -> Iterator[Windows]:
    """Yield the batches of one pass over objects and the windows without one that were found so far."""
    rng = np.random.default_rng((config.seed, round_number, number))
    objects, variety, side = material.objects, material.variety, look.net.window.height
    with_object, near = round(SHOWING * config.batch), round(BESIDE * config.batch)
    for _ in range(BATCHES):
        picks = rng.integers(len(objects), size=with_object + near)
        cut_out = partial(showing, objects, rng=rng, side=side, size=look.size, variety=variety)
        cut_beside = partial(beside, objects, rng=rng, side=side, size=look.size, variety=variety)
        parts = [
            cut_out(picks[:with_object]),
            cut_beside(picks[with_object:]),
            nothing(
                _false_alarms(rng, found, config.batch - len(picks), side, variety.coarsest),
                material.points,
            ),
        ]
        yield Windows.joined(parts)


def _false_alarms(rng: Rng, found: list[Pixels], count: int, side: int, coarsest: float) -> Pixels:
    """Return windows without an object, of every round of mining as many."""
    windows: list[Pixels] = []
    for mined, share in zip(found, np.bincount(rng.integers(len(found), size=count)), strict=False):
        for window in windows_of(mined, side, rng, rng.integers(len(mined), size=share)):
            windows.append(worn(rng, window, coarsest) if rng.random() < WORN else window)
    return np.stack(windows)


def windows_loss(net: DetectorNet, batch: Windows, place: float = 1.0) -> Tensor:
    """Return the loss of a batch: is an object there, and where there is one its box and landmarks.

    place: what box and landmarks count.
    """
    device = next(net.parameters()).device
    pixels, labels, boxes, points = (
        torch.from_numpy(part).to(device)
        for part in (batch.pixels, batch.labels, batch.boxes, batch.landmarks)
    )
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
    image = (pixels.float() / 255 - MEAN) / STD
    with half_precision(device):
        maps = net(image.contiguous(memory_format=torch.channels_last))
    score, box, *landmarks = (one[:, :, 0, 0].float() for one in maps)
    shown = labels >= 0
    wanted = nn.functional.one_hot(labels.clamp(min=0), score.shape[1]).float() * shown[:, None]
    value = nn.functional.binary_cross_entropy_with_logits(score, wanted)
    value = value + place * _off(box[shown], boxes[shown])
    if landmarks:
        points = points.flatten(1)
        known = shown[:, None] & points.isfinite()
        value = value + place * _off(landmarks[0][known], points[known])
    return value


def _off(given: Tensor, wanted: Tensor) -> Tensor:
    """Return how far numbers are off, on average; 0 for none."""
    return nn.functional.smooth_l1_loss(given, wanted, beta=0.1, reduction="sum") / max(1, given.numel())


def _log(folder: Path, stage: str, mined: Mined) -> None:
    record = {
        "stage": stage,
        "false_alarms_per_megapixel": round(mined.per_megapixel, 4),
        "megapixels": round(mined.megapixels, 1),
        "kept": len(mined.pixels),
    }
    log = folder / "mining.jsonl"
    rows = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    rows = [row for row in rows if row["stage"] != stage]  # a resumed run finds the same again
    log.write_text("".join(json.dumps(row) + "\n" for row in [*rows, record]))
