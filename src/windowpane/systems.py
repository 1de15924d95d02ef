"""The table of systems (registry): of each verb the class, the net that it takes by default, and its options.

    system = task_of("read").system("digits", format="zip")     # as batch and server run it
    system.answer(picture).to_dict()
    system.close()

The command line, the batch, the server and quantizing look here, so that it is written once what a verb can
be told. A class is imported when a system is made, so that looking costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from windowpane.errors import ArgumentError, choices, taken

if TYPE_CHECKING:
    from pathlib import Path

    from windowpane.core.engine import Engine
    from windowpane.core.netfile import NetFile
    from windowpane.core.system import Answer, Picture
    from windowpane.detect.detections import Detections
    from windowpane.parse.labelmap import LabelMap
    from windowpane.read.mail.postal_code import PostalCode
    from windowpane.read.reading import Reading

    Net = NetFile | str | Path | bytes


class BuiltIn(Protocol):
    """A system that ships: see `windowpane.core.system.System`; it ends its threads when it is closed."""

    name: str

    @property
    def columns(self) -> dict[str, Any]:
        """The names and types of its answers' values, for a table."""
        ...

    @property
    def engines(self) -> list[Engine]:
        """The engine of its net, and those of the nets that this carries."""
        ...

    def answer(self, picture: Picture) -> Answer:
        """Return what it says of a picture."""
        ...

    def close(self) -> None:
        """End its threads."""
        ...


S = TypeVar("S", bound=BuiltIn)


@dataclass(frozen=True, slots=True)
class Option:
    """What a system may be told.

    Attributes
    ----------
    kind
        Its type, or several.
    default
        What holds where nothing is said.
    help
        What it means, for people.
    """

    kind: type | UnionType
    default: Any
    help: str


