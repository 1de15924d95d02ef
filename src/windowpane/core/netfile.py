"""One ``.onnx`` file that explains itself (model and metadata): the net and all that is needed to use it.

The manifest is JSON under the key ``windowpane`` in the model's own metadata, so the file stays a plain ONNX
model that every other tool opens too. Nothing about a net is kept in code beside it, and nothing is pickled.

    net = load_net("reader")            # a net that ships with the package; or a path, or the bytes of a file
    net.manifest.outputs[0].window      # the geometry of its first score map

`load_net` checks the file against its manifest, down to one run that compares the maps with the windows, so
what it returns can be used without further questions. A file may carry a second net, for a closer look at
what the first one found, say: a whole net file of its own, as text (base64) under the key
``windowpane.second``.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass, field, replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from windowpane.core.windows import Window
from windowpane.errors import MissingExtraError, NetFileError, install, renamed

KEY = "windowpane"
"""The metadata key of the manifest."""

SECOND = "windowpane.second"
"""The metadata key of a second net."""

VERSION = 1
"""The version of the manifest that this package reads and writes."""


@dataclass(frozen=True, slots=True)
class Output:
    """One score map of a net: its name in the graph, a word for each channel, and the window of a cell."""

    name: str
    names: tuple[str, ...]
    window: Window

    labels = renamed("labels", "names")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What must be known about a net to use it.

    Parameters
    ----------
    name, task
        The net's own name; what it is for (``"read"``, ``"detect"``, ``"parse"``, ``"drive"``, ...).
    channels, colour
        Number of channels of the input, and what they are (``"rgb"``, ``"grey"``, ``"ink"``, ...).
    mean, std
        One number a channel, on the scale 0..1: the net's input is ``(uint8 / 255 - mean) / std``.
    outputs
        The score maps, in the order in which they are handed out.
    threshold
        The calibrated decision threshold, where the task has one.
    settings
        Numbers and words of the task's own decoder, such as a calibration temperature.
    card
        For people: data and their terms, recipe, seed, scores, licence, number of parameters.
    """

    name: str
    task: str
    channels: int
    colour: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    outputs: tuple[Output, ...]
    threshold: float | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    card: dict[str, Any] = field(default_factory=dict)
    version: int = VERSION

    def __repr__(self) -> str:
        windows = ", ".join(f"{one.name} {one.window.width}x{one.window.height}" for one in self.outputs)
        what = f"{self.channels} channel{'s' * (self.channels != 1)} of {self.colour}"
        return f"Manifest({self.name!r}, {self.task!r}, {what}, windows: {windows})"

    @property
    def smallest_image(self) -> tuple[int, int]:
        """The ``(height, width)`` of the smallest image for which every output has a cell."""
        sizes = [output.window.smallest_image for output in self.outputs]
        return max(height for height, _ in sizes), max(width for _, width in sizes)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        outputs = [
            {"name": output.name, "labels": list(output.names), "window": output.window.to_dict()}
            for output in self.outputs
        ]
        return {**asdict(self), "mean": list(self.mean), "std": list(self.std), "outputs": outputs}

    @classmethod
    def from_dict(cls, record: Any) -> Manifest:
        """Return the manifest that `to_dict` wrote; raises NetFileError that names what is wrong."""
        if not isinstance(record, dict):
            raise NetFileError(f"the manifest is a JSON object, not {type(record).__name__}")
        version = record.get("version")
        if version != VERSION:
            raise NetFileError(
                f"the manifest has version {version!r}, and this windowpane reads version {VERSION}: "
                "update windowpane or export the net again"
            )
        missing = [name for name in _KINDS if name not in record]
        unknown = [name for name in record if name not in _KINDS]
        if missing or unknown:
            kind, names = ("lacks", missing) if missing else ("has unknown", unknown)
            raise NetFileError(f"the manifest {kind} {', '.join(map(repr, names))}: export the net again")
        for name, (is_right, expected) in _KINDS.items():
            if not is_right(record[name]):
                raise NetFileError(f"the manifest's {name!r} is {expected}, not {record[name]!r}")
        manifest = cls(
            **{
                **record,
                "mean": tuple(map(float, record["mean"])),
                "std": tuple(map(float, record["std"])),
                "outputs": tuple(_output(output) for output in record["outputs"]),
            }
        )
        manifest._check()
        return manifest

    def _check(self) -> None:
        """Raise NetFileError where the fields contradict each other."""
        if not len(self.mean) == len(self.std) == self.channels:
            raise NetFileError(
                f"the manifest has {len(self.mean)} means and {len(self.std)} standard deviations, "
                f"and the net {self.channels} channel(s): give one of each per channel"
            )
        if len({output.name for output in self.outputs}) < len(self.outputs):
            raise NetFileError("the manifest names one output twice: give each output a name of its own")


