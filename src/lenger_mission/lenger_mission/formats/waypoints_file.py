"""QGC WPL 110 and 120 text files (`.waypoints`, `.txt`) to plans and back.

In version 110, which Mission Planner, MAVProxy and QGroundControl write for ArduPilot, row 0 is home. Version 120, of
old QGroundControl and of MAVROS, has no home; a waypoint before the takeoff of such a file is one that ArduPilot was
asked for, and is read as home. A heading of 0 means that none is given, as ArduPilot's ground stations mean it; north
is written as 360.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from lenger_core.errors import InputError
from lenger_core.plans import MAX_HEIGHT_M, MAX_ITEMS, MIN_HEIGHT_M, Complex, Foreign, Home, Plan, Simple
from lenger_core.strict_json import JsonField, read_text
from lenger_mission.expand import Context, expand
from lenger_mission.formats import plan_commands as cmd
from lenger_mission.formats.plan_items import read_simple, write_simple
from lenger_mission.formats.plan_walk import Walk
from lenger_mission.formats.waypoints_fence import FENCE_COMMANDS, FenceRows
from lenger_mission.formats.waypoints_rows import WPL_LIMITS, Row, column_of_param, parse_rows, text_of_rows

JUMP = 177
_PARAM = re.compile(r"\.params\[(\d)\]")
_HEADING = 3


def read_waypoints(path: Path) -> Plan:
    """Read a QGC WPL file.

    Raises:
        InputError: one line naming the line, the column, the value and what would be valid.
    """
    return parse_waypoints(read_text(path, WPL_LIMITS), path.stem, str(path))


def parse_waypoints(text: str, name: str, where: str) -> Plan:
    """Return the plan of the text of a QGC WPL file.

    Args:
        text: the content.
        name: the plan's name.
        where: what errors call the file.

    Raises:
        InputError: one line naming the line, the column, the value and what would be valid.
    """
    version, rows = parse_rows(text, where)
    notes: list[str] = []
    home, rows = _home(version, rows, where, notes)
    fence = FenceRows(where)
    walk = Walk(home, notes, zero_heading_is_none=True)
    items: list[Simple] = []
    for row in rows:
        if row.command in FENCE_COMMANDS:
            fence.take(row, walk)
        else:
            items.append(_item(row, version, where, walk))
    polygons, circles = fence.finished()
    if any(row.current for row in rows[1:]):
        walk.note("the file marks a later row as the current one: the plan begins with its first item all the same")
    return Plan(
        name=name.encode("utf-8", "replace").decode("utf-8")[:200] or "plan",
        home=home,
        items=tuple(items),
        fence_polygons=polygons,
        fence_circles=circles,
        rally=tuple(fence.rally),
        notes=tuple(walk.notes),
    )


def to_waypoints(plan: Plan, version: int = 110, context: Context | None = None) -> tuple[str, tuple[str, ...]]:
    """Return the text of a QGC WPL file, and sentences on what it could not say.

    Args:
        plan: any plan.
        version: 110 or 120.
        context: terrain, wind and vehicle for items that are yet to be planned.

    Raises:
        InputError: an item cannot be planned, or the plan is too long.
    """
    flat = expand(plan, context)
    walk = Walk(plan.home, list(flat.notes))
    for index, item in enumerate(plan.items):
        if isinstance(item, Complex):
            walk.note(f"the file has no {item.type} item: item {index} is written as its {len(flat.of(index))} rows")
    rows = [_home_row(plan.home, walk)] if version == 110 else []
    for step in flat.plan.items:
        assert isinstance(step, Simple)
        for words in write_simple(step, walk):
            rows.append(_row(words, len(rows), version, isinstance(step, Foreign)))
    if len(rows) > MAX_ITEMS:
        raise InputError(plan.name, "items", f"{len(rows)} rows", f"at most {MAX_ITEMS}")
    if len(rows) > len(plan.items) + 1 and any(row.command == JUMP for row in rows):
        walk.note("items became several rows each: the numbers that jumps go to are not those of the plan")
    _note_what_has_no_row(plan, version, walk)
    return text_of_rows(version, tuple(rows)), tuple(walk.notes)


def _home(version: int, rows: tuple[Row, ...], where: str, notes: list[str]) -> tuple[Home, tuple[Row, ...]]:
    """Return home and the other rows."""
    if not rows:
        raise InputError(where, "rows", "none", "at least one")
    if version == 110 and rows[0].command not in FENCE_COMMANDS:
        if rows[0].command != cmd.WAYPOINT:
            place = f"line {rows[0].line} column 4 (command)"
            raise InputError(where, place, rows[0].command, "16 in the first row, which is home in version 110")
        told, rows = rows[0], rows[1:]
    elif version == 120 and len(rows) > 1 and rows[0].command == cmd.WAYPOINT and rows[1].command == cmd.TAKEOFF:
        notes.append("the first row is a waypoint before the takeoff: read as home, as ArduPilot has it")
        told, rows = rows[0], rows[1:]
    else:
        told = None
    home = _home_of(told, where) if told is not None else None
    if home is None:
        home = _first_place(rows, where)
        notes.append("the file says no home: the first position in it is taken as home")
    return home, rows


def _home_of(row: Row, where: str) -> Home | None:
    """Return home as a row says it; None for 0, 0, which ground stations write before they know it."""
    lat, lon, height = row.params[4:7]
    if (lat or 0.0) == 0.0 and (lon or 0.0) == 0.0:
        return None
    known = row.frame in (0, 5) and height is not None and height != 0.0
    params = list(_field(row, where)["params"].elements(7, 7))
    try:
        return Home(
            lat_deg=params[4].number(-90, 90, "degrees"),
            lon_deg=params[5].number(-180, 180, "degrees"),
            alt_amsl_m=params[6].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m AMSL") if known else None,
        )
    except InputError as error:
        raise _in_columns(error) from error


def _first_place(rows: tuple[Row, ...], where: str) -> Home:
    for row in rows:
        lat, lon = row.params[4:6]
        if row.frame != 2 and lat and lon and abs(lat) <= 90.0 and abs(lon) <= 180.0:
            return Home(lat_deg=lat, lon_deg=lon)
    raise InputError(where, "rows", "no position", "home or another position")


def _field(row: Row, where: str, params: tuple[float | None, ...] | None = None) -> JsonField:
    """Return a row in the words of a `.plan` file's simple item."""
    words = {
        "autoContinue": row.autocontinue,
        "command": row.command,
        "frame": row.frame,
        "params": list(params or row.params),
        "type": "SimpleItem",
    }
    return JsonField(words, f"line {row.line}", where)


