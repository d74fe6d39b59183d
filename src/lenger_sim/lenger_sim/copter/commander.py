"""ArduCopter's state: arming, the mode and why, home, and the failsafes that change them."""

from __future__ import annotations

from math import acos, degrees

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.copter import fence as fences
from lenger_sim.copter.arming import Arming
from lenger_sim.copter.ekf import Ekf
from lenger_sim.copter.failsafe import (
    CONTINUE_AUTO_GCS,
    CONTINUE_AUTO_RC,
    CONTINUE_GUIDED_RC,
    CONTINUE_LANDING,
    CONTINUE_PILOT_GCS,
    CRITICAL,
    GCS_ACTIONS,
    INFO,
    NOTICE,
    RADIO_ACTIONS,
    WARNING,
    BatteryWatch,
    GcsWatch,
    chain,
)
from lenger_sim.copter.modes import MODES
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.onboard import Estimator

FENCE_NS = 40_000_000
CRASH_NS = 2_000_000_000
FORCE = 21196.0
FORCE_ARM = 2989.0
"""Parameter 2 of the arm command that skips every check."""
_EKF_ALT_HOLD, _EKF_ALWAYS = 2, 3
_FENCE_CHAINS = {
    fences.LAND: "land",
    fences.SMART_RTL_RTL_LAND: "smart_rtl",
    fences.BRAKE_OR_LAND: "brake",
    fences.SMART_RTL_OR_LAND: "smart_land",
}