@dataclass(frozen=True, slots=True)
class NetFile:
    """A checked net.

    Attributes
    ----------
    source
        Where it came from, for messages.
    data
        The bytes of the file, an ONNX model.
    manifest
        What it says about itself.
    second
        A further net that the file carries, if it does: for a closer look, for other sizes of the picture, or
        to go on from what the first saw; it may carry one in its turn.
    """

    source: str
    data: bytes
    manifest: Manifest
    second: NetFile | None = None

    def __repr__(self) -> str:
        carried = f", carries {self.second.manifest.name!r}" if self.second else ""
        return f"NetFile({self.source!r}, {len(self.data):,} bytes, {self.manifest!r}{carried})"

    @property
    def chain(self) -> tuple[NetFile, ...]:
        """This net, the one that it carries, the one that this carries, and so on."""
        return (self, *(self.second.chain if self.second else ()))


# -- Reading -----------------------------------------------------------------------------------------------


def load_net(source: str | Path | bytes) -> NetFile:
    """Read a net file and check it against its manifest; needs only onnxruntime.

    Parameters
    ----------
    source
        The path of a file, its bytes, or the name of a net that ships with the package (a word without
        suffix or path separator, see `builtin`).

    Raises
    ------
    NetFileError
        That says what is wrong with the file.
    """
    name, data = _read(source)
    try:
        session = _probe_session(data)
        metadata = session.get_modelmeta().custom_metadata_map
        text = metadata.get(KEY)
        if text is None:
            raise NetFileError(
                f"the model has no {KEY!r} manifest in its metadata: export it with `windowpane train` "
                "or add one with windowpane.core.netfile.save"
            )
        manifest = Manifest.from_dict(_parsed(text))
        _check_graph(session, manifest)
        _check_maps(session, manifest)
        second = load_net(_decoded(metadata[SECOND])) if SECOND in metadata else None
    except NetFileError as error:
        raise NetFileError(f"{name}: {error}") from error.__cause__
    return NetFile(name, data, manifest, second)


def builtin() -> list[str]:
    """Return the names of the nets that ship with the package, sorted."""
    zoo = resources.files("windowpane") / "zoo"
    files = zoo.iterdir() if zoo.is_dir() else iter(())
    return sorted(file.name.removesuffix(".onnx") for file in files if file.name.endswith(".onnx"))


# -- Writing -----------------------------------------------------------------------------------------------


def save(path: str | Path, model: bytes, manifest: Manifest, second: NetFile | None = None) -> NetFile:
    """Write an ONNX model with its manifest once it passes all checks of `load_net`; return what was saved.

    Parameters
    ----------
    second
        The net that the file is to carry.

    Raises
    ------
    MissingExtraError
        Without the ``onnx`` package, and NetFileError, writing nothing, where model and manifest contradict
        each other.
    """
    net = assembled(model, manifest, second)
    Path(path).write_bytes(net.data)
    return replace(net, source=str(path))


def assembled(model: bytes, manifest: Manifest, second: NetFile | None = None) -> NetFile:
    """Return an ONNX model with its manifest, as `save` would write it."""
    try:
        import onnx
    except ImportError as error:
        raise MissingExtraError(f"writing a net file needs the onnx package: {install('train')}") from error
    proto = onnx.load_model_from_string(model)
    others = {entry.key: entry.value for entry in proto.metadata_props if entry.key not in (KEY, SECOND)}
    carried = {SECOND: base64.b64encode(second.data).decode("ascii")} if second else {}
    onnx.helper.set_model_props(proto, {**others, KEY: json.dumps(manifest.to_dict()), **carried})
    return load_net(proto.SerializeToString())


# -- The checks --------------------------------------------------------------------------------------------


def _read(source: str | Path | bytes) -> tuple[str, bytes]:
    """Return a name for messages and the bytes of the file."""
    if isinstance(source, bytes):
        return f"the given {len(source)} bytes", source
    if isinstance(source, str) and not Path(source).suffix and Path(source).name == source:
        file = resources.files("windowpane") / "zoo" / f"{source}.onnx"
        if not file.is_file():
            ships = ", ".join(builtin()) or "none"
            raise NetFileError(f"no net named {source!r} ships (there are: {ships}); a file is PATH.onnx")
        return source, file.read_bytes()
    try:
        return str(source), Path(source).read_bytes()
    except OSError as error:
        raise NetFileError(f"{source}: the net file cannot be read ({error.strerror})") from error


