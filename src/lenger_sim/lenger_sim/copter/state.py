"""ArduCopter's state: arming, the mode and why, home."""

from __future__ import annotations

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.copter import fence as fences
from lenger_sim.copter.arming import Arming
from lenger_sim.copter.ekf import Ekf
from lenger_sim.copter.failsafe import CRITICAL, INFO, WARNING
from lenger_sim.copter.modes import MODES
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.onboard import Estimator

FORCE = 21196.0
FORCE_ARM = 2989.0
"""Parameter 2 of the arm command that skips every check."""


class VehicleState:
    """Arms, disarms, changes modes, takes off and keeps home, each by its rules.

    Attributes:
        armed: whether the motors may turn.
        home: latitude, longitude in degrees and AMSL height, None before there is an origin.
        reason: why the mode is active: "gcs", "failsafe", "fence", "boot", "mission".
        texts: (severity, text) lines to send; the vehicle empties it.
        arming, ekf: what they watch.
    """

    def __init__(self, pilot: CopterPilot, estimator: Estimator, params: ParamServer) -> None:
        self._pilot = pilot
        self._estimator = estimator
        self._params = params
        self.ekf = Ekf(estimator)
        self.arming = Arming(self.ekf, pilot.fence, pilot.radio, params)
        self.arming.has_mission = lambda: pilot.auto.present
        self.armed = False
        self.home: Vec3 | None = None
        self.home_locked = False
        self.reason = "boot"
        self.texts: list[tuple[int, str]] = []
        self._ekf_bad = False
        self._idle_since_ns: int | None = None
        self._armed_ns = 0

    # ------------------------------------------------------------ what others ask

    @property
    def mode(self) -> str:
        """The active mode's name."""
        return self._pilot.mode

    @property
    def position_ok(self) -> bool:
        """Whether modes that need a position may be entered."""
        return self.ekf.has_position and not self._ekf_bad

    def blockers(self, now_ns: int) -> list[str]:
        """Return what stands against arming in the present mode."""
        sticks = self._pilot.radio.sticks(now_ns)
        return self.arming.before(self.mode, now_ns) + self.arming.at(self.mode, "gcs", sticks.throttle)

    def arm(self, now_ns: int, force: bool = False) -> bool:
        """Start the motors; on refusal say why in texts and return False."""
        if self.armed:
            return True
        reasons = [] if force else self.blockers(now_ns)
        if reasons:
            self.texts += [(CRITICAL, f"Arm: {reason}") for reason in reasons]
            return False
        self.texts.append((INFO, "Arming motors"))
        self.armed, self._armed_ns, self._idle_since_ns = True, now_ns, None
        if self.home is not None and not self.home_locked:
            self._set_home_here()
        self._pilot.arm(now_ns)
        return True

    def disarm(self, force: bool = False) -> bool:
        """Stop the motors; refused in the air unless forced."""
        if not self.armed:
            return True
        if not self._pilot.landed and not force:
            return False
        self.texts.append((INFO, "Disarming motors"))
        self.armed = False
        self._pilot.stop_motors()
        self._pilot.auto.run.reset()
        return True

    def set_mode(self, mode: str, reason: str, now_ns: int, pause: bool = False) -> bool:
        """Change the mode; on refusal say why in a text and return False. Disarmed, any mode but an empty AUTO goes."""
        if mode == self.mode:
            self.reason = reason
            return True
        refusal = self._refusal(mode)
        if refusal:
            self.texts.append((WARNING, f"Mode change to {MODES[mode].title} failed: {refusal}"))
            return False
        self._pilot.enter(mode, now_ns, blind=not self.position_ok, pause=pause)
        self.reason = reason
        judged = int(self._params["FENCE_ACTION"]) != fences.REPORT_ONLY
        if judged and self._pilot.fence.start_recovery(now_ns):
            self.texts.append((INFO, "Manual recovery started"))
        return True

    def take_off(self, height_m: float) -> bool:
        """Take off in GUIDED to a height above home; only armed, on the ground, and upwards."""
        pilot = self._pilot
        if not self.armed or not pilot.landed or self.mode != "GUIDED" or pilot.home is None:
            return False
        if height_m <= pilot.height_above_home_m():
            return False
        pilot.guided.take_off(pilot.home[2] + height_m)
        return True

    def set_home(self, place: Vec3, locked: bool) -> bool:
        """Move home (latitude, longitude, AMSL height); False before there is an origin."""
        if not self.ekf.has_origin:
            return False
        self.home, self.home_locked = place, locked
        self._pilot.home = self._estimator.to_local(*place)
        return True

    def set_home_here(self) -> bool:
        """Move home to where the aircraft is, and lock it."""
        return self.set_home(self._estimator.to_geodetic(*self._pilot.position()), True)

    # ------------------------------------------------------------ parts

    def _refusal(self, mode: str) -> str:
        auto = self._pilot.auto
        if self.armed:
            if MODES[mode].needs_position and not self.position_ok:
                return "requires position"
            if mode in ("RTL", "SMART_RTL") and self.home is None:
                return "init failed"
            if mode == "SMART_RTL" and not self._pilot.path.usable:
                return "init failed"
            if mode == "AUTO" and not auto.present:
                return "init failed"
            if mode == "AUTO" and self._pilot.landed and not auto.starts_with_takeoff:
                self.texts.append((CRITICAL, "Auto: Missing Takeoff Cmd"))
                return "init failed"
        return ""

    def _set_home_here(self) -> None:
        self.set_home(self._estimator.to_geodetic(*self._pilot.position()), self.home_locked)
