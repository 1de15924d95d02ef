"""Which rows go with which columns so that the sum is largest (linear assignment, Hungarian algorithm)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]


def assign(gain: Floats) -> tuple[Indices, Indices]:
    """Return the pairs of rows and columns, each at most once, whose gains together are largest.

    What gains nothing is no pair. Exact, by shortest augmenting paths (Kuhn 1955, Munkres 1957; this way of
    doing it: Crouse 2016, "On implementing 2D rectangular assignment algorithms", IEEE TAES 52(4)).

    Parameters
    ----------
    gain
        (N, M), 0 or more.

    Returns
    -------
    rows, columns
        (P,) each, by rising row.
    """
    rows, columns = np.flatnonzero(gain.any(axis=1)), np.flatnonzero(gain.any(axis=0))
    few = gain[np.ix_(rows, columns)]
    turned = len(rows) > len(columns)
    owner = _owners(-few.T if turned else -few)
    taken = np.flatnonzero(owner >= 0)
    first, second = (taken, owner[taken]) if turned else (owner[taken], taken)
    order = np.argsort(first, kind="stable")
    first, second = first[order], second[order]
    pairs = few[first, second] > 0
    return rows[first[pairs]], columns[second[pairs]]


def _owners(cost: Floats) -> Indices:
    """Return the row that each column goes to for the least cost of all rows, or -1; rows are not more."""
    n_rows, n_columns = cost.shape
    row_price, column_price = np.zeros(n_rows), np.zeros(n_columns)
    owner = np.full(n_columns, -1, np.intp)
    for start in range(n_rows):
        distance, before = np.full(n_columns, np.inf), np.full(n_columns, -1, np.intp)
        closed, seen = np.zeros(n_columns, np.bool_), []
        row, least, column = start, 0.0, -1
        while row >= 0:  # until a column is free
            seen.append(row)
            reached = least + cost[row] - row_price[row] - column_price
            better = ~closed & (reached < distance)
            distance[better], before[better] = reached[better], row
            column = int(np.where(closed, np.inf, distance).argmin())
            least = float(distance[column])
            closed[column] = True
            row = int(owner[column])
        row_price[start] += least
        passed = np.flatnonzero(closed & (owner >= 0))
        row_price[owner[passed]] += least - distance[passed]
        column_price[closed] -= least - distance[closed]
        row = -1
        while row != start:  # each on the path hands its column on
            row = int(before[column])
            mine = np.flatnonzero(owner == row)
            owner[column] = row
            column = int(mine[0]) if len(mine) else -1
    return owner
