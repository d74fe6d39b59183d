"""The path of the mission that stands on the autopilot, as legs that can be judged.

Command numbers and frames: MAVLink common message set, MAV_CMD and MAV_FRAME.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import FcuMission, FcuMissionItem, Vec3
from lenger_safety.paths import Leg, circle_legs, return_legs

WAYPOINT, LOITER_UNLIM, LOITER_TURNS, LOITER_TIME, RETURN_TO_LAUNCH, LAND, TAKEOFF = 16, 17, 18, 19, 20, 21, 22
CHANGE_SPEED = 178
STAYS = (93, 112, 115, 195, 197, 201, 203, 205, 206, 530, 1000, 2000, 2001, 2500)
"""Delays, headings, cameras and gimbals: they move nothing."""
AMSL_FRAMES, HOME_FRAMES, TERRAIN_FRAMES = (0, 5), (3, 6), (10, 11)
_KNOWN = "16 to 22, 178 and the camera commands"


class UnflyableError(Exception):
    """The mission holds something whose path is not known, or that must not be flown; the text says what."""


@dataclass(frozen=True, slots=True)
class Place:
    """What the path of a mission depends on beside its items.

    Attributes:
        frame: the guard's frame.
        home: home in it.
        autopilot: "px4" or "ardupilot"; ArduPilot's first item is home.
        return_height_m: height above home to which the autopilot's own return climbs first.
        max_speed_m_s: greatest speed that a mission may ask for.
        ground_m: (east, north) -> ground in the frame's third axis, NaN where it is not known.
    """

    frame: LocalFrame
    home: Vec3
    autopilot: str
    return_height_m: float
    max_speed_m_s: float
    ground_m: Callable[[float, float], float]


class ListedMission:
    """The mission that stands on the autopilot, None while nothing is known of it."""

    def __init__(self, mission: FcuMission | None = None) -> None:
        self.mission = mission
        self._digests: dict[str, str] = {}

    def digest(self, autopilot: str) -> str:
        """Return what tells one mission from another: not its current item, nor ArduPilot's home; "" unknown."""
        if self.mission is None:
            return ""
        if autopilot not in self._digests:
            first = 1 if autopilot == "ardupilot" else 0
            self._digests[autopilot] = hashlib.sha256(repr(self.mission.items[first:]).encode()).hexdigest()
        return self._digests[autopilot]


def mission_legs(mission: FcuMission, first: int, start: Vec3, place: Place) -> tuple[Leg, ...]:
    """Return the legs from `start` through the mission.

    Args:
        mission: as MAVROS lists it.
        first: first item as uploaded, from 0; -1: the current one.
        start: where the aircraft is, in the guard's frame.
        place: what else the path depends on.

    Raises:
        UnflyableError: an item's path is not known, or the mission is empty.
    """
    offset = 1 if place.autopilot == "ardupilot" else 0
    begin = max(mission.current, offset) if first < 0 else first + offset
    if begin >= len(mission.items):
        raise UnflyableError(f"the mission on the autopilot has no item {begin - offset}")
    walk = _Walk(place, start)
    for index in range(offset, len(mission.items)):
        item = mission.items[index]
        name = f"item {index - offset}"
        if item.command == CHANGE_SPEED or item.command in STAYS:
            walk.check_speed(item, name)
        elif index >= begin and not walk.ended:
            walk.fly(item, name)
    return tuple(walk.legs)