class Commander:
    """Decides whether the motors may turn and which mode is active.

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
        self.gcs = GcsWatch(params)
        self.battery = BatteryWatch(params)
        self.armed = False
        self.home: Vec3 | None = None
        self.home_locked = False
        self.reason = "boot"
        self.texts: list[tuple[int, str]] = []
        self._left_mah = 1e9
        self._ekf_bad = False
        self._radio_lost = False
        self._fence_checked_ns = 0
        self._idle_since_ns: int | None = None
        self._tilted_since_ns: int | None = None
        self._armed_ns = 0

    # ------------------------------------------------------------ what others ask

    @property
    def mode(self) -> str:
        """The active mode's name."""
        return self._pilot.mode

    @property
    def in_failsafe(self) -> bool:
        """Whether any failsafe is on: radio, battery, ground station, EKF."""
        return self._radio_lost or self.battery.level > 0 or self.gcs.lost or self._ekf_bad

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
        if int(self._params["FENCE_ACTION"]) != fences.REPORT_ONLY:
            self._pilot.fence.start_recovery(now_ns)
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

    def on_battery(self, voltage_v: float, left_mah: float) -> None:
        """Take the battery."""
        self.arming.voltage_v, self._left_mah = voltage_v, left_mah

    # ------------------------------------------------------------ 50 Hz

    def step(self, now_ns: int) -> None:
        """Judge everything, then let the pilot fly."""
        self._watch_ekf(now_ns)
        if self.home is None and self.ekf.has_position:
            self._set_home_here()
        self._pilot.radio.step(now_ns)
        self._watch_radio(now_ns)
        self._watch_gcs(now_ns)
        self._watch_battery(now_ns)
        self._watch_fence(now_ns)
        self.texts += [(CRITICAL, text) for text in self.arming.step(self.mode, self.armed, now_ns)]
        if self.armed:
            self._watch_crash(now_ns)
            self._auto_disarm(now_ns)
            self._watch_mission(now_ns)
        self._pilot.step(now_ns, self.armed)
        self.texts += self._pilot.auto.texts
        self._pilot.auto.texts.clear()

    def _watch_ekf(self, now_ns: int) -> None:
        bad = self.ekf.step(now_ns)
        self.texts += [(INFO, text) for text in self.ekf.take_texts()]
        if bad == self._ekf_bad:
            return
        self._ekf_bad = bad
        if not bad:
            self.texts.append((CRITICAL, "EKF Failsafe Cleared"))
            return
        self.texts.append((CRITICAL, "EKF variance"))
        if not self.armed:
            return
        action = int(self._params["FS_EKF_ACTION"])
        positioned = MODES[self.mode].needs_position or self._pilot.is_landing
        if action == 0 or (not positioned and action != _EKF_ALWAYS):
            self.texts.append((CRITICAL, "EKF Failsafe"))
        elif self.mode == "LAND":
            self._pilot.land.blind = True
            self.texts.append((CRITICAL, "EKF Failsafe"))
        else:
            mode = "ALT_HOLD" if action == _EKF_ALT_HOLD and not self._radio_lost else "LAND"
            self.set_mode(mode, "failsafe", now_ns, pause=True)
            self.texts.append((CRITICAL, f"EKF Failsafe: changed to {MODES[mode].title} Mode"))

    def _watch_radio(self, now_ns: int) -> None:
        lost = self._pilot.radio.lost
        if lost == self._radio_lost:
            return
        self._radio_lost = lost
        if not lost:
            self.texts.append((WARNING, "Radio Failsafe Cleared"))
            return
        options = int(self._params["FS_OPTIONS"])
        modes = chain(RADIO_ACTIONS.get(int(self._params["FS_THR_ENABLE"]), "land"))
        if self.mode == "AUTO" and options & CONTINUE_AUTO_RC:
            self._announce("Radio", "Continuing Auto")
        elif self.mode == "GUIDED" and options & CONTINUE_GUIDED_RC:
            self._announce("Radio", "Continuing Guided Mode")
        elif self.armed:
            self._fail("Radio", modes, options, now_ns)

    def _watch_gcs(self, now_ns: int) -> None:
        change = self.gcs.step(now_ns)
        self.arming.gcs_lost = self.gcs.lost
        if change is None:
            return
        if not change:
            self.texts.append((WARNING, "GCS Failsafe Cleared"))
            return
        self._pilot.radio.clear_overrides()
        options = int(self._params["FS_OPTIONS"])
        if not self.armed:
            self._announce("GCS")
        elif self.mode == "AUTO" and options & CONTINUE_AUTO_GCS:
            self._announce("GCS", "Continuing Auto Mode")
        elif MODES[self.mode].uses_sticks and options & CONTINUE_PILOT_GCS:
            self._announce("GCS", "Continuing Pilot Control")
        else:
            self._fail("GCS", chain(GCS_ACTIONS.get(int(self._params["FS_GCS_ENABLE"]), "rtl")), options, now_ns)

    def _watch_battery(self, now_ns: int) -> None:
        found = self.battery.step(self.arming.voltage_v, self._left_mah, now_ns)
        if found is None:
            return
        kind, action = found
        used = float(self._params["BATT_CAPACITY"]) - self._left_mah
        self.texts.append((CRITICAL, f"Battery 1 is {kind} {self.arming.voltage_v:.2f}V used {used:.0f} mAh"))
        self.arming.battery_failed = True
        if not self.armed:
            self._announce("Battery")
        elif action == "terminate":
            self._announce("Battery")
            self.disarm(force=True)
        elif action:
            self._fail("Battery", chain(action), int(self._params["FS_OPTIONS"]), now_ns)
        else:
            self._announce("Battery")

    def _watch_fence(self, now_ns: int) -> None:
        if now_ns - self._fence_checked_ns < FENCE_NS:
            return
        self._fence_checked_ns = now_ns
        fence, before = self._pilot.fence, self._pilot.fence.breached
        landing = self._pilot.is_landing or self._pilot.landed or not self.armed
        fresh, distance = fence.check(now_ns, landing)
        if before and not fence.breached and not self._pilot.landed:
            self.texts.append((NOTICE, "Fence breach cleared"))
        if not fresh or not self.armed:
            return
        if not self._pilot.landed:
            self.texts.append((NOTICE, f"{fences.names_of(fresh)} breached"))
        action = int(self._params["FENCE_ACTION"])
        if action == fences.REPORT_ONLY:
            return
        if self._pilot.landed:
            self.disarm()
        elif distance > fences.GIVE_UP_M:
            self._try(chain("land"), "fence", now_ns)
        else:
            self._try(chain(_FENCE_CHAINS.get(action, "rtl")), "fence", now_ns)

    def _watch_mission(self, now_ns: int) -> None:
        if self.mode == "AUTO" and self._pilot.auto.terrain_lost:
            self.texts.append((CRITICAL, "Failsafe: Terrain data missing"))
            self._try(chain("rtl"), "failsafe", now_ns)

    def _watch_crash(self, now_ns: int) -> None:
        """Crash check: leaning far from where it should, hardly moving, for 2 s."""
        _, x, y, _ = self._estimator.state["quat"][0].tolist()
        lean = degrees(acos(min(max(1.0 - 2.0 * (x * x + y * y), -1.0), 1.0)))
        if not self._params["FS_CRASH_CHECK"] or self._pilot.landed or lean < 50.0:
            self._tilted_since_ns = None
            return
        self._tilted_since_ns = self._tilted_since_ns or now_ns
        if now_ns - self._tilted_since_ns >= CRASH_NS:
            self.texts.append((0, f"Crash: Disarming: AngErr={lean:.0f}>30, Accel=0.5<3.0"))
            self.disarm(force=True)

    def _auto_disarm(self, now_ns: int) -> None:
        pilot, delay_s = self._pilot, float(self._params["DISARM_DELAY"])
        if pilot.landed and pilot.is_landing and now_ns - self._armed_ns > 1_000_000_000:
            self.disarm()
            return
        low = pilot.radio.sticks(now_ns).throttle <= 0.0 or not MODES[self.mode].uses_sticks
        if not pilot.landed or pilot.lifts or not low or delay_s <= 0.0:
            self._idle_since_ns = None
            return
        self._idle_since_ns = self._idle_since_ns or now_ns
        if now_ns - self._idle_since_ns >= delay_s * 1e9:
            self.disarm()

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

    def _fail(self, title: str, modes: tuple[str, ...], options: int, now_ns: int) -> None:
        if self._pilot.landed:
            self._announce(title, "Disarming")
            self.disarm()
        elif self._pilot.is_landing and options & CONTINUE_LANDING:
            self._announce(title, "Continuing Landing")
        else:
            self._announce(title)
            self._try(modes, "failsafe", now_ns)

    def _try(self, modes: tuple[str, ...], reason: str, now_ns: int) -> None:
        """Change to the first mode that can be entered; a failsafe's LAND waits before it descends."""
        for index, mode in enumerate(modes):
            if self.set_mode(mode, reason, now_ns, pause=reason == "failsafe" and mode == "LAND"):
                return
            if index + 1 < len(modes):
                self.texts.append((WARNING, f"Trying {MODES[modes[index + 1]].title} Mode"))

    def _announce(self, title: str, action: str = "") -> None:
        self.texts.append((WARNING, f"{title} Failsafe - {action}" if action else f"{title} Failsafe"))

    def _set_home_here(self) -> None:
        self.set_home(self._estimator.to_geodetic(*self._pilot.position()), self.home_locked)
