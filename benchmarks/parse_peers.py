"""Scene parsers side by side, accuracy against time: small nets of others and ours, trained alike.

    python benchmarks/parse_peers.py [--minutes 40] [--nets enet fast-scnn lr-aspp windowpane small] [--quick]

All learn from folds 2 to 5 of Stanford Background for the same time of the processor and are measured on
fold 1. It can be stopped and goes on; what is already trained in the folder is not trained again. The peers
also try two learning rates, which takes half as long again. With some of the nets only, or with --quick, the
section is printed and not written.
"""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import deepcopy
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import cv2
import numpy as np
import onnxruntime
import torch
import torch.nn.functional as F  # noqa: N812
from numpy.typing import NDArray
from peers.segmenters import AUXILIARY, MULTIPLE, ENet, FastScnn, LrAspp, enlarged
from results import made_with, percent, publish, table
from torch import Tensor, nn

from windowpane.core.windows import Window
from windowpane.data.root import data_root
from windowpane.data.scenes import STANFORD, UNKNOWN, read_all, stanford_background
from windowpane.evaluate.parse import Scores, confusion
from windowpane.images import load
from windowpane.parse.parser import Parser
from windowpane.parse.scales import levels_of
from windowpane.train.loop.distributed import autocast
from windowpane.train.loop.stage import Schedule, decay_groups, update_average  # as every recipe trains
from windowpane.train.loop.weights import count_parameters
from windowpane.train.parse.batches import MOMENTS, Batch, batches
from windowpane.train.parse.config import Config
from windowpane.train.parse.loss import Geometry, class_weights, loss
from windowpane.train.parse.net import ParserNet
from windowpane.train.parse.net_file import write_net
from windowpane.train.parse.recipe import make_net

RECIPE = Path(__file__).parents[1] / "src" / "windowpane" / "zoo" / "scenes.toml"
PICTURE = Path(__file__).parents[1] / "docs" / "pictures" / "parse_peers.png"
OURS: Mapping[str, Mapping[str, Any]] = {"windowpane": {}, "small": {"maps": (16, 32, 96, 96), "hidden": 64}}
"""Our nets, and what of the recipe is another in them."""
PEERS: Mapping[str, Callable[[int], nn.Module]] = {"enet": ENet, "fast-scnn": FastScnn, "lr-aspp": LrAspp}
TITLES = {
    "enet": "ENet",
    "fast-scnn": "Fast-SCNN",
    "lr-aspp": "LR-ASPP, MobileNetV3-Large",
    "windowpane": "windowpane",
    "small": "windowpane, small",
}
FOLD, OTHERS = 1, (2, 3, 4, 5)
TRIAL, LEFT = 2, (3, 4, 5)  # the fold that rates are tried on, and those that are learned from for it
RATES, TRIAL_SHARE = (1e-3, 4e-3), 0.25  # learning rates that are tried, each for so much of the time
MINUTES = 40.0  # what the recipe takes by itself
BATCH, WARMUP = 4, 0.05  # warm-up: a share of the time
SIZE = (240, 320)
THREADS = (1, 2)
REPEATS = 25
STEPS = 9  # of the training, timed in the end
REST = 0.03  # seconds between two turns, for the threads of the last one to fall asleep
SAVED = 20  # seconds of the processor between two checkpoints
QUICK_MINUTES, QUICK_PICTURES = 0.2, 12
ABOUT = """\
Every net learned from scratch for {minutes:g} minutes of one processor core's time, the making of batches
counted, from the same views of {width}x{height} pixels of folds 2 to 5, {batch} in a batch, with the same
weights of the classes, the same optimizer and averaged weights; the learning rate falls along a cosine over
that time. Each peer has the better of two learning rates, tried for a quarter of the time on folds 3 to 5 and
judged on fold 2; ours have that of their recipe. That is the one of `scenes`; for the small net with a block
less in each trunk, and half as many maps before the classes. Measured on fold 1, {count} pictures, each in
its own size. The peers, written for this from their papers, see the picture itself. They were made for larger
pictures, pretraining and days on a GPU; ours were made for a processor and on this very set, with an eye on
fold 1. So the table says what each gives for little training, not the best that it can: a net that is quick
to train takes more steps here."""
ABOUT_TIMES = """\
Milliseconds: from decoded pixels to a label for each, {width}x{height}, ONNX Runtime, float32, one thread and
two, medians of {repeats}, all in turn. The graph of a peer holds everything from the picture's bytes to the
labels, enlarged linearly; for ours it is `Parser.parse`, pyramid included. Multiply-adds: of all
convolutions, in millions. Rate, steps: of the training. Milliseconds a step: of the processor, medians of
{steps}, measured after all trainings, in turn; on a busy machine steps are dearer, and fewer fit in."""

