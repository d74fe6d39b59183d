"""The visibility graph of a free space, and the tree of cheapest ways in it."""

from __future__ import annotations

from copy import copy
from math import inf

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_safety.returns import graph_kernels as kernels
from lenger_safety.returns.costs import Costs
from lenger_safety.returns.heights import Heights
from lenger_safety.returns.slices import Slices
from lenger_safety.returns.space import FreeSpace

Floats = NDArray[np.float64]

SETTLED_A_SLICE = 40


class Graph:
    """Corners, the targets behind them, who sees whom, and the tree towards the targets.

    Attributes:
        space, heights, costs, wind_m_s: what it was made of.
        nodes: (N, 2) corners, then targets.
        names: of the targets.
        seen: (N, N) who sees whom.
        cost, onward: (N,) Wh to the cheapest target, and the next node on the way, -1 at a target.
    """

    def __init__(
        self,
        space: FreeSpace,
        heights: Heights,
        costs: Costs,
        wind_m_s: Vec3,
        names: tuple[str, ...],
        targets: list[Floats],
    ) -> None:
        self.space, self.heights, self.names = space, heights, names
        self.costs, self.wind_m_s = costs, wind_m_s
        self.nodes = np.ascontiguousarray(np.vstack((space.nodes, *targets)))
        self.seen = np.zeros((len(self.nodes), len(self.nodes)), dtype=np.bool_)
        self.cost, self.onward = np.empty(0), np.empty(0, dtype=np.int64)

    def in_wind(self, costs: Costs, wind_m_s: Vec3) -> Graph:
        """Return the same for another wind; its tree is yet to be grown."""
        turned = copy(self)
        turned.costs, turned.wind_m_s = costs, wind_m_s
        return turned

    def look(self) -> Slices[None]:
        """Find out who sees whom."""
        count, edges, boxes = len(self.nodes), self.space.edges, self.space.boxes
        rows = kernels.rows_a_slice(count, len(edges))
        for first in range(0, count, rows):
            kernels.visibility_rows(self.seen, first, min(first + rows, count), self.nodes, edges, boxes)
            yield

    def grow(self) -> Slices[None]:
        """Grow the tree."""
        count = len(self.nodes)
        cost, onward = np.full(count, inf), np.full(count, -1, dtype=np.int64)
        done = np.zeros(count, dtype=np.bool_)
        cost[count - len(self.names) :] = 0.0
        while not kernels.settle(cost, onward, done, SETTLED_A_SLICE, self.seen, self.nodes, self.costs.wh_per_m):
            yield
        self.cost, self.onward = cost, onward
