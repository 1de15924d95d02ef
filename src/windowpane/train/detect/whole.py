"""Parts of whole pictures to learn from (dense, fully convolutional training).

A window net over a part of a picture is the net on thousands of windows at once, most of which show nothing:
one step learns from more negatives, as often as they are met and where they are met, beside objects and
between them, than a round of mining finds. So the first net, which has to look everywhere, ends its training
on parts of pictures, after its rounds on windows.

What each cell of the map is to say is told by the objects in the picture. Where one of about the net's size
has its middle near the middle of the cell's window, the cell is to find it. Where there may be one and it may
be none (one that is ignored, of another size, not quite in the middle, or in a picture in which not all are
marked) nothing is learned.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from windowpane.core.windows import Window
from windowpane.images.crops import CropPose, Pixels, cut
from windowpane.train.detect.augment import Rng, photometric
from windowpane.train.detect.mining import IGNORED, Sample
from windowpane.train.detect.net import MEAN, STD, DetectorNet
from windowpane.train.detect.objects import Colour, Variety, open_picture, turned
from windowpane.train.loop.dense import NOTHING, PASSED_OVER, dense_loss
from windowpane.train.loop.distributed import autocast

CELLS = 32  # of a part's map, each way
MIDDLE = 0.55  # strides: so far from the middle of a cell's window an object's middle is, at most, each way
NEAR = 0.65  # sizes: so far, and not in the middle, it may be found and need not
LARGER = 1.25  # than the net's size, at most, and smaller by as much, an object is to be found
ANY = 1.9  # within this factor of the net's size it may be
LEFT = 0.5  # of an object that the edge of the picture cuts off, at least, or it is ignored
ON_OBJECT = 0.75  # share of the parts that are laid on an object

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Parts:
    """N parts of pictures, and what the cells of their maps are to say.

    Attributes
    ----------
    pixels
        (N, side, side[, 3]) uint8.
    class_ids
        (N, rows, cols), `NOTHING` or `PASSED_OVER` where no object is to be found.
    boxes
        (N, 4, rows, cols), as of `windowpane.train.detect.objects.Windows`.
    """

    pixels: Pixels
    class_ids: NDArray[np.intp]
    boxes: NDArray[np.float32]


def parts(
    samples: Sequence[Sample],
    window: Window,
    size: float,
    *,
    colour: Colour,
    variety: Variety,
    count: int,
    seed: tuple[int, ...],
) -> Iterator[Parts]:
    """Yield batches of parts of pictures drawn at random, without end.

    Parameters
    ----------
    samples
        Pictures with all their objects, or, where ``surest`` is 0, with some.
    window, size
        Of the net, and of an object in it, pixels.
    count
        Parts in a batch.
    seed
        Of all that is random.
    """
    rng = np.random.default_rng(seed)
    side = window.height + (CELLS - 1) * window.stride[0]
    weights = np.array([sample.weight for sample in samples])
    while True:
        each: list[tuple[Pixels, NDArray[np.intp], NDArray[np.float32]]] = []
        for pick in rng.choice(len(samples), count, p=weights / weights.sum()):
            sample = samples[pick]
            picture = open_picture(sample.path, colour)
            if rng.random() < variety.cut_off and (sample.class_ids != IGNORED).any():
                picture, sample = _cut_off(rng, picture, sample)
            pose = _pose(rng, sample, picture.shape[:2], side, size, variety)
            seen = photometric(rng, cut(picture, pose, side), variety.coarsest)
            each.append((seen, *_targets(sample, pose, window, side, size)))
        pixels, class_ids, boxes = (np.stack(part) for part in zip(*each, strict=True))
        yield Parts(pixels, class_ids.astype(np.intp), boxes.astype(np.float32))


def _cut_off(rng: Rng, picture: Pixels, sample: Sample) -> tuple[Pixels, Sample]:
    """Return a picture whose edge goes through one of its objects, and what is left of all of them.

    An object of which less than `LEFT` is in the picture is ignored.
    """
    chosen = rng.choice(np.flatnonzero(sample.class_ids != IGNORED))
    edge = int(rng.choice(4, p=[0.3, 0.25, 0.3, 0.15]))  # left, top, right, bottom
    low, high = sample.boxes[chosen][[edge % 2, edge % 2 + 2]]
    share = rng.uniform(0.05, 0.45)
    at = round(low + share * (high - low)) if edge < 2 else round(high - share * (high - low))
    frame = [0, 0, picture.shape[1], picture.shape[0]]
    frame[edge] = int(np.clip(at, 1, frame[edge % 2 + 2] - 1))
    x0, y0, x1, y1 = frame
    boxes = sample.boxes.clip([x0, y0, x0, y0], [x1, y1, x1, y1])
    areas = [(one[:, 2:] - one[:, :2]).prod(axis=1) for one in (boxes, sample.boxes)]
    class_ids = np.where(areas[0] < LEFT * areas[1], IGNORED, sample.class_ids)
    rest = replace(sample, boxes=boxes - [x0, y0, x0, y0], class_ids=class_ids)
    return np.ascontiguousarray(picture[y0:y1, x0:x1]), rest


def _pose(
    rng: Rng, sample: Sample, shape: tuple[int, ...], side: int, size: float, variety: Variety
) -> CropPose:
    """Return where a part lies: on an object at about the net's size, or anywhere at any size."""
    height, width = shape
    known = np.flatnonzero(sample.class_ids != IGNORED)
    turn, mirror = variety.angle(rng), variety.mirror and bool(rng.random() < 0.5)
    if len(known) and rng.random() < ON_OBJECT:
        x0, y0, x1, y1 = sample.boxes[rng.choice(known)]
        scale = size / math.sqrt(max((x1 - x0) * (y1 - y0), 1.0))
        scale *= math.exp(rng.uniform(-1, 1) * math.log(LARGER))
        reach = 0.4 * side / scale
        x, y = (x0 + x1) / 2 + rng.uniform(-reach, reach), (y0 + y1) / 2 + rng.uniform(-reach, reach)
    else:
        least = min(1.0, 0.5 * side / min(height, width))
        scale = math.exp(rng.uniform(math.log(least), math.log(1.3)))
        x, y = rng.uniform(0, width), rng.uniform(0, height)
    inside = side / 3 / scale  # so that little of a part is beyond the picture
    x, y = (
        float(np.clip(at, min(inside, edge / 2), max(edge - inside, edge / 2)))
        for at, edge in ((x, width), (y, height))
    )
    return CropPose(x, y, scale, turn, mirror)


