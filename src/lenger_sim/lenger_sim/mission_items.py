"""The words of a mission in flight: which commands are flown, where an item is, what a flavour does its own way.

ENU and metres about the estimator's origin. `lenger_sim.mission_run` turns items into aims with these.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from math import inf, isfinite, radians

from lenger_core.samples import Vec3
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.legs import LegLimits

_M = mavlink
PASSED = frozenset({_M.MAV_CMD_NAV_WAYPOINT, _M.MAV_CMD_NAV_SPLINE_WAYPOINT})
LANDINGS = frozenset({_M.MAV_CMD_NAV_LAND, _M.MAV_CMD_NAV_VTOL_LAND})
TAKEOFFS = frozenset({_M.MAV_CMD_NAV_TAKEOFF, _M.MAV_CMD_NAV_VTOL_TAKEOFF})
LOITERS = frozenset(
    {
        _M.MAV_CMD_NAV_LOITER_UNLIM,
        _M.MAV_CMD_NAV_LOITER_TURNS,
        _M.MAV_CMD_NAV_LOITER_TIME,
        _M.MAV_CMD_NAV_LOITER_TO_ALT,
    }
)
PLACED = PASSED | LANDINGS | TAKEOFFS | LOITERS
"""Commands of items that have a place."""
NAV = PLACED | {_M.MAV_CMD_NAV_RETURN_TO_LAUNCH, _M.MAV_CMD_NAV_DELAY}
"""Commands that occupy the aircraft; everything else is done on the way (or not at all)."""
AMSL_FRAMES = (_M.MAV_FRAME_GLOBAL, _M.MAV_FRAME_GLOBAL_INT)
RELATIVE_FRAMES = (_M.MAV_FRAME_GLOBAL_RELATIVE_ALT, _M.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
TERRAIN_FRAMES = (_M.MAV_FRAME_GLOBAL_TERRAIN_ALT, _M.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT)


class Motion(Enum):
    """What the pilot is to do."""

    STAY = "stay"
    CLIMB = "climb"
    LEG = "leg"
    CIRCLE = "circle"
    LAND = "land"
    RETURN = "return"


class EventKind(Enum):
    """What has happened: an item is begun, reached or to be carried out by the flavour; a jump was taken; the end."""

    STARTED = "started"
    REACHED = "reached"
    DO = "do"
    JUMPED = "jumped"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened at an item; `item` is None for FINISHED."""

    kind: EventKind
    seq: int
    item: MissionItem | None


@dataclass(frozen=True, slots=True)
class Aim:
    """What the pilot is to do now.

    STAY: hold where it is. CLIMB: straight up to the height of `place`. LEG: from `start` to `place`, passing it at
    `exit_m_s`. CIRCLE: about `place`, clockwise for a positive `radius_m`. LAND: sink at `place`. RETURN: fly the
    flavour's return. `yaw_rad` NaN leaves the heading to the flavour; `speed_m_s` is the level speed to fly.
    """

    motion: Motion
    seq: int
    place: Vec3
    start: Vec3
    yaw_rad: float
    speed_m_s: float
    exit_m_s: float = 0.0
    radius_m: float = 0.0


@dataclass(frozen=True, slots=True)
class MissionView:
    """What the runner needs to know of the aircraft: the autopilot's own estimate."""

    position: Vec3
    yaw_rad: float
    landed: bool


@dataclass(frozen=True, slots=True)
class MissionRules:
    """What a flavour does its own way; made from its parameters for every step.

    Attributes:
        acceptance_m, height_acceptance_m: when a place counts as reached.
        limits: speeds and deceleration that legs and corners are flown with.
        yaw_error_rad: an item's own heading is awaited to this; infinite: not awaited.
        item_yaw: whether parameter 4 of a waypoint is a heading.
        item_acceptance: whether parameter 2 of a waypoint is its acceptance radius.
        parallel: DO_ and CONDITION_ items run while the leg behind them is flown.
        circles: LOITER_TURNS is a circle; otherwise the place is held.
        takeoff_goes_to_place: after the climb a take-off item flies to its own latitude and longitude.
        circle_m: radius of a circle that names none.
    """

    acceptance_m: float
    height_acceptance_m: float
    limits: LegLimits
    yaw_error_rad: float = inf
    item_yaw: bool = True
    item_acceptance: bool = True
    parallel: bool = False
    circles: bool = False
    takeoff_goes_to_place: bool = True
    circle_m: float = 10.0


class Locator:
    """Turns latitude, longitude and height of an item's frame into ENU.

    Args:
        to_local: (latitude, longitude in degrees, AMSL height) to ENU.
        home: ENU of home, or None.
        ground_amsl_m: terrain height at a place for the terrain frames; None refuses those frames.
    """

    def __init__(
        self,
        to_local: Callable[[float, float, float], Vec3],
        home: Callable[[], Vec3 | None],
        ground_amsl_m: Callable[[float, float], float | None] | None = None,
    ) -> None:
        self._to_local = to_local
        self._home = home
        self._ground = ground_amsl_m

    def place(self, item: MissionItem) -> Vec3 | None:
        """Return the ENU place of an item; None when its frame cannot be resolved or it is not a number."""
        base_amsl, base_up = 0.0, 0.0
        if item.frame in RELATIVE_FRAMES:
            home = self._home()
            if home is None:
                return None
            base_up = home[2] - self._to_local(item.x_lat_deg, item.y_lon_deg, 0.0)[2]
        elif item.frame in TERRAIN_FRAMES:
            ground = self._ground(item.x_lat_deg, item.y_lon_deg) if self._ground is not None else None
            if ground is None:
                return None
            base_amsl = ground
        elif item.frame not in AMSL_FRAMES:
            return None
        if not (isfinite(item.x_lat_deg) and isfinite(item.y_lon_deg) and isfinite(item.z_alt_m)):
            return None
        return self._to_local(item.x_lat_deg, item.y_lon_deg, item.z_alt_m + base_amsl + base_up)


def turned_yaw(item: MissionItem, yaw_rad: float) -> float:
    """Return the ENU yaw that a CONDITION_YAW asks for: absolute, or relative with its direction."""
    if item.param4 == 0.0:
        return radians(90.0 - item.param1)
    return yaw_rad - radians(item.param1) * (-1.0 if item.param3 < 0.0 else 1.0)