class _Walk:
    def __init__(self, place: Place, start: Vec3) -> None:
        self._place = place
        self._at = start
        self._agl: float | None = None
        self.legs: list[Leg] = []
        self.ended = False

    def check_speed(self, item: FcuMissionItem, name: str) -> None:
        """Refuse a speed that the guard's model of stopping does not know."""
        speed = item.params[1]
        if item.command == CHANGE_SPEED and speed > self._place.max_speed_m_s:
            raise UnflyableError(f"{name} asks for {speed:.1f} m/s, at most {self._place.max_speed_m_s:.1f}")

    def fly(self, item: FcuMissionItem, name: str) -> None:
        """Add the legs of one item."""
        if item.command in (WAYPOINT, LOITER_UNLIM, LOITER_TIME):
            self._go(item, name)
            self.ended = item.command == LOITER_UNLIM
        elif item.command == LOITER_TURNS:
            self._go(item, name)
            self.legs += circle_legs(self._at, abs(item.params[2]), f"the circle at {name}")
        elif item.command == TAKEOFF:
            self._take_off(item, name)
        elif item.command == LAND:
            self._land(item, name)
        elif item.command == RETURN_TO_LAUNCH:
            home = self._place.home
            ground = self._place.ground_m(home[0], home[1])
            self.legs += return_legs(self._at, home, self._place.return_height_m, ground)
            self.ended = True
        else:
            raise UnflyableError(f"{name} is command {item.command}, whose path is not known (known: {_KNOWN})")

    def _go(self, item: FcuMissionItem, name: str) -> None:
        end, agl = self._position(item, name)
        before = self._at[2] - self._place.ground_m(self._at[0], self._at[1]) if self._agl is None else self._agl
        heights = None if agl is None else (before, agl)
        self.legs.append(Leg(self._at, end, f"the leg to {name}", agl_m=heights))
        self._at, self._agl = end, agl

    def _take_off(self, item: FcuMissionItem, name: str) -> None:
        end, _ = self._position(item, name, self._at)
        over = (self._at[0], self._at[1], max(self._at[2], end[2]))
        self.legs.append(Leg(self._at, over, f"the takeoff of {name}", floor=False))
        if end[:2] != over[:2]:
            self.legs.append(Leg(over, end, f"the leg to {name}"))
        self._at, self._agl = end, None

    def _land(self, item: FcuMissionItem, name: str) -> None:
        there, _ = self._position(item, name, self._at)
        over = (there[0], there[1], self._at[2])
        if over != self._at:
            self.legs.append(Leg(self._at, over, f"the leg to {name}"))
        down = self._place.ground_m(over[0], over[1])
        self.legs.append(Leg(over, (over[0], over[1], min(down, over[2])), f"the landing of {name}", floor=False))
        self._at, self.ended = (over[0], over[1], down), True

    def _position(self, item: FcuMissionItem, name: str, here: Vec3 | None = None) -> tuple[Vec3, float | None]:
        """Return an item's place, and its height above the ground where it follows the terrain.

        Args:
            item: the item.
            name: of it, in words.
            here: what 0, 0 (or not a number) means; None: it is no place.
        """
        place, height = self._place, item.alt_m
        known = isfinite(item.lat_deg) and isfinite(item.lon_deg) and (item.lat_deg, item.lon_deg) != (0.0, 0.0)
        if not isfinite(height) or (not known and here is None):
            raise UnflyableError(f"{name} has no place: {item.lat_deg}, {item.lon_deg}, {height} m")
        if not (abs(item.lat_deg) <= 90.0 and abs(item.lon_deg) <= 180.0) and known:
            raise UnflyableError(f"{name} has no place: {item.lat_deg}, {item.lon_deg}, {height} m")
        if known:
            east, north, up = place.frame.to_local(item.lat_deg, item.lon_deg, height)
        else:
            east, north, up = here[0], here[1], height - place.frame.alt_amsl_m  # type: ignore[index]
        if item.frame in AMSL_FRAMES:
            return (east, north, up), None
        if item.frame in HOME_FRAMES:
            return (east, north, place.home[2] + height), None
        if item.frame in TERRAIN_FRAMES:
            return (east, north, place.ground_m(east, north) + height), height
        raise UnflyableError(
            f"{name} is in frame {item.frame}, known are 0 and 5 (AMSL), 3 and 6 (home), 10 and 11 (terrain)"
        )
