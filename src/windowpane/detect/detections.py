"""The answer of the detector: bounding boxes with confidence, class and landmarks, in the caller's pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from windowpane.core import notebook
from windowpane.errors import ImageError, MissingExtraError, renamed
from windowpane.images import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Floats = NDArray[np.float64]
Choice = slice | NDArray[np.bool_] | NDArray[np.intp]
NO_TRACK = -1
"""The number of what belongs to no track, or to none yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """One object.

    Attributes
    ----------
    box
        ``(x0, y0, x1, y1)`` in pixels of the caller's upright image.
    confidence
        Calibrated probability that the object is there, 0..1.
    name
        Of its class, a word such as ``"face"``.
    landmarks
        (L, 2) x and y in pixels, or None.
    id
        Number of its track in a film that is tracked; `NO_TRACK` while it has none, None where nothing is
        tracked.
    """

    box: tuple[float, float, float, float]
    confidence: float
    name: str
    landmarks: Floats | None = None
    id: int | None = None

    score = renamed("score", "confidence")
    label = renamed("label", "name")

    def __repr__(self) -> str:
        box = ", ".join(f"{value:.1f}" for value in self.box)
        points = "" if self.landmarks is None else f", {len(self.landmarks)} landmarks"
        number = "" if self.id in (None, NO_TRACK) else f" {self.id}"
        return f"Detection({self.name}{number}, confidence {self.confidence:.3f}, box ({box}){points})"

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; the name is left to the key that this stands under.

        Where it is tracked there is an ``"id"`` too: its number, or None while it has none.
        """
        record = {"box": [round(value, 2) for value in self.box], "score": round(self.confidence, 4)}
        points = {} if self.landmarks is None else {"landmarks": self.landmarks.round(2).tolist()}
        number = {} if self.id is None else {"id": None if self.id == NO_TRACK else self.id}
        return {**record, **points, **number}


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """All objects found in a picture, the surest first; none is an answer too.

    Iterable over single `Detection`s, and filtered by plain NumPy: ``found[found.confidence > 0.9]``.

    Attributes
    ----------
    boxes
        (N, 4) float64, ``x0, y0, x1, y1`` in pixels of the caller's upright image, within it.
    confidence
        (N,) float64, calibrated probabilities, 0..1.
    class_ids
        (N,) intp, places in ``names``.
    names
        Of the net's classes.
    landmarks
        (N, L, 2) float64, x and y in pixels, of a face left eye, right eye, nose, left and right corner of
        the mouth as seen in the picture; None where the net gives none.
    width, height
        Of the picture, in pixels.
    ids
        (N,) intp, the number of each one's track in a film, from 1 on; `NO_TRACK` for one that has none yet.
        None where nothing is tracked: see `windowpane.detect.tracker`.
    """

    boxes: Floats
    confidence: Floats
    class_ids: NDArray[np.intp]
    names: tuple[str, ...]
    landmarks: Floats | None
    width: int
    height: int
    ids: NDArray[np.intp] | None = None

    scores = renamed("scores", "confidence")
    labels = renamed("labels", "class_ids")

    def __len__(self) -> int:
        return len(self.boxes)

    def __repr__(self) -> str:
        sure = f", confidence {self.confidence.max():.3f} to {self.confidence.min():.3f}" if len(self) else ""
        return f"Detections({self._counted() or 'nothing'} in {self.width} x {self.height} pixels{sure})"

    def __iter__(self) -> Iterator[Detection]:
        return (self[index] for index in range(len(self)))

    @overload
    def __getitem__(self, chosen: int) -> Detection: ...
    @overload
    def __getitem__(self, chosen: Choice) -> Detections: ...
    def __getitem__(self, chosen: int | Choice) -> Detection | Detections:
        """Return one detection by its number, or those that a slice, a mask (N,) or indices choose."""
        points = None if self.landmarks is None else self.landmarks[chosen]
        if isinstance(chosen, int | np.integer):
            x0, y0, x1, y1 = self.boxes[chosen].tolist()
            name = self.names[self.class_ids[chosen]]
            number = None if self.ids is None else int(self.ids[chosen])
            return Detection((x0, y0, x1, y1), float(self.confidence[chosen]), name, points, number)
        parts = self.boxes[chosen], self.confidence[chosen], self.class_ids[chosen]
        ids = None if self.ids is None else self.ids[chosen]
        return Detections(*parts, self.names, points, self.width, self.height, ids)

    @classmethod
    def joined(cls, parts: Sequence[Detections]) -> Detections:
        """Return several detections in one picture as one, in the order given; at least one part."""
        first = parts[0]
        points = [part.landmarks for part in parts if part.landmarks is not None]
        return cls(
            np.concatenate([part.boxes for part in parts]),
            np.concatenate([part.confidence for part in parts]),
            np.concatenate([part.class_ids for part in parts]),
            first.names,
            np.concatenate(points) if points else None,
            first.width,
            first.height,
        )

    @property
    def visible(self) -> NDArray[np.bool_] | None:
        """Which landmarks lie within the picture, (N, L); where a face is cut off the others are guessed."""
        if self.landmarks is None:
            return None
        return np.asarray(((self.landmarks >= 0) & (self.landmarks < [self.width, self.height])).all(axis=2))

    def within_picture(self) -> Detections:
        """Return the same with boxes that end at the edges of the picture."""
        return replace(self, boxes=self.boxes.clip(0, [self.width, self.height] * 2))

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON: the picture's size, and for each class a list.

        The key of a list is the class's name in the plural: ``{"width": 640, "height": 480, "faces":
        [{"box": [...], "score": 0.98}]}``. A class of which nothing was found has an empty list.
        """
        lists: dict[str, list[dict[str, Any]]] = {name: [] for name in self.names}
        for one in self:
            lists[one.name].append(one.to_dict())
        objects = {plural(name): found for name, found in lists.items()}
        return {"width": self.width, "height": self.height, **objects}

    def plot(self, picture: Any, ax: Axes | None = None) -> Axes:
        """Draw boxes, confidence and landmarks over their picture on matplotlib's axes; None = new ones.

        Parameters
        ----------
        picture
            Whatever `windowpane.images.load` takes.

        Raises
        ------
        ImageError
            For it, also where it has another size than the one searched.
        MissingExtraError
            Without the extra ``plot``.
        """
        pixels = load(picture)
        if pixels.shape[:2] != (self.height, self.width):
            raise ImageError(
                f"the picture has {pixels.shape[1]} x {pixels.shape[0]} pixels, and these were found in "
                f"one of {self.width} x {self.height}: give the picture that was searched"
            )
        ax = notebook.axes(ax, pixels)
        for one in self:
            notebook.outline(ax, one.box)
            word = f"{one.name} " if len(self.names) > 1 else ""
            told = f"{word}{one.confidence:.0%}"
            ax.text(*one.box[:2], told, color="white", backgroundcolor=notebook.ACCENT, va="bottom", size=8)
            if one.landmarks is not None:
                x, y = one.landmarks.T
                ax.scatter(x, y, color=notebook.ACCENT, s=4)
        return ax

    def _repr_html_(self) -> str:
        title = f"{self._counted() or 'Nothing found'} in a picture of {self.width} x {self.height} pixels"
        rows = [(one.name, f"{one.confidence:.1%}", *(round(value) for value in one.box)) for one in self]
        return notebook.view(title, notebook.table(("", "sure", "x0", "y0", "x1", "y1"), rows))

    def _counted(self) -> str:
        """How many there are of each class, in words."""
        counts = {name: int((self.class_ids == number).sum()) for number, name in enumerate(self.names)}
        there = [f"{n} {name if n == 1 else plural(name)}" for name, n in counts.items() if n]
        return ", ".join(there)

    def to_supervision(self) -> Any:
        """Return a ``supervision.Detections``, for that package's annotators, trackers and data sets.

        Its ``data["class_name"]`` has the names, its ``tracker_id`` the numbers of tracks.

        Raises
        ------
        MissingExtraError
            Without that package.
        """
        try:
            import supervision  # type: ignore[import-not-found, unused-ignore]
        except ImportError as error:
            raise MissingExtraError(
                "to_supervision() needs the supervision package: pip install supervision"
            ) from error
        return supervision.Detections(
            xyxy=self.boxes.astype(np.float32),
            confidence=self.confidence.astype(np.float32),
            class_id=self.class_ids.astype(int),
            tracker_id=None if self.ids is None else self.ids.astype(int),
            data={"class_name": np.array(self.names)[self.class_ids]},
        )


def plural(word: str) -> str:
    """Return an English word in its regular plural: faces, boxes, berries."""
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return f"{word}es"
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}s"
