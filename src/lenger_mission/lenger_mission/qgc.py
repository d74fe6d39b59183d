"""QGroundControl `.plan` files.

Format: docs.qgroundcontrol.com, "Plan File Format" (file version 1, mission 2, geoFence 2, rallyPoints 2), and what
QGroundControl writes: `AltitudeMode` 1 is relative to home, 2 AMSL, 3 height above terrain for which QGroundControl
computed `AMSLAltAboveTerrain`, 4 the autopilot's terrain frame; 0 or absent leaves it to the MAVLink `frame`. Mode 3
keeps its meaning here, a height above ground, and is followed along the leg.
"""

from __future__ import annotations

from pathlib import Path

from lenger_core.plans import (
    MAX_ACCEPTANCE_M,
    MAX_HEIGHT_M,
    MAX_HOLD_S,
    MAX_ITEMS,
    MAX_SPEED_M_S,
    MAX_VERTICES,
    MIN_HEIGHT_M,
    PLAN_LIMITS,
    ChangeSpeed,
    Datum,
    FenceCircle,
    FencePolygon,
    Height,
    Home,
    Land,
    Plan,
    PlanItem,
    RallyPoint,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.strict_json import JsonField, parse, read_text

WAYPOINT, RETURN_TO_LAUNCH, LAND, TAKEOFF, CHANGE_SPEED = 16, 20, 21, 22, 178
COMMANDS = (
    f"{WAYPOINT} (waypoint), {RETURN_TO_LAUNCH} (return to launch), {LAND} (land), {TAKEOFF} (takeoff) or "
    f"{CHANGE_SPEED} (change speed)"
)
FRAME_DATUM = {0: Datum.AMSL, 5: Datum.AMSL, 3: Datum.HOME, 6: Datum.HOME, 10: Datum.AGL, 11: Datum.AGL}
"""MAV_FRAME_GLOBAL*, with the deprecated _INT twins."""
MODE_DATUM = {1: Datum.HOME, 2: Datum.AMSL, 3: Datum.AGL, 4: Datum.AGL}
MODE_WIRE_DATUM = {**MODE_DATUM, 3: Datum.AMSL}
"""The datum of the MAVLink frame that goes with each AltitudeMode: mode 3 is uploaded as AMSL."""
ROTARY_WING_TYPES = frozenset({2, 3, 4, 13, 14, 15, 29})
"""MAV_TYPE of multirotors and helicopters: they fly QGroundControl's hoverSpeed, others its cruiseSpeed."""


def read_qgc(path: Path) -> Plan:
    """Read a `.plan` file.

    Raises:
        InputError: one line naming the field, the value and what would be valid.
    """
    return parse_qgc(read_text(path, PLAN_LIMITS), path.stem, str(path))


def parse_qgc(text: str, name: str, where: str) -> Plan:
    """Return the plan of the text of a `.plan` file.

    Args:
        text: the content.
        name: the plan's name.
        where: what errors call the file.

    Raises:
        InputError: one line naming the field, the value and what would be valid.
    """
    root = parse(text, where, PLAN_LIMITS)
    root["fileType"].one_of("Plan")
    root["version"].one_of(1)
    mission = root["mission"]
    mission["version"].one_of(2)
    notes: list[str] = []
    items = _items(mission["items"], notes)
    polygons, circles = _fence(root.get("geoFence"))
    rally = _rally(root.get("rallyPoints"))
    if polygons or circles:
        notes.append(f"the plan's geoFence ({len(polygons)} polygons, {len(circles)} circles) is kept, not enforced")
    if rally:
        notes.append(f"the plan's {len(rally)} rally points are kept, not used")
    return Plan(
        name=name.encode("utf-8", "replace").decode("utf-8")[:200] or "plan",
        home=_home(mission["plannedHomePosition"]),
        items=items,
        cruise_speed_m_s=_speed(mission),
        fence_polygons=polygons,
        fence_circles=circles,
        rally=rally,
        notes=tuple(notes),
    )


def _items(field: JsonField, notes: list[str]) -> tuple[PlanItem, ...]:
    items: list[PlanItem] = []
    seen: set[int] = set()
    for item in field.elements(at_least=1, at_most=MAX_ITEMS):
        if item["type"].one_of("SimpleItem", "ComplexItem") == "ComplexItem":
            kind = item.get("complexItemType") or item["type"]
            raise kind.error("a SimpleItem (ComplexItems are not supported yet)")
        jump = item["doJumpId"].integer(1, 1_000_000)
        if jump in seen:
            raise item["doJumpId"].error("a number that no other item has")
        seen.add(jump)
        auto = item.get("autoContinue")
        if auto is not None and not auto.boolean():
            raise auto.error("true (waiting for a person in the middle of a mission is not supported)")
        items.append(_simple_item(item, notes))
    return tuple(items)


def _simple_item(item: JsonField, notes: list[str]) -> PlanItem:
    command = item["command"].integer(0, 65_535)
    params = list(item["params"].elements(7, 7))
    if command == TAKEOFF:
        return Takeoff(height=_height(item, params))
    if command == WAYPOINT:
        return _waypoint(item, params, notes)
    if command == CHANGE_SPEED:
        params[0].one_of(0, 1)
        return ChangeSpeed(speed_m_s=params[1].number(0.1, MAX_SPEED_M_S, "m/s"))
    if command == RETURN_TO_LAUNCH:
        return ReturnHome()
    if command == LAND:
        lat, lon = params[4].optional_number(-90, 90, "degrees"), params[5].optional_number(-180, 180, "degrees")
        # MAVLink writes "here" as null or as 0, 0.
        here = lat is None or lon is None or (lat == 0 and lon == 0)
        return Land() if here else Land(lat_deg=lat, lon_deg=lon)
    raise item["command"].error(COMMANDS)


def _waypoint(item: JsonField, params: list[JsonField], notes: list[str]) -> Waypoint:
    acceptance = params[1].optional_number(0, MAX_ACCEPTANCE_M, "m")
    if params[3].optional_number(-360, 360, "degrees") is not None:
        note = "headings at waypoints are not flown: the nose points along the track"
        if note not in notes:
            notes.append(note)
    params[2].optional_number(-10_000, 10_000, "m")
    return Waypoint(
        lat_deg=params[4].number(-90, 90, "degrees"),
        lon_deg=params[5].number(-180, 180, "degrees"),
        height=_height(item, params),
        acceptance_radius_m=acceptance or None,
        hold_s=params[0].optional_number(0, MAX_HOLD_S, "s") or 0.0,
    )


def _height(item: JsonField, params: list[JsonField]) -> Height:
    frame = item["frame"]
    on_wire = frame.integer(0, 255)
    if on_wire not in FRAME_DATUM:
        raise frame.error("0 (AMSL), 3 (relative to home) or 10 (terrain)")
    wire_value = params[6].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    mode_field = item.get("AltitudeMode")
    mode = mode_field.integer(0, 4) if mode_field is not None and mode_field.value is not None else 0
    if mode == 0:
        return Height(value_m=wire_value, datum=FRAME_DATUM[on_wire])
    if FRAME_DATUM[on_wire] is not MODE_WIRE_DATUM[mode]:
        raise frame.error(f"a frame that agrees with AltitudeMode {mode} ({MODE_WIRE_DATUM[mode].value})")
    value = item["Altitude"].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    computed = item.get("AMSLAltAboveTerrain")
    if mode == 3 and computed is not None:
        computed.optional_number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    # Two numbers for one height: which of them the writer meant is not for us to guess.
    if mode != 3 and abs(value - wire_value) > 0.5:
        raise params[6].error(f"{value:g}, as Altitude says")
    return Height(value_m=value, datum=MODE_DATUM[mode])


def _home(field: JsonField) -> Home:
    lat, lon, alt = field.elements(3, 3)
    return Home(
        lat_deg=lat.number(-90, 90, "degrees"),
        lon_deg=lon.number(-180, 180, "degrees"),
        alt_amsl_m=alt.optional_number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m AMSL"),
    )


def _speed(mission: JsonField) -> float | None:
    vehicle = mission.get("vehicleType")
    rotary = vehicle is None or vehicle.integer(0, 255) in ROTARY_WING_TYPES
    speed = mission.get("hoverSpeed" if rotary else "cruiseSpeed")
    for name in ("hoverSpeed", "cruiseSpeed"):
        other = mission.get(name)
        if other is not None:
            other.optional_number(0.1, 500, "m/s")
    return speed.optional_number(0.1, MAX_SPEED_M_S, "m/s") if speed is not None else None


def _fence(field: JsonField | None) -> tuple[tuple[FencePolygon, ...], tuple[FenceCircle, ...]]:
    if field is None:
        return (), ()
    field["version"].one_of(2)
    polygons = tuple(_polygon(entry) for entry in field["polygons"].elements(at_most=1_000))
    circles = tuple(_circle(entry) for entry in field["circles"].elements(at_most=1_000))
    return polygons, circles


def _polygon(entry: JsonField) -> FencePolygon:
    vertices = tuple(_lat_lon(vertex) for vertex in entry["polygon"].elements(3, MAX_VERTICES))
    return FencePolygon(inclusion=entry["inclusion"].boolean(), vertices=vertices)


def _circle(entry: JsonField) -> FenceCircle:
    circle = entry["circle"]
    lat, lon = _lat_lon(circle["center"])
    radius = circle["radius"].number(0.1, 100_000, "m")
    return FenceCircle(inclusion=entry["inclusion"].boolean(), lat_deg=lat, lon_deg=lon, radius_m=radius)


def _lat_lon(field: JsonField) -> tuple[float, float]:
    lat, lon = field.elements(2, 2)
    return lat.number(-90, 90, "degrees"), lon.number(-180, 180, "degrees")


def _rally(field: JsonField | None) -> tuple[RallyPoint, ...]:
    if field is None:
        return ()
    field["version"].one_of(1, 2)
    points = []
    for entry in field["points"].elements(at_most=1_000):
        lat, lon, alt = entry.elements(3, 3)
        points.append(
            RallyPoint(
                lat_deg=lat.number(-90, 90, "degrees"),
                lon_deg=lon.number(-180, 180, "degrees"),
                height=Height(value_m=alt.number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m"), datum=Datum.HOME),
            )
        )
    return tuple(points)
