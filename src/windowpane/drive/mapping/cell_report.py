"""Why a place on the map costs what it costs, in a sentence (an explanation of a cost map's cell).

print(explained(costmap, 4.0, 1.5))
blocked: stereo saw an obstacle here 0.2 s ago
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.far_map import LEAST
from windowpane.drive.perception.labels import NAMES


@dataclass(frozen=True, slots=True)
class CellReport:
    """Why a place costs what it costs.

    Attributes
    ----------
    cost
        Per metre; inf where it is blocked.
    labels
        The share of each label by its name; all 0 where the net saw nothing.
    seen
        Seconds: when the place was last looked at by stereo or the net; None = never.
    nearest
        Metres, the shortest distance from which the net saw it; None = never.
    text
        All of that.
    """

    cost: float
    labels: dict[str, float]
    seen: float | None
    nearest: float | None
    text: str

    def __str__(self) -> str:
        return self.text


def explained(costmap: CostMap, x: float, y: float, now: float | None = None) -> CellReport:
    """Return why a place costs what it costs.

    Parameters
    ----------
    costmap
        The map.
    x, y
        The place in odom, metres.
    now
        Seconds; none = when the map's costs were last asked for.
    """
    now, place = costmap.now if now is None else now, np.array([x, y], np.float64)
    view = costmap.view(now)
    angle, ring, inside = costmap.polar.cells_of(place - view.origin)
    cost = float(view.cost[angle, ring])
    labels, far_seen, nearest = _of_the_net(costmap, place)
    odds = float(costmap.near.grid.at("odds", place))
    near_seen = costmap.absolute_time(float(costmap.near.grid.at("seen", place))) if odds else None
    bumped = bool(costmap.bumped(now, place[None])[0])
    because = []
    if not inside:
        because.append("beyond the rim of the map")
    elif bumped:
        because.append("the bumper was hit here")
    if near_seen is not None:
        what = "an obstacle" if odds > 0 else "free ground"
        because.append(f"stereo saw {what} here {_ago(now - near_seen)}")
    if far_seen is not None:
        named = _named(labels)
        because.append(f"the net saw {named} {_ago(now - far_seen)}, from {nearest:.0f} m at the nearest")
    if float(costmap.near.grid.at("tried", place)):
        because.append("the robot got stuck near here")
    if np.isinf(cost) and not (because and (odds > 0 or bumped)):
        because.append(("but " if because else "") + "an obstacle is within the robot's radius")
    paid = "blocked" if np.isinf(cost) else f"{cost:.1f} per metre"
    times = [time for time in (near_seen, far_seen) if time is not None]
    told = f"{paid}: {', '.join(because) or 'nobody saw it yet'}"
    return CellReport(cost, labels, max(times, default=None), nearest, told)


def _named(labels: dict[str, float]) -> str:
    """Return the shares of the two labels that most was seen of, in words."""
    best = sorted(labels.items(), key=lambda item: -item[1])[:2]
    return " and ".join(f"{100 * share:.0f} % {name}" for name, share in best if share >= 0.1)


def _ago(seconds: float) -> str:
    return f"{seconds:.1f} s ago" if seconds >= 0.05 else "just now"


def _of_the_net(
    costmap: CostMap, place: NDArray[np.float64]
) -> tuple[dict[str, float], float | None, float | None]:
    """Return the shares of the labels, when they were seen and from how near, in the finest square."""
    for square in costmap.far.squares:
        weights = square.at("labels", place)
        total = float(weights.sum())
        if total > LEAST:
            shares = dict(zip(NAMES, (weights / total).tolist(), strict=True))
            seen = costmap.absolute_time(float(square.at("seen", place)))
            return shares, seen, float(square.at("nearest", place))
    return dict.fromkeys(NAMES, 0.0), None, None
