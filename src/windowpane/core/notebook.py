"""What an answer shows of itself in a notebook (rich display), and where it is drawn with matplotlib.

    def _repr_html_(self) -> str:               def plot(self, ax=None) -> Axes:
        return view("2 faces", table(...))          ax = axes(ax)

A view is HTML that needs nothing but itself: pictures are inside it, whatever is written is escaped, and
colours are the notebook's own, by day and by night. Axes are in pixels of a picture, its corner at 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from windowpane.errors import MissingExtraError, install
from windowpane.images import drawing
from windowpane.images.drawing import data_url, png, resized

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ACCENT = "#{:02x}{:02x}{:02x}".format(*drawing.ACCENT)
"""Of what is marked in a plot, as matplotlib wants it."""
ROOM = 400
"""Pixels of the longer side of a picture alone; beside others it has a third."""
MOST = 12
"""Rows of a table, or pictures beside each other; of more only their number is told."""


def view(title: str, *parts: str) -> str:
    """Return an answer as HTML: a line of text, and below it what the other functions return."""
    return f"<div><div><strong>{escape(title)}</strong></div>{''.join(parts)}</div>"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return the first rows as an HTML table, with a line for how many more there are."""
    lines = [_row("th", head), *(_row("td", row) for row in rows[:MOST])]
    return f"<table>{''.join(lines)}</table>{_more(len(rows))}" if rows else ""


def pictures(named: Iterable[tuple[str, NDArray[np.uint8]]]) -> str:
    """Return the first of some pictures, each with its name, side by side where there is room.

    A picture is (H, W, 3) RGB or (H, W) grey, uint8. A large one is made smaller, a small one is shown larger
    with every pixel a square.
    """
    every = list(named)
    room = ROOM if len(every) == 1 else ROOM // 3
    return "".join(_figure(*one, room) for one in every[:MOST]) + _more(len(every))


def legend(colours: Iterable[tuple[Sequence[int], str]]) -> str:
    """Return what colours, RGB, mean."""
    spots = (
        f'<span style="white-space:nowrap"><span style="background:rgb({r},{g},{b})">&emsp;</span> '
        f"{escape(name)}</span>"
        for (r, g, b), name in colours
    )
    return f"<div>{' &ensp; '.join(spots)}</div>"


def axes(ax: Axes | None, picture: NDArray[Any] | None = None) -> Axes:
    """Return the axes that were given, or new ones, with a picture on them if there is one.

    Raises
    ------
    MissingExtraError
        Without matplotlib.
    """
    if ax is None:
        try:
            from matplotlib import pyplot
        except ImportError as error:
            raise MissingExtraError(
                f"plot() draws with matplotlib, which is not installed: {install('plot')}"
            ) from error
        ax = pyplot.subplots(layout="constrained")[1]
    if picture is not None:
        height, width = picture.shape[:2]
        ax.imshow(picture, extent=(0, width, height, 0))
    return ax


def outline(ax: Axes, box: Sequence[float], **style: Any) -> None:
    """Draw the border of a box, ``x0, y0, x1, y1``, on axes."""
    x0, y0, x1, y1 = box
    ax.plot([x0, x1, x1, x0, x0], [y0, y0, y1, y1, y0], **{"color": ACCENT, **style})


def _figure(name: str, picture: NDArray[np.uint8], room: int) -> str:
    if not picture.size:
        return ""
    height, width = picture.shape[:2]
    zoom = room / max(height, width)
    if zoom < 1:
        picture = resized(picture, zoom)
    shown = picture.shape[1] * max(1, int(zoom))
    return (
        '<figure style="display:inline-block;margin:.5em 1em 0 0">'
        f'<img alt="{escape(name)}" width="{shown}" style="image-rendering:pixelated" '
        f'src="{data_url(png(picture))}"><figcaption>{escape(name)}</figcaption></figure>'
    )


def _row(kind: str, cells: Sequence[object]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(str(cell))}</{kind}>' for cell in cells)}</tr>"


def _more(count: int) -> str:
    return f"<div>and {count - MOST} more</div>" if count > MOST else ""