def _probe_session(data: bytes) -> Any:
    """Open the model just to look at it: unoptimised, which is quick; the engine opens its own."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime raises a type of its own for each way to be broken
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise NetFileError(f"this is no ONNX model that onnxruntime can open ({reason})") from error


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise NetFileError(f"the manifest is no JSON ({error}): export the net again") from error


def _check_graph(session: Any, manifest: Manifest) -> None:
    """Compare what the graph declares about its input and outputs with the manifest."""
    inputs = session.get_inputs()
    shapes = [(node.type, list(node.shape)) for node in inputs]
    if len(inputs) != 1 or inputs[0].type != "tensor(float)" or len(inputs[0].shape) != 4:
        raise NetFileError(f"the net takes {shapes}, and must take one float32 tensor (N, C, H, W)")
    batch, channels, height, width = inputs[0].shape
    if any(isinstance(size, int) for size in (batch, height, width)):
        raise NetFileError(
            f"the net's input has the fixed size {inputs[0].shape}: export it with dynamic N, H and W"
        )
    if channels != manifest.channels:
        raise NetFileError(f"the net takes {channels} channel(s), and its manifest says {manifest.channels}")
    declared = {node.name: node for node in session.get_outputs()}
    named = {output.name for output in manifest.outputs}
    if set(declared) != named:
        raise NetFileError(
            f"the net's outputs are {sorted(declared)}, and its manifest names {sorted(named)}"
        )
    for name, node in declared.items():
        if node.type != "tensor(float)":
            raise NetFileError(f"output {name!r} is a {node.type}, and must be a float32 tensor (N, K, H, W)")


def _check_maps(session: Any, manifest: Manifest) -> None:
    """Run the net twice and compare its maps with the windows and labels of the manifest.

    The first image is just large enough for three cells of the largest window in each direction and the
    second one pixel smaller, so a window that is one pixel wrong gives a wrong size on one of them.
    """
    least_height, least_width = manifest.smallest_image
    step_y = max(output.window.stride[0] for output in manifest.outputs)
    step_x = max(output.window.stride[1] for output in manifest.outputs)
    names = [output.name for output in manifest.outputs]
    for less in (0, 1):
        height, width = least_height + 2 * step_y - less, least_width + 2 * step_x - less
        image: npt.NDArray[np.float32] = np.zeros((1, manifest.channels, height, width), np.float32)
        try:
            maps = session.run(names, {session.get_inputs()[0].name: image})
        except Exception as error:  # see _probe_session
            reason = str(error).splitlines()[0]
            raise NetFileError(
                f"the net fails on an image of {width} x {height} pixels ({reason})"
            ) from error
        for output, scores in zip(manifest.outputs, maps, strict=True):
            expected = (1, len(output.names), *output.window.map_size(height, width))
            if scores.shape != expected:
                raise NetFileError(
                    f"output {output.name!r} has the shape {scores.shape} on an image of {width} x {height} "
                    f"pixels, and {expected} by its labels and its window: export the net again"
                )


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise NetFileError(f"its second net is no base64 text ({error}): export the net again") from error


def _output(record: dict[str, Any]) -> Output:
    try:
        window = Window.from_dict(record["window"])
    except ValueError as error:
        raise NetFileError(f"the manifest's output {record['name']!r} is wrong: {error}") from error
    if min(window.offset) < 0:
        raise NetFileError(
            f"the manifest's output {record['name']!r} has the offset {window.offset}, so the net pads "
            "inside and its answer depends on where the image ends: export it without padding"
        )
    return Output(record["name"], tuple(record["labels"]), window)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _is_output(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and _is_text(value.get("name"))
        and isinstance(value.get("labels"), list)
        and len(value["labels"]) > 0
        and all(isinstance(label, str) for label in value["labels"])
        and isinstance(value.get("window"), dict)
    )


_KINDS: dict[str, tuple[Any, str]] = {
    "version": (_is_number, "a number"),
    "name": (_is_text, "a word"),
    "task": (_is_text, "a word"),
    "channels": (lambda value: isinstance(value, int) and value >= 1, "a whole number of at least 1"),
    "colour": (_is_text, "a word"),
    "mean": (lambda value: isinstance(value, list) and all(map(_is_number, value)), "a list of numbers"),
    "std": (
        lambda value: isinstance(value, list) and all(_is_number(item) and item > 0 for item in value),
        "a list of numbers above 0",
    ),
    "outputs": (
        lambda value: isinstance(value, list) and len(value) > 0 and all(map(_is_output, value)),
        "a list of objects with a name, labels and a window",
    ),
    "threshold": (lambda value: value is None or _is_number(value), "a number or null"),
    "settings": (_is_object, "an object"),
    "card": (_is_object, "an object"),
}
"""For each field of the manifest, whether a JSON value is right for it, and what is expected."""
