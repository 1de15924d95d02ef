"""The list of classes (class names, colour map): a name in each line of ``classes.txt``, from number 0 on.

A line may give the colour of its class too, for label pictures that are painted, in any of the usual forms:

    grass                        a name
    grass 0 102 0                with its red, green, blue, 0 to 255
    0 102 0 grass                CamVid's label_colors.txt
    grass,0,102,0                as a class_dict.csv
    grass:0,102,0::              CVAT's labelmap.txt
    grass #006600                as the web has it
    3: grass                     with its number, if all lines have theirs, from 0 on

Lines that begin with ``#`` say something to people. A colour called unknown, void, unlabelled or ignore is no
class, and in a list for label pictures a number called unknown or ignore is none either.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from windowpane.data.text import read_text
from windowpane.errors import DataError

Colour = tuple[int, int, int]

UNKNOWN = 255
"""The label of a pixel whose class is not known: it is neither learned nor counted."""

_NO_NUMBER = ("unknown", "ignore")
_NO_COLOUR = (*_NO_NUMBER, "void", "unlabelled", "unlabeled")
_LABELMES_IGNORE = "__ignore__"  # the first line of its labels.txt, of which number 0 is the next
_SHARES = r"[(\[]?(\d{1,3})[\s,;]+(\d{1,3})[\s,;]+(\d{1,3})[)\]]?"
_WEB = r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})"
_COLOURED = tuple(  # pattern and base of the numbers
    (re.compile(form.format(colour)), base)
    for form in (r"(?P<name>.+?)[\s,;:]+{}(?::.*)?", r"{}[\s,;:]+(?P<name>.+)")
    for colour, base in ((_SHARES, 10), (_WEB, 16))
)
_HEADER = re.compile(r"(name|class|label)\w*[,;\s]+r\w*[,;\s]+g\w*[,;\s]+b\w*", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d+)(\s*[:.)=\t,;]\s*|\s+)(.+)")


@dataclass(frozen=True, slots=True)
class ClassLine:
    """A line of the list.

    Attributes
    ----------
    line
        Its number in the file, the first is 1.
    is_class
        Whether it is a class, and not the number or colour of what is unknown.
    """

    line: int
    name: str
    colour: Colour | None = None
    is_class: bool = True


@dataclass(frozen=True, slots=True)
class ClassList:
    """The classes of a data set; a class's number in files is the place of its line among ``lines``."""

    file: Path
    lines: tuple[ClassLine, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the classes."""
        return tuple(line.name for line in self.lines if line.is_class)

    @property
    def class_ids(self) -> tuple[int, ...]:
        """For each line the place of its name among `names`, or `UNKNOWN`."""
        names = self.names
        return tuple(names.index(line.name) if line.is_class else UNKNOWN for line in self.lines)

    @property
    def colours(self) -> dict[Colour, int]:
        """The class of each colour, or `UNKNOWN`."""
        pairs = zip(self.lines, self.class_ids, strict=True)
        return {line.colour: class_id for line, class_id in pairs if line.colour is not None}


def named(file: Path, names: Sequence[str]) -> ClassList:
    """Return the list of some names that no file lists, in their order."""
    return ClassList(file, tuple(ClassLine(place, name) for place, name in enumerate(names, start=1)))


def read_class_list(file: Path, *, of_pixels: bool = False) -> ClassList:
    """Read a list of classes.

    Parameters
    ----------
    of_pixels
        Whether it is for label pictures, where a number may be that of what is unknown.

    Raises
    ------
    DataError
        For a file that cannot be read, and, with the line, for a name or colour that is there twice, for a
        colour above 255 and for numbers that do not count from 0.
    """
    written = [(number, line.strip()) for number, line in enumerate(read_text(file).splitlines(), start=1)]
    cvat = any(line.startswith("#") and "color_rgb" in line for _, line in written)
    told = [(number, line) for number, line in written if line and (line[0] != "#" or re.match(_WEB, line))]
    told = [(number, line) for number, line in told if not _HEADER.fullmatch(line)]
    lines = [_line(file, number, text, cvat) for number, text in _without_numbers(file, told)]
    lines = [
        replace(
            line, is_class=line.name.strip("_").lower() not in (_NO_COLOUR if line.colour else _NO_NUMBER)
        )
        if line.colour or of_pixels
        else line
        for line in lines
        if line.name != _LABELMES_IGNORE
    ]
    _refuse_equal(file, lines)
    return ClassList(file, tuple(lines))


def _without_numbers(file: Path, lines: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Return lines without the numbers of their classes, if all of them have one."""
    found = [_NUMBERED.fullmatch(line) for _, line in lines]
    numbers = [int(match[1]) if match else -1 for match in found]
    if len(lines) > 1 and numbers == list(range(len(lines))):
        return [(line, match[3]) for (line, _), match in zip(lines, found, strict=True) if match]
    if lines and all(match and ":" in match[2] for match in found):
        wrong = next(place for place, number in enumerate(numbers) if number != place)
        raise DataError(
            f"{file}:{lines[wrong][0]}: {lines[wrong][1]!r} has the number {numbers[wrong]} where {wrong} is"
            " next: number the classes from 0 without a gap, or write their names alone"
        )
    return lines


def _line(file: Path, number: int, text: str, cvat: bool) -> ClassLine:
    for form, base in _COLOURED:
        if match := form.fullmatch(text):
            places = [place for place in range(1, 5) if place != form.groupindex["name"]]
            red, green, blue = (int(match[place], base) for place in places)
            if max(red, green, blue) > 255:
                raise DataError(
                    f"{file}:{number}: {text!r} has a colour above 255: write red, green, blue, 0 to 255"
                )
            return ClassLine(number, match["name"].strip(), (red, green, blue))
    return ClassLine(number, text.split(":")[0].strip() if cvat else text)


def _refuse_equal(file: Path, lines: Sequence[ClassLine]) -> None:
    names: dict[str, int] = {}
    colours: dict[Colour, int] = {}
    for line in lines:
        if line.is_class and (first := names.setdefault(line.name, line.line)) != line.line:
            raise DataError(
                f"{file}:{line.line}: {line.name!r} is the name of line {first} too: give each class its own"
            )
        if line.colour and (first := colours.setdefault(line.colour, line.line)) != line.line:
            raise DataError(
                f"{file}:{line.line}: {line.name!r} has the colour of line {first}: give each class its own"
            )
