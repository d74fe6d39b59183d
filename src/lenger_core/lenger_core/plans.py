"""The plan model: what a mission is, whatever format it was written in; and our own versioned JSON of it.

A plan is a home, a list of items, and what else a plan file carries (fence, rally points). Items are a union told apart
by `type`; a new kind of item (survey, orbit, camera action) is one class here and its name in `PlanItem`. Positions are
WGS84 degrees, heights metres of a named datum, speeds m/s over the ground, times seconds.
"""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lenger_core.settings import input_error
from lenger_core.strict_json import Limits, parse, read_text
from lenger_core.whole_file import write_whole

FORMAT = "lenger-plan"
VERSION = 1
MAX_ITEMS = 10_000
MAX_VERTICES = 2_000
PLAN_LIMITS = Limits(8_000_000, 100_000, f"a plan of {MAX_ITEMS:,} items")

MIN_HEIGHT_M, MAX_HEIGHT_M = -500.0, 9_000.0
MAX_SPEED_M_S = 50.0
MAX_HOLD_S = 3_600.0
MAX_ACCEPTANCE_M = 500.0

LatDeg = Annotated[float, Field(ge=-90.0, le=90.0)]
LonDeg = Annotated[float, Field(ge=-180.0, le=180.0)]
HeightM = Annotated[float, Field(ge=MIN_HEIGHT_M, le=MAX_HEIGHT_M)]
SpeedMS = Annotated[float, Field(gt=0.0, le=MAX_SPEED_M_S)]


class PlanModel(BaseModel):
    """Base of the plan's parts: frozen, strict, no unknown fields, no NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Datum(str, Enum):
    """What a height is measured from."""

    AGL = "agl"
    """Above the ground under the aircraft: followed along the whole leg, not only at the waypoint."""
    AMSL = "amsl"
    """Above mean sea level (EGM96)."""
    HOME = "home"
    """Above the height of home, where the vehicle was armed."""


class Height(PlanModel):
    """A height and its datum."""

    value_m: HeightM
    datum: Annotated[Datum, Field(strict=False)]

    def amsl_m(self, ground_amsl_m: float, home_amsl_m: float) -> float:
        """Return the height above mean sea level, over ground and home of the given heights."""
        base = {Datum.AGL: ground_amsl_m, Datum.AMSL: 0.0, Datum.HOME: home_amsl_m}[self.datum]
        return base + self.value_m


class Home(PlanModel):
    """Where the plan expects home to be; the flight uses the vehicle's own."""

    lat_deg: LatDeg
    lon_deg: LonDeg
    alt_amsl_m: HeightM | None = None


class Takeoff(PlanModel):
    """Climb straight up to a height."""

    type: Literal["takeoff"] = "takeoff"
    height: Height


class Waypoint(PlanModel):
    """Fly a straight leg to a point.

    `speed_m_s` None keeps the speed in force; `acceptance_radius_m` None leaves it to the executor; with `hold_s` the
    vehicle stops there that long.
    """

    type: Literal["waypoint"] = "waypoint"
    lat_deg: LatDeg
    lon_deg: LonDeg
    height: Height
    speed_m_s: SpeedMS | None = None
    acceptance_radius_m: Annotated[float, Field(gt=0.0, le=MAX_ACCEPTANCE_M)] | None = None
    hold_s: Annotated[float, Field(ge=0.0, le=MAX_HOLD_S)] = 0.0


class ChangeSpeed(PlanModel):
    """Fly at this speed over the ground from here on."""

    type: Literal["change_speed"] = "change_speed"
    speed_m_s: SpeedMS


class ReturnHome(PlanModel):
    """Fly home at the height of the last waypoint and land there."""

    type: Literal["return"] = "return"


class Land(PlanModel):
    """Fly to a point at the height of the last waypoint and land there; without a position, land where the plan has
    come to."""

    type: Literal["land"] = "land"
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None


PlanItem = Annotated[Takeoff | Waypoint | ChangeSpeed | ReturnHome | Land, Field(discriminator="type")]


class FencePolygon(PlanModel):
    """A fence polygon: vertices (lat_deg, lon_deg), not closed."""

    inclusion: bool
    vertices: Annotated[tuple[tuple[LatDeg, LonDeg], ...], Field(min_length=3, max_length=MAX_VERTICES, strict=False)]


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


class Plan(PlanModel):
    """A whole plan.

    Attributes:
        name: shown to people; the file's name without its ending.
        home: where the plan expects home.
        items: in the order they are flown.
        cruise_speed_m_s: speed until an item says otherwise; None leaves it to the vehicle's profile.
        fence_polygons, fence_circles, rally: carried along; the guard's zones come from its own file.
        notes: what the format said that this plan does not fly, one sentence each.
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


class _File(PlanModel):
    format: Literal["lenger-plan"] = "lenger-plan"
    version: Literal[1] = 1
    plan: Plan


def to_json(plan: Plan) -> str:
    """Return the plan in our own JSON, format `lenger-plan`, version 1."""
    return _File(plan=plan).model_dump_json(indent=2) + "\n"


def from_json(text: str, where: str) -> Plan:
    """Return the plan of our own JSON.

    Raises:
        InputError: broken, of another format or version, or out of range.
    """
    root = parse(text, where, PLAN_LIMITS)
    root["format"].one_of(FORMAT)
    root["version"].one_of(VERSION)
    try:
        return _File.model_validate_json(text).plan
    except ValidationError as error:
        raise input_error(where, error) from error


def write_plan(plan: Plan, path: Path) -> None:
    """Write our own JSON, replacing the file in one step.

    Raises:
        InputError: `path` is there and is no regular file.
    """
    write_whole(path, to_json(plan))


def read_plan(path: Path) -> Plan:
    """Read our own JSON.

    Raises:
        InputError: the file or its content is not valid.
    """
    return from_json(read_text(path, PLAN_LIMITS), str(path))
