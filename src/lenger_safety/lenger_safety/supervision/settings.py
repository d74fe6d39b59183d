"""Settings of the supervision: parameters `supervision.*` of guard_node."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lenger_core.samples import GuardLevel
from lenger_core.settings import Settings

Action = Literal["none", "warn", "hold", "return", "land"]
RUNG_OF: dict[str, GuardLevel] = {
    "none": GuardLevel.NOMINAL,
    "warn": GuardLevel.WARN,
    "hold": GuardLevel.HOLD,
    "return": GuardLevel.RETURN,
    "land": GuardLevel.LAND,
}


class SupervisionSettings(Settings):
    """How early each watcher speaks, and what some of them ask for."""

    pilot_link_action: Action = Field("hold", description="when the pilot's radio is lost that was heard before")
    pilot_link_s: float = Field(1.5, ge=0.0, le=60.0, description="lost for so long before that")
    ground_link_action: Action = Field("warn", description="when the ground station's link is lost that stood before")
    ground_link_s: float = Field(10.0, ge=0.0, le=600.0, description="lost for so long before that")

    gnss_hold_s: float = Field(3.0, ge=0.0, le=120.0, description="hold after so long without GNSS")
    gnss_land_s: float = Field(30.0, ge=1.0, le=600.0, description="land by the autopilot after so long without GNSS")
    hold_hpl_m: float = Field(20.0, ge=1.0, le=1000.0, description="hold when the position is less sure than this")
    land_hpl_m: float = Field(60.0, ge=1.0, le=1000.0, description="land when the position is less sure than this")
    jump_m: float = Field(
        3.0,
        ge=0.5,
        le=10_000.0,
        description="a step of an estimate beyond its speed, and its protection level, is a jump",
    )
    jump_wide_s: float = Field(5.0, ge=0.0, le=60.0, description="margins stay wider by a jump for so long, then decay")
    disagree_velocity_m_s: float = Field(
        4.0, ge=0.5, le=50.0, description="fusion and autopilot disagree when their velocities are further apart"
    )

    energy_warn: float = Field(1.6, ge=1.0, le=10.0, description="warn when usable energy over needed is less")
    energy_return: float = Field(1.3, ge=1.0, le=10.0, description="return when it is less")
    energy_land: float = Field(1.0, ge=0.5, le=10.0, description="land when it is less: home is out of reach")
    battery_unknown_s: float = Field(10.0, ge=0.0, le=600.0, description="warn after so long without a charge state")

    clock_jump_s: float = Field(0.5, ge=0.2, le=60.0, description="a jump of the clock")
    overrun_s: float = Field(0.25, ge=0.1, le=5.0, description="a step of the guard that comes so late is an overrun")
    settle_s: float = Field(2.0, ge=0.0, le=60.0, description="a cause is over after so long without it")

    upset_margin_deg: float = Field(15.0, ge=5.0, le=60.0, description="tilt beyond the profile's that is an upset")
    upset_rate_deg_s: float = Field(250.0, ge=50.0, le=2000.0, description="rate of roll or pitch that is an upset")
    upset_accel_m_s2: float = Field(
        4.0, ge=1.0, le=20.0, description="acceleration that tilt and drag do not explain: an upset"
    )
    clearance_warn_m: float = Field(
        3.0, ge=0.0, le=100.0, description="warn below this height over the worst ground, but for takeoff and landing"
    )
    fence_action: Action = Field("warn", description="when the autopilot's own fence is missing or differs in flight")
    lights: Literal["lit", "unlit"] = Field("unlit", description="whether the aircraft flies with its lights on")
    night_action: Action = Field("warn", description="when it flies unlit after civil dusk")
