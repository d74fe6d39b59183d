"""Settings of the guard: the parameters of guard_node."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lenger_core.flight_limits import APPROACH_RADIUS_M, CEILING_AGL_M, FLOOR_AGL_M, RETURN_HEIGHT_HOME_M
from lenger_core.settings import Settings, SiteSettings
from lenger_core.terrain import TerrainSettings
from lenger_safety.supervision.settings import SupervisionSettings


class GuardSettings(Settings):
    """What the guard keeps and how early it acts. Braking, latency and speeds are in the vehicle profile."""

    site: SiteSettings = SiteSettings()
    terrain: TerrainSettings = TerrainSettings()
    supervision: SupervisionSettings = SupervisionSettings()
    vehicle: str = Field("quad_2kg", description="vehicle profile in config/vehicles")
    zones: str = Field("", description="GeoJSON zones file; empty: only the heights below are kept")
    utc_at_zero_s: float = Field(
        0.0, ge=0.0, le=1e11, description="UTC at ROS time 0, seconds since 1970; 0 where ROS time is UTC"
    )
    zone_announce_s: float = Field(
        120.0,
        ge=0.0,
        le=86_400.0,
        description="a zone with a time window is announced so long before it comes into force",
    )
    state_file: str = Field("", description="file that keeps latch and counters over a restart; empty: none")
    floor_agl_m: float = Field(
        FLOOR_AGL_M, ge=0.0, le=500.0, description="lowest height over the ground en route, away from home"
    )
    ceiling_agl_m: float = Field(CEILING_AGL_M, ge=5.0, le=5000.0, description="greatest height over the ground")
    approach_radius_m: float = Field(
        APPROACH_RADIUS_M,
        ge=0.0,
        le=500.0,
        description="within this distance of home the floor does not count: climb-out and landing",
    )
    return_height_home_m: float = Field(
        RETURN_HEIGHT_HOME_M,
        ge=0.0,
        le=1000.0,
        description="height above home to which the autopilot's own return climbs first",
    )
    missions: Literal["never", "checked", "watched"] = Field(
        "checked",
        description="a mission that the autopilot flies by itself: never; checked: where its whole path is legal; "
        "watched: anywhere, unchecked, and held when a limit can no longer be kept",
    )
    path_allowance_m: float = Field(
        1.0, ge=0.0, le=100.0, description="how far the autopilot may stray from a path that it flies by itself"
    )
    mission_goes_on: bool = Field(
        True, description="an uploaded mission goes on when mission_node falls silent; false: hold"
    )

    brake_fraction: float = Field(
        0.8,
        gt=0.1,
        le=1.0,
        description="share of the profile's braking that the limiter plans with; the rest is for the hold",
    )
    latency_factor: float = Field(
        2.0,
        ge=1.0,
        le=6.0,
        description="limiter's multiple of the response latency: below 2 the approach to a line oscillates",
    )
    link_latency_s: float = Field(
        0.15, ge=0.0, le=2.0, description="command's way to the autopilot, which the age of no estimate tells of"
    )
    buffer_m: float = Field(1.0, ge=0.0, le=50.0, description="the limiter stops this far before the hold acts")
    wind_allowance_m: float = Field(0.5, ge=0.0, le=50.0, description="added to every stopping distance for gusts")
    warn_m: float = Field(
        5.0, ge=0.0, le=200.0, description="warn when less than this remains beside the stopping distance"
    )
    recover_m_s: float = Field(
        1.0, ge=0.0, le=5.0, description="greatest speed of the way back inside that the limiter adds"
    )

    accuracy_factor: float = Field(
        3.0, ge=1.0, le=10.0, description="protection level as a multiple of the autopilot's one-sigma accuracy"
    )
    unknown_accuracy_m: float = Field(
        3.0, gt=0.0, le=100.0, description="one-sigma accuracy where the autopilot states none"
    )
    lost_fusion_factor: float = Field(
        1.5,
        ge=1.0,
        le=10.0,
        description="widens the autopilot's protection level when fusion is lost, unsure or disagrees",
    )
    silence_s: float = Field(0.5, gt=0.0, le=5.0, description="an input that is older is silent")
    disagree_hold_s: float = Field(
        3.0, gt=0.0, le=60.0, description="hold after fusion and autopilot disagreed for so long"
    )
    clear_s: float = Field(
        0.5, ge=0.0, le=10.0, description="a rung is left only after its cause has been away for so long"
    )
