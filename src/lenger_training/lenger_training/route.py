"""The line that a flight is graded against: a plan's legs in a local frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Height, Land, Plan, Takeoff
from lenger_core.terrain import Terrain

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LocalRoute:
    """Take-off, the waypoints, and the landing point of a plan: W + 2 nodes, straight legs between them.

    Attributes:
        en: (W + 2, 2) m.
        alt_amsl_m: (W + 2,) heights at the nodes; the first is the take-off height, the last that of the way there.
        ground_amsl_m: (W + 2,) the terrain model under the nodes.
        follows_ground: (W + 2,) whether the leg TO this node keeps its height above the ground all along.
    """

    en: Array
    alt_amsl_m: Array
    ground_amsl_m: Array
    follows_ground: NDArray[np.bool_]

    @staticmethod
    def of(plan: Plan, frame: LocalFrame, terrain: Terrain, home_amsl_m: float) -> LocalRoute:
        """Return the route of a plan.

        Args:
            plan: what is flown.
            frame: the local frame.
            terrain: gives heights above ground a meaning.
            home_amsl_m: height of home, where the aircraft was armed.
        """
        ways = plan.waypoints
        home = (plan.home.lat_deg, plan.home.lon_deg)
        places = [home, *((w.lat_deg, w.lon_deg) for w in ways), _landing(plan)]
        ground = np.array([terrain.height_amsl_m(*place) for place in places])
        climb = next((item.height for item in plan.items if isinstance(item, Takeoff)), None)
        way_back = ways[-1].height if ways else climb
        heights = [climb, *(w.height for w in ways), way_back]
        alt = [_amsl(h, g, home_amsl_m) for h, g in zip(heights, ground, strict=True)]
        follows = [h is not None and h.datum is Datum.AGL for h in heights]
        en = np.array([frame.to_local(lat, lon, home_amsl_m)[:2] for lat, lon in places])
        return LocalRoute(en, np.array(alt), ground, np.array(follows))

    def off_track(self, en: Array, ground_amsl_m: Array, first: int, last: int) -> tuple[Array, Array]:
        """Return how far points are from the route between two of its nodes.

        Args:
            en: (N, 2) m.
            ground_amsl_m: (N,) the ground under them.
            first, last: nodes, first < last; the legs between them count.

        Returns:
            (N,) horizontal distance to the nearest leg in m, and (N,) the planned height AMSL at its nearest place.
        """
        distance = np.full(len(en), np.inf)
        height = np.full(len(en), np.nan)
        for leg in range(first, last):
            a, b = self.en[leg], self.en[leg + 1]
            length2 = float((b - a) @ (b - a))
            along = np.zeros(len(en)) if length2 == 0.0 else np.clip((en - a) @ (b - a) / length2, 0.0, 1.0)
            here = np.hypot(*(en - a - along[:, None] * (b - a)).T)
            nearer = here < distance
            distance = np.where(nearer, here, distance)
            height = np.where(nearer, self._planned(leg, along, ground_amsl_m), height)
        return distance, height

    def _planned(self, leg: int, along: Array, ground_amsl_m: Array) -> Array:
        """Planned height AMSL at fractions of a leg: linear above the ground, or linear above the sea."""
        start, end = self.alt_amsl_m[leg], self.alt_amsl_m[leg + 1]
        if not self.follows_ground[leg + 1]:
            return np.asarray(start + along * (end - start))
        start_agl, end_agl = start - self.ground_amsl_m[leg], end - self.ground_amsl_m[leg + 1]
        return np.asarray(ground_amsl_m + start_agl + along * (end_agl - start_agl))

    def length_m(self) -> float:
        """Return the horizontal length of all legs."""
        return float(np.hypot(*np.diff(self.en, axis=0).T).sum())


def _landing(plan: Plan) -> tuple[float, float]:
    last = plan.items[-1] if plan.items else None
    if isinstance(last, Land):
        if last.lat_deg is not None and last.lon_deg is not None:
            return last.lat_deg, last.lon_deg
        if plan.waypoints:
            return plan.waypoints[-1].lat_deg, plan.waypoints[-1].lon_deg
    return plan.home.lat_deg, plan.home.lon_deg


def _amsl(height: Height | None, ground: float, home_amsl_m: float) -> float:
    return ground if height is None else height.amsl_m(ground, home_amsl_m)
