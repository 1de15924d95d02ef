"""The reader's recipe: lines are composed, windows are learned, then whole strings through the lattice.

    windowpane train read CONFIG.toml

1. pool: lines are composed from the public sets and typefaces, and varied from one's own pictures.
2. windows: every column of a line is one window; it learns the digit in its middle or "no whole digit here".
3. strings: the log-probability of the right string through the lattice, for the vote and for each head.
4. polish: short last rounds of strings, each on a new pool, with more of what proved hard.
5. calibrate, on writers and lines that were kept aside: a temperature that makes the string's probability
   honest, and the threshold below which a reading is rejected.
6. export: one ``.onnx`` file with its manifest and card.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from windowpane.core.calibration import Platt
from windowpane.core.netfile import Manifest, Output
from windowpane.data.root import data_root
from windowpane.errors import ConfigError
from windowpane.evaluate.measures.confidence import accepted_at_error
from windowpane.read.reader import Reader
from windowpane.read.votes import How
from windowpane.train.loop.config import read_config, run_folder
from windowpane.train.loop.distributed import half_precision, team
from windowpane.train.loop.export import export
from windowpane.train.loop.loop import Progress, Schedule, run_stage
from windowpane.train.read.batches import IGNORED, Batch, batches, epoch
from windowpane.train.read.net import HEADS, LABELS, ReaderNet, align, count_parameters, start_from, vote
from windowpane.train.read.pool import Maker, Sources, make_pool
from windowpane.train.read.strings import string_log_probability

PUBLIC = ("writers", "usps", "orand", "orand_hand", "spliced")
PRINT = ("print", "families")
LAPSE = 0.01  # probability that a line cannot be read or has a wrong label
KINDS = (*PUBLIC, *PRINT, "own", "nothing")


@dataclass(frozen=True, slots=True)
class Config:
    """A reader's training, as written in TOML.

    name: of the net. start: a net's name or file to go on from, "" = from scratch. sets, terms: of the data,
    for the card.
    data: root of the public sets, "" = where `data_root` finds them. fonts: folder of typefaces. own: folders
    of pictures with a ``labels.csv``, relative to the configuration.
    shares: how often each kind of line is made (the kinds: `windowpane.train.read.pool.Sources`). lines,
    processes: size of the pool, and how many processes compose it.
    seed, threads, batch: of the training. windows_steps, strings_steps, rate: of the two stages. patience:
    hundreds of steps of a stage, without getting better on the lines that are kept aside, after which it
    ends; 0 = each goes to its end.
    polish_rounds, polish_shares, polish_lines, polish_steps: of the last rounds; polish_photos: how often
    their composed lines are photographed badly; polish_closest: the least distance of digits in them;
    polish_stretch: how much wider every second of them becomes at most, as the second look stretches lines.
    tuning_lines: how many lines, kept aside, calibrate the net. second_look: the reader looks again at lines
    less sure than this (0..1).
    """

    name: str = "digits"
    start: str = ""
    data: str = ""
    fonts: str = "/usr/share/fonts"
    own: tuple[str, ...] = ()
    shares: dict[str, float] = field(
        default_factory=lambda: {
            "writers": 0.45,
            "usps": 0.09,
            "print": 0.25,
            "orand": 0.11,
            "orand_hand": 0.04,
            "nothing": 0.06,
        }
    )
    polish_shares: dict[str, float] = field(default_factory=dict)
    lines: int = 360_448
    processes: int = 2
    seed: int = 1
    threads: int = 2
    batch: int = 64
    windows_steps: int = 5_000
    strings_steps: int = 27_000
    rate: float = 3e-3
    patience: int = 0
    polish_rounds: int = 0
    polish_lines: int = 98_304
    polish_steps: int = 6_000
    polish_photos: float = 0.3
    polish_closest: float = -0.22
    polish_stretch: float = 1.4
    tuning_lines: int = 3_000
    second_look: float = 0.9
    sets: str = ""
    terms: str = ""

    @classmethod
    def load(cls, path: Path) -> Config:
        """Read a configuration; raises ConfigError for a missing file, bad TOML, unknown or wrong values."""
        config = read_config(cls, path)
        for shares in (config.shares, config.polish_shares):
            for kind, share in shares.items():
                if kind not in KINDS:
                    raise ConfigError(f"{path}: unknown kind of line {kind!r}; known are {', '.join(KINDS)}")
                if not isinstance(share, int | float) or share < 0:
                    raise ConfigError(
                        f"{path}: the share of {kind} must be a number from 0 on, not {share!r}"
                    )
        return config

    def sources(self, base: Path, shares: dict[str, float]) -> Sources:
        """Return what lines are made from; base: the folder that folders of one's own are relative to."""
        kinds = {kind for kind, share in shares.items() if share > 0}
        if not kinds - {"nothing"}:
            raise ConfigError("no kind of line has a share above 0: set at least one under [shares]")
        if "own" in kinds and not self.own:
            raise ConfigError("the share 'own' is above 0 but no folder is given: set own = [\"FOLDER\"]")
        data = (Path(self.data) if self.data else data_root()) if kinds & set(PUBLIC) else None
        fonts = Path(self.fonts) if kinds & set(PRINT) else None
        return Sources(data, fonts, tuple(base / folder for folder in self.own), tuple(shares.items()))


