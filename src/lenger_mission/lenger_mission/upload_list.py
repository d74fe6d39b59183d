"""A plan as the list of mission items that is handed to the autopilot, and which item of the plan each belongs to.

An uploaded mission never asks for heights above terrain: ArduCopter without terrain data descends into the ground, PX4
refuses the frame. Heights above ground become points AMSL along the ground. A return is flown as a leg home and a
landing, because the autopilot's own return is straight, whatever lies between.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import nan
from typing import Any

from lenger_core.plans import (
    CameraAction,
    CameraDo,
    ChangeSpeed,
    Height,
    Land,
    ReturnHome,
    Simple,
    Takeoff,
    Waypoint,
)
from lenger_core.samples import FcuMission, FcuMissionItem
from lenger_core.terrain import Terrain
from lenger_mavlink.mission_items import MissionItem
from lenger_mission.formats import plan_commands as cmd
from lenger_mission.formats.plan_items import write_simple
from lenger_mission.formats.plan_walk import Walk
from lenger_mission.patterns.follow_plan import followed
from lenger_mission.remainder import Remainder, Via

CONDITION_YAW = 115
COMMAND_FRAME = 2
GLOBAL_FRAME = 0
PLACED = (cmd.WAYPOINT, cmd.LAND)
SAME_DEG, SAME_M = 2e-5, 2.0
"""Autopilots round a little, and say anew where home is when they are armed."""
HomePlace = tuple[float, float, float]


@dataclass(frozen=True)
class UploadList:
    """The list, numbered from 0 without the home that ArduPilot keeps as its item 0.

    Attributes:
        items: to upload.
        sources: for each the item of the plan that it belongs to.
        ends: for each whether an item of the plan that is flown ends with it.
        joined: the first entry behind a place that is only passed to get back to where the plan was broken off;
            0: none.
    """

    items: tuple[MissionItem, ...]
    sources: tuple[int, ...]
    ends: tuple[bool, ...]
    joined: int = 0

    def stands_in(self, mission: FcuMission, offset: int) -> bool:
        """Return whether a list read from the autopilot is this one, as far as autopilots keep them.

        Args:
            mission: as MAVROS lists it.
            offset: items that the autopilot keeps before the first of ours.
        """
        held = mission.items[offset:]
        return len(held) == len(self.items) and all(map(_same, self.items, held))


def upload_list(
    rest: Remainder, home: HomePlace, terrain: Terrain, autopilot: str, cruise_m_s: float, begin: Via | None = None
) -> UploadList:
    """Return the list of what is left of a plan; its entry 0 is the takeoff, which is flown before it begins.

    Args:
        rest: ends with a return or a landing.
        home: lat_deg, lon_deg, alt_amsl_m of the vehicle's.
        terrain: the ground, for heights above it.
        autopilot: "px4" or "ardupilot".
        cruise_m_s: the vehicle's, for a plan that says no speed: the autopilot's own default is another one.
        begin: where the aircraft is in the air; None: above home, after the takeoff.

    Raises:
        InputError: an item cannot be uploaded, or the ground is not known. Whether there is room for the list, the
            autopilot says: boards differ.
    """
    plan = rest.plan
    at_home = plan.home.model_copy(update={"lat_deg": home[0], "lon_deg": home[1], "alt_amsl_m": home[2]})
    over = followed(plan.model_copy(update={"home": at_home}), terrain, begin=begin)
    build = _Build(home, autopilot, Walk(over.plan.home))
    joined = 0
    for item, index, between in zip(over.plan.items, over.sources, over.added, strict=True):
        assert isinstance(item, Simple)  # the plan is flat
        build.take(item, rest.sources[index], ends=not between and index != rest.added)
        joined = len(build.items) if index == rest.added else joined
        if isinstance(item, Takeoff):
            build.begin_at(begin, rest.height)
            if not rest.says_speed:
                speed = ChangeSpeed(speed_m_s=plan.cruise_speed_m_s or cruise_m_s)
                build.put_all(speed, rest.sources[min(1, len(rest.sources) - 1)])
    return UploadList(tuple(build.items), tuple(build.sources), tuple(build.ends), joined)


@dataclass
class _Build:
    """Goes along the plan.

    Attributes:
        home: of the vehicle.
        autopilot: that the list is for.
        walk: where the plan has come to.
        height: of the last point.
    """

    home: HomePlace
    autopilot: str
    walk: Walk
    items: list[MissionItem] = field(default_factory=list)
    sources: list[int] = field(default_factory=list)
    ends: list[bool] = field(default_factory=list)
    height: Height | None = None

    def begin_at(self, place: Via | None, height: Height) -> None:
        """The takeoff is behind: the aircraft is where it is, and flies at the height in force."""
        self.height = height
        if place is not None:
            self.walk.place = place[:2]

    def take(self, item: Simple, source: int, ends: bool) -> None:
        """Add what an item is uploaded as."""
        if isinstance(item, ReturnHome):
            self._home(source)
            return
        if isinstance(item, Waypoint) and item.heading_deg is not None and self.autopilot == "ardupilot":
            turn = MissionItem(COMMAND_FRAME, CONDITION_YAW, 0.0, 0.0, 0.0, item.heading_deg)
            self._put(turn, source, False)
        if isinstance(item, Takeoff | Waypoint):
            self.height = item.height
        if isinstance(item, Land) and item.lat_deg is None:
            item = Land(lat_deg=self.walk.place[0], lon_deg=self.walk.place[1])
        if isinstance(item, Land) and item.lat_deg is not None and item.lon_deg is not None:
            self._leg_to(item.lat_deg, item.lon_deg, source)
        self.put_all(item, source, ends and isinstance(item, Waypoint | Land))

    def put_all(self, item: Simple, source: int, ends: bool = False) -> None:
        """Add an item in the words of a mission file."""
        if isinstance(item, CameraAction) and item.action is CameraDo.PHOTO and self.autopilot == "ardupilot":
            rows: list[dict[str, Any]] = [
                {"command": cmd.DIGICAM_CONTROL, "frame": COMMAND_FRAME, "params": [0, 0, 0, 0, 1, 0, 0]}
            ]
        else:
            rows = write_simple(item, self.walk)
        for row in rows:
            self._put(_mission_item(row, self.autopilot), source, ends and row is rows[-1])

    def _home(self, source: int) -> None:
        lat, lon, _ = self.home
        self._leg_to(lat, lon, source)
        self.put_all(Land(lat_deg=lat, lon_deg=lon), source, ends=True)

    def _leg_to(self, lat: float, lon: float, source: int) -> None:
        """Fly to a landing place at the height in force: how high an autopilot goes there is else its own choice."""
        if self.height is not None and (lat, lon) != self.walk.place:
            self.put_all(Waypoint(lat_deg=lat, lon_deg=lon, height=self.height), source)

    def _put(self, item: MissionItem, source: int, ends: bool) -> None:
        self.items.append(item)
        self.sources.append(source)
        self.ends.append(ends)


def _mission_item(row: dict[str, Any], autopilot: str) -> MissionItem:
    """Return a row of a mission file as it goes to the autopilot."""
    missing = 0.0 if autopilot == "ardupilot" else nan  # ArduPilot takes NaN for 0
    first = [missing if value is None else float(value) for value in row["params"]]
    p1, p2, p3, p4, lat, lon, height = first
    return MissionItem(row["frame"], row["command"], lat, lon, height, p1, p2, p3, p4)


def _same(ours: MissionItem, held: FcuMissionItem) -> bool:
    if ours.command != held.command or ours.command not in PLACED:
        return ours.command == held.command
    level = max(abs(ours.x_lat_deg - held.lat_deg), abs(ours.y_lon_deg - held.lon_deg))
    return level <= SAME_DEG and abs(ours.z_alt_m - held.alt_m) <= SAME_M
