"""The little of YAML that camera calibrations are written in, so that no YAML package is needed.

    documents("a: 1\\nb: [2, 3]") == [{"a": 1.0, "b": [2.0, 3.0]}]

Understood: maps and lists by indentation, ``[...]`` and ``{...}`` over several lines, quoted text, comments,
several documents; tags (``!!opencv-matrix``) are skipped, every number becomes a float. Not understood:
anchors, block text, keys that are not plain words.
"""

from __future__ import annotations

import re
from typing import Any

_Line = tuple[int, int, str]  # number in the file, indentation, text
_KEY = re.compile(r"([^\s:\[\]{},\"'][^:\[\]{},]*?|\"[^\"]*\"|'[^']*')\s*:(?:\s+|$)")
_COMMENT = re.compile(r"(\"[^\"]*\"|'[^']*')|(?:^|\s)#.*")
_TOKEN = re.compile(r"\s*(\"[^\"]*\"|'[^']*'|[\[\]{},]|:(?=\s|$)|(?:[^\s\[\]{},:]|:(?!\s))+)")


def documents(text: str) -> list[Any]:
    """Return the values of all documents of a YAML text; raises ValueError, which names the line."""
    found: list[list[_Line]] = [[]]
    for number, raw in enumerate(text.splitlines(), 1):
        line = _COMMENT.sub(lambda found: found[1] or "", raw.expandtabs(2)).rstrip()
        if re.fullmatch(r"---(\s.*)?|\.\.\.", line):
            found.append([])
        elif line.strip() and not line.startswith("%"):
            found[-1].append((number, len(line) - len(line.lstrip()), line.strip()))
    return [_document(_joined(lines)) for lines in found if lines]


def _document(lines: list[_Line]) -> Any:
    value, used = _block(lines, 0)
    if used < len(lines):
        raise ValueError(f"line {lines[used][0]}: {lines[used][2][:40]!r} belongs to nothing above it")
    return value


def _joined(lines: list[_Line]) -> list[_Line]:
    """Put a list in brackets that goes over several lines on one."""
    joined: list[_Line] = []
    depth = 0
    for number, indent, text in lines:
        if depth:
            first, column, begun = joined[-1]
            joined[-1] = (first, column, f"{begun} {text}")
        else:
            joined.append((number, indent, text))
        depth += sum(map(text.count, "[{")) - sum(map(text.count, "]}"))
    if depth:
        raise ValueError(f"line {joined[-1][0]}: a bracket is opened or closed only once")
    return joined


def _block(lines: list[_Line], at: int) -> tuple[Any, int]:
    """Return the map, list or value that begins at a line, and the place after it."""
    _, indent, text = lines[at]
    if text == "-" or text.startswith("- "):
        return _list(lines, at, indent)
    if _KEY.match(text):
        return _map(lines, at, indent)
    return _value(lines[at]), at + 1


def _list(lines: list[_Line], at: int, indent: int) -> tuple[list[Any], int]:
    items = []
    while at < len(lines) and lines[at][1] == indent and re.match(r"-(\s|$)", lines[at][2]):
        number, _, text = lines[at]
        rest = text[1:].lstrip()
        if rest:  # what follows the dash may be the first line of a map that goes on below
            lines[at] = (number, indent + len(text) - len(rest), rest)
        else:
            at += 1
        item, at = _block(lines, at) if at < len(lines) else (None, at)
        items.append(item)
    return items, at


def _map(lines: list[_Line], at: int, indent: int) -> tuple[dict[str, Any], int]:
    pairs: dict[str, Any] = {}
    while at < len(lines) and lines[at][1] == indent and (key := _KEY.match(lines[at][2])):
        number, _, text = lines[at]
        rest = re.sub(r"^!\S*\s*", "", text[key.end() :])
        name = key.group(1).strip("\"'")
        at += 1
        if rest:
            pairs[name] = _value((number, indent, rest))
        elif at < len(lines) and (lines[at][1] > indent or _is_item(lines[at], indent)):
            pairs[name], at = _block(lines, at)
        else:
            pairs[name] = None
    return pairs, at


def _is_item(line: _Line, indent: int) -> bool:
    """Say whether a line is an item of a list that is not indented below its key."""
    return line[1] == indent and line[2].startswith("- ")


def _value(line: _Line) -> Any:
    tokens = _TOKEN.findall(line[2])
    if tokens and tokens[0] in "[{":
        try:
            value, used = _flow(tokens, 0)
        except IndexError:
            used = -1
        if used != len(tokens):
            raise ValueError(f"line {line[0]}: the brackets in {line[2][:40]!r} do not match")
        return value
    return _scalar(line[2])


def _flow(tokens: list[str], at: int) -> tuple[Any, int]:
    """Return the value in brackets, or the scalar, that begins at a token, and the place after it."""
    if tokens[at] == "[":
        items, at = [], at + 1
        while tokens[at] != "]":
            item, at = _flow(tokens, at)
            items.append(item)
            at += tokens[at] == ","
        return items, at + 1
    if tokens[at] == "{":
        pairs, at = {}, at + 1
        while tokens[at] != "}":
            name = tokens[at].strip("\"'")
            pairs[name], at = _flow(tokens, at + 2)
            at += tokens[at] == ","
        return pairs, at + 1
    return _scalar(tokens[at]), at + 1


def _scalar(text: str) -> Any:
    if text[0] in "\"'":
        return text.strip("\"'")
    if text in ("true", "false"):
        return text == "true"
    try:
        return float(text)  # also .nan and .inf of YAML, without the dot
    except ValueError:
        return None if text in ("~", "null") else text
