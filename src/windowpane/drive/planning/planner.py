"""The way to the goal over the whole map (global planner), and from every place what is left to go.

    route, field = plan(costmap, goal, now)
    route.points                     from the robot to the goal, metres in odom
    field.at([[1.0, 0.5]])           what it costs to go on from there

Dijkstra's algorithm runs once from the goal over all cells (scipy's); following it down from the robot is the
route. Near the robot, where the cells are thinner than any robot, neighbours count as one.

Sources: Dijkstra 1959, "A note on two problems in connexion with graphs"; Sermanet et al., IROS 2008.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from windowpane.drive.mapping.costmap import CostMap
from windowpane.drive.mapping.inflation import UNSEEN
from windowpane.drive.mapping.polar import HyperbolicPolar
from windowpane.errors import MissingExtraError, install

Floats = NDArray[np.float64]
LETHAL = 200.0
"""What a metre costs where it is blocked: so much that every other way is better, and there always is one."""
AROUND = 12.0
"""By how much the search goes on beyond the robot, in costs: arcs end there."""

KEEP = 0.8
"""Of the cost, along the way that was planned last."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """What it costs to go from any place to the goal (cost-to-go, navigation function).

    Attributes
    ----------
    polar, origin
        The cells, and where in odom (2,) their middle is.
    goal
        (2,) in odom.
    values
        (angles, rings), of the cells.
    """

    polar: HyperbolicPolar
    origin: Floats
    goal: Floats
    values: NDArray[np.float32]

    def at(self, places: ArrayLike) -> Floats:
        """Return the cost to go from places (..., 2) of odom; beyond the rim, as from the rim on."""
        off = np.asarray(places, np.float64) - self.origin
        polar, distance = self.polar, np.hypot(off[..., 0], off[..., 1])
        turn = np.arctan2(off[..., 1], off[..., 0]) * (polar.angles / (2 * np.pi)) - 0.5
        ring = np.clip(polar.index_of(distance) - 0.5, 0, polar.rings - 1.001)
        a, r = np.floor(turn).astype(np.intp), np.floor(ring).astype(np.intp)
        share_a, share_r = turn - a, ring - r
        a, b = a % polar.angles, (a + 1) % polar.angles
        low = self.values[a, r] * (1 - share_a) + self.values[b, r] * share_a
        high = self.values[a, r + 1] * (1 - share_a) + self.values[b, r + 1] * share_a
        beyond = np.maximum(distance - polar.radius, 0)
        return np.asarray(low * (1 - share_r) + high * share_r + UNSEEN * beyond)


@dataclass(frozen=True, slots=True, eq=False)
class Route:
    """The cheapest way.

    Attributes
    ----------
    points
        (N, 2) in odom, metres, from the robot to the goal, or to the rim where the goal is beyond.
    cost
        Of it all.
    reached
        Whether it goes through nothing that is blocked.
    reason
        Why not, else empty.
    field
        The cost to go from any place.
    """

    points: Floats
    cost: float
    reached: bool
    reason: str
    field: Field

    def __repr__(self) -> str:
        metres = float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())
        told = self.reason or "all of it free"
        return f"Route({len(self.points)} points, {metres:.1f} m, cost {self.cost:.1f}, {told})"


def plan(costmap: CostMap, goal: ArrayLike, now: float, last: Route | None = None) -> Route:
    """Return the way from the robot to a goal; one beyond the map is aimed at over its rim.

    Parameters
    ----------
    costmap
        As of now, with the robot in its middle; obstacles in it are as much larger as the robot needs room.
    goal
        (2,) in odom.
    now
        Seconds.
    last
        The route so far to the same goal. Given, the search ends soon after it has come as far as that one,
        and what lies behind the robot takes no time.

    Raises
    ------
    MissingExtraError
        Without the extra ``drive``.
    """
    dijkstra, csr = _scipy()
    polar, graph, view = costmap.polar, graph_of(costmap.polar), costmap.view(now)
    goal = np.asarray(goal, np.float64).reshape(2)
    cost = np.minimum(graph.mean(view.cost), LETHAL)
    if last is not None:
        cost = _kept(cost, graph, polar, last.points - view.origin)
    ends, left = _ends(graph, polar, goal - view.origin, cost)
    weights = np.concatenate([graph.lengths * (cost[graph.source] + cost[graph.target]), left])
    rows = np.append(graph.rows, graph.rows[-1] + len(ends))
    columns = np.concatenate([graph.target, ends])
    count = len(cost)
    matrix = csr((weights, columns, rows), shape=(count + 1, count + 1))
    limit = np.inf if last is None else last.cost / KEEP + AROUND
    value, before = dijkstra(matrix, indices=count, return_predecessors=True, limit=limit)
    if not np.isfinite(value[: graph.first_ring]).all():
        value, before = dijkstra(matrix, indices=count, return_predecessors=True)
    value = np.minimum(value, value[np.isfinite(value)].max())
    field = Field(polar, view.origin, goal, value[graph.nodes].astype(np.float32))
    node = int(np.argmin(value[: graph.first_ring]))
    nodes = []
    total = float(value[node])
    while 0 <= node < count:
        nodes.append(node)
        node = int(before[node])
    points = np.concatenate([[costmap.robot], graph.centres[nodes] + view.origin])
    if np.hypot(*(goal - view.origin)) < polar.radius:
        points = np.concatenate([points, [goal]])
    # Out of what is blocked, where the robot stands already, every way is a way.
    walls = cost[nodes] >= LETHAL
    leaving = int(np.argmin(walls)) if not walls.all() else len(walls)
    free = not walls[leaving:].any()
    reason = "" if free else "no free way to the goal is known: this one leads through what is blocked"
    return Route(points, total, free, reason, field)


def _kept(cost: Floats, graph: Graph, polar: HyperbolicPolar, way: Floats) -> Floats:
    """Return the nodes' costs, a little less along the last way (N, 2): another one must be clearly better.

    Labels of what is far waver from frame to frame, and a robot that turns around each time gets nowhere.
    """
    steps = np.linspace(0, len(way) - 1, 4 * len(way))
    number = np.arange(len(way))
    dense = np.stack([np.interp(steps, number, way[:, axis]) for axis in (0, 1)], axis=1)
    angle, ring, inside = polar.cells_of(dense)
    along = np.zeros(len(cost), np.bool_)
    along[graph.nodes[angle[inside], ring[inside]]] = True
    along[graph.target[along[graph.source]]] = True  # and what is beside it
    return np.asarray(np.where(along & (cost < LETHAL), KEEP * cost, cost))


def _ends(graph: Graph, polar: HyperbolicPolar, off: Floats, cost: Floats) -> tuple[NDArray[Any], Floats]:
    """Return the nodes from which the goal is reached directly, and what that costs."""
    distance = float(np.hypot(*off))
    if distance < polar.radius:
        angle, ring, _ = polar.cells_of(off)
        node = int(graph.nodes[angle, ring])
        near = np.append(graph.target[graph.rows[node] : graph.rows[node + 1]], node)
        gap = np.linalg.norm(graph.centres[near] - off, axis=1)
        return near, np.maximum(gap, 1e-3) * cost[near]
    rim = np.unique(graph.nodes[:, -1])
    return rim, np.linalg.norm(graph.centres[rim] - off, axis=1) * UNSEEN


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The cells of a polar map as nodes with edges to their neighbours.

    Attributes
    ----------
    nodes
        (angles, rings), the node of each cell; near the middle several cells are one.
    centres
        (N, 2).
    source, target, lengths
        Of each edge, sorted by source; lengths are half the metres, as a way costs the mean of both ends.
    rows
        (N + 1,), where each node's edges begin.
    first_ring
        Its nodes.
    """

    nodes: NDArray[np.intp]
    centres: Floats
    source: NDArray[np.int32]
    target: NDArray[np.int32]
    lengths: Floats
    rows: NDArray[np.int32]
    first_ring: int
    counts: Floats

    def mean(self, cost: NDArray[np.float32]) -> Floats:
        """Return the mean over each node's cells of something (angles, rings)."""
        return np.asarray(np.bincount(self.nodes.ravel(), cost.ravel()) / self.counts)


