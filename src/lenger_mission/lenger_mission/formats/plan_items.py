"""Simple items of `.plan` files: one MAVLink mission command each, to items of the plan model and back."""

from __future__ import annotations

import json
from typing import Any

from lenger_core.plans import (
    MAX_ACCEPTANCE_M,
    MAX_HOLD_S,
    MAX_RADIUS_M,
    MAX_SPEED_M_S,
    MAX_TURNS,
    CameraAction,
    ChangeSpeed,
    Datum,
    Foreign,
    Height,
    Land,
    Loiter,
    ReturnHome,
    Simple,
    Takeoff,
    Waypoint,
)
from lenger_core.strict_json import JsonField
from lenger_mission.formats import plan_commands as cmd
from lenger_mission.formats.plan_camera_items import CAMERA_COMMANDS, camera_row, read_camera
from lenger_mission.formats.plan_heights import read_height, tidy, write_height
from lenger_mission.formats.plan_walk import Walk

COMMAND_FRAME = 2
"""MAV_FRAME_MISSION, of commands without a place."""
MAX_PARAMETER = 1e12

Params = list[JsonField]
Written = dict[str, Any]


def read_simple(field: JsonField, walk: Walk) -> Simple:
    """Return the item of one SimpleItem object, and go on past it.

    A command that the model has no item for becomes `Foreign`, with a note.

    Args:
        field: the object, with `command`, `frame` and `params`.
        walk: where the plan has come to.

    Raises:
        InputError: names the field, the value and what would be valid.
    """
    command = field["command"].integer(0, 65_535)
    params = list(field["params"].elements(7, 7))
    item = _read(command, field, params, walk)
    if item is None:
        item = _foreign(command, field, params)
        walk.note(f"command {cmd.named(command)} is kept for other programs; this plan does not fly it")
    walk.past(item)
    return item


def write_simple(item: Simple, walk: Walk) -> list[Written]:
    """Return an item as SimpleItem objects without `doJumpId`, and go on past it: one object, or two where the item
    has a speed of its own."""
    written = [_object(row, frame, keys) for row, frame, keys in _rows(item, walk)]
    walk.past(item)
    return written


def with_what_is_lost(item: Simple, field: JsonField, before: Walk, number: int) -> Simple:
    """Return an item that remembers its file's words where our own writing of it would differ.

    Args:
        item: read from `field`.
        field: the object.
        before: a probe of the walk from before the item.
        number: the `doJumpId` that we would write.
    """
    words = {key: value for key, value in field.value.items() if (key, value) != ("doJumpId", number)}
    # A height above ground is written one way where the ground is known and another way where it is not.
    by_ground = isinstance(item, Takeoff | Waypoint | Loiter) and item.height.datum is Datum.AGL
    if not by_ground and write_simple(item, before) == [words]:
        return item
    return item.model_copy(update={"as_read": dumped(words)})


def dumped(words: Written) -> str:
    """Return an object as one short line of JSON."""
    return json.dumps(words, separators=(",", ":"), sort_keys=True)


def _read(command: int, field: JsonField, params: Params, walk: Walk) -> Simple | None:
    if command in CAMERA_COMMANDS:
        return read_camera(command, params)
    reader = _READERS.get(command)
    return reader(field, params, walk) if reader is not None else None


def _takeoff(field: JsonField, params: Params, walk: Walk) -> Simple:
    lat, lon = _place(params)
    height = read_height(field, params)
    return Takeoff(height=height) if walk.is_here(lat, lon) else Takeoff(height=height, lat_deg=lat, lon_deg=lon)


def _waypoint(field: JsonField, params: Params, walk: Walk) -> Simple:
    acceptance = params[1].optional_number(0, MAX_ACCEPTANCE_M, "m")
    heading = params[3].optional_number(-360, 360, "degrees")
    params[2].optional_number(-10_000, 10_000, "m")
    return Waypoint(
        lat_deg=params[4].number(-90, 90, "degrees"),
        lon_deg=params[5].number(-180, 180, "degrees"),
        height=read_height(field, params),
        acceptance_radius_m=acceptance or None,
        hold_s=params[0].optional_number(0, MAX_HOLD_S, "s") or 0.0,
        heading_deg=None if heading == 0 and walk.zero_heading_is_none else heading,
    )


def _loiter(field: JsonField, params: Params, walk: Walk) -> Simple:
    lat, lon = _place(params)
    if lat is None or lon is None or walk.is_here(lat, lon):
        lat, lon = walk.place
    radius = params[2].optional_number(-MAX_RADIUS_M, MAX_RADIUS_M, "m") or 0.0
    by_time = field["command"].value == cmd.LOITER_TIME
    amount = params[0].number(0, MAX_HOLD_S, "s") if by_time else params[0].number(0.01, MAX_TURNS, "turns")
    return Loiter(
        lat_deg=lat,
        lon_deg=lon,
        height=read_height(field, params),
        time_s=amount if by_time else None,
        turns=None if by_time else amount,
        radius_m=abs(radius),
        clockwise=radius >= 0,
    )


