"""PX4's commander: arming, the mode that was asked for, and the failsafes that override it.

Behaviour, delays and names as measured on PX4 v1.16 (see docs). Two kinds of override: loss of the OFFBOARD stream
lasts as long as the loss, and then flies on by itself; every other failsafe latches until the user selects a mode.
"""

from __future__ import annotations

from math import hypot, isfinite

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.fence import Fence, fence_of
from lenger_sim.onboard import Estimator
from lenger_sim.px4.failsafe import CRITICAL, INFO, SEVERITY, Failsafes, Trip
from lenger_sim.px4.modes import MODES, NO_ARMING, STICK_MODES, Pilot

GNSS_LOST_NS = 5_000_000_000
REACTION_NS = 150_000_000
"""From detection to the change of mode: with the 5 Hz fence check, the measured latency of up to 0.36 s."""
FORCE = 21196
"""Parameter 2 of the arm command that skips every check."""


class Commander:
    """Decides whether the motors may turn and which mode is active.

    Attributes:
        armed: whether the motors turn.
        intended: the mode that the user asked for.
        home: latitude, longitude in degrees and AMSL height of home, None before there is a position.
        texts: (severity, text) lines to send; the vehicle empties it.
    """

    def __init__(self, pilot: Pilot, estimator: Estimator, params: ParamServer) -> None:
        self._pilot = pilot
        self._estimator = estimator
        self._params = params
        self.armed = False
        self.crashed = False
        self.intended = pilot.mode
        self.home: Vec3 | None = None
        self.texts: list[tuple[int, str]] = []
        self.battery_remaining = 1.0
        self._fence = Fence()
        self._failsafes = Failsafes(params)
        self._failsafe: Trip | None = None
        self._failsafe_starts_ns = 0
        self._offboard_lost = False
        self._blind = False
        self._blind_told = False
        self._armed_ns = 0
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
        return self._failsafe is not None or self._offboard_lost

    def blockers(self, now_ns: int) -> list[str]:
        """Return why arming would be refused now, in words; empty when it would not."""
        reasons = []
        if not self._estimator.state["aligned"][0]:
            reasons.append("Preflight Fail: attitude not aligned yet")
        elif not self._estimator.ready() or self.home is None:
            reasons.append("Preflight Fail: no valid position estimate")
        elif now_ns - self._estimator.last_fix_ns > 1_000_000_000:
            reasons.append("Preflight Fail: GPS fix lost")
        if self.battery_remaining < float(self._params["BAT_CRIT_THR"]):
            reasons.append("Preflight Fail: battery too low")
        if self.crashed:
            reasons.append("Preflight Fail: vehicle is damaged")
        if self.intended in NO_ARMING:
            reasons.append(f"Mode {self.intended} does not allow arming, switch mode first")
        if self.intended == "OFFBOARD" and not self._stream_alive(now_ns):
            reasons.append("Preflight Fail: no offboard signal")
        if not reasons and not self._inside():
            reasons.append("Preflight Fail: outside of the geofence")
        return reasons

    def arm(self, now_ns: int, force: bool = False) -> bool:
        """Start the motors; on refusal say why in a text and return False."""
        if self.armed:
            return True
        reasons = [] if force else self.blockers(now_ns)
        if reasons:
            for reason in reasons:
                self.texts.append((CRITICAL, f"Arming denied: {reason}"))
            return False
        self.armed, self._armed_ns, self._flown = True, now_ns, False
        self._landed_ns = None
        self._failsafe = None
        self._failsafes.start_fence(self._inside())
        self._pilot.arm()
        self._set_home_here()
        self.texts.append((INFO, "Armed by external command"))
        return True

    def disarm(self, reason: str, force: bool = False) -> bool:
        """Stop the motors; refused in the air unless forced."""
        if not self.armed:
            return True
        if not self._pilot.landed and not force:
            self.texts.append((CRITICAL, "Disarming denied: not landed"))
            return False
        self.armed = False
        self._failsafe, self._offboard_lost = None, False
        self.intended = self._pilot.mode
        self._pilot.stop_motors()
        self.texts.append((INFO, f"Disarmed by {reason}"))
        return True

    def request_mode(self, mode: str, now_ns: int) -> bool:
        """Take the user's wish for a mode; return whether it is accepted. In the air each mode has its conditions."""
        if mode not in MODES:
            self.texts.append((CRITICAL, f"Mode {mode} not available"))
            return False
        if self.armed and not self._pilot.landed:
            refusal = self._refusal(mode, now_ns)
            if refusal:
                self.texts.append((CRITICAL, f"Switching to {mode} rejected: {refusal}"))
                return False
        self.intended = mode
        self._failsafe, self._offboard_lost = None, False
        self._activate(mode)
        return True

    def takeoff(self, up_m: float, now_ns: int) -> bool:
        """Select AUTO.TAKEOFF to a height in the estimator's frame (NaN: MIS_TAKEOFF_ALT above here)."""
        least = self._pilot.position()[2] + float(self._params["MIS_TAKEOFF_ALT"])
        self._pilot.takeoff_up_m = max(up_m, least) if isfinite(up_m) else least
        return self.request_mode("AUTO.TAKEOFF", now_ns)

    def set_home(self, place: Vec3) -> None:
        """Move home (latitude, longitude, AMSL height)."""
        self.home = place
        self._pilot.home = self._estimator.to_local(*place)

    def on_gcs_heartbeat(self, now_ns: int) -> None:
        """Take a heartbeat of a ground station."""
        self._failsafes.on_gcs_heartbeat(now_ns)

    def on_fence(self, items: tuple[MissionItem, ...]) -> bool:
        """Take an uploaded fence; return False when it is dropped, which only a text tells."""
        fence = fence_of(items)
        if fence is None:
            self.texts.append((CRITICAL, "Geofence invalid, ignored"))
            return False
        if self.home is not None and not fence.allows(self.home[0], self.home[1]):
            self.texts.append((CRITICAL, "Geofence invalid, doesn't contain home position"))
            return False
        self._fence = fence
        self._failsafes.start_fence(self._inside())
        return True

    # ------------------------------------------------------------ 50 Hz

    def step(self, now_ns: int) -> None:
        """Judge failsafes, follow modes that end by themselves, disarm after landing, and let the pilot fly."""
        if self.home is None and self._estimator.ready():
            self._set_home_here()
        self._blind = self._estimator.last_fix_ns > 0 and now_ns - self._estimator.last_fix_ns > GNSS_LOST_NS
        if self.armed:
            self._flown = self._flown or not self._pilot.landed
            if not self._pilot.landed:
                self._judge(now_ns)
            if self._failsafe is None and self.intended == "OFFBOARD":
                self._judge_stream(now_ns)
            self._follow(now_ns)
            self._auto_disarm(now_ns)
        self._pilot.step(now_ns, self.armed, self._blind)

    def _judge(self, now_ns: int) -> None:
        self._trip(self._failsafes.battery(self.battery_remaining), now_ns)
        self._trip(self._failsafes.link(now_ns), now_ns)
        if self._failsafes.fence_due(now_ns):
            self._trip(self._failsafes.fence(self._inside()), now_ns)
        if self._blind and not self._blind_told:
            self._trip(Trip("AUTO.LAND", 0.0, CRITICAL, "Failsafe: position lost, landing blind"), now_ns)
        self._blind_told = self._blind
        if self._failsafe is not None and now_ns >= self._failsafe_starts_ns:
            acts_ns = self._failsafe_starts_ns + int(self._failsafe.delay_s * 1e9)
            self._activate(self._failsafe.mode if now_ns >= acts_ns else "AUTO.LOITER")

    def _trip(self, trip: Trip | None, now_ns: int) -> None:
        if trip is None:
            return
        self.texts.append((trip.severity, trip.text))
        running = self._failsafe.mode if self._failsafe is not None else ""
        if SEVERITY[trip.mode] > SEVERITY[running]:
            self._failsafe, self._failsafe_starts_ns = trip, now_ns + REACTION_NS
            self._offboard_lost = False

    def _judge_stream(self, now_ns: int) -> None:
        alive = self._stream_alive(now_ns)
        if not alive and not self._offboard_lost:
            self._offboard_lost = True
            mode = self._failsafes.offboard_action()
            self.texts.append((CRITICAL, f"Failsafe: offboard signal lost, {mode}"))
            self._activate(mode)
        elif alive and self._offboard_lost:
            self._offboard_lost = False
            self.texts.append((INFO, "Offboard signal regained"))
            self._activate("OFFBOARD")

    def _follow(self, now_ns: int) -> None:
        if self.mode == "AUTO.TAKEOFF" and self._pilot.takeoff_done():
            self.texts.append((INFO, "Takeoff complete"))
            if self.intended == "AUTO.TAKEOFF":
                self.intended = "AUTO.LOITER"
            self._activate("AUTO.LOITER")

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

    def _activate(self, mode: str) -> None:
        if self._pilot.mode != mode:
            self._pilot.enter(mode)

    def _refusal(self, mode: str, now_ns: int) -> str:
        if mode == "OFFBOARD" and not self._stream_alive(now_ns):
            return "no offboard signal"
        if mode in STICK_MODES:
            return "no manual control"
        return ""

    def _stream_alive(self, now_ns: int) -> bool:
        setpoint = self._pilot.setpoint
        return setpoint is not None and now_ns - setpoint.t_ns <= float(self._params["COM_OF_LOSS_T"]) * 1e9

    def _set_home_here(self) -> None:
        if self._estimator.last_fix_ns > 0 and self._estimator.ready():
            self.set_home(self._estimator.to_geodetic(*self._pilot.position()))

    def _inside(self) -> bool:
        east, north, up = self._pilot.position()
        lat, lon, _ = self._estimator.to_geodetic(east, north, up)
        if not self._fence.allows(lat, lon):
            return False
        home = self._pilot.home
        if home is None:
            return True
        far, high = float(self._params["GF_MAX_HOR_DIST"]), float(self._params["GF_MAX_VER_DIST"])
        too_far = far > 0.0 and hypot(east - home[0], north - home[1]) > far
        return not too_far and not (high > 0.0 and up - home[2] > high)