@cache
def graph_of(polar: HyperbolicPolar) -> Graph:
    """Return the graph of a map's cells."""
    nodes, count = np.zeros(polar.shape, np.intp), 0
    for ring, width in enumerate(polar.widths):
        merged = 1
        deep = float(polar.edges[ring + 1] - polar.edges[ring])
        while polar.angles % (2 * merged) == 0 and 2 * merged * width <= 1.1 * deep and merged < 16:
            merged *= 2
        nodes[:, ring] = count + np.arange(polar.angles) // merged
        count += polar.angles // merged
    counts = np.bincount(nodes.ravel()).astype(np.float64)
    centres = np.stack([np.bincount(nodes.ravel(), polar.places[..., k].ravel()) / counts for k in (0, 1)], 1)
    pairs = []
    for turn in (-1, 0, 1):
        around = np.roll(nodes, turn, axis=0)
        pairs += [(nodes[:, 1:], around[:, :-1]), (nodes[:, :-1], around[:, 1:])]
        pairs += [(nodes, around)] if turn else []
    keys = np.unique(np.concatenate([(a * count + b).ravel() for a, b in pairs]))
    source, target = np.divmod(keys, count)
    source, target = source[source != target], target[source != target]
    lengths = np.linalg.norm(centres[source] - centres[target], axis=1) / 2
    rows = np.concatenate([[0], np.cumsum(np.bincount(source, minlength=count))]).astype(np.int32)
    first = int(nodes[:, 0].max()) + 1
    return Graph(
        nodes, centres, source.astype(np.int32), target.astype(np.int32), lengths, rows, first, counts
    )


def _scipy() -> tuple[Any, Any]:
    try:
        from scipy.sparse import csr_array  # type: ignore[import-untyped]
        from scipy.sparse.csgraph import dijkstra  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError(f"planning a route needs {install('drive')}") from None
    return dijkstra, csr_array
