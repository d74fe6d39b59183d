"""The plan gate before a flight: the same checks as `./lenger plan check`, with what the vehicle tells of the day."""

from __future__ import annotations

from math import atan2, degrees, hypot, isfinite
from typing import Any

from lenger_core.errors import InputError
from lenger_core.plans import Plan
from lenger_core.samples import VehicleStatus
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.zone_model import ZoneSet
from lenger_mission.plan_gate.case import Autopilot, Case
from lenger_mission.plan_gate.checks import run_gate
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import make_course

_AUTOPILOTS: dict[str, Autopilot] = {"px4": "px4", "ardupilot": "ardupilot"}


class PreflightGate:
    """Checks plans over one terrain, against one set of zones.

    Args:
        profile: the vehicle.
        terrain: the ground.
        zones: the guard's, None where it has none but its height limits.
    """

    def __init__(self, profile: VehicleProfile, terrain: Terrain, zones: ZoneSet | None) -> None:
        self._profile = profile
        self._terrain = terrain
        self._zones = zones

    def reason(self, plan: Plan, vehicle: VehicleStatus | None) -> str:
        """Return why a plan must not fly, one line, "" when it may.

        Args:
            plan: flat.
            vehicle: tells home, wind, battery and autopilot, as far as it is known.
        """
        try:
            course = make_course(_at_home(plan, vehicle), self._profile, self._terrain)
            autopilot = _AUTOPILOTS.get(vehicle.autopilot, "") if vehicle is not None else ""
            report = run_gate(Case(course, self._zones, _conditions(vehicle), autopilot=autopilot))
        except InputError as error:
            return str(error)
        errors = report.errors
        if not errors:
            return ""
        more = f" (and {len(errors) - 1} more: ./lenger plan check tells all)" if len(errors) > 1 else ""
        return f"plan gate: {errors[0].code}: {errors[0].sentence}{more}"


def _at_home(plan: Plan, vehicle: VehicleStatus | None) -> Plan:
    """Return the plan from where the vehicle says that home is."""
    if vehicle is None or not isfinite(vehicle.home_lat_deg + vehicle.home_lon_deg + vehicle.home_alt_amsl_m):
        return plan
    home = {
        "lat_deg": vehicle.home_lat_deg,
        "lon_deg": vehicle.home_lon_deg,
        "alt_amsl_m": round(vehicle.home_alt_amsl_m, 2),
    }
    return plan.model_copy(update={"home": plan.home.model_copy(update=home)})


def _conditions(vehicle: VehicleStatus | None) -> Conditions:
    """Return the day as the vehicle tells it; the rest by default."""
    told: dict[str, Any] = {}
    if vehicle is None:
        return Conditions()
    east, north = vehicle.wind_enu_m_s[:2]
    if isfinite(east + north):
        told["wind_m_s"] = min(hypot(east, north), 60.0)
        told["wind_from_deg"] = degrees(atan2(-east, -north)) % 360.0
    if isfinite(vehicle.battery_remaining) and vehicle.battery_remaining > 0.0:
        told["battery_charge"] = min(vehicle.battery_remaining, 1.0)
    if isfinite(vehicle.battery_temperature_c) and -60.0 <= vehicle.battery_temperature_c <= 80.0:
        told["battery_c"] = vehicle.battery_temperature_c
    return Conditions(**told)
