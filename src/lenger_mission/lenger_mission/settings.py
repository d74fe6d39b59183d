"""Settings of mission_node and its core."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lenger_core.settings import Settings, SiteSettings
from lenger_core.terrain import TerrainSettings


class MissionSettings(Settings):
    """Everything that may be tuned about the execution of a mission."""

    site: SiteSettings = Field(default_factory=SiteSettings)
    terrain: TerrainSettings = TerrainSettings()
    vehicle: str = Field("quad_2kg", description="name of the vehicle profile, config/vehicles/NAME.yaml")
    state_file: str = Field("", description="file that keeps the progress of the mission over a restart; empty: none")
    engine: Literal["uploaded", "streamed"] = Field(
        "uploaded", description="who flies a plan whose goal leaves it open: the autopilot, or setpoints from here"
    )
    zones: str = Field("", description="zone file of the guard, for the plan gate; empty: none")
    plan_gate: Literal["refuse", "warn", "off"] = Field(
        "refuse", description="what becomes of a plan with errors: refused, told of, or not looked at"
    )
    upload_timeout_s: float = Field(120.0, ge=5.0, le=600.0, description="how long handing over a plan may take")
    preflight_timeout_s: float = Field(
        60.0, ge=1.0, le=600.0, description="how long to wait for a vehicle that is ready"
    )
    arm_timeout_s: float = Field(15.0, ge=1.0, le=120.0, description="how long arming may take")
    no_progress_s: float = Field(30.0, ge=5.0, le=600.0, description="without progress for this long the mission fails")
    link_timeout_s: float = Field(
        1.0, ge=0.2, le=10.0, description="vehicle/status older than this interrupts the mission"
    )
    odometry_timeout_s: float = Field(0.3, ge=0.1, le=5.0, description="older odometry is not flown on")
    authority_grace_s: float = Field(5.0, ge=0.5, le=30.0, description="time from consent until authority must be ours")
    guard_grace_s: float = Field(1.5, ge=0.2, le=10.0, description="time from consent until the guard must have let go")
    guard_silence_s: float = Field(
        2.0, ge=0.5, le=10.0, description="guard/status older than this keeps us on the ground"
    )
    home_distance_m: float = Field(1_000.0, ge=10.0, le=5_000.0, description="home may differ this far from the plan's")
    home_height_m: float = Field(
        30.0,
        ge=1.0,
        le=500.0,
        description="home's height may differ this far from the terrain, beside the terrain's error",
    )
    range_m: float = Field(30_000.0, ge=100.0, le=100_000.0, description="no waypoint farther from the site than this")
    command_lifetime_s: float = Field(0.5, ge=0.1, le=2.0, description="lifetime of a command")
    acceptance_radius_m: float = Field(5.0, ge=0.5, le=100.0, description="of waypoints whose plan leaves it open")
    corner_cut_m: float = Field(2.0, ge=0.2, le=20.0, description="how far inside a corner the turn may pass")
    takeoff_tolerance_m: float = Field(1.5, ge=0.2, le=10.0, description="take-off is done this close below its height")
    stop_radius_m: float = Field(
        1.5, ge=0.3, le=20.0, description="a stop, and a landing, begins this close to its place"
    )
    sample_m: float = Field(10.0, ge=1.0, le=100.0, description="spacing of the height profile along a leg")
    effort: float = Field(
        0.8, gt=0.1, le=1.0, description="share of the profile's accelerations and climb rates to use"
    )
    cross_track_gain_1_s: float = Field(0.6, gt=0.0, le=3.0, description="sideways speed for each metre off the track")
    height_gain_1_s: float = Field(0.8, gt=0.0, le=3.0, description="vertical speed for each metre off the height")
    correction_m_s: float = Field(
        3.0, gt=0.1, le=10.0, description="most sideways speed spent on coming back to the track"
    )
    yaw_rate_deg_s: float = Field(45.0, gt=1.0, le=180.0, description="turning rate of the commanded heading")