HEAD = ["net", "pixels right", "of each class", "mean IoU", "ms, 1 thread", "ms, 2 threads"]
HEAD += ["parameters", "multiply-adds, M", "rate", "steps", "ms a step"]
SEEN = f"![Pixels right against milliseconds on one thread](../docs/pictures/{PICTURE.name})"

Picture = NDArray[np.uint8]
Find = Callable[[Picture], NDArray[np.uint8]]  # the labels (H, W) of a picture (H, W, 3)


class Learner(NamedTuple):
    """A net, its loss for a batch, and the batches of a pass over scenes."""

    net: nn.Module
    loss: Callable[[Batch], Tensor]
    passes: Callable[..., Iterator[Batch]]


class Trained(NamedTuple):
    net: nn.Module
    rate: float
    steps: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, help=f"of the processor, a net; {MINUTES:g}")
    parser.add_argument("--nets", nargs="+", choices=TITLES, default=list(TITLES), metavar="NET")
    parser.add_argument("--quick", action="store_true", help="a look at whether all works, printed")
    parser.add_argument("--out", type=Path, default=Path("runs/parse-peers"), help="the folder of the runs")
    options = parser.parse_args()
    minutes = options.minutes or (QUICK_MINUTES if options.quick else MINUTES)
    out = options.out / "quick" if options.quick else options.out
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    recipe = Config.load(RECIPE)
    configs = {name: replace(recipe, **OURS.get(name, {})) for name in TITLES if name in options.nets}
    limit = QUICK_PICTURES if options.quick else None
    with polite():
        found = {name: trained(name, config, minutes, out / name, limit) for name, config in configs.items()}
    finders = {name: finders_of(name, one.net, configs[name], out / name) for name, one in found.items()}
    times, dear = in_turn(finders), step_times(configs)
    scores = {name: accuracy(each[0], FOLD, limit) for name, each in finders.items()}
    rows = []
    for name, (net, rate, steps) in found.items():
        shares = [percent(share) for share in (scores[name].pixels, scores[name].classes, scores[name].union)]
        size = [count_parameters(net), f"{multiply_adds(net, configs[name]) / 1e6:.0f}"]
        cost = [f"{rate:g}", steps, f"{dear[name]:.0f}"]
        rows.append([TITLES[name], *shares, *(f"{ms:.1f}" for ms in times[name]), *size, *cost])
    body = [made_with("torch", "onnxruntime", seed=recipe.seed), *about(minutes, limit), table(HEAD, rows)]
    look = options.quick or len(found) < len(TITLES)
    if not look:
        draw({TITLES[name]: (times[name][0], scores[name].pixels) for name in found}, PICTURE)
        body.append(SEEN)
    publish("parse-peers", "Scene parsers side by side: accuracy against time", "\n\n".join(body), quick=look)


def about(minutes: float, limit: int | None) -> list[str]:
    """Return what is said before the table."""
    height, width = SIZE
    count = len(pictures_of(FOLD, limit))
    given = {"minutes": minutes, "width": width, "height": height, "batch": BATCH, "count": count}
    return [ABOUT.format(**given), ABOUT_TIMES.format(repeats=REPEATS, steps=STEPS, **given)]


# -- Training ----------------------------------------------------------------------------------------------


