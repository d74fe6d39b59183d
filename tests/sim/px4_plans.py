"""Missions, fences and places about home, for the tests of the PX4 flavour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, nan, radians
from typing import Any

from lenger_mavlink.codec import mavlink as m

NORTH_M = 111_070.0
INCLUSION = int(m.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION)


@dataclass(frozen=True)
class Item:
    """An item by metres north and east of home and above it."""

    command: int
    north: float = 0.0
    east: float = 0.0
    up: float = 20.0
    p1: float = 0.0
    p2: float = 0.0
    p3: float = 0.0
    p4: float = nan
    frame: int = 6


TAKEOFF = Item(m.MAV_CMD_NAV_TAKEOFF)
RTL = Item(m.MAV_CMD_NAV_RETURN_TO_LAUNCH, frame=2)


def waypoint(north: float, east: float, up: float = 20.0, **fields: Any) -> Item:
    return replace(Item(m.MAV_CMD_NAV_WAYPOINT, north, east, up), **fields)


def landing(north: float, east: float) -> Item:
    return Item(m.MAV_CMD_NAV_LAND, north, east, 0.0)


def do(command: int, p1: float = 0.0, p2: float = 0.0) -> Item:
    return Item(command, p1=p1, p2=p2, frame=2)


def place(rig: Any, north: float, east: float) -> tuple[int, int]:
    lat, lon, _ = rig.core.autopilot.commander.home
    return round((lat + north / NORTH_M) * 1e7), round((lon + east / (NORTH_M * cos(radians(lat)))) * 1e7)


def upload(rig: Any, *items: Item, kind: int = 0) -> int:
    """Upload; return the type of the MISSION_ACK."""
    rig.run_until(lambda: rig.core.autopilot.commander.home is not None, 10.0)
    rig.send(m.MAVLink_mission_count_message(1, 1, len(items), kind))
    for seq, item in enumerate(items):
        at = place(rig, item.north, item.east) if item.frame != 2 else (0, 0)
        params = (item.p1, item.p2, item.p3, item.p4)
        head = (1, 1, seq, item.frame, item.command, 0, 1)
        rig.send(m.MAVLink_mission_item_int_message(*head, *params, *at, item.up, kind))
    return int(rig.last("MISSION_ACK").type)


def square_fence(rig: Any, half_m: float) -> None:
    corners = ((-1, -1), (-1, 1), (1, 1), (1, -1))
    items = [Item(INCLUSION, a * half_m, b * half_m, 0.0, p1=4.0, frame=5) for a, b in corners]
    assert upload(rig, *items, kind=1) == m.MAV_MISSION_ACCEPTED


def offset(rig: Any) -> tuple[float, float]:
    """Return the true metres north and east of home."""
    lat, lon, _ = rig.core.autopilot.commander.home
    truth = rig.core.truth()
    return (truth.lat_deg - lat) * NORTH_M, (truth.lon_deg - lon) * NORTH_M * cos(radians(lat))
