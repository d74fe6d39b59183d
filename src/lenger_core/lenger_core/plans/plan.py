"""A whole plan: home, items, and what else a plan file carries."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from lenger_core.plans.base import (
    MAX_ITEMS,
    MAX_VERTICES,
    AsRead,
    Height,
    Home,
    LatDeg,
    LatLon,
    LonDeg,
    PlanModel,
    SpeedMS,
)
from lenger_core.plans.items import (
    CameraAction,
    ChangeSpeed,
    Foreign,
    Land,
    Loiter,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.plans.patterns import Corridor, Orbit, Perimeter, Search, Survey

Simple = Takeoff | Waypoint | Loiter | CameraAction | ChangeSpeed | ReturnHome | Land | Foreign
Complex = Survey | Corridor | Perimeter | Search | Orbit
PlanItem = Annotated[Simple | Complex, Field(discriminator="type")]


class FencePolygon(PlanModel):
    """A fence polygon: vertices (lat_deg, lon_deg), not closed."""

    inclusion: bool
    vertices: Annotated[tuple[LatLon, ...], Field(min_length=3, max_length=MAX_VERTICES, strict=False)]


class FenceCircle(PlanModel):
    """A fence circle."""

    inclusion: bool
    lat_deg: LatDeg
    lon_deg: LonDeg
    radius_m: Annotated[float, Field(gt=0.0, le=100_000.0)]


class RallyPoint(PlanModel):
    """A place to land at in need."""

    lat_deg: LatDeg
    lon_deg: LonDeg
    height: Height


class Plan(AsRead):
    """A whole plan.

    Attributes:
        name: shown to people; the file's name without its ending.
        home: where the plan expects home.
        items: in the order they are flown.
        cruise_speed_m_s: speed until an item says otherwise; None leaves it to the vehicle's profile.
        fence_polygons, fence_circles, rally: carried along; the guard's zones come from its own file.
        notes: what the format said that this plan does not fly, one sentence each.
        as_read: what the file said of the whole plan for other programs only.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    home: Home
    items: Annotated[tuple[PlanItem, ...], Field(max_length=MAX_ITEMS, strict=False)]
    cruise_speed_m_s: SpeedMS | None = None
    fence_polygons: Annotated[tuple[FencePolygon, ...], Field(strict=False)] = ()
    fence_circles: Annotated[tuple[FenceCircle, ...], Field(strict=False)] = ()
    rally: Annotated[tuple[RallyPoint, ...], Field(strict=False)] = ()
    notes: Annotated[tuple[str, ...], Field(strict=False)] = ()

    @property
    def waypoints(self) -> tuple[Waypoint, ...]:
        """The waypoints, in order."""
        return tuple(item for item in self.items if isinstance(item, Waypoint))

    @property
    def is_flat(self) -> bool:
        """Whether every item is a simple one."""
        return not any(isinstance(item, Complex) for item in self.items)
