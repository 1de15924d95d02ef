"""Every step from a picture to its reading (intermediate results), for drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from windowpane.core import notebook
from windowpane.core.engine import ScoreMap
from windowpane.core.netfile import Output
from windowpane.core.system import Picture
from windowpane.core.windows import Window
from windowpane.read.decoder import Decision
from windowpane.read.reading import Reading

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, slots=True, eq=False)
class ReadSteps:
    """Every step from a picture to its reading.

    A doubtful line is looked at from several views. Line, maps, vote and columns are then those of the view
    that decided: where its lattice has the digits of the answer, there they stand.

    Attributes
    ----------
    picture
        (H, W, 3) uint8, as it was read.
    ink
        (32, W) uint8, the normalized line, 255 = ink.
    maps
        The heads' score maps, (K, 1, T_h) log-probabilities of their labels each, widest window first.
    voted
        (11, T) log-probabilities of ten digits and 'none' on the columns of ``window``, the widest.
    columns
        Those of the answer's digits.
    window
        Of a column of the vote.
    reading
        The answer.
    ms
        Milliseconds of each step.
    """

    picture: Picture
    ink: NDArray[np.uint8]
    maps: tuple[ScoreMap, ...]
    voted: NDArray[np.floating]
    columns: tuple[int, ...]
    window: Window
    reading: Reading
    ms: dict[str, float]

    @classmethod
    def of(
        cls,
        picture: NDArray[np.uint8],
        decision: Decision,
        outputs: Sequence[Output],
        ms: dict[str, float],
    ) -> ReadSteps:
        """Return the steps that led to a decision.

        Parameters
        ----------
        picture
            (H, W, 3) uint8.
        decision
            What was decided.
        outputs
            Of the net; their maps are cut to the line's own width.
        ms
            Milliseconds of each step.
        """
        batch, row, ink = decision.candidates.batch, decision.candidates.row, decision.candidates.line.ink
        window = max((output.window for output in outputs), key=lambda window: window.width)
        maps = [
            ScoreMap(
                output.name,
                output.names,
                scores[row, :, None, : output.window.map_size(*ink.shape)[1]],
                output.window,
            )
            for output, scores in zip(outputs, batch.maps, strict=True)
        ]
        voted = batch.voted[row, :, : window.map_size(*ink.shape)[1]]
        return cls(picture, ink, tuple(maps), voted, decision.columns, window, decision.reading, ms)

    def __repr__(self) -> str:
        times = ", ".join(f"{step} {ms:.2f}" for step, ms in self.ms.items())
        return f"<ReadSteps to {self.reading!r}; ms: {times}>"

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw the lattice and its shortest path on matplotlib's axes; None = new ones.

        Upwards the digits of the answer in their order, rightwards the pixels of the line, ``ink``; the
        lighter, the likelier that digit is there.

        Raises
        ------
        MissingExtraError
            Without the extra ``plot``.
        """
        ax, places = notebook.axes(ax), self.voted.shape[1]
        text = "".join(digit.text for digit in self.reading.digits)
        ends = [self.window.centre(0, col)[0] for col in (-0.5, places - 0.5)]
        if text:
            rows = np.exp(self.voted[[int(digit) for digit in text]])
            across = (ends[0], ends[1], 0, len(text))
            ax.imshow(rows, "gray", vmin=0, vmax=1, origin="lower", aspect="auto", extent=across)
        steps = np.repeat([self.window.centre(0, col)[0] for col in self.columns], 2)
        ax.plot([ends[0], *steps, ends[1]], np.arange(2 * len(text) + 2) // 2, color=notebook.ACCENT)
        ax.set_yticks(np.arange(len(text)) + 0.5, list(text))
        ax.set_xlabel("pixels of the line")
        ax.set_ylabel("order of the digits")
        return ax