@contextmanager
def polite() -> Iterator[None]:
    """Let others on the machine go first; where the system allows it, only for a while."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    os.setpriority(os.PRIO_PROCESS, 0, min(19, max(before, 5)))
    try:
        yield
    finally:
        with suppress(PermissionError):
            os.setpriority(os.PRIO_PROCESS, 0, before)


def trained(name: str, config: Config, minutes: float, folder: Path, limit: int | None) -> Trained:
    """Return a net, training it where that is still to be done."""
    alike = {"view": repr(config.augmentation), "balance": config.balance, "seed": config.seed}
    ours = {"recipe": repr(replace(config, steps=0))}  # the time is given instead
    check_settings(folder, {"minutes": minutes} | (ours if name in OURS else alike))
    rate = config.rate if name in OURS else better_rate(name, config, minutes, folder, limit)
    one = learner(name, config)
    steps = learn(one, config, OTHERS, rate, 60 * minutes, folder)
    if isinstance(one.net, FastScnn | ParserNet):
        one.net.auxiliary = nn.ModuleList()  # only the training needs them
    return Trained(one.net, rate, steps)


def check_settings(folder: Path, settings: Mapping[str, object]) -> None:
    """Note what a folder's training is, or stop where it is another one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "settings.json"
    if path.exists() and (before := json.loads(path.read_text())) != settings:
        raise SystemExit(f"{folder} holds a training with {before}, not {settings}: delete it, or use --out")
    path.write_text(json.dumps(settings))


def better_rate(name: str, config: Config, minutes: float, folder: Path, limit: int | None) -> float:
    """Return the rate with which a net learns most in a part of the time; fold 1 takes no part in it."""
    path = folder / "rates.json"
    if not path.exists():
        found = {}
        for rate in RATES:
            one = learner(name, config)
            learn(one, config, LEFT, rate, 60 * minutes * TRIAL_SHARE, folder / f"rate-{rate:g}")
            found[rate] = accuracy(Peer(one.net).labels, TRIAL, limit).pixels
            print(f"{name}: rate {rate:g}, {percent(found[rate])} of the pixels of fold {TRIAL}", flush=True)
        path.write_text(json.dumps({f"{rate:g}": share for rate, share in found.items()}))
    shares = json.loads(path.read_text())
    return float(max(shares, key=lambda rate: shares[rate]))


def learner(name: str, config: Config) -> Learner:
    """Return an untrained net and how it learns."""
    torch.manual_seed(config.seed)
    material = stanford_background(data_root(), OTHERS)
    weights = class_weights(
        [(None, material.labels(scene)) for scene in material.scenes], len(STANFORD), config.balance
    )
    if name in OURS:
        net = make_net(config, len(STANFORD))
        window = net.window
        cost = partial(loss, net, Geometry.of(config, window), weights, config.auxiliary)
        return Learner(
            net, cost, partial(batches, pyramid=config.pyramid, levels=config.levels, window=window)
        )
    peer = PEERS[name](len(STANFORD)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    # One level, seen by a window of one pixel: the picture itself, without edges.
    passes = partial(batches, pyramid="gaussian", levels=1, window=Window(1, 1))
    return Learner(peer, partial(peer_loss, peer, weights), passes)


def peer_loss(net: nn.Module, weights: Tensor, batch: Batch) -> Tensor:
    """Return the loss at all known pixels; that of auxiliary classifiers at every eighth of them."""
    cost = partial(F.cross_entropy, weight=weights, ignore_index=UNKNOWN)
    with autocast():
        logits = net(batch.levels[0].contiguous(memory_format=torch.channels_last))
    main, *others = (one.float() for one in (logits if isinstance(logits, tuple) else (logits,)))
    total = cost(enlarged(main, batch.labels.shape[1:]), batch.labels)
    few = batch.labels[:, 4::8, 4::8]
    return total + sum(AUXILIARY * cost(enlarged(other, few.shape[1:]), few) for other in others)


class Training:
    """A net on its way, the average of its weights and all else that a checkpoint holds.

    What `windowpane.train.loop.stage.run_stage` does, but that the time is given and not the steps.
    """

    def __init__(self, one: Learner, rate: float) -> None:
        self.loss, self.net, self.averaged = one.loss, one.net, deepcopy(one.net)
        self.schedule = Schedule("", 0, rate)
        groups = decay_groups(self.net, self.schedule.weight_decay)
        self.optimizer = torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98))
        self.parts: dict[str, Any] = {"net": self.net, "averaged": self.averaged, "optimizer": self.optimizer}
        self.counts = {"step": 0, "passes": 0, "seconds": 0.0, "mean": math.nan}
        self.net.train()

    def step(self, batch: Batch, share: float) -> None:
        """Learn from a batch; share: of the time that is over."""
        rate = self.schedule.rate * min(1, share / WARMUP) * 0.5 * (1 + math.cos(math.pi * share))
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        value = self.loss(batch)
        value.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.net.parameters(), 5.0)
        self.optimizer.step()
        step, mean = self.counts["step"], self.counts["mean"]
        update_average(self.averaged, self.net, self.schedule.ema_decay_at(step))
        new = value.item()
        self.counts |= {"step": step + 1, "mean": new if math.isnan(mean) else 0.98 * mean + 0.02 * new}

    def save(self, path: Path) -> None:
        state = {name: part.state_dict() for name, part in self.parts.items()}
        torch.save(state | {"counts": self.counts}, path.with_suffix(".part"))
        path.with_suffix(".part").rename(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, weights_only=True)
        for name, part in self.parts.items():
            part.load_state_dict(state[name])
        self.counts = state["counts"]


