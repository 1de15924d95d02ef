"""Why a place on the map costs what it costs, in a sentence.

print(costmap.explain(4.0, 1.5))
blocked: stereo saw an obstacle here 0.2 s ago
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from windowpane.drive.perception.labels import NAMES

if TYPE_CHECKING:
    from windowpane.drive.mapping.costmap import CostMap

LEAST = 0.02  # the weight of labels that count as seen


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a place costs what it costs.

    cost: per metre; inf where it is blocked. labels: the share of each label by its name; all 0 where the net
    saw nothing. seen: when the place was last looked at by stereo or the net, seconds; None = never.
    nearest: metres, the shortest distance from which the net saw it; None = never. text: all of that.
    """

    cost: float
    labels: dict[str, float]
    seen: float | None
    nearest: float | None
    text: str

    def __str__(self) -> str:
        return self.text


def explained(costmap: CostMap, place: NDArray[np.float64], now: float) -> Explanation:
    """Return why a place (2,) of odom costs what it costs now, in seconds."""
    view = costmap.view(now)
    angle, ring, inside = costmap.polar.cells_of(place - view.origin)
    cost = float(view.cost[angle, ring])
    labels, far_seen, nearest = _of_the_net(costmap, place)
    near = costmap.near.grid
    odds = float(near.at("odds", place))
    near_seen = costmap.told(float(near.at("seen", place))) if odds else None
    times = [time for time in (near_seen, far_seen) if time is not None]
    seen = max(times) if times else None
    price = "blocked" if np.isinf(cost) else f"{cost:.1f} per metre"
    because = []
    if not inside:
        because.append("beyond the rim of the map")
    elif costmap.bumped(now, place[None])[0]:
        because.append("the bumper was hit here")
    if near_seen is not None:
        what = "an obstacle" if odds > 0 else "free ground"
        because.append(f"stereo saw {what} here {_ago(now - near_seen)}")
    if far_seen is not None:
        best = sorted(labels.items(), key=lambda item: -item[1])[:2]
        named = " and ".join(f"{100 * share:.0f} % {name}" for name, share in best if share >= 0.1)
        because.append(f"the net saw {named} {_ago(now - far_seen)}, from {nearest:.0f} m at the nearest")
    if float(near.at("tried", place)):
        because.append("the robot got stuck near here")
    if np.isinf(cost) and not because:
        because.append("an obstacle is within the robot's radius")
    elif np.isinf(cost) and odds <= 0 and not costmap.bumped(now, place[None])[0]:
        because.append("but an obstacle is within the robot's radius")
    return Explanation(cost, labels, seen, nearest, f"{price}: {', '.join(because) or 'nobody saw it yet'}")


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
            return shares, costmap.told(float(square.at("seen", place))), float(square.at("nearest", place))
    return dict.fromkeys(NAMES, 0.0), None, None
