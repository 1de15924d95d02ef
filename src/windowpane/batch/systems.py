"""The systems as a batch runs them: many pictures in, one record each out, and the columns of their table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from windowpane.core.netfile import NetFile

Picture = NDArray[np.uint8]
Record = dict[str, Any]
SystemName = Literal["read", "detect", "parse"]


@dataclass(frozen=True, slots=True)
class System:
    """One system with its net and options.

    columns: names and Arrow types of an answer. answer: from upright RGB pictures to their records, the
    objects that the command line prints as JSON.
    """

    columns: dict[str, Any]
    answer: Callable[[Sequence[Picture]], list[Record]]


def system_of(name: SystemName, net: NetFile, options: Record) -> System:
    """Return a system; raises WindowpaneError for options that it cannot take."""
    return {"read": _reader, "detect": _detector, "parse": _parser}[name](net, **options)


def _reader(net: NetFile, *, page: bool, format: str | list[str], **options: Any) -> System:
    """format: zip, number or the list of all valid strings."""
    import pyarrow as pa

    from windowpane.read.lexicon import Lexicon
    from windowpane.read.reader import Reader

    valid = format if isinstance(format, str) else Lexicon.from_strings(format)
    reader = Reader(net, format=valid, threshold=options.pop("score", None), **options)
    box, number = pa.list_(pa.float64()), pa.float64()
    columns = {
        "text": pa.string(),
        "confidence": number,
        "rejected": pa.bool_(),
        "digits": pa.list_(pa.struct({"text": pa.string(), "box": box, "confidence": number})),
        "alternatives": pa.list_(pa.struct({"text": pa.string(), "confidence": number})),
    }
    if not page:
        return System(columns, lambda pictures: [one.to_dict() for one in reader.read(pictures)])

    def answer(pictures: Sequence[Picture]) -> list[Record]:
        pages = map(reader.read_page, pictures)
        return [{"readings": [one.to_dict(box=True) for one in page]} for page in pages]

    return System({"readings": pa.list_(pa.struct({**columns, "box": box}))}, answer)


def _detector(net: NetFile, *, score: float | None = None, **options: Any) -> System:
    import pyarrow as pa

    from windowpane.detect.detections import plural
    from windowpane.detect.detector import Detector

    detector = Detector(net, threshold=score, **options)
    point = pa.list_(pa.float64())
    found = pa.list_(pa.struct({"box": point, "score": pa.float64(), "landmarks": pa.list_(point)}))
    names = (net.second or net).manifest.outputs[0].names
    return System(
        {"width": pa.int32(), "height": pa.int32(), **{plural(name): found for name in names}},
        lambda pictures: [one.to_dict() for one in detector.detect(pictures)],
    )


def _parser(net: NetFile, **options: Any) -> System:
    """Its records have the label picture too, as the bytes of a PNG."""
    import pyarrow as pa

    from windowpane.images.drawing import png
    from windowpane.parse.parser import Parser

    parser = Parser(net, **options)

    def answer(pictures: Sequence[Picture]) -> list[Record]:
        return [{**scene.to_dict(), "png": png(scene.class_ids)} for scene in parser.parse(pictures)]

    shares = pa.struct({name: pa.float64() for name in parser.names})
    return System({"width": pa.int32(), "height": pa.int32(), "labels": shares, "png": pa.binary()}, answer)
