"""Runs a net densely over an image of any size (fully convolutional inference), in bounded memory.

    engine = Engine("reader")
    for scores in engine.run(image):    # a ScoreMap for each output of the net
        scores.window.box(row, col)     # decoders ask the window, they do no coordinate arithmetic

Nets are all convolutions without padding inside, so a cell's score depends on its window alone. Three things
follow, and they are all this file does:

* a large image is cut into tiles that overlap by the window, and their maps are put together;
* an image may be padded at its right and bottom, and the map cut back to the cells that see no padding;
* images of one size are run together, in stacks.

So answers do not depend on tiles, stacks or threads, but for float32 rounding.

Source: LeCun, NYU Deep Learning 2020, lecture 6.1; Sermanet et al. 2014 (OverFeat), section 3.5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, isqrt, lcm
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from windowpane.core import notebook
from windowpane.core.netfile import Manifest, NetFile, load_net
from windowpane.core.runtimes import RUNTIMES, Floats, Runtime, RuntimeName, keep_freed_memory
from windowpane.core.windows import Window
from windowpane.errors import ArgumentError, ImageError, renamed
from windowpane.images import load as load_image

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STACK_PIXELS = 1 << 17
"""Pixels run together in one stack: more lose the processor's cache (measured: 20 % slower at 1 << 20)."""


@dataclass(frozen=True, slots=True, eq=False)
class ScoreMap:
    """The scores of one output of a net at every place of its window.

    Attributes
    ----------
    name
        The output's name.
    names
        K words, one a channel.
    scores
        (K, rows, cols) float32, whatever the net's last layer gives.
    window
        What a cell sees, in pixels of the image that was run.
    """

    name: str
    names: tuple[str, ...]
    scores: Floats
    window: Window

    labels = renamed("labels", "names")

    def __repr__(self) -> str:
        count, rows, cols = self.scores.shape
        return f"ScoreMap({self.name!r}, {count} names at {cols} x {rows} places, {self.window})"

    def plot(self, label: str | None = None, picture: Any = None, ax: Axes | None = None) -> Axes:
        """Draw a label's scores where their windows lie, and the window of the highest, with matplotlib.

        Parameters
        ----------
        label
            None = that of the highest score of all.
        picture
            The image that was run, as `windowpane.images.load` takes it, to be drawn below.
        ax
            None = new ones, in pixels of the image.

        Raises
        ------
        ArgumentError
            For a label that the map does not have and for a map without places.
        ImageError
            For the picture.
        MissingExtraError
            Without the extra ``plot``.
        """
        if not self.scores.size:
            raise ArgumentError("the map has no place: the image is smaller than the window")
        label = label or self.names[np.unravel_index(self.scores.argmax(), self.scores.shape)[0]]
        if label not in self.names:
            raise ArgumentError(f"there is no label {label!r}: choose from {', '.join(self.names)}")
        plane = self.scores[self.names.index(label)]
        rows, cols = plane.shape
        ax = notebook.axes(ax, None if picture is None else load_image(picture))
        left, top = self.window.centre(-0.5, -0.5)
        right, bottom = self.window.centre(rows - 0.5, cols - 0.5)
        seen = ax.imshow(plane, extent=(left, right, bottom, top), alpha=1 if picture is None else 0.6)
        ax.figure.colorbar(seen, ax=ax)
        notebook.outline(ax, self.window.box(*np.unravel_index(plane.argmax(), plane.shape)))
        ax.set_title(f"{self.name}: {label}")
        return ax

    def _repr_html_(self) -> str:
        count, rows, cols = self.scores.shape
        window = f"windows of {self.window.width} x {self.window.height} pixels"
        title = f"{self.name}: {count} label{'s' * (count != 1)} at {cols} x {rows} places, {window}"
        low, high = (self.scores.min(), self.scores.max()) if self.scores.size else (0.0, 1.0)
        grey = (255 * (self.scores - low) / max(high - low, 1e-6)).astype(np.uint8)
        if rows == 1:  # a line: its labels below each other
            return notebook.view(title, notebook.pictures([(" ".join(self.names), grey[:, 0])]))
        return notebook.view(title, notebook.pictures(zip(self.names, grey, strict=True)))