def _item(row: Row, version: int, where: str, walk: Walk) -> Simple:
    if not row.autocontinue:
        expected = "1 (waiting for a person in the middle of a mission is not supported)"
        raise InputError(where, f"line {row.line} column 12 (autocontinue)", 0, expected)
    params = row.params
    if row.command == cmd.WAYPOINT and not any(params[4:6]):
        walk.note("waypoints at 0, 0 mean the place that the plan has come to")
        params = (*params[:4], *walk.place, params[6])
    elif row.command == JUMP and version == 120 and params[0] is not None:
        params = (params[0] + 1.0, *params[1:])  # rows of version 120 count from 0, items from 1
    try:
        return read_simple(_field(row, where, params), walk)
    except InputError as error:
        raise _in_columns(error) from error


def _in_columns(error: InputError) -> InputError:
    """Return a refusal that names the column of the file in place of the parameter's number."""
    found = _PARAM.search(error.field)
    if found is None:
        return error
    index = int(found[1])
    field = f"{error.field[: found.start()]} column {5 + index} ({column_of_param(index)})"
    return InputError(error.where, field, error.value, error.expected)


def _home_row(home: Home, walk: Walk) -> Row:
    if home.alt_amsl_m is None:
        walk.note("the plan does not say the height of home: it is written as 0")
    params = (0.0, 0.0, 0.0, 0.0, home.lat_deg, home.lon_deg, home.alt_amsl_m or 0.0)
    return Row(0, 0, True, 0, cmd.WAYPOINT, params, True)


def _row(words: dict[str, Any], number: int, version: int, foreign: bool) -> Row:
    params: list[float | None] = list(words["params"])
    command = words["command"]
    if command == cmd.WAYPOINT and params[_HEADING] == 0:
        params[_HEADING] = 360.0
    if command == JUMP and version == 120 and params[0] is not None:
        params[0] -= 1
    if version == 110 and not foreign:
        params = [0.0 if value is None else value for value in params]
    return Row(0, number, number == 0, words["frame"], command, tuple(params), True)


def _note_what_has_no_row(plan: Plan, version: int, walk: Walk) -> None:
    if version == 120:
        walk.note("version 120 has no row for home: the autopilot's own is meant")
    if plan.cruise_speed_m_s is not None:
        walk.note(f"the plan's speed of {plan.cruise_speed_m_s:g} m/s has no row: the autopilot's own holds at first")
    if plan.fence_polygons or plan.fence_circles:
        shapes = f"{len(plan.fence_polygons)} polygons, {len(plan.fence_circles)} circles"
        walk.note(f"the fence ({shapes}) is left out: a mission file of this format holds none")
    if plan.rally:
        walk.note(f"the {len(plan.rally)} rally points are left out: a mission file of this format holds none")