def learn(
    one: Learner, config: Config, folds: Sequence[int], rate: float, seconds: float, folder: Path
) -> int:
    """Train a net for so much time of the processor, or go on with it; return the steps.

    It is left with the averaged weights.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, training = folder / "checkpoint.pt", Training(one, rate)
    if path.exists():
        training.load(path)
    counts = training.counts
    if counts["seconds"] < seconds:
        scenes = read_all(stanford_background(data_root(), folds))
        started = time.process_time() - counts["seconds"]
        saved = said = counts["seconds"]
        while counts["seconds"] < seconds:
            for batch in one.passes(
                scenes, size=BATCH, augmentation=config.augmentation, seed=(config.seed, counts["passes"])
            ):
                training.step(batch, counts["seconds"] / seconds)
                used = counts["seconds"] = time.process_time() - started
                if used >= seconds:
                    break
                if used - saved > SAVED:
                    training.save(path)
                    saved = used
                if used - said > seconds / 20:
                    share, step, mean = used / seconds, counts["step"], counts["mean"]
                    print(f"{folder}: {percent(share, 0)}, step {step}, loss {mean:.4f}", flush=True)
                    said = used
            else:
                counts["passes"] += 1
        training.save(path)
    one.net.load_state_dict(training.averaged.state_dict())
    one.net.eval()
    return int(counts["step"])


# -- Measuring ---------------------------------------------------------------------------------------------


class Whole(nn.Module):
    """All from the bytes of a picture (1, H, W, 3) to its labels (1, H, W), as one graph."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net
        self.mean, self.std = MOMENTS["gaussian"]

    def forward(self, picture: Tensor) -> Tensor:
        """Return the likeliest class of each pixel, uint8."""
        image = (picture.permute(0, 3, 1, 2).float() / 255 - self.mean) / self.std
        return enlarged(self.net(image), picture.shape[1:3]).argmax(1).to(torch.uint8)