class Engine:
    """A net, ready to run over images.

    Its ``runtime`` may be wrapped in another `Runtime`, to see what the net is given. From the first engine
    on the process keeps some of the memory that it frees: `windowpane.core.runtimes`.

    Parameters
    ----------
    net
        A net file: loaded, or as `windowpane.core.netfile.load_net` takes it (a name, a path, bytes).
    runtime
        ``"onnxruntime"``, or where that extra is installed ``"openvino"``, or ``"openvino-bf16"``: on
        processors that compute with 16 bits several times as fast, but scores have two digits then, not six.
    threads
        Processor threads that one run may use.
    tile_pixels
        Images with more pixels than this are run in tiles of about this size; it bounds the memory of a run
        to about ``4 * tile_pixels`` bytes for each channel that the net keeps at full resolution.

    Raises
    ------
    NetFileError
        For a net that cannot be used.
    ArgumentError
        For an unknown runtime, and for threads or pixels below 1.
    MissingExtraError
        For one that is not installed.
    """

    def __init__(
        self,
        net: NetFile | str | Path | bytes,
        runtime: RuntimeName = "onnxruntime",
        threads: int = 1,
        tile_pixels: int = 1 << 20,
    ) -> None:
        if runtime not in RUNTIMES:
            raise ArgumentError(f"runtime={runtime!r} given: choose from {', '.join(map(repr, RUNTIMES))}")
        if threads < 1 or tile_pixels < 1:
            raise ArgumentError(f"threads={threads}, tile_pixels={tile_pixels} given: give 1 or more of each")
        keep_freed_memory()
        net_file = net if isinstance(net, NetFile) else load_net(net)
        self.manifest: Manifest = net_file.manifest
        self.tile_pixels = tile_pixels
        names = [output.name for output in self.manifest.outputs]
        self.runtime: Runtime = RUNTIMES[runtime](net_file.data, names, threads)
        self._windows = [output.window for output in self.manifest.outputs]
        self._least = self.manifest.smallest_image
        # (uint8 / 255 - mean) / std, as one multiplication and one addition for each channel.
        self._gain = [np.float32(1 / std) for std in self.manifest.std]
        self._bias = [
            np.float32(-mean / std) for mean, std in zip(self.manifest.mean, self.manifest.std, strict=True)
        ]

    def __repr__(self) -> str:
        return (
            f"Engine({self.manifest.name!r}, {type(self.runtime).__name__}, tile_pixels={self.tile_pixels})"
        )

    def run(self, image: npt.NDArray[Any]) -> tuple[ScoreMap, ...]:
        """Return the score maps of one image of any size, in the order of the manifest's outputs.

        A map has 0 rows or columns where the image is smaller than the window.

        Parameters
        ----------
        image
            (H, W, C), or (H, W) for a net of one channel; uint8, or float32 on the scale 0..1.

        Raises
        ------
        ImageError
            For another shape, number of channels or dtype.
        """
        maps = self._whole_or_tiled(self._checked(np.asarray(image)[None]))
        return tuple(
            ScoreMap(output.name, output.names, scores[0], output.window)
            for output, scores in zip(self.manifest.outputs, maps, strict=True)
        )

    def run_batch(self, images: npt.NDArray[Any]) -> list[Floats]:
        """Return the scores, (N, K, rows, cols) float32 for each output, of N images of one size.

        Parameters
        ----------
        images
            (N, H, W, C), or (N, H, W) for a net of one channel; uint8, or float32 on the scale 0..1.

        Raises
        ------
        ImageError
            As `run` does.
        """
        images = self._checked(np.asarray(images))
        count, height, width, _ = images.shape
        size = max(1, min(STACK_PIXELS, self.tile_pixels) // max(1, height * width))
        results = self._empty_maps(count, height, width)
        for first in range(0, count, size):
            part = self._whole_or_tiled(images[first : first + size])
            for result, scores in zip(results, part, strict=True):
                result[first : first + size] = scores
        return results

    def run_planes(self, planes: Floats) -> list[Floats]:
        """Return the scores, (N, K, rows, cols) float32 for each output, of maps (N, C, H, W) float32.

        They are run as they are: for nets that go on from what another net saw.
        """
        return list(self.runtime(np.ascontiguousarray(planes, np.float32)))

    # -- Whole or in tiles ---------------------------------------------------------------------------------

    def _whole_or_tiled(self, images: npt.NDArray[Any]) -> list[Floats]:
        """Return the (N, K, rows, cols) maps of images (N, H, W, C)."""
        count, height, width, _ = images.shape
        if height * width <= self.tile_pixels:
            return self._dense(images)
        results = self._empty_maps(count, height, width)
        for y0, y1, x0, x1 in self.tiles(height, width):
            part = self._dense(images[:, y0:y1, x0:x1])
            for result, scores, window in zip(results, part, self._windows, strict=True):
                row, col = y0 // window.stride[0], x0 // window.stride[1]
                result[:, :, row : row + scores.shape[2], col : col + scores.shape[3]] = scores
        return results

    def tiles(self, height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
        """Yield ``y0, y1, x0, x1`` of the tiles that an image is run in; a small image is one.

        They are about equally large, `tile_pixels` or fewer; of long images long strips. Every cell of the
        image's maps is in just one of them; of maps with smaller windows than others a few may be in two.
        """
        tile_height = min(height, isqrt(self.tile_pixels))
        tile_width = min(width, self.tile_pixels // tile_height)
        tile_height = min(height, self.tile_pixels // tile_width)
        step_y, step_x = (lcm(*(window.stride[axis] for window in self._windows)) for axis in (0, 1))
        for y0, y1 in _spans(height, tile_height, self._least[0], step_y):
            for x0, x1 in _spans(width, tile_width, self._least[1], step_x):
                yield y0, y1, x0, x1

    def _empty_maps(self, count: int, height: int, width: int) -> list[Floats]:
        return [
            np.empty((count, len(output.names), *output.window.map_size(height, width)), np.float32)
            for output in self.manifest.outputs
        ]

    # -- One run of the net --------------------------------------------------------------------------------

    def _dense(self, images: npt.NDArray[Any]) -> list[Floats]:
        """Return the (N, K, rows, cols) maps of images (N, H, W, C) in one run."""
        _, height, width, _ = images.shape
        maps = self.runtime(self._batch(images))
        cut = []
        for scores, window in zip(maps, self._windows, strict=True):
            rows, cols = window.map_size(height, width)
            cut.append(scores[:, :, :rows, :cols])
        return cut

    def _batch(self, images: npt.NDArray[Any]) -> Floats:
        """Return the net's input (N, C, H, W) float32, padded to the smallest image that it can take."""
        count, height, width, channels = images.shape
        padded_height, padded_width = max(height, self._least[0]), max(width, self._least[1])
        make = np.empty if (height, width) == (padded_height, padded_width) else np.zeros
        batch: Floats = make((count, channels, padded_height, padded_width), np.float32)
        unit = np.float32(1 / 255 if images.dtype == np.uint8 else 1)
        for channel in range(channels):
            plane = batch[:, channel, :height, :width]
            np.multiply(images[..., channel], self._gain[channel] * unit, out=plane, dtype=np.float32)
            plane += self._bias[channel]
        return batch

    def _checked(self, images: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """Return images as (N, H, W, C); raises ImageError where they do not fit the net."""
        channels = self.manifest.channels
        if images.ndim == 3 and channels == 1:
            images = images[..., None]
        if images.ndim != 4 or images.shape[3] != channels:
            raise ImageError(
                f"the net {self.manifest.name!r} takes images (H, W, {channels}) of {self.manifest.colour}, "
                f"and was given the shape {images.shape[1:]}: convert the image first"
            )
        if images.dtype not in (np.uint8, np.float32):
            raise ImageError(
                f"images are uint8, or float32 on the scale 0..1, not {images.dtype}: convert the image first"
            )
        return images


def _spans(length: int, tile: int, window: int, step: int) -> Iterator[tuple[int, int]]:
    """Yield ``start, stop`` of overlapping tiles along one axis, the last of which ends at `length`.

    Starts are multiples of `step`, the stride common to all maps, so that cells of tiles are cells of the
    whole. Tiles overlap by ``window - 1``: then no window is lost between two, and one fits into the last.
    """
    places = length - (window - 1)
    most = max(tile - (window - 1), step) // step * step
    count = 1 if tile >= length else ceil(places / most)
    advance = ceil(max(places, 1) / count / step) * step  # as many as there must be, all about equally long
    start = 0
    while start + advance + window - 1 < length:
        yield start, start + advance + window - 1
        start += advance
    yield start, length
