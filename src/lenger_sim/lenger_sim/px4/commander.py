"""PX4's commander: arming, the mode that was asked for, and the failsafes that override it.

Behaviour, delays and names as measured on PX4 v1.16 and as in its sources (see docs). Two kinds of override: a mode
that cannot run (no OFFBOARD stream, no position) is replaced for as long as that lasts; every other failsafe latches
until the user selects a mode.
"""

from __future__ import annotations

from math import isfinite

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.mission_items import EventKind, Locator, Motion
from lenger_sim.onboard import Estimator
from lenger_sim.px4.arming import battery_problem, estimate_problems, mode_problems
from lenger_sim.px4.failsafe import CRITICAL, DISARM, INFO, TERMINATE, WARNING, Failsafes, Trip
from lenger_sim.px4.fence import Px4Fence
from lenger_sim.px4.manual import ManualControl
from lenger_sim.px4.mission import Px4Mission
from lenger_sim.px4.modes import MODES, STICK_MODES, Pilot, Reposition
from lenger_sim.px4.override import Override

GNSS_LOST_NS = 5_000_000_000
"""Without a fix the estimate counts as lost after EKF2_NOAID_TOUT."""
FORCE = 21196
"""Parameter 2 of the arm command that skips every check."""


class Commander:
    """Decides whether the motors may turn and which mode is active.

    Attributes:
        armed: whether the motors turn.
        intended: the mode that the user asked for.
        home: latitude, longitude in degrees and AMSL height of home, None before there is a position.
        texts: (severity, text) lines to send; the vehicle empties it.
        fence, manual, mission, failsafes: the fence, the sticks, the uploaded mission, what can fire.
    """

    def __init__(self, pilot: Pilot, estimator: Estimator, params: ParamServer) -> None:
        self._pilot = pilot
        self._estimator = estimator
        self._params = params
        self.armed = False
        self.crashed = False
        self.terminated = False
        self.intended = pilot.mode
        self.home: Vec3 | None = None
        self.texts: list[tuple[int, str]] = []
        self.battery_remaining = 1.0
        self.fence = Px4Fence(pilot, estimator, params)
        self.manual = ManualControl(params)
        self.mission = Px4Mission(pilot, self.fence, Locator(estimator.to_local, lambda: pilot.home), params)
        self.failsafes = Failsafes(params)
        self._override = Override()
        self._offboard_lost = False
        self._blind = False
        self._landed_ns: int | None = None
        self._flown = False

    # ------------------------------------------------------------ what others ask

    @property
    def mode(self) -> str:
        """The active mode's name."""
        return self._pilot.mode

    @property
    def in_failsafe(self) -> bool:
        """Whether a failsafe decides the mode."""
        return self._override.active

    @property
    def blind(self) -> bool:
        """Whether the position is lost."""
        return self._blind

    @property
    def battery_alarm(self) -> bool:
        """Whether the battery is below the critical level."""
        return self.battery_remaining < float(self._params["BAT_CRIT_THR"])

    def blockers(self, now_ns: int) -> list[str]:
        """Return why arming would be refused now, in words; empty when it would not."""
        reasons = estimate_problems(self._estimator, self.home is not None, now_ns)
        reasons += battery_problem(self._params, self.battery_remaining)
        if self.crashed or self.terminated:
            reasons.append("Preflight Fail: vehicle is damaged")
        has_sticks = self.manual.sticks is not None
        reasons += mode_problems(self.intended, self._pilot.stream_alive(now_ns), self.mission.valid, has_sticks)
        if int(self._params["COM_ARM_MIS_REQ"]) and not self.mission.valid:
            reasons.append("Preflight Fail: no valid mission available")
        if not reasons and not self.fence.allows(self._pilot.position()):
            reasons.append("Preflight Fail: outside of the geofence")
        return reasons

    def arm(self, now_ns: int, force: bool = False, by: str = "external command") -> bool:
        """Start the motors; on refusal say why in a text and return False."""
        if self.armed:
            return True
        reasons = [] if force else self.blockers(now_ns)
        if reasons:
            for reason in reasons:
                self.texts.append((CRITICAL, f"Arming denied: {reason}"))
            return False
        self.armed, self._flown = True, False
        self._landed_ns = None
        self._override.clear()
        self.failsafes.start_fence(self.fence.inside())
        self.manual.start()
        self._pilot.arm()
        if self.mode == "AUTO.MISSION":
            self._start_mission()
        if int(self._params["COM_HOME_EN"]):
            self._set_home_here()
        self.texts.append((INFO, f"Armed by {by}"))
        return True

    def disarm(self, reason: str, force: bool = False) -> bool:
        """Stop the motors; refused in the air unless forced."""
        if not self.armed:
            return True
        if not self._pilot.landed and not force:
            self.texts.append((CRITICAL, "Disarming denied: not landed"))
            return False
        self.armed = False
        self._override.clear()
        self._offboard_lost = False
        self.intended = self._pilot.mode
        self._pilot.stop_motors()
        self.mission.run.pause()
        self.texts.append((INFO, f"Disarmed by {reason}"))
        return True

    def request_mode(self, mode: str, now_ns: int, reposition: Reposition | None = None) -> bool:
        """Take the user's wish for a mode; return whether it is accepted. Once armed each mode has its conditions."""
        if mode not in MODES:
            self.texts.append((CRITICAL, f"Mode {mode} not available"))
            return False
        if self.armed:
            refusal = self._refusal(mode, now_ns)
            if refusal:
                self.texts.append((CRITICAL, f"Switching to {mode} rejected: {refusal}"))
                return False
        self.intended, self._offboard_lost = mode, False
        self._override.clear()
        if self._pilot.mode != mode or reposition is not None:
            self._enter(mode, reposition)
        return True

    def terminate(self) -> None:
        """End the flight: the motors stop for good."""
        self.terminated = True
        self.disarm("flight termination", force=True)

    def takeoff(self, up_m: float, now_ns: int) -> bool:
        """Select AUTO.TAKEOFF to a height in the estimator's frame (NaN: MIS_TAKEOFF_ALT above here)."""
        least = self._pilot.position()[2] + float(self._params["MIS_TAKEOFF_ALT"])
        self._pilot.takeoff_up_m = max(up_m, least) if isfinite(up_m) else least
        return self.request_mode("AUTO.TAKEOFF", now_ns)

    def set_home(self, place: Vec3) -> None:
        """Move home (latitude, longitude, AMSL height)."""
        self.home = place
        self._pilot.home = self._estimator.to_local(*place)

    def on_mission(self, items: tuple[MissionItem, ...]) -> None:
        """Take an uploaded mission; what is wrong with it only texts tell."""
        self._say(self.mission.load(items))
        if self.mode == "AUTO.MISSION" and self.armed and self.mission.valid:
            self.mission.run.start()

    def on_fence(self, items: tuple[MissionItem, ...]) -> None:
        """Take an uploaded fence; that areas of it are not used only texts tell."""
        self._say(self.fence.take(items))
        if self.mission.run.items:
            self._say(self.mission.check())
        self.failsafes.start_fence(self.fence.inside())

    # ------------------------------------------------------------ 50 Hz

    def step(self, now_ns: int) -> None:
        """Judge failsafes, follow modes that end by themselves, disarm after landing, and let the pilot fly."""
        if self.home is None and self._estimator.ready():
            self._set_home_here()
            self._say(self.mission.check_when_home_is_known())
        self._blind = self._estimator.last_fix_ns > 0 and now_ns - self._estimator.last_fix_ns > GNSS_LOST_NS
        self.manual.step(now_ns)
        self._pilot.sticks = self.manual.sticks
        if self.armed:
            self._flown = self._flown or not self._pilot.landed
            if not self._pilot.landed:
                self._listen_to_sticks(now_ns)
                self._judge(now_ns)
            self._apply(now_ns)
            self._follow(now_ns)
            self._auto_disarm(now_ns)
        self._pilot.step(now_ns, self.armed, self._blind)

    def _judge(self, now_ns: int) -> None:
        self._trip(self.failsafes.battery(self.battery_remaining), now_ns)
        self._trip(self.failsafes.link(self.mode, now_ns), now_ns)
        self._trip(self.failsafes.manual(self.manual.lost(self.intended)), now_ns)
        if self.failsafes.fence_due(now_ns):
            trip, place = self.failsafes.fence(self.fence.inside()), None
            if trip is not None and trip.mode == "AUTO.LOITER":
                # Hold goes back to where the breach was noticed; with GF_PREDICT on to where it would come to rest
                ahead = int(self._params["GF_PREDICT"])
                place = self.fence.resting_place() if ahead else self._pilot.position()
            self._trip(trip, now_ns, place)

    def _trip(self, trip: Trip | None, now_ns: int, place: Vec3 | None = None) -> None:
        if trip is None:
            return
        self.texts.append((trip.severity, trip.text))
        if trip.mode == "AUTO.RTL" and self.intended in ("AUTO.RTL", "AUTO.LAND"):
            return  # already on its way down
        self._override.trip(trip, now_ns, place)

    def _apply(self, now_ns: int) -> None:
        """Make the mode active that intention, fallback and failsafe give together."""
        self._update_fallback(now_ns)
        mode, place = self._override.mode(self.intended, self._blind, now_ns)
        if mode == TERMINATE:
            self.terminate()
        elif mode == DISARM:
            self.disarm("failsafe", force=True)
        elif self._pilot.mode != mode:
            self._enter(mode, Reposition(place, place) if place is not None else None)

    def _update_fallback(self, now_ns: int) -> None:
        """Replace a mode that cannot run: OFFBOARD without a stream, anything that needs the position without one."""
        lost = self.intended == "OFFBOARD" and not self._pilot.stream_alive(now_ns)
        fallback = self.failsafes.offboard_action() if lost else ""
        if lost is not self._offboard_lost:
            self._offboard_lost = lost
            text = f"Failsafe: offboard signal lost, {fallback}" if lost else "Offboard signal regained"
            self.texts.append((CRITICAL if lost else INFO, text))
        if self._blind and not self._pilot.landed:
            fallback = self.failsafes.blind_action(fallback or self.intended)
            if fallback and self._override.fallback != fallback:
                self.texts.append((CRITICAL, f"Failsafe: position lost, {fallback}"))
        self._override.fallback = fallback

    def _listen_to_sticks(self, now_ns: int) -> None:
        if not self.manual.takes_over(self.mode):
            return
        if not self._override.yields_to_sticks(now_ns):
            return
        if self.request_mode("POSCTL", now_ns):
            self.texts.append((INFO, "Pilot took over using sticks"))

    def _follow(self, now_ns: int) -> None:
        if self.mode == "AUTO.TAKEOFF" and self._pilot.takeoff_done():
            self.texts.append((INFO, "Takeoff complete"))
            if self.intended == "AUTO.TAKEOFF":
                then = int(self._params["COM_TAKEOFF_ACT"]) == 1 and self.mission.valid
                self.intended = "AUTO.MISSION" if then else "AUTO.LOITER"
            self._apply(now_ns)
        if self.mode == "AUTO.MISSION":
            self._fly_mission(now_ns)

    def _fly_mission(self, now_ns: int) -> None:
        for event in self.mission.step(now_ns):
            if event.kind is EventKind.FINISHED and not self._pilot.landed and self.intended == "AUTO.MISSION":
                self.intended = "AUTO.LOITER"
                self.texts.append((INFO, "Mission finished, loitering"))
        aim = self._pilot.aim
        if aim is not None and aim.motion is Motion.RETURN and self.intended == "AUTO.MISSION":
            self.request_mode("AUTO.RTL", now_ns)
        elif self.intended == "AUTO.LOITER":
            self._apply(now_ns)

    def _auto_disarm(self, now_ns: int) -> None:
        if not self._pilot.landed:
            self._landed_ns = None
            return
        if self._landed_ns is None:
            self._landed_ns = now_ns
            if self._flown:
                self.texts.append((INFO, "Landing detected"))
        limit_s = float(self._params["COM_DISARM_LAND" if self._flown else "COM_DISARM_PRFLT"])
        if limit_s > 0.0 and now_ns - self._landed_ns > limit_s * 1e9:
            self.disarm("landing" if self._flown else "auto preflight disarming")

    # ------------------------------------------------------------ parts

    def _enter(self, mode: str, reposition: Reposition | None = None) -> None:
        if mode != "AUTO.MISSION":
            self.mission.run.pause()
        elif self.mission.valid and self.armed:
            self._start_mission()
        self._pilot.enter(mode, reposition)
        if mode == "AUTO.RTL" and self.armed:
            self.texts.append((INFO, self._pilot.rtl.announcement()))

    def _start_mission(self) -> None:
        """Fly on, or from the first item when the last one is done."""
        if self.mission.run.finished:
            self.mission.run.reset()
        self.mission.run.start()
        self.texts.append((INFO, "Executing Mission"))

    def _say(self, problems: list[str]) -> None:
        self.texts += [(CRITICAL if "far away" not in text else WARNING, text) for text in problems]

    def _refusal(self, mode: str, now_ns: int) -> str:
        if mode == "OFFBOARD" and not self._pilot.stream_alive(now_ns):
            return "no offboard signal"
        if mode == "AUTO.MISSION" and not self.mission.valid:
            return "no valid mission"
        if mode in STICK_MODES and self.manual.sticks is None:
            return "no manual control"
        return ""

    def _set_home_here(self) -> None:
        if self._estimator.last_fix_ns > 0 and self._estimator.ready():
            self.set_home(self._estimator.to_geodetic(*self._pilot.position()))