@dataclass(frozen=True, slots=True)
class Task(Generic[S]):
    """A row of the table.

    Attributes
    ----------
    name
        The verb on the command line, and the task that its nets are made for.
    net
        The name of the net that it takes where none is given.
    options
        What it may be told besides.
    make
        From a net and all options to the system.
    old
        Names that options had, and are still taken by, and those of today.
    """

    name: str
    net: str
    options: Mapping[str, Option]
    make: Callable[..., S]
    old: Mapping[str, str]

    def system(self, net: Net | None = None, **options: Any) -> S:
        """Return the system; raises ArgumentError for an option that cannot be, NetFileError for a net."""
        return self.make(self.net if net is None else net, **self.checked(options))

    def checked(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return all options, those that are not given as they are by default."""
        options = dict(options)
        for old in self.old.keys() & options.keys():
            new = self.old[old]
            options[new] = taken(old, options.pop(old), new, options.get(new), within=2)
        for name, value in options.items():
            if name not in self.options:
                raise ArgumentError(f"{self.name} has no option {name!r}{choices(name, self.options)}")
            kind = self.options[name].kind
            if not isinstance(value, kind):
                expected = kind.__name__ if isinstance(kind, type) else str(kind).replace(" | ", " or ")
                raise ArgumentError(f"the option {name} is {value!r}: give {expected}")
        return {**{name: option.default for name, option in self.options.items()}, **options}


def task_of(name: str) -> Task[Any]:
    """Return a row of the table; raises ArgumentError for a name that is not in it."""
    if name not in TASKS:
        raise ArgumentError(f"there is no system {name!r}: choose from {', '.join(TASKS)}")
    return TASKS[name]


# -- The systems as batch and server run them --------------------------------------------------------------

BOX = ["float64"]
READING = {
    "text": "string",
    "confidence": "float64",
    "rejected": "bool",
    "digits": [{"text": "string", "box": BOX, "confidence": "float64"}],
    "alternatives": [{"text": "string", "confidence": "float64"}],
}
POSTAL_CODE = {
    **{name: READING[name] for name in ("confidence", "rejected", "alternatives")},
    **{"code": "string", "box": BOX, "reason": "string"},
}


@dataclass(frozen=True, slots=True)
class PageReadings:
    """All numbers on a page."""

    readings: Sequence[Reading]

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON."""
        return {"readings": [one.to_dict(box=True) for one in self.readings]}


class ReadSystem:
    """Reads the number on a picture, with ``page`` all numbers on it, with ``mail`` the postcode."""

    name = "read"

    def __init__(
        self,
        net: Net,
        *,
        page: bool,
        every: bool = False,
        mail: bool,
        country: str | None,
        format: str | list[str],
        **options: Any,
    ) -> None:
        from windowpane.read.lexicon import Lexicon
        from windowpane.read.mail.mail_reader import MailReader
        from windowpane.read.reader import Reader

        if country is not None and not mail:
            raise ArgumentError(f"country={country!r} given without mail=True, of whose postcodes it tells")
        if every and not page:
            raise ArgumentError("every=True given without page=True, of whose numbers it tells")
        if page and options.get("counter"):
            raise ArgumentError("counter=True does not go with page=True: cut the counter out of the page")
        self.page, self.every = page, every
        self.mail = None
        if mail:
            of_lines = {name: options.pop(name) for name in ("length", "vote", "separators", "counter")}
            _without_lines(page=page, format=format, **of_lines)
            self.mail = MailReader(net, country=country, **options)
            self.reader = self.mail.reader
        else:
            valid = Lexicon.from_strings(format) if isinstance(format, list) else format
            self.reader = Reader(net, format=valid, **options)

    @property
    def columns(self) -> dict[str, Any]:
        """See `BuiltIn`."""
        if self.mail:
            return POSTAL_CODE
        return {"readings": [{**READING, "box": BOX}]} if self.page else READING

    @property
    def engines(self) -> list[Engine]:
        """See `BuiltIn`."""
        return [self.reader.engine]

    def answer(self, picture: Picture) -> Reading | PageReadings | PostalCode:
        """See `BuiltIn`."""
        if self.mail:
            return self.mail.answer(picture)
        if self.page:
            return PageReadings(self.reader.read_page(picture, every=self.every))
        return self.reader.answer(picture)

    def answer_many(self, pictures: Sequence[Picture]) -> Sequence[Reading | PageReadings | PostalCode]:
        """Return the readings of pictures: lines of like width go through the net together."""
        one_by_one = self.page or self.mail
        return [*map(self.answer, pictures)] if one_by_one else list(self.reader.read(pictures))

    def close(self) -> None:
        """See `BuiltIn`."""
        self.reader.close()


def _without_lines(**given: Any) -> None:
    """Refuse options that are of lines and pages, where postcodes are looked for."""
    for name, value in given.items():
        if value != READ.options[name].default:
            raise ArgumentError(f"the option {name} does not go with mail, which looks for postcodes")


class DetectSystem:
    """Finds the objects of a net's classes."""

    name = "detect"

    def __init__(self, net: Net, **options: Any) -> None:
        from windowpane.detect.detector import Detector

        self.detector = Detector(net, **options)

    @property
    def columns(self) -> dict[str, Any]:
        """See `BuiltIn`."""
        from windowpane.detect.detections import plural

        found = [{"box": BOX, "score": "float64", "landmarks": [BOX]}]
        names = self.engines[-1].manifest.outputs[0].names
        return {"width": "int32", "height": "int32", **{plural(name): found for name in names}}

    @property
    def engines(self) -> list[Engine]:
        """See `BuiltIn`."""
        cascade = self.detector.cascade
        return [self.detector.engine, *([cascade.engine] if cascade else [])]

    def answer(self, picture: Picture) -> Detections:
        """See `BuiltIn`."""
        return self.detector.answer(picture)

    def close(self) -> None:
        """See `BuiltIn`."""
        self.detector.close()


class ParseSystem:
    """Gives every pixel a class."""

    name = "parse"

    def __init__(self, net: Net, **options: Any) -> None:
        from windowpane.parse.parser import Parser

        self.parser = Parser(net, **options)

    @property
    def columns(self) -> dict[str, Any]:
        """See `BuiltIn`."""
        shares = dict.fromkeys(self.parser.names, "float64")
        return {"width": "int32", "height": "int32", "labels": shares, "png": "binary"}

    @property
    def engines(self) -> list[Engine]:
        """See `BuiltIn`."""
        return self.parser.engines

    def answer(self, picture: Picture) -> LabelMap:
        """See `BuiltIn`."""
        return self.parser.answer(picture)

    def close(self) -> None:
        """See `BuiltIn`."""
        self.parser.close()


# -- The table ---------------------------------------------------------------------------------------------

EVERY = {
    "threads": Option(int, 1, "Threads to run the net on."),
    "runtime": Option(str, "onnxruntime", "What runs the net: onnxruntime, openvino or openvino-bf16."),
}

READ = Task(
    "read",
    "digits",
    {
        "format": Option(
            str | list,
            "number",
            "zip: five digits, US ZIP codes; number; or a file, one valid string a line.",
        ),
        "length": Option(int | None, None, "How many digits there are."),
        "page": Option(bool, False, "Find all numbers on a whole page."),
        "every": Option(bool, False, "Of a page, give the rejected ones too."),
        "mail": Option(bool, False, "Give the postcode of the address on each envelope, and no more."),
        "country": Option(
            str | None, None, "With mail: the country that it goes to, by its two letters, as US, FR, HU."
        ),
        "top": Option(int, 3, "How many of the best strings to give."),
        "threshold": Option(
            float | int | None, None, "Reject below this confidence; default: the net's own."
        ),
        "separators": Option(bool, False, "Give points, commas, dashes, slashes and colons as written."),
        "counter": Option(bool, False, "Give the tenths that a counter's last roll has turned on: 01234.3."),
        "vote": Option(str | None, None, "How the four windows vote; default: the net's own."),
        **EVERY,
    },
    ReadSystem,
    {"score": "threshold"},
)
DETECT = Task(
    "detect",
    "faces",
    {
        "min_size": Option(int | float, 20, "The smallest object to look for, in pixels."),
        "max_size": Option(int | float | None, None, "The largest; default: as large as the picture."),
        "threshold": Option(
            float | int | None, None, "Leave out what is less sure; default: the net's own threshold."
        ),
        "rotations": Option(
            bool, False, "Look for what lies or stands on its head too; takes two to four times as long."
        ),
        **EVERY,
    },
    DetectSystem,
    {"score": "threshold"},
)
PARSE = Task(
    "parse",
    "scenes",
    {
        "superpixels": Option(
            bool, False, "Let patches of one colour vote on their pixels; needs scikit-image."
        ),
        "tta": Option(
            int,
            1,
            "Views of a picture: 2, mirrored too; 4, both also enlarged: better, in 2 and 5 times the time.",
        ),
        **EVERY,
    },
    ParseSystem,
    {"looks": "tta"},
)
TASKS: Mapping[str, Task[Any]] = {task.name: task for task in (READ, DETECT, PARSE)}

DRIVE_NET = "ground"
"""The net of `windowpane drive`, which takes pairs of pictures in their order and so is no system here."""
