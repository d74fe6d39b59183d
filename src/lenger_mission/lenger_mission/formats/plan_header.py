"""The head of a `.plan` file: home, speeds, and what it says for other programs only."""

from __future__ import annotations

from typing import Any

from lenger_core.errors import InputError
from lenger_core.plans import MAX_HEIGHT_M, MAX_SPEED_M_S, MIN_HEIGHT_M, PLAN_LIMITS, Home, Plan
from lenger_core.strict_json import JsonField, parse
from lenger_mission.formats.plan_heights import tidy
from lenger_mission.formats.plan_items import dumped
from lenger_mission.formats.plan_walk import Walk

ROTARY_WING_TYPES = frozenset({2, 3, 4, 13, 14, 15, 29})
"""MAV_TYPE of multirotors and helicopters: they fly QGroundControl's hoverSpeed, others its cruiseSpeed."""
MISSION_PLANNER = "MissionPlanner"
ARDUPILOT = 3
"""MAV_AUTOPILOT_ARDUPILOTMEGA."""
MAX_KEPT = 100_000

_OWN_KEYS = {
    "": {"fileType", "geoFence", "mission", "rallyPoints", "version"},
    "mission": {"items", "plannedHomePosition", "version"},
    "geoFence": {"circles", "polygons", "version"},
    "rallyPoints": {"points", "version"},
}
_DEFAULT: dict[str, dict[str, Any]] = {
    "": {"groundStation": "Lenger"},
    "mission": {"cruiseSpeed": 15, "firmwareType": 12, "globalPlanAltitudeMode": 0, "hoverSpeed": 5, "vehicleType": 2},
    "geoFence": {},
    "rallyPoints": {},
}


def from_mission_planner(root: JsonField) -> bool:
    """Return whether Mission Planner wrote the file: it leaves out what QGroundControl requires."""
    station = root.get("groundStation")
    return station is not None and station.value == MISSION_PLANNER


def read_home(field: JsonField) -> Home:
    """Return the planned home.

    Raises:
        InputError: names the field, the value and what would be valid.
    """
    lat, lon, alt = field.elements(3, 3)
    return Home(
        lat_deg=lat.number(-90, 90, "degrees"),
        lon_deg=lon.number(-180, 180, "degrees"),
        alt_amsl_m=alt.optional_number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m AMSL"),
    )


def read_speed(mission: JsonField) -> float | None:
    """Return the speed that the file's vehicle flies; None when the file leaves it open.

    Raises:
        InputError: a speed is out of range.
    """
    vehicle = mission.get("vehicleType")
    rotary = vehicle is None or vehicle.integer(0, 255) in ROTARY_WING_TYPES
    speed = mission.get("hoverSpeed" if rotary else "cruiseSpeed")
    for name in ("hoverSpeed", "cruiseSpeed"):
        other = mission.get(name)
        if other is not None:
            other.optional_number(0.1, 500, "m/s")
    return speed.optional_number(0.1, MAX_SPEED_M_S, "m/s") if speed is not None else None


def read_head(root: JsonField, notes: list[str]) -> str:
    """Return what the file says for other programs only, as JSON; "" when that is too long to keep, with a note."""
    kept: dict[str, Any] = {}
    for section, own in _OWN_KEYS.items():
        part = root if not section else root.get(section)
        if part is not None and isinstance(part.value, dict):
            kept[section] = {key: value for key, value in part.value.items() if key not in own}
    if kept.get("geoFence", {}).get("breachReturn") is not None:
        notes.append("the fence's breach return point is kept, not used")
    words = dumped(kept)
    if len(words) <= MAX_KEPT:
        return words
    notes.append(f"what the file says for other programs only ({len(words)} characters) is not kept")
    return ""


def head_of(plan: Plan, section: str) -> dict[str, Any]:
    """Return the keys of a section ("" for the file itself) that the plan's items, fence and rally points do not
    fill: those that were read where there are any, else our own."""
    written = dict(_kept(plan).get(section, _DEFAULT[section]))
    if section == "mission" and plan.cruise_speed_m_s is not None:
        vehicle = written.get("vehicleType", 2)
        rotary = not isinstance(vehicle, int) or vehicle in ROTARY_WING_TYPES
        name = "hoverSpeed" if rotary else "cruiseSpeed"
        if written.get(name) != plan.cruise_speed_m_s:
            written[name] = tidy(plan.cruise_speed_m_s)
    return written


def _kept(plan: Plan) -> dict[str, dict[str, Any]]:
    """Return what was read; nothing where somebody has broken it since."""
    if not plan.as_read:
        return {}
    try:
        root = parse(plan.as_read, "as_read", PLAN_LIMITS)
        sections = {section: root.get(section) for section in _OWN_KEYS}
        mission = sections["mission"]
        if mission is not None and not from_mission_planner(sections[""] or root):
            read_speed(mission)
    except InputError:
        return {}
    return {name: part.value for name, part in sections.items() if part is not None and isinstance(part.value, dict)}


def write_home(walk: Walk) -> list[float | int | None]:
    """Return the planned home as latitude, longitude, height AMSL; its height from the ground where it is not given."""
    home = walk.home
    height = home.alt_amsl_m if home.alt_amsl_m is not None else walk.ground_m((home.lat_deg, home.lon_deg))
    return [home.lat_deg, home.lon_deg, None if height is None else tidy(height)]