def _delay(_: JsonField, params: Params, walk: Walk) -> Simple | None:
    seconds = params[0].optional_number(-1, 1e6, "s")
    if seconds is None or not 0 < seconds <= MAX_HOLD_S:
        return None  # until a time of day, or longer than a battery
    lat, lon = walk.place
    return Loiter(lat_deg=lat, lon_deg=lon, height=walk.height, time_s=seconds)


def _change_speed(_: JsonField, params: Params, walk: Walk) -> Simple | None:
    if params[0].one_of(0, 1, 2, 3) in (2, 3):
        return None  # climb and descent speeds
    return ChangeSpeed(speed_m_s=params[1].number(0.1, MAX_SPEED_M_S, "m/s"))


def _land(_: JsonField, params: Params, walk: Walk) -> Simple:
    lat, lon = _place(params)
    return Land() if walk.is_here(lat, lon) else Land(lat_deg=lat, lon_deg=lon)


_READERS = {
    cmd.TAKEOFF: _takeoff,
    cmd.WAYPOINT: _waypoint,
    cmd.LOITER_TIME: _loiter,
    cmd.LOITER_TURNS: _loiter,
    cmd.DELAY: _delay,
    cmd.CHANGE_SPEED: _change_speed,
    cmd.RETURN_TO_LAUNCH: lambda field, params, walk: ReturnHome(),
    cmd.LAND: _land,
}


def _place(params: Params) -> tuple[float | None, float | None]:
    return params[4].optional_number(-90, 90, "degrees"), params[5].optional_number(-180, 180, "degrees")


def _foreign(command: int, field: JsonField, params: Params) -> Foreign:
    values = tuple(param.optional_number(-MAX_PARAMETER, MAX_PARAMETER) for param in params)
    return Foreign(command=command, frame=field["frame"].integer(0, 255), params=values)


Row = tuple[int, list[float | None]]


def _rows(item: Simple, walk: Walk) -> list[tuple[Row, int, Written]]:
    if isinstance(item, Foreign):
        return [((item.command, list(item.params)), item.frame, {})]
    if isinstance(item, CameraAction):
        return [(camera_row(item, walk), COMMAND_FRAME, {})]
    if isinstance(item, ChangeSpeed):
        return [_speed_row(item.speed_m_s)]
    if isinstance(item, ReturnHome):
        return [((cmd.RETURN_TO_LAUNCH, [0.0] * 7), COMMAND_FRAME, {})]
    place = walk.place if item.lat_deg is None or item.lon_deg is None else (item.lat_deg, item.lon_deg)
    height = Height(value_m=0.0, datum=Datum.HOME) if isinstance(item, Land) else item.height
    frame, altitude, keys = write_height(height, place, walk)
    command, first = _first_four(item, walk)
    rows = [((command, [*first, *place, altitude]), frame, keys)]
    if isinstance(item, Waypoint) and item.speed_m_s is not None:
        rows.insert(0, _speed_row(item.speed_m_s))
    return rows


def _speed_row(speed_m_s: float) -> tuple[Row, int, Written]:
    return (cmd.CHANGE_SPEED, [1, speed_m_s, -1, 0, 0, 0, 0]), COMMAND_FRAME, {}


def _first_four(item: Takeoff | Waypoint | Loiter | Land, walk: Walk) -> Row:
    if isinstance(item, Takeoff):
        return cmd.TAKEOFF, [0, 0, 0, None]
    if isinstance(item, Waypoint):
        heading = 360.0 if item.heading_deg == 0 and walk.zero_heading_is_none else item.heading_deg
        return cmd.WAYPOINT, [item.hold_s, item.acceptance_radius_m or 0, 0, heading]
    if isinstance(item, Land):
        return cmd.LAND, [0, 0, 0, None]
    radius = item.radius_m if item.clockwise else -item.radius_m
    if item.time_s is not None:
        return cmd.LOITER_TIME, [item.time_s, 0, radius, None]
    return cmd.LOITER_TURNS, [item.turns, 0, radius, None]


def _object(row: Row, frame: int, keys: Written) -> Written:
    command, params = row
    return {
        **keys,
        "autoContinue": True,
        "command": command,
        "frame": frame,
        "params": [None if value is None else tidy(value) for value in params],
        "type": "SimpleItem",
    }