def train(
    config_path: str | Path,
    *,
    resume: bool = False,
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Path:
    """Train a reader by a configuration; return the net file, ``<out>/<name>.onnx``.

    out: the run folder, by default ``runs/<name>``; it keeps the pool, checkpoints, ``log.jsonl`` and
    ``curves.png`` too. With ``resume`` everything already done there is kept. Raises ConfigError, DataError
    or MissingExtraError before anything is trained.
    """
    config_path = Path(config_path)
    config = Config.load(config_path)
    folder = run_folder(out, config.name, resume=resume)
    torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    base = config_path.parent
    sources = config.sources(base, config.shares)
    net = start_from(config.start) if config.start else ReaderNet()
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    strings = partial(strings_loss, net)
    path = folder / f"{config.name}.onnx"
    with team() as us:
        aside = kept_aside(sources, config) if config.patience else []
        run = partial(run_stage, net, folder=folder, resume=resume, progress=progress, team=us, aside=aside)
        stage = partial(Schedule, patience=config.patience)

        def pool(name: str, sources: Sources, lines: int, seed: int) -> list[Path]:
            make = partial(make_pool, folder / name, sources, lines=lines, seed=seed)
            if us.leads:
                make(processes=config.processes, progress=progress)
            us.wait()
            return make(processes=1)  # all is there

        shards = pool("pool", sources, config.lines, config.seed)
        windows = stage("windows", config.windows_steps, config.rate)
        run(windows, _passes(shards, config, 0), partial(windows_loss, net))
        run(stage("strings", config.strings_steps, config.rate / 2), _passes(shards, config, 1000), strings)
        for number in range(1, config.polish_rounds + 1):
            sources = replace(
                config.sources(base, config.polish_shares),
                photos=config.polish_photos,
                closest=config.polish_closest,
                stretch=config.polish_stretch,
            )
            name = f"polish-{number}"
            shards = pool(name, sources, config.polish_lines, config.seed + number)
            polish = stage(name, config.polish_steps, config.rate / (4 * number))
            run(polish, _passes(shards, config, 1000 + 1000 * number), strings)
        if us.leads:
            finish(net, config, sources, path)
        us.wait()
    return path


def kept_aside(sources: Sources, config: Config) -> list[Batch]:
    """Return lines of writers and pictures that are kept aside, as many as calibrate the net, in batches."""
    lines = Maker(sources, tuning=True).shard(config.seed, config.tuning_lines)
    return list(batches(lines, size=config.batch, rng=None))


def _passes(shards: list[Path], config: Config, offset: int) -> Callable[[int], Iterator[Batch]]:
    return lambda number: epoch(shards, size=config.batch, seed=config.seed * 10_007 + offset + number)


def maps_of(net: ReaderNet, batch: Batch) -> Tensor:
    """Return the vote and the heads' own maps of a batch, (1 + heads, N, 11, T)."""
    device = next(net.parameters()).device
    with half_precision(device):
        maps = net(batch.ink.to(device, memory_format=torch.channels_last))
    aligned = align(tuple(scores[:, :, 0] for scores in maps), net.windows())
    return torch.cat([vote(aligned)[None], aligned])


def windows_loss(net: ReaderNet, batch: Batch) -> Tensor:
    """Return the mean cross-entropy of all columns, of the vote and of every head."""
    maps = maps_of(net, batch)
    targets = batch.targets.to(maps.device)[None].expand(len(maps), -1, -1)
    return nn.functional.nll_loss(maps.flatten(0, 1), targets.flatten(0, 1), ignore_index=IGNORED)


def strings_loss(net: ReaderNet, batch: Batch) -> Tensor:
    """Return minus the mean log-probability of the strings: the vote's, and a tenth of each head's own."""
    maps = maps_of(net, batch)
    copies = len(maps)
    values = string_log_probability(
        maps.flatten(0, 1),
        batch.texts.to(maps.device).repeat(copies, 1),
        batch.lengths.to(maps.device).repeat(copies),
        batch.columns.to(maps.device).repeat(copies),
    )
    illegible = values.new_tensor(math.log(LAPSE))  # a line that no one can read, or with a wrong label
    losses = -torch.logaddexp(values, illegible).reshape(copies, -1).mean(1)
    return losses[0] + 0.1 * losses[1:].sum()


def finish(net: ReaderNet, config: Config, sources: Sources, path: Path) -> None:
    """Export a trained net, calibrate it on lines kept aside, and write its net file.

    The vote that reads more of those lines right becomes the default; the curve makes its probabilities
    honest; the threshold accepts as many of them as it may with 1 % of the accepted wrong.
    """
    draft = manifest(net, config)
    write = partial(export, net, path=path, example=torch.rand(2, 1, 32, 160))
    write(draft)
    maker, rng = Maker(sources, tuning=True), np.random.default_rng(config.seed)
    pictures = [maker.picture(rng) for _ in range(config.tuning_lines)]
    results = {}
    votes: tuple[How, How] = ("majority", "highest")
    for how in votes:
        readings = Reader(path, vote=how, threads=config.threads).read(p.pixels for p in pictures)
        pairs = [(r.text == p.text, r.confidence) for r, p in zip(readings, pictures, strict=True)]
        results[how] = np.array([right for right, _ in pairs]), np.array([sure for _, sure in pairs])
    best = max(votes, key=lambda how: results[how][0].mean())
    right, chances = results[best]
    curve = Platt.fit(chances, right)
    _, threshold = accepted_at_error(np.array([curve.of_probability(float(p)) for p in chances]), right)
    shares = {how: round(float(results[how][0].mean()), 4) for how in votes}
    settings = draft.settings | {"vote": best, "calibration": [curve.slope, curve.shift]}
    card = draft.card | {"kept_aside": {"lines": len(pictures), "right": shares}}
    write(replace(draft, threshold=threshold, settings=settings, card=card))


def manifest(net: ReaderNet, config: Config) -> Manifest:
    """Return what the net file says of the net before it is calibrated."""
    outputs = tuple(
        Output(f"width_{width}", LABELS, window) for width, window in zip(HEADS, net.windows(), strict=True)
    )
    recipe = {key: value for key, value in asdict(config).items() if key not in {"data", "fonts", "own"}}
    card = {
        "what": "reads lines of handwritten and printed digits; four heads on one trunk",
        "parameters": count_parameters(net),
        "data": config.sets,
        "terms": config.terms,
        "licence": "Apache-2.0 for the code; see terms for the weights",
        "recipe": recipe,
        "seed": config.seed,
    }
    settings = {"vote": "majority", "sure": config.second_look}
    return Manifest(config.name, "read", 1, "ink", (0.0,), (1.0,), outputs, None, settings, card)
