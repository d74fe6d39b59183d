"""The return planner: shortest ways in the wind around all walls, found in small slices of work.

A visibility graph on the corners of the free space (de Berg et al., Computational Geometry, ch. 15) and Dijkstra's tree
from the targets towards all corners are made once for the zones and home, another wind grows only the tree anew; a
question is then answered by the corners that the aircraft sees. The third dimension is a profile over the way, and
every answer is proved by the margins that the guard itself keeps: a leg that fails is left out, and the search goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot, nan

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.energy import usable_wh
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.zones import LocalZones
from lenger_safety.returns import graph_kernels as kernels
from lenger_safety.returns.costs import costs_of
from lenger_safety.returns.graph import Graph
from lenger_safety.returns.heights import Heights, home_amsl_m
from lenger_safety.returns.landing import Spots
from lenger_safety.returns.plan import Asked, Clearances, ReturnPlan
from lenger_safety.returns.route import JUDGED_M, SLOPE_SHARE, Blocked, Judge, Point, in_the_air, plan_of
from lenger_safety.returns.slices import Slices, prepared, united, without
from lenger_safety.returns.space import FreeSpace, blocked, legal_outline
from lenger_safety.returns.way_in import WayIn, way_in
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor

Floats = NDArray[np.float64]

MARGIN_M = 0.5 * JUDGED_M + 0.5
"""A way keeps off every line by so much more than the protection level."""
REACH_M = 20_000.0
"""Without an inclusion a way is looked for so far about home."""
CELLS = 120
"""The ground is looked over on at most so many cells a side."""
LEAST_CELL_M = 30.0
CELLS_A_SLICE = CELLS // 2
REFINEMENTS = 40
"""Places that may turn out to be walls in the search for one way."""
LEVEL_FALL_M = 2.0
NOT_PLACED = "it is not known where the aircraft or home is, or how surely"
_OVER = object()
WIND_CHANGE_M_S = 1.0
HOME_CHANGE_M = 1.0


@dataclass(frozen=True, slots=True)
class _Refuted:
    """Why a way is not legal, and where."""

    reason: str
    place: Point


class ReturnPlanner:
    """Keeps ways ready; see `lenger_safety.way_back.Planner`.

    Args:
        settings: heights over the ground, levels.
        profile: the airframe.
        zones: in force.
        terrain: the ground.
        surveyor: of the same zones.
    """

    def __init__(
        self,
        settings: GuardSettings,
        profile: VehicleProfile,
        zones: LocalZones,
        terrain: Terrain,
        surveyor: Surveyor,
    ) -> None:
        self._settings, self._profile = settings, profile
        self._zones, self._terrain, self._surveyor = zones, terrain, surveyor
        self._levels = 0.0, 0.0
        self._clear = Clearances(0.0, 0.0, settings.floor_agl_m, settings.ceiling_agl_m)
        self._asked: Asked | None = None
        self._built_for: Asked | None = None
        self._graph: Graph | None = None
        self._walls: list[shapely.Geometry] = []
        self._job: Slices[None] | None = None
        self._question_open = False
        self.plan: ReturnPlan | None = None
        self.no_way = ""
        self.landing: ReturnPlan | None = None

    @property
    def busy(self) -> bool:
        """Whether there is work to do."""
        return self._job is not None or self._question_open

    def ask(self, asked: Asked) -> None:
        """Take where the aircraft is now; what is known of the space is kept unless home or the levels changed.

        Without finite places and protection levels nothing is asked: what is known stays. A wind that is not finite is
        the one before, still air at first.
        """
        if not asked.placed:
            if self.plan is None and not self.busy:
                self.no_way = self.no_way or NOT_PLACED
            return
        asked = asked.stated((0.0, 0.0, 0.0) if self._asked is None else self._asked.wind_m_s)
        self._asked, self._question_open = asked, True
        old = self._built_for
        if old is None or _apart(old.home_m, asked.home_m) > HOME_CHANGE_M or self._take_levels(asked):
            self._take_levels(asked)
            self._graph, self._job, self._built_for = None, self._build(asked), asked

    def _take_levels(self, asked: Asked) -> bool:
        """Take protection levels in whole metres, up at once and down late; return whether they changed."""
        wished = float(ceil(asked.hpl_m)), float(ceil(asked.vpl_m))
        kept = tuple(n if n > o or n < o - LEVEL_FALL_M else o for n, o in zip(wished, self._levels, strict=True))
        if kept == self._levels:
            return False
        s, self._levels = self._settings, (kept[0], kept[1])
        self._clear = Clearances(kept[0] + MARGIN_M, kept[1], s.floor_agl_m, s.ceiling_agl_m)
        return True

    @property
    def usable_wh(self) -> float:
        """What the battery gives down to its reserve by the last question; NaN unknown."""
        asked = self._asked
        return nan if asked is None else usable_wh(self._profile, asked.remaining, asked.temperature_c + 273.15)

    def work(self) -> None:
        """Do one slice."""
        if self._job is None and self._question_open and self._asked is not None and self._graph is not None:
            self._question_open = False
            self._job = self._answer(self._asked, self._graph)
        if self._job is not None and next(self._job, _OVER) is _OVER:
            self._job = None

    # ------------------------------------------------------------ the graph

    def _build(self, asked: Asked) -> Slices[None]:
        home_amsl = home_amsl_m(self._zones, asked.home_m)
        heights = yield from Heights.in_slices(self._zones, self._terrain, self._clear, home_amsl)
        areas = self._zones.areas[: self._zones.inclusions]
        legal = yield from legal_outline([a.outline for a in areas], heights.walls, asked.home_m[:2], REACH_M)
        yield from prepared(legal)
        yield
        if areas:
            yield from self._look_over(legal, heights)
        walls = [*self._walls]
        open_land = (yield from without(legal, (yield from united(walls)))) if walls else legal
        yield
        space = yield from FreeSpace.in_slices(open_land, self._clear_h)
        yield
        costs = costs_of(self._profile, asked.wind_m_s, home_amsl_m(self._zones, asked.home_m))
        graph = Graph(space, heights, costs, asked.wind_m_s, *self._targets(asked, space))
        yield from graph.look()
        yield from graph.grow()
        self._graph = graph

    @property
    def _clear_h(self) -> float:
        return self._clear.horizontal_m

    def _look_over(self, legal: shapely.Geometry, heights: Heights) -> Slices[None]:
        """Find the ground over which there is no legal height."""
        west, south, east, north = legal.bounds
        size = max(LEAST_CELL_M, (east - west) / CELLS, (north - south) / CELLS)
        e, n = np.arange(west + 0.5 * size, east, size), np.arange(south + 0.5 * size, north, size)
        self._walls = []
        for row in n:
            points = np.column_stack((e, np.full(len(e), row)))
            bad = shapely.contains_xy(legal, points)
            for part in np.array_split(np.arange(len(e)), max(1, ceil(len(e) / CELLS_A_SLICE))):  # e: empty in a slit
                low, high = heights.between(points[part])
                bad[part] &= low > high
                yield
            if bad.any():
                self._walls.append(blocked(points[bad, 0], points[bad, 1], size))

    def _targets(self, asked: Asked, space: FreeSpace) -> tuple[tuple[str, ...], list[Floats]]:
        """Return the names and places of home and of the approach zones, which are places to land at, in the space."""
        wanted = [("home", asked.home_m[:2])]
        for area in self._zones.approaches:
            centre = area.outline.centroid
            wanted.append((area.name, (float(centre.x), float(centre.y))))
        names, places = [], []
        for name, place in wanted:
            inside = place
            if not space.holds(*place):
                entrance = space.entrance(*place)
                if entrance is None or hypot(entrance[0] - place[0], entrance[1] - place[1]) > self._reach_of_target:
                    continue
                inside = entrance
            names.append(name)
            places.append(np.array([inside]))
        return tuple(names), places

    @property
    def _reach_of_target(self) -> float:
        """A target beside the free space is landed at from its edge only so near."""
        return self._clear_h + 1.0

    # ------------------------------------------------------------ a question

    def _in_the_wind(self, asked: Asked, graph: Graph) -> Slices[Graph]:
        """Return the graph with the tree for the wind that is asked with."""
        if _apart(graph.wind_m_s, asked.wind_m_s) <= WIND_CHANGE_M_S:
            return graph
        costs = costs_of(self._profile, asked.wind_m_s, home_amsl_m(self._zones, asked.home_m))
        turned = graph.in_wind(costs, asked.wind_m_s)
        yield from turned.grow()
        self._graph = turned
        return turned

    def _answer(self, asked: Asked, graph: Graph) -> Slices[None]:
        graph = yield from self._in_the_wind(asked, graph)
        entry = yield from way_in(asked.position_m, graph.space, graph.heights)
        yield
        heights = graph.heights if entry is None else graph.heights.at(entry.inside)
        found = yield from self._found(asked, graph, heights, entry)
        self.plan = found if isinstance(found, ReturnPlan) else None
        self.no_way = found if isinstance(found, str) else ""
        yield
        spots = Spots(self._terrain, graph.space, heights, self._judge(asked))
        self.landing = yield from spots.best(asked.position_m, entry, graph.costs)

    def _found(self, asked: Asked, graph: Graph, heights: Heights, entry: WayIn | None) -> Slices[ReturnPlan | str]:
        if entry is None and graph.space.inner.is_empty:
            return "the zones leave no room for the aircraft's protection level"
        if entry is None:
            return "keep-outs are between here and the legal space"
        reason = "no way was found"
        unseen = np.zeros(len(graph.nodes), dtype=np.bool_)
        for _ in range(REFINEMENTS):
            path = self._on_the_map(entry.inside[:2], graph, unseen)
            yield
            if isinstance(path, str):
                return path
            way = yield from self._proved(asked, graph, heights, path, entry.inside[2])
            if not isinstance(way, _Refuted):
                return plan_of(asked.position_m, entry, way, graph.costs, heights, self._name_of(graph, path[-1]))
            reason = way.reason
            yield from self._cut(graph, path, way.place, unseen)
        return reason

    def _on_the_map(self, start: Point, graph: Graph, unseen: NDArray[np.bool_]) -> list[Point] | str:
        """Return the shortest way on the map, from the first point inside, or why there is none."""
        if not graph.names:
            return "neither home nor an approach lies in the legal space"
        space = graph.space
        seen = kernels.visible_from(*start, graph.nodes, space.edges, space.boxes) & ~unseen
        first = kernels.cheapest(*start, seen, graph.cost, graph.nodes, graph.costs.wh_per_m)
        if first < 0:
            if not bool(np.isfinite(graph.costs.wh_per_m).any()):
                return "the wind is too strong for any way"
            return "no way leads to home or an approach: zones, ground or wind are between"
        path, node = [start], int(first)
        while node >= 0:
            path.append((float(graph.nodes[node, 0]), float(graph.nodes[node, 1])))
            node = int(graph.onward[node])
        return path

    def _proved(
        self, asked: Asked, graph: Graph, heights: Heights, path: list[Point], start_m: float
    ) -> Slices[tuple[Vec3, ...] | _Refuted]:
        """Find the way in the air when it is legal, else why and where it is not."""
        slope = SLOPE_SHARE * self._profile.max_climb_m_s / self._profile.cruise_speed_m_s
        way = yield from in_the_air(path, heights, start_m, slope)
        if isinstance(way, Blocked):
            off = hypot(way.east_m - asked.position_m[0], way.north_m - asked.position_m[1])
            return _Refuted(f"no legal height over the ground {off:.0f} m from here", (way.east_m, way.north_m))
        worst, place = yield from self._judge(asked).worst(way)
        if worst < 0.0:
            return _Refuted(f"the way would come {-worst:.1f} m too near to a limit", place)
        return way

    def _cut(self, graph: Graph, path: list[Point], place: Point, unseen: NDArray[np.bool_]) -> Slices[None]:
        """Do without the leg of a way that was refuted at a place; the tree grows anew without it."""
        line = shapely.linestrings([[a, b] for a, b in pairwise(path)])
        leg = int(np.argmin(shapely.distance(line, shapely.Point(place))))
        second = _index(graph.nodes, path[leg + 1])
        if leg == 0:
            unseen[second] = True
            return
        first = _index(graph.nodes, path[leg])
        graph.seen[first, second] = graph.seen[second, first] = False
        yield from graph.grow()

    def _name_of(self, graph: Graph, end: Point) -> str:
        targets = graph.nodes[len(graph.nodes) - len(graph.names) :]
        return graph.names[int(np.argmin(np.hypot(targets[:, 0] - end[0], targets[:, 1] - end[1])))]

    def _judge(self, asked: Asked) -> Judge:
        return Judge(self._surveyor, *self._levels, asked.home_m)


def _index(nodes: Floats, place: Point) -> int:
    return int(np.argmin(np.hypot(nodes[:, 0] - place[0], nodes[:, 1] - place[1])))


def _apart(a: Vec3, b: Vec3) -> float:
    return hypot(*(x - y for x, y in zip(a, b, strict=True)))
