"""What a plan must keep in space and number: the limits of the gate's own, beside zones and vehicle."""

from __future__ import annotations

from pydantic import Field

from lenger_core.flight_limits import APPROACH_RADIUS_M, CEILING_AGL_M, FLOOR_AGL_M, RETURN_HEIGHT_HOME_M
from lenger_core.settings import Settings


class GateLimits(Settings):
    """Limits of the checks in space. The defaults are the guard's and the executor's, so that a plan that passes is
    flown without a hold."""

    floor_agl_m: float = Field(
        FLOOR_AGL_M,
        ge=0.0,
        le=500.0,
        description="least height above the ground en route, after the terrain's error bound",
    )
    ceiling_agl_m: float = Field(
        CEILING_AGL_M, ge=5.0, le=5_000.0, description="greatest height above the ground, the error bound added"
    )
    ceiling_amsl_m: float = Field(6_000.0, ge=0.0, le=9_000.0, description="greatest height above mean sea level")
    approach_radius_m: float = Field(
        APPROACH_RADIUS_M,
        ge=0.0,
        le=500.0,
        description="within this distance of home and landing place the floor does not count",
    )
    zone_margin_m: float = Field(
        5.0, ge=0.0, le=500.0, description="least distance to a zone line: corner cutting and position error"
    )
    border_buffer_m: float = Field(
        100.0, ge=0.0, le=50_000.0, description="least distance to a border, or the zone file's own where that is more"
    )
    max_leg_m: float = Field(5_000.0, ge=10.0, le=100_000.0, description="longest leg")
    min_leg_m: float = Field(0.5, ge=0.0, le=100.0, description="a shorter leg is a doubled waypoint: a warning")
    range_m: float = Field(30_000.0, ge=100.0, le=100_000.0, description="greatest distance from home")
    length_m: float = Field(150_000.0, ge=100.0, le=1_000_000.0, description="greatest length of the whole course")
    home_height_m: float = Field(
        30.0, ge=1.0, le=500.0, description="home's stated height may differ so far from the ground, beside its error"
    )
    landing_slope_deg: float = Field(
        15.0, ge=0.0, le=60.0, description="steepest ground to land on; the terrain's cells smooth what is steeper"
    )
    return_height_home_m: float = Field(
        RETURN_HEIGHT_HOME_M,
        ge=0.0,
        le=1_000.0,
        description="height above home to which the native return climbs first",
    )
