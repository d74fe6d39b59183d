"""How a plan's legs clear the ground: exactly over the terrain model, and after its error bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lenger_core.errors import InputError
from lenger_core.plans import Datum, Plan, Takeoff, Waypoint
from lenger_core.terrain import Terrain, path_clearance


@dataclass(frozen=True)
class GroundReport:
    """What a plan is flown over, and how close it comes to it.

    Attributes:
        name: the terrain.
        synthetic: whether detail of it was invented.
        error_bound_m: the greatest error bound of the terrain under home and the waypoints; None off the terrain.
        clearance_m: least height above the ground, from the top of the take-off to the last waypoint; None off the
            terrain, or where there is no leg.
        clearance_leg: the leg on which that is: 1 leads to the first waypoint.
        sure_clearance_m: the least of height above ground less error bound, for a flight over the real land.
        agl: whether the plan has heights above ground.
    """

    name: str
    synthetic: bool
    error_bound_m: float | None = None
    clearance_m: float | None = None
    clearance_leg: int | None = None
    sure_clearance_m: float | None = None
    agl: bool = False

    def sentences(self) -> list[str]:
        """Return what a person should know of it."""
        if self.error_bound_m is None:
            return [f"terrain: {self.name}; the plan leaves it, so its clearances are not known"]
        out = [f"terrain: {self.name}; the real land may differ by up to {self.error_bound_m:.0f} m here"]
        if self.clearance_m is not None and self.sure_clearance_m is not None:
            least = f"least clearance: {self.clearance_m:.1f} m on leg {self.clearance_leg}"
            out.append(f"{least}; over the real land {self.sure_clearance_m:.1f} m can be relied on")
        if self.clearance_m is not None and self.clearance_m <= 0.0:
            out.append(f"warning: leg {self.clearance_leg} runs into the ground")
        if self.synthetic and self.agl:
            out.append(
                "warning: heights above synthetic ground are for simulation; an aircraft refuses them (--dem FILE)"
            )
        return out


def ground_under(plan: Plan, terrain: Terrain) -> GroundReport:
    """Return how a plan's legs clear the ground, straight from item to item at their heights."""
    lat, lon = np.array([(plan.home.lat_deg, plan.home.lon_deg), *((w.lat_deg, w.lon_deg) for w in plan.waypoints)]).T
    flown = [item for item in plan.items if isinstance(item, Takeoff | Waypoint)]
    agl = any(item.height.datum is Datum.AGL for item in flown)
    nothing = GroundReport(terrain.name, terrain.synthetic, agl=agl)
    try:
        ground, bound = terrain.heights_amsl_m(lat, lon), float(terrain.errors_m(lat, lon).max())
        climbs = [item for item in flown if isinstance(item, Takeoff)]
        heights = [climbs[0].height.amsl_m(ground[0], ground[0])] if climbs else []
        heights += [w.height.amsl_m(g, ground[0]) for w, g in zip(plan.waypoints, ground[1:], strict=True)]
        path = np.column_stack([lat[-len(heights) :], lon[-len(heights) :], heights]) if heights else np.empty((0, 3))
        if len(path) < 2:
            return GroundReport(terrain.name, terrain.synthetic, round(bound, 1), agl=agl)
        clear = path_clearance(terrain, path)
    except InputError:
        return nothing
    return GroundReport(
        terrain.name,
        terrain.synthetic,
        round(bound, 1),
        round(clear.clearance_m, 1),
        clear.leg + (1 if climbs else 2),
        round(clear.sure_clearance_m, 1),
        agl,
    )
