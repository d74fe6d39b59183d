"""The uploaded engine: the autopilot flies a mission that was handed to it, and this watches how far it is.

Items count as reached by MISSION_ITEM_REACHED, or, where that was lost, by the autopilot going on to a later one.
"""

from __future__ import annotations

from math import hypot

from lenger_core.samples import CommandKind, FcuMission, FcuReached
from lenger_mission.engine import UPLOADED, Advance, Moment, Wish
from lenger_mission.stages import Happened, Signal, Stage
from lenger_mission.upload_list import UploadList
from lenger_mission.watch import Touchdown
from lenger_mission.way import Left, Way
from lenger_mission.world import Position, World

NEAR_M = 15.0
"""Within this of a place where the plan stops, the time that it waits there counts as progress."""
LANDING = 21
"""MAV_CMD_NAV_LAND."""
FIRST = 1
"""The entry to begin at: behind the takeoff."""
MISSION_MODES = ("AUTO.MISSION", "AUTO")
"""In which the autopilot takes no other list."""


class UploadedEngine:
    """Watches one flight of a list.

    Args:
        way: from where it begins, for what is left.
        entries: the list, as it stands on the autopilot.
        offset: items that the autopilot keeps before the list (ArduPilot's home).
        world: tells whether the aircraft has landed.
    """

    name = UPLOADED

    def __init__(self, way: Way, entries: UploadList, offset: int, world: World) -> None:
        self.way = way
        self.entries = entries
        self._world = world
        self._offset = offset
        self._at = self._told = FIRST
        self._begun_ns = -1
        self._current: int | None = None
        self._passed: list[Happened] = []
        self._arrived: tuple[int, int] | None = None
        self._touchdown = Touchdown()

    @property
    def at(self) -> int:
        """Entry of the list that is being flown."""
        return self._at

    @property
    def item(self) -> int:
        """Item of the whole plan that is being flown."""
        return self._item(self._at)

    @property
    def rejoining(self) -> bool:
        """Whether it flies to where the plan was broken off."""
        return self._at < self.entries.joined

    @property
    def leg(self) -> int:
        """Index of the leg being flown."""
        leg, added = self.way.first_leg_of(self.item), self.way.rest.added
        joins = added >= 0 and leg < len(self.way.legs) and self.way.legs[leg].item == added
        return leg + 1 if joins and not self.rejoining else leg

    @property
    def cross_track_m(self) -> float:
        """Off the track: the autopilot's business."""
        return 0.0

    def begin(self, now_ns: int, position: Position | None, yaw_enu_rad: float) -> None:
        """Let the autopilot fly it; what was told before does not count."""
        self._begun_ns = now_ns
        self._current = None
        self._touchdown = Touchdown()

    def on_reached(self, reached: FcuReached) -> None:
        """Take mavros/mission/reached."""
        entry = reached.item - self._offset
        if self._begun_ns >= 0 and reached.t_ns >= self._begun_ns and self._at <= entry < len(self.entries.items):
            self._move_on(entry + 1)

    def on_mission(self, mission: FcuMission) -> None:
        """Take the list as MAVROS publishes it, with the item that the autopilot is at.

        Only a change counts: the list that is published first may still tell of before.
        """
        entry = mission.current - self._offset
        changed = self._current is not None and entry != self._current
        self._current = entry
        known = len(mission.items) - self._offset == len(self.entries.items)
        if self._begun_ns >= 0 and changed and known and entry > self._at:
            self._move_on(entry)

    def advance(self, now: Moment) -> Advance:
        """Tell of one item that is behind, and measure what is left."""
        if self._passed:
            return Advance(self._passed.pop(0), self._measure(now))
        at_the_end = self._at >= len(self.entries.items) or self.entries.items[self._at].command == LANDING
        if at_the_end:
            return Advance(Happened(Signal.ROUTE_FLOWN, item=self.way.item_of(len(self.way.legs))), 0.0)
        return Advance(None, self._measure(now))

    def wish(self, now: Moment) -> Wish:
        """Return the mission, or disarming where it stands on the ground for too long."""
        if now.stage is Stage.LANDING and self._touchdown.order(self._world.vehicle, now.now_ns) is CommandKind.DISARM:
            return Wish(CommandKind.DISARM)
        return Wish(CommandKind.MISSION, mission_item=FIRST)

    def left(self, position: Position | None) -> Left:
        """Return what is left to be flown."""
        leg = self.leg
        if leg >= len(self.way.legs):
            return self.way.left(leg, 0.0)
        end = self.way.legs[leg].end
        distance = self.way.legs[leg].length_m
        if position is not None:
            distance = hypot(position.east_m - end[0], position.north_m - end[1])
        return self.way.left(leg, distance)

    def _item(self, entry: int) -> int:
        return self.entries.sources[min(entry, len(self.entries.sources) - 1)]

    def _move_on(self, to: int) -> None:
        """Everything up to an entry is behind: tell of each item that ended there, once."""
        for entry in range(self._told, to):
            if self.entries.ends[entry] and self.entries.items[entry].command != LANDING:
                number = self.way.number_of(self._item(entry))
                self._passed.append(Happened(Signal.PASSED, item=self._item(entry + 1), waypoint=number))
        self._at = self._told = to

    def _measure(self, now: Moment) -> float:
        """Return metres to go; while it waits where the plan stops, the seconds there instead."""
        left, leg = self.left(now.position), self.leg
        if leg < len(self.way.legs) and self.way.legs[leg].hold_s > 0:
            end = self.way.legs[leg].end
            if hypot(now.position.east_m - end[0], now.position.north_m - end[1]) < NEAR_M:
                if self._arrived is None or self._arrived[0] != leg:
                    self._arrived = leg, now.now_ns
                return -(now.now_ns - self._arrived[1]) / 1e9
        height = self._height_to_go(leg, now.position)
        return left.distance_m + height

    def _height_to_go(self, leg: int, position: Position) -> float:
        if leg >= len(self.way.legs):
            return 0.0
        return abs(float(self.way.heights_amsl_m[leg + 1]) - position.alt_amsl_m)
