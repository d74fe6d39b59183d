"""The streamed engine: follows the way leg by leg by earth-frame velocities, at 20 Hz."""

from __future__ import annotations

from math import hypot

from lenger_core.samples import CommandKind
from lenger_mission.engine import STREAMED, Advance, Moment, Wish
from lenger_mission.follow import Follower, Tracking, Tuning
from lenger_mission.stages import Happened, Signal, Stage
from lenger_mission.watch import Touchdown
from lenger_mission.way import Left, Way
from lenger_mission.world import Position, World


class StreamedEngine:
    """Flies one way.

    Args:
        way: the legs.
        tuning: of the follower.
        world: tells whether the aircraft has landed.
    """

    name = STREAMED

    def __init__(self, way: Way, tuning: Tuning, world: World) -> None:
        self.way = way
        self._world = world
        self._follower = Follower(way.route, tuning)
        self._leg = 0
        self._tracking: Tracking | None = None
        self._touchdown = Touchdown()
        if way.legs:
            way.route.profile(0)

    @property
    def item(self) -> int:
        """Item of the whole plan that is being flown."""
        return self.way.item_of(self._leg)

    @property
    def rejoining(self) -> bool:
        """Whether it flies to where the plan was broken off."""
        return self._leg < len(self.way.legs) and self.way.legs[self._leg].item == self.way.rest.added

    @property
    def leg(self) -> int:
        """Index of the leg being flown."""
        return self._leg

    @property
    def cross_track_m(self) -> float:
        """Off the track, positive to the left."""
        return self._tracking.cross_track_m if self._tracking is not None and self._leg < len(self.way.legs) else 0.0

    def begin(self, now_ns: int, position: Position | None, yaw_enu_rad: float) -> None:
        """Take over from the vehicle's own motion."""
        self._touchdown = Touchdown()
        if position is not None:
            self._follower.restart(position.velocity_enu_m_s, yaw_enu_rad)

    def advance(self, now: Moment) -> Advance:
        """Look whether the end of the leg is reached, or the stop there over."""
        if self._leg >= len(self.way.legs):
            return Advance(Happened(Signal.ROUTE_FLOWN, item=self.way.item_of(self._leg)), 0.0)
        leg, tracking = self.way.legs[self._leg], self._track(now.position)
        if now.stage is Stage.WAITING:
            over = now.in_stage_s >= leg.hold_s
            return Advance(self._next(waypoint=0) if over else None, -now.in_stage_s)
        speed = hypot(*now.position.velocity_enu_m_s[:2])
        left = self.way.route.remaining_after_m(self._leg) + tracking.distance_m + abs(tracking.height_error_m)
        if not self._follower.passed(self._leg, tracking, speed):
            return Advance(None, left)
        number = self.way.waypoint_of(self._leg)
        if leg.hold_s > 0:
            return Advance(Happened(Signal.ARRIVED, waypoint=number), left)
        return Advance(self._next(number), left)

    def wish(self, now: Moment) -> Wish:
        """Return the velocity to fly, or the landing."""
        if now.stage is Stage.LANDING:
            return Wish(self._touchdown.order(self._world.vehicle, now.now_ns))
        position, index = now.position, min(self._leg, len(self.way.legs) - 1)
        tracking = self._follower.track(index, position.east_m, position.north_m, position.alt_amsl_m)
        if now.stage is Stage.WAITING:
            order = self._follower.stay(index, tracking, position.east_m, position.north_m, now.dt_s)
        else:
            order = self._follower.fly(index, tracking, hypot(*position.velocity_enu_m_s[:2]), now.dt_s)
        return Wish(CommandKind.VELOCITY, order.velocity_enu_m_s, order.yaw_enu_rad)

    def left(self, position: Position | None) -> Left:
        """Return what is left to be flown."""
        if self._leg >= len(self.way.legs):
            return self.way.left(self._leg, 0.0)
        distance = self.way.legs[self._leg].length_m if self._tracking is None else self._tracking.distance_m
        return self.way.left(self._leg, distance)

    def _track(self, position: Position) -> Tracking:
        self._tracking = self._follower.track(self._leg, position.east_m, position.north_m, position.alt_amsl_m)
        return self._tracking

    def _next(self, waypoint: int) -> Happened:
        self._leg, self._tracking = self._leg + 1, None
        over = self._leg >= len(self.way.legs)
        signal = Signal.ROUTE_FLOWN if over else Signal.PASSED
        return Happened(signal, item=self.way.item_of(self._leg), waypoint=waypoint)
