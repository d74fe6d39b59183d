"""Runs an uploaded mission: from stored items to what the pilot is to do now. Shared by the flavours, pure, ENU.

The flavour makes `MissionRules` from its parameters, calls `MissionRun.step` at 50 Hz, flies the `Aim` that comes back
(`lenger_sim.legs` has the velocities), and carries out or reports the events of `take_events`. PX4 works off DO_ and
CONDITION_ items one by one before the leg behind them; ArduPilot while that leg is flown (`MissionRules.parallel`).
"""

from __future__ import annotations

from dataclasses import replace
from math import atan2, hypot, inf, isfinite, nan, pi, radians, remainder

from lenger_core.samples import Vec3
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.legs import corner_speed, level_distance
from lenger_sim.mission_items import (
    LANDINGS,
    NAV,
    PASSED,
    PLACED,
    TAKEOFFS,
    Aim,
    Event,
    EventKind,
    Locator,
    MissionRules,
    MissionView,
    Motion,
    turned_yaw,
)
from lenger_sim.mission_order import MissionOrder

_M = mavlink


class MissionRun:
    """One mission and how far it has been flown.

    Attributes:
        items: the mission.
        seq: the current item.
        active: whether `step` flies it.
        finished: whether the last item is done.
        speed_m_s: level speed that a DO_CHANGE_SPEED asked for, NaN for the flavour's own.
    """

    def __init__(self, locator: Locator, first: int = 0) -> None:
        self._locator = locator
        self._first = first
        self.items: tuple[MissionItem, ...] = ()
        self.seq = 0
        self.active = False
        self.finished = False
        self.speed_m_s = nan
        self._events: list[Event] = []
        self._order = MissionOrder(())
        self._enter_at: int | None = None
        self._pending: list[int] = []
        self._nav: int | None = None
        self._stage = 0
        self._since_ns: int | None = None
        self._do_since_ns: int | None = None
        self._from: Vec3 | None = None
        self._start: Vec3 = (0.0, 0.0, 0.0)
        self._place: Vec3 = (0.0, 0.0, 0.0)
        self._next: Vec3 | None = None
        self._yaw_rad = nan
        self._swept_rad = 0.0
        self._bearing_rad = nan

    # ------------------------------------------------------------ what the flavour asks

    def load(self, items: tuple[MissionItem, ...]) -> None:
        """Take a new mission, from its first item; what was flown of the old one is forgotten."""
        self.items = items
        self._events.clear()
        self.reset()

    def reset(self) -> None:
        """Go back to the first item; jumps and the speed count anew."""
        self._order = MissionOrder(self.items)
        self.speed_m_s = nan
        self.finished = False
        self._place_at(min(self._first, max(len(self.items) - 1, 0)))

    def set_current(self, seq: int) -> bool:
        """Make an item the current one, flown to from where the aircraft is; False when there is none."""
        if not 0 <= seq < len(self.items):
            return False
        self.finished = False
        self._place_at(seq)
        return True

    def start(self) -> None:
        """Fly, or fly on: the current item is begun anew from where the aircraft is."""
        self.active = True
        if not self.finished:
            self._place_at(self.seq)

    def pause(self) -> None:
        """Stop flying; `start` resumes."""
        self.active = False

    def finish(self) -> None:
        """Take the current item as the last one, reached: a flavour whose return is a mode of its own leaves it so."""
        self._events.append(Event(EventKind.REACHED, self.seq, self.items[self.seq]))
        self.finished = True

    def take_events(self) -> list[Event]:
        """Return and forget what has happened."""
        events, self._events = self._events, []
        return events

    @property
    def state(self) -> int:
        """MISSION_STATE: none, not started, active, paused or complete."""
        if not self.items:
            return int(_M.MISSION_STATE_NO_MISSION)
        if self.finished:
            return int(_M.MISSION_STATE_COMPLETE)
        if self.active:
            return int(_M.MISSION_STATE_ACTIVE)
        started = self.seq > self._first
        return int(_M.MISSION_STATE_PAUSED if started else _M.MISSION_STATE_NOT_STARTED)

    def step(self, now_ns: int, view: MissionView, rules: MissionRules) -> Aim | None:
        """Return what to do now; None when nothing is being flown (paused, finished, empty)."""
        if not self.active or self.finished:
            return None
        if self._enter_at is not None:
            self._enter(self._enter_at, view)
        self._work_off(now_ns, view, rules)
        if self._waits(rules):
            return None if self.finished else self._stay(view, rules)
        aim, done = self._fly(now_ns, view, rules)
        if not done:
            return aim
        self._reached(view)
        self._work_off(now_ns, view, rules)
        if self._waits(rules):
            return None if self.finished else self._stay(view, rules)
        return self._fly(now_ns, view, rules)[0]

    # ------------------------------------------------------------ from item to item

    def _place_at(self, seq: int) -> None:
        self.seq, self._enter_at, self._from = seq, seq, None
        self._nav, self._pending = None, []

    def _enter(self, index: int, view: MissionView) -> None:
        """Find the next item that is flown, and what is to be done before it; none left: the mission is finished."""
        self._enter_at, self._nav, self._pending = None, None, []
        self._stage, self._since_ns, self._do_since_ns = 0, None, None
        self._yaw_rad = nan
        self._start, self._from = self._from or view.position, None
        for seq in self._order.walk(index, self._events):
            if self.items[seq].command in NAV:
                self._nav = seq
                break
            self._pending.append(seq)
        if self._nav is not None:
            self._begin(self._nav, view)

    def _begin(self, nav: int, view: MissionView) -> None:
        item = self.items[nav]
        place = self._locator.place(item) if item.command in PLACED else None
        here = view.position
        self._place = place if place is not None else here
        self._swept_rad, self._bearing_rad = 0.0, nan
        self._next = self._order.following(nav, self._locator)
        self._events.append(Event(EventKind.STARTED, nav, item))

    def _reached(self, view: MissionView) -> None:
        nav = self._nav
        assert nav is not None
        item = self.items[nav]
        self._events.append(Event(EventKind.REACHED, nav, item))
        self._from = self._place if item.command in PASSED else None
        self._enter(nav + 1, view)

    def _waits(self, rules: MissionRules) -> bool:
        """Return whether no leg is flown now; notices the end."""
        if self._nav is None and not self._pending:
            self.finished = True
            self._events.append(Event(EventKind.FINISHED, self.seq, None))
            return True
        blocked = bool(self._pending) and not rules.parallel
        self.seq = self._pending[0] if blocked or self._nav is None else self._nav
        return self._nav is None or blocked

    # ------------------------------------------------------------ what is done on the way

    def _work_off(self, now_ns: int, view: MissionView, rules: MissionRules) -> None:
        while self._pending:
            if self._do_since_ns is None:
                self._do_since_ns = now_ns
            if not self._do(self._pending[0], now_ns, view, rules):
                return
            del self._pending[0]
            self._do_since_ns = None

    def _do(self, seq: int, now_ns: int, view: MissionView, rules: MissionRules) -> bool:
        """Carry out an item that is not flown; return whether it is done."""
        item = self.items[seq]
        if item.command == _M.MAV_CMD_CONDITION_DELAY:
            return self._passed(self._do_since_ns, item.param1, now_ns)
        if item.command == _M.MAV_CMD_CONDITION_DISTANCE:
            return self._nav is None or level_distance(view.position, self._place) <= item.param1
        if item.command == _M.MAV_CMD_CONDITION_YAW:
            if self._do_since_ns == now_ns or not isfinite(self._yaw_rad):
                self._yaw_rad = turned_yaw(item, view.yaw_rad)
            return _angle(self._yaw_rad, view.yaw_rad) < min(rules.yaw_error_rad, radians(3.0))
        if item.command == _M.MAV_CMD_DO_CHANGE_SPEED and item.param1 in (0.0, 1.0) and isfinite(item.param2):
            self.speed_m_s = item.param2 if item.param2 > 0.0 else self.speed_m_s if item.param2 == -1.0 else nan
        self._events.append(Event(EventKind.DO, seq, item))
        return True

    # ------------------------------------------------------------ what is flown

    def _stay(self, view: MissionView, rules: MissionRules) -> Aim:
        speed = self._speed(rules)
        return Aim(Motion.STAY, self.seq, view.position, view.position, self._yaw_rad, speed)

    def _fly(self, now_ns: int, view: MissionView, rules: MissionRules) -> tuple[Aim, bool]:
        """Return what the current leg asks for, and whether it is done."""
        assert self._nav is not None
        item = self.items[self._nav]
        if item.command == _M.MAV_CMD_NAV_RETURN_TO_LAUNCH:
            return self._aim(Motion.RETURN, rules), False
        if item.command == _M.MAV_CMD_NAV_DELAY:
            self._since_ns = self._since_ns or now_ns
            return self._stay(view, rules), self._passed(self._since_ns, item.param1, now_ns)
        if item.command in TAKEOFFS:
            return self._take_off(view, rules)
        if item.command in LANDINGS:
            return self._land(view, rules)
        if item.command == _M.MAV_CMD_NAV_LOITER_TURNS and rules.circles:
            return self._circle(item, view, rules)
        return self._visit(item, now_ns, view, rules)

    def _take_off(self, view: MissionView, rules: MissionRules) -> tuple[Aim, bool]:
        top = self._place[2]
        if self._stage == 0:
            margin = rules.height_acceptance_m
            if top > self._start[2]:  # half of a low take-off, as PX4 does
                margin = min(margin, (top - self._start[2]) / 2.0)
            if not view.landed and view.position[2] > top - margin:
                self._stage, self._start = 1, view.position
        if self._stage == 0:
            aim = self._aim(Motion.CLIMB, rules)
            return replace(aim, place=(self._start[0], self._start[1], top)), False
        arrived = not rules.takeoff_goes_to_place or self._arrived(view, rules, rules.acceptance_m)
        return self._aim(Motion.LEG, rules), arrived

    def _land(self, view: MissionView, rules: MissionRules) -> tuple[Aim, bool]:
        above = (self._place[0], self._place[1], self._start[2])
        if self._stage == 0 and level_distance(view.position, above) <= rules.acceptance_m:
            self._stage = 1
        if self._stage == 0:
            return replace(self._aim(Motion.LEG, rules), place=above, exit_m_s=0.0), view.landed
        return self._aim(Motion.LAND, rules), view.landed

    def _visit(self, item: MissionItem, now_ns: int, view: MissionView, rules: MissionRules) -> tuple[Aim, bool]:
        """Fly to a place; done after the time to stay there, at once for one that is passed."""
        acceptance = rules.acceptance_m
        if item.command in PASSED and rules.item_acceptance and item.param2 > 0.0 and isfinite(item.param2):
            acceptance = item.param2
        yaw = radians(90.0 - item.param4) if rules.item_yaw and isfinite(item.param4) else nan
        aim = self._aim(Motion.LEG, rules, yaw)
        if self._stage == 0 and self._arrived(view, rules, acceptance):
            self._stage = 1
        faces = not isfinite(aim.yaw_rad) or _angle(aim.yaw_rad, view.yaw_rad) <= rules.yaw_error_rad
        if self._stage == 1 and (faces or rules.yaw_error_rad == inf):
            self._stage, self._since_ns = 2, now_ns
        forever = item.command == _M.MAV_CMD_NAV_LOITER_UNLIM
        stays = item.command in PASSED or item.command == _M.MAV_CMD_NAV_LOITER_TIME
        seconds = item.param1 if stays else 0.0
        return aim, self._stage == 2 and not forever and self._passed(self._since_ns, seconds, now_ns)

    def _circle(self, item: MissionItem, view: MissionView, rules: MissionRules) -> tuple[Aim, bool]:
        radius = item.param3 if isfinite(item.param3) and item.param3 != 0.0 else rules.circle_m
        east, north = view.position[0] - self._place[0], view.position[1] - self._place[1]
        if self._stage == 0 and hypot(east, north) < abs(radius) + max(rules.acceptance_m, 1.0):
            self._stage = 1
        if self._stage == 1:
            bearing = atan2(east, north)
            if isfinite(self._bearing_rad):
                self._swept_rad += remainder(bearing - self._bearing_rad, 2.0 * pi)
            self._bearing_rad = bearing
        turns = max(item.param1, 0.0) if isfinite(item.param1) else 0.0
        done = self._stage == 1 and abs(self._swept_rad) >= turns * 2.0 * pi
        return self._aim(Motion.CIRCLE, rules, radius_m=radius), done

    def _aim(self, motion: Motion, rules: MissionRules, yaw_rad: float = nan, radius_m: float = 0.0) -> Aim:
        assert self._nav is not None
        exit_m_s = 0.0
        limits = rules.limits
        if motion is Motion.LEG and self._next is not None:
            exit_m_s = corner_speed(self._start, self._place, self._next, rules.acceptance_m, limits)
        yaw = self._yaw_rad if isfinite(self._yaw_rad) else yaw_rad
        return Aim(motion, self._nav, self._place, self._start, yaw, self._speed(rules), exit_m_s, radius_m)

    def _speed(self, rules: MissionRules) -> float:
        return self.speed_m_s if isfinite(self.speed_m_s) else rules.limits.speed_m_s

    def _arrived(self, view: MissionView, rules: MissionRules, acceptance_m: float) -> bool:
        near = level_distance(view.position, self._place) <= acceptance_m
        return not view.landed and near and abs(view.position[2] - self._place[2]) <= rules.height_acceptance_m

    @staticmethod
    def _passed(since_ns: int | None, seconds: float, now_ns: int) -> bool:
        if not seconds > 0.0 or since_ns is None:
            return True
        return now_ns - since_ns >= seconds * 1e9


def _angle(a: float, b: float) -> float:
    return abs(remainder(a - b, 2.0 * pi))
