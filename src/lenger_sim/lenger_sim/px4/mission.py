"""PX4's mission mode: is the uploaded mission feasible, what it asks of the pilot, and what is told of its progress."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, inf, isfinite, radians

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.channels import Router
from lenger_sim.mission_items import (
    LANDINGS,
    PLACED,
    RELATIVE_FRAMES,
    TAKEOFFS,
    Event,
    EventKind,
    Locator,
    MissionRules,
    MissionView,
    Motion,
)
from lenger_sim.mission_run import MissionRun
from lenger_sim.px4.fence import Px4Fence
from lenger_sim.px4.modes import Pilot

_M = mavlink
REPORT_NS = 1_000_000_000
REPEATS = 10
"""MISSION_ITEM_REACHED is sent once, and this often again."""
_UNSUPPORTED = (_M.MAV_CMD_NAV_SPLINE_WAYPOINT, _M.MAV_CMD_NAV_LOITER_TURNS)
_OTHERS = frozenset(
    {
        _M.MAV_CMD_NAV_RETURN_TO_LAUNCH,
        _M.MAV_CMD_NAV_DELAY,
        _M.MAV_CMD_DO_JUMP,
        _M.MAV_CMD_DO_CHANGE_SPEED,
        _M.MAV_CMD_DO_SET_HOME,
        _M.MAV_CMD_DO_LAND_START,
        _M.MAV_CMD_DO_TRIGGER_CONTROL,
        _M.MAV_CMD_DO_DIGICAM_CONTROL,
        _M.MAV_CMD_IMAGE_START_CAPTURE,
        _M.MAV_CMD_IMAGE_STOP_CAPTURE,
        _M.MAV_CMD_VIDEO_START_CAPTURE,
        _M.MAV_CMD_VIDEO_STOP_CAPTURE,
        _M.MAV_CMD_DO_CONTROL_VIDEO,
        _M.MAV_CMD_DO_MOUNT_CONFIGURE,
        _M.MAV_CMD_DO_MOUNT_CONTROL,
        _M.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
        _M.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE,
        _M.MAV_CMD_DO_SET_ROI,
        _M.MAV_CMD_DO_SET_ROI_LOCATION,
        _M.MAV_CMD_DO_SET_ROI_WPNEXT_OFFSET,
        _M.MAV_CMD_DO_SET_ROI_NONE,
        _M.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
        _M.MAV_CMD_DO_SET_CAM_TRIGG_INTERVAL,
        _M.MAV_CMD_SET_CAMERA_MODE,
        _M.MAV_CMD_SET_CAMERA_ZOOM,
        _M.MAV_CMD_SET_CAMERA_FOCUS,
    }
)
"""Items without a leg that a mission may have; those that move nothing are passed over."""


class Px4Mission:
    """The mission of a PX4 flavour.

    Attributes:
        run: how far it is.
        valid: whether it may be flown.
    """

    def __init__(self, pilot: Pilot, fence: Px4Fence, locator: Locator, params: ParamServer) -> None:
        self._pilot = pilot
        self._fence = fence
        self._locator = locator
        self._params = params
        self.run = MissionRun(locator)
        self.valid = False
        self._unchecked = False
        self._reached: list[int] = []
        self._last_reached = 0
        self._repeats = REPEATS
        self._told_seq = -1
        self._next_report_ns = 0

    def load(self, items: tuple[MissionItem, ...]) -> list[str]:
        """Take an uploaded mission; return what is wrong with it."""
        self.run.load(items)
        self._reached.clear()
        self._repeats = REPEATS
        return self.check()

    def check(self) -> list[str]:
        """Judge the mission anew, as after a change of home or fence; return what is wrong with it."""
        items = self.run.items
        self._pilot.landing = next((self._locator.place(i) for i in items if i.command in LANDINGS), None)
        self._unchecked = bool(items) and self._pilot.home is None
        if not items or self._unchecked:
            self.valid = False
            return ["Not yet ready for mission, no position lock."] if items else []
        problems = self._problems(items)
        self.valid = not problems
        far = self._far_first_item(items)
        return problems + ([far] if far else [])

    def check_when_home_is_known(self) -> list[str]:
        """Judge a mission that was uploaded before there was a home; nothing when that is done."""
        return self.check() if self._unchecked and self._pilot.home is not None else []

    def _problems(self, items: tuple[MissionItem, ...]) -> list[str]:
        placed = False
        for number, item in enumerate(items, start=1):
            if item.command not in (PLACED | _OTHERS) or item.command in _UNSUPPORTED:
                return [f"Mission rejected: item {number}: unsupported cmd: {item.command}"]
            if number == 1 and item.command in LANDINGS and self._pilot.landed:
                return ["Mission rejected: starts with landing"]
            if item.command in (_M.MAV_CMD_NAV_VTOL_TAKEOFF, _M.MAV_CMD_NAV_VTOL_LAND):
                return ["Mission rejected: Mission contains VTOL items but vehicle is not a VTOL"]
            if item.command in TAKEOFFS:
                if not self._above_home_m(item) > 0.0:
                    return ["Mission rejected: Takeoff altitude below home altitude!"]
                if placed:
                    return ["Mission rejected: takeoff not first waypoint item"]
            placed = placed or item.command in PLACED
        missing = self._missing(items)
        return [missing] if missing else self._outside(items)

    def _missing(self, items: tuple[MissionItem, ...]) -> str:
        """Return what MIS_TKO_LAND_REQ asks for and is not there."""
        required = int(self._params["MIS_TKO_LAND_REQ"])
        takes_off = any(item.command in TAKEOFFS for item in items)
        lands = any(item.command in LANDINGS for item in items)
        if required == 1 and not takes_off:
            return "Mission rejected: Takeoff waypoint required."
        if required == 2 and not lands:
            return "Mission rejected: Landing waypoint/pattern required."
        if required == 3 and not (takes_off and lands):
            return "Mission rejected: Takeoff or Landing item missing."
        if required in (4, 5) and takes_off != lands:
            what = "Add Landing item or remove Takeoff" if takes_off else "Add Takeoff item or remove Landing"
            return f"Mission rejected: {what}."
        return ""

    def _outside(self, items: tuple[MissionItem, ...]) -> list[str]:
        for number, item in enumerate(items, start=1):
            place = self._locator.place(item) if item.command in PLACED else None
            if place is not None and not self._fence.allows(place):
                return [f"Geofence violation for waypoint {number}"]
        return []

    def _far_first_item(self, items: tuple[MissionItem, ...]) -> str:
        """Return PX4's warning of a first place that is far away: the mission is valid none the less."""
        limit, home = float(self._params["MIS_DIST_1WP"]), self._pilot.home
        first = next((item for item in items if item.command in PLACED), None)
        place = self._locator.place(first) if first is not None else None
        if limit <= 0.0 or home is None or place is None:
            return ""
        distance = hypot(place[0] - home[0], place[1] - home[1])
        if distance < limit:
            return ""
        return f"First waypoint far away from home: {distance:.0f}m. Correct mission loaded?"

    def _above_home_m(self, item: MissionItem) -> float:
        if item.frame in RELATIVE_FRAMES:
            return item.z_alt_m
        place, home = self._locator.place(item), self._pilot.home
        return place[2] - home[2] if place is not None and home is not None else -inf

    # ------------------------------------------------------------ in flight

    def step(self, now_ns: int) -> list[Event]:
        """Give the pilot what the mission asks for now; return what has happened."""
        view = MissionView(self._pilot.position(), self._pilot.yaw_rad, self._pilot.landed)
        aim = self._pilot.aim = self.run.step(now_ns, view, self._rules())
        if aim is not None and aim.motion is Motion.RETURN:
            self.run.finish()
        events = self.run.take_events()
        for event in events:
            if event.kind is EventKind.REACHED:
                self._reached.append(event.seq)
        return events

    def _rules(self) -> MissionRules:
        acceptance = float(self._params["NAV_ACC_RAD"])
        error = float(self._params["MIS_YAW_ERR"]) if float(self._params["MIS_YAW_TMT"]) <= 0.0 else 180.0
        limits = self._pilot.limits()
        if isfinite(self.run.speed_m_s):
            limits = replace(limits, speed_m_s=self.run.speed_m_s)
        return MissionRules(acceptance, float(self._params["NAV_MC_ALT_RAD"]), limits, radians(error))

    # ------------------------------------------------------------ what is told

    @property
    def state(self) -> int:
        """MISSION_STATE; one that is not feasible is none."""
        return self.run.state if self.valid else int(_M.MISSION_STATE_NO_MISSION)

    def current(self, mode: str) -> MavMessage:
        """Return MISSION_CURRENT: item, total, state and whether the mission's mode is active."""
        total = len(self.run.items)
        in_mode = 1 if mode == "AUTO.MISSION" else 2
        seq = min(self.run.seq, max(total - 1, 0))
        return _M.MAVLink_mission_current_message(seq, total or 0xFFFF, self.state, in_mode)

    def report(self, now_ns: int, mode: str, router: Router) -> None:
        """Tell changes at once; every second the current item, and the one last reached, ten times again."""
        due = now_ns >= self._next_report_ns
        if due or self.run.seq != self._told_seq:
            self._told_seq = self.run.seq
            router.send(self.current(mode))
        if due and self._repeats < REPEATS and not self._reached:
            self._repeats += 1
            router.send(_M.MAVLink_mission_item_reached_message(self._last_reached))
        for seq in self._reached:
            router.send(_M.MAVLink_mission_item_reached_message(seq))
            self._last_reached, self._repeats = seq, 0
        self._reached.clear()
        if due:
            self._next_report_ns = now_ns + REPORT_NS