class Peer:
    """A trained peer in ONNX Runtime, with a graph for each size of pictures."""

    def __init__(self, net: nn.Module, threads: int = 1) -> None:
        net = deepcopy(net).to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
        self.whole = Whole(net).eval()
        self.threads = threads
        self.sessions: dict[tuple[int, ...], onnxruntime.InferenceSession] = {}

    def labels(self, picture: Picture) -> NDArray[np.uint8]:
        """Return the labels (H, W) of a picture (H, W, 3), mirrored at its edges to a size that fits."""
        height, width = picture.shape[:2]
        if more := (-height % MULTIPLE, -width % MULTIPLE) != (0, 0):
            down, right = -height % MULTIPLE, -width % MULTIPLE
            picture = np.asarray(cv2.copyMakeBorder(picture, 0, down, 0, right, cv2.BORDER_REFLECT_101))
        if picture.shape not in self.sessions:
            self.sessions[picture.shape] = self._session(picture)
        labels: NDArray[np.uint8] = self.sessions[picture.shape].run(None, {"picture": picture[None]})[0][0]
        return labels[:height, :width] if more else labels

    def _session(self, picture: Picture) -> onnxruntime.InferenceSession:
        example, buffer = torch.from_numpy(picture[None]), io.BytesIO()
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                self.whole,
                (example,),
                buffer,  # type: ignore[arg-type]
                dynamo=False,
                input_names=["picture"],
                output_names=["labels"],
                opset_version=17,
            )
            expected = self.whole(example).numpy()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = self.threads, 1
        options.log_severity_level = 3
        session = onnxruntime.InferenceSession(buffer.getvalue(), options, providers=["CPUExecutionProvider"])
        same = (session.run(None, {"picture": picture[None]})[0] == expected).mean()
        if same < 0.999:  # else rounding decides between two classes
            raise SystemExit(f"the exported net agrees with the trained one in {percent(same)} of the pixels")
        return session


def finders_of(name: str, net: nn.Module, config: Config, folder: Path) -> list[Find]:
    """Return what finds the labels of a picture, on each number of threads."""
    if name not in OURS:
        return [Peer(net, threads).labels for threads in THREADS]
    path = write_net([net], STANFORD, config, folder / f"{config.name}.onnx")
    parsers = [Parser(path, threads=threads) for threads in THREADS]
    return [partial(ours, parser) for parser in parsers]


def ours(parser: Parser, picture: Picture) -> NDArray[np.uint8]:
    labels: NDArray[np.uint8] = parser.parse(picture).class_ids
    return labels


def pictures_of(fold: int, limit: int | None) -> list[tuple[Picture, NDArray[np.uint8]]]:
    scenes = stanford_background(data_root(), [fold])
    return [(load(scene.picture), scenes.labels(scene)) for scene in scenes.scenes[:limit]]


def accuracy(find: Find, fold: int, limit: int | None) -> Scores:
    """Return the scores of all pictures of a fold together."""
    counts = np.zeros((len(STANFORD),) * 2, np.int64)
    for picture, labels in pictures_of(fold, limit):
        counts += confusion(find(picture), labels, len(STANFORD))
    return Scores.of(counts)


def in_turn(finders: Mapping[str, Sequence[Find]]) -> dict[str, list[float]]:
    """Return the median of the milliseconds that each takes for a picture."""
    pictures = [picture for picture, _ in pictures_of(FOLD, None) if picture.shape[:2] == SIZE]
    found: dict[str, list[list[float]]] = {name: [[] for _ in each] for name, each in finders.items()}
    for number, picture in enumerate(islice(cycle(pictures), 1 + REPEATS)):
        for name, each in finders.items():
            for find, times in zip(each, found[name], strict=True):
                time.sleep(REST)
                start = time.perf_counter()
                find(picture)
                if number:  # the first time is for warming up
                    times.append(1000 * (time.perf_counter() - start))
    return {name: [median(times) for times in each] for name, each in found.items()}


def step_times(configs: Mapping[str, Config]) -> dict[str, float]:
    """Return the median of the milliseconds of the processor that a step takes each, in turn.

    On a busy machine a step takes more of them: so one sees whether the steps of all nets were as dear.
    """
    scenes = read_all(stanford_background(data_root(), [TRIAL]))
    learners = [learner(name, config) for name, config in configs.items()]
    trainings = [Training(one, RATES[0]) for one in learners]
    passes = [
        one.passes(scenes, size=BATCH, augmentation=config.augmentation, seed=(config.seed, 0))
        for one, config in zip(learners, configs.values(), strict=True)
    ]
    found: list[list[float]] = [[] for _ in configs]
    for _ in range(STEPS):
        for training, batches_of, times in zip(trainings, passes, found, strict=True):
            start = time.process_time()
            training.step(next(batches_of), WARMUP)
            times.append(1000 * (time.process_time() - start))
    return {name: median(times) for name, times in zip(configs, found, strict=True)}


