"""What every part of a plan is made of: bounded numbers, places, heights and their datums."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, model_serializer
from pydantic_core.core_schema import SerializerFunctionWrapHandler

MAX_ITEMS = 10_000
MAX_VERTICES = 2_000

MIN_HEIGHT_M, MAX_HEIGHT_M = -500.0, 9_000.0
MAX_SPEED_M_S = 50.0
MAX_HOLD_S = 3_600.0
MAX_ACCEPTANCE_M = 500.0
MAX_TURNS = 1_000.0
MAX_RADIUS_M = 10_000.0

LatDeg = Annotated[float, Field(ge=-90.0, le=90.0)]
LonDeg = Annotated[float, Field(ge=-180.0, le=180.0)]
LatLon = Annotated[tuple[LatDeg, LonDeg], Field(strict=False)]
HeightM = Annotated[float, Field(ge=MIN_HEIGHT_M, le=MAX_HEIGHT_M)]
SpeedMS = Annotated[float, Field(gt=0.0, le=MAX_SPEED_M_S)]
BearingDeg = Annotated[float, Field(ge=-360.0, le=360.0)]
"""Clockwise from true north, as on every chart and in every plan file."""
RadiusM = Annotated[float, Field(gt=0.0, le=MAX_RADIUS_M)]
Ring = Annotated[tuple[LatLon, ...], Field(min_length=3, max_length=MAX_VERTICES, strict=False)]
"""Vertices (lat_deg, lon_deg) of a polygon, the first one not repeated at the end."""


class PlanModel(BaseModel):
    """Base of the plan's parts: frozen, strict, no unknown fields, no NaN; defaults are not written."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    @model_serializer(mode="wrap")
    def _without_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        written = handler(self)
        return {k: v for k, v in written.items() if k == "type" or getattr(self, k) != fields[k].default}


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


class AsRead(PlanModel):
    """Base of what remembers the words of the file that it came from.

    Attributes:
        as_read: the words (JSON), kept only where our own writing would lose something that other programs read. They
            are never flown, do not count when two plans are compared, and are written back only while they still mean
            the same.
    """

    as_read: Annotated[str, Field(max_length=2_000_000)] = ""

    def __eq__(self, other: object) -> bool:
        """Return whether both mean the same."""
        return type(self) is type(other) and self._meaning() == other._meaning()

    def __hash__(self) -> int:
        """Return the hash of what it means."""
        return hash(self._meaning())

    def _meaning(self) -> tuple[Any, ...]:
        return tuple(value for name, value in self.__dict__.items() if name != "as_read")


class ItemModel(AsRead):
    """Base of the items."""