def _targets(
    sample: Sample, pose: CropPose, window: Window, side: int, size: float
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return what each cell of a part's map is to say: its class (rows, cols), the box (4, rows, cols)."""
    at = window.height / 2 + window.stride[0] * np.arange(CELLS)  # the middle of each cell's window
    class_ids = np.full((CELLS, CELLS), NOTHING if sample.surest else PASSED_OVER, np.intp)
    boxes = np.zeros((4, CELLS, CELLS), np.float32)
    nearest = np.full((CELLS, CELLS), np.inf)
    middles = pose.to_window((sample.boxes[:, :2] + sample.boxes[:, 2:]) / 2, side)
    for box, (x, y), class_id in zip(sample.boxes, middles, sample.class_ids, strict=True):
        sides = turned(np.maximum(box[2:] - box[:2], 1e-3) * pose.scale, pose.turn)
        own = math.sqrt(sides.prod())
        away = np.maximum(np.abs(at - x)[None, :] / max(own, size), np.abs(at - y)[:, None] / max(own, size))
        if class_id == IGNORED:
            class_ids[(away < 1) & (class_ids < 0)] = PASSED_OVER
            continue
        if not sample.surest:  # what is near an object is known
            class_ids[(away < 2) & (class_ids == PASSED_OVER) & (away > NEAR)] = NOTHING
        factor = max(own / size, size / own)
        if factor < ANY:
            class_ids[(away < NEAR) & (class_ids < 0)] = PASSED_OVER
        if factor <= LARGER * 1.05:
            dx, dy = np.meshgrid(at - x, at - y)
            far = np.maximum(np.abs(dx), np.abs(dy))
            mine = (far <= MIDDLE * window.stride[0] + 0.5) & (far < nearest)
            nearest[mine] = far[mine]
            class_ids[mine] = class_id
            boxes[:, mine] = np.stack(
                [-dx[mine] / size, -dy[mine] / size, *np.tile(np.log(sides / size)[:, None], mine.sum())]
            )
    return class_ids, boxes


def parts_loss(net: DetectorNet, batch: Parts, place: float = 1.0) -> Tensor:
    """Return the loss of a batch, over the number of cells that are to find an object.

    Parameters
    ----------
    place
        What boxes count.
    """
    device = next(net.parameters()).device
    pixels, class_ids, boxes = (
        torch.from_numpy(part).to(device) for part in (batch.pixels, batch.class_ids, batch.boxes)
    )
    pixels = pixels[:, None] if pixels.ndim == 3 else pixels.permute(0, 3, 1, 2)
    image = (pixels.float() / 255 - MEAN) / STD
    with autocast(device):
        score, box, *_ = net(image.contiguous(memory_format=torch.channels_last))
    return dense_loss(score, box, class_ids, boxes, place)