def multiply_adds(net: nn.Module, config: Config) -> int:
    """Return the multiplications of a net's convolutions for one picture."""
    counts: list[int] = []

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        places = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output
        counts.append(layer.weight.numel() * places.shape[2] * places.shape[3])  # type: ignore[operator]

    layers = [layer for layer in net.modules() if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d)]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    blank = np.zeros((*SIZE, 3), np.uint8)
    with torch.no_grad():
        if isinstance(net, ParserNet):
            window = net.window
            levels = [
                torch.from_numpy(np.asarray(level.image)).permute(2, 0, 1)[None]
                for level in levels_of(blank, config.pyramid, config.levels, window)
            ]
            net(levels, Geometry.of(config, window).ways)
        else:
            net(torch.zeros(1, 3, *SIZE))
    for hook in hooks:
        hook.remove()
    return sum(counts)


def draw(points: Mapping[str, tuple[float, float]], path: Path) -> None:
    """Draw pixels right (0..1) against milliseconds."""
    width, height, edge = 720, 400, 60
    image = np.full((height, width, 3), 255, np.uint8)
    right = 10 * math.ceil((max(ms for ms, _ in points.values()) + 6) / 10)
    low = 0.05 * math.floor(min(share for _, share in points.values()) / 0.05 - 0.2)
    high = 0.05 * math.ceil(max(share for _, share in points.values()) / 0.05 + 0.2)

    def at(ms: float, share: float) -> tuple[int, int]:
        x = edge + ms / right * (width - 2 * edge)
        return round(x), round(height - edge - (share - low) / (high - low) * (height - 2 * edge))

    def write(text: str, x: int, y: int, colour: tuple[int, int, int]) -> None:
        cv2.putText(image, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.45, colour, 1, cv2.LINE_AA)

    grey, faint = (110, 110, 110), (230, 230, 230)
    for share in np.arange(low, high + 0.001, 0.05):
        cv2.line(image, at(0, share), at(right, share), faint, 1)
        write(percent(share, 0), 12, at(0, share)[1] + 5, grey)
    for ms in range(0, right + 1, 10):
        cv2.line(image, at(ms, low), at(ms, high), faint, 1)
        write(str(ms), at(ms, low)[0] - 8, height - edge + 20, grey)
    write("milliseconds, 320x240, one thread", edge, height - 14, grey)
    write("pixels right", 12, edge - 22, grey)
    taken = [(x - 7, y - 7, x + 7, y + 7) for x, y in (at(*point) for point in points.values())]
    for title, point in points.items():
        x, y = at(*point)
        colour = (234, 88, 12) if title in [TITLES[name] for name in OURS] else (37, 99, 235)
        cv2.circle(image, (x, y), 6, colour, -1, cv2.LINE_AA)
        (wide, tall), _ = cv2.getTextSize(title, cv2.FONT_HERSHEY_SIMPLEX, 0.45, 1)
        beside = [(x + 11, y + 5), (x - 11 - wide, y + 5), (x - wide // 2, y + 24), (x - wide // 2, y - 14)]
        boxes = [(left, base - tall, left + wide, base + 3) for left, base in beside]
        free = [box for box in boxes if not any(overlap(box, other) for other in taken)]
        left, _, _, bottom = box = (free or boxes)[0]
        write(title, left, bottom - 3, colour)
        taken.append(box)
    cv2.imwrite(str(path), cv2.cvtColor(image, cv2.COLOR_RGB2BGR))


def overlap(one: Sequence[int], other: Sequence[int]) -> bool:
    """Return whether two boxes (left, top, right, bottom) share a pixel."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


if __name__ == "__main__":
    main()
