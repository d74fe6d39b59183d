"""What is looked at before a mission moves: whether the plan is within reach, and what it may ask of the vehicle."""

from __future__ import annotations

from math import radians

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Plan, Takeoff, Waypoint
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mission.follow import Tuning
from lenger_mission.route import Limits
from lenger_mission.settings import MissionSettings

BRAKE_SHARE = 0.4
"""Of the profile's braking: the rest is for coming back to the track while braking, and for the wind. With half of it,
in a tail wind of 6 m/s, plans that turn 5 m before a fence needed as much as the guard counts a stop with."""


def out_of_reach(plan: Plan, settings: MissionSettings, frame: LocalFrame, terrain: Terrain) -> str | None:
    """Return why a plan cannot be flown from the site, None when it can."""
    heights = (item.height for item in plan.items if isinstance(item, Takeoff | Waypoint))
    if any(height.datum is Datum.AGL for height in heights):
        try:
            terrain.require_real("plan, heights above ground")
        except InputError as error:
            return str(error)
    for number, waypoint in enumerate(plan.waypoints, start=1):
        try:
            terrain.height_amsl_m(waypoint.lat_deg, waypoint.lon_deg)
        except InputError as error:
            return str(error)
        east, north, _ = frame.to_local(waypoint.lat_deg, waypoint.lon_deg, frame.alt_amsl_m)
        distance = (east * east + north * north) ** 0.5
        if distance > settings.range_m:
            return (
                f"waypoint {number} is {distance / 1e3:.1f} km from the site, at most {settings.range_m / 1e3:.1f} km"
            )
    return None


def limits_of(settings: MissionSettings, profile: VehicleProfile) -> Limits:
    """Return what a route may ask of the vehicle."""
    return Limits(
        speed_m_s=profile.max_speed_m_s,
        climb_m_s=settings.effort * profile.max_climb_m_s,
        descent_m_s=settings.effort * profile.max_descent_m_s,
        brake_m_s2=BRAKE_SHARE * profile.max_brake_m_s2,
        corner_m_s2=settings.effort * profile.max_accel_m_s2,
        corner_cut_m=settings.corner_cut_m,
        acceptance_m=settings.acceptance_radius_m,
        sample_m=settings.sample_m,
    )


def tuning_of(settings: MissionSettings, profile: VehicleProfile) -> Tuning:
    """Return the follower's gains and limits."""
    return Tuning(
        latency_s=profile.response_latency_s,
        accel_m_s2=settings.effort * profile.max_accel_m_s2,
        vertical_accel_m_s2=0.5 * settings.effort * profile.max_accel_m_s2,
        cross_track_gain_1_s=settings.cross_track_gain_1_s,
        height_gain_1_s=settings.height_gain_1_s,
        correction_m_s=settings.correction_m_s,
        yaw_rate_rad_s=radians(settings.yaw_rate_deg_s),
        stop_radius_m=settings.stop_radius_m,
    )
