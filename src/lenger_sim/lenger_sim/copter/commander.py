"""The failsafes that change ArduCopter's state: what is watched, and what each does."""

from __future__ import annotations

from math import acos, degrees

from lenger_mavlink.params import ParamServer
from lenger_sim.copter import fence as fences
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
from lenger_sim.copter.state import VehicleState
from lenger_sim.onboard import Estimator

FENCE_NS = 40_000_000
CRASH_NS = 2_000_000_000
_EKF_ALT_HOLD, _EKF_ALWAYS = 2, 3
_FENCE_CHAINS = {
    fences.LAND: "land",
    fences.SMART_RTL_RTL_LAND: "smart_rtl",
    fences.BRAKE_OR_LAND: "brake",
    fences.SMART_RTL_OR_LAND: "smart_land",
}


class Commander(VehicleState):
    """Watches everything at 50 Hz, acts on it, and lets the pilot fly.

    Attributes:
        gcs, battery: what they watch.
    """

    def __init__(self, pilot: CopterPilot, estimator: Estimator, params: ParamServer) -> None:
        super().__init__(pilot, estimator, params)
        self.gcs = GcsWatch(params)
        self.battery = BatteryWatch(params)
        self._left_mah = 1e9
        self._radio_lost = False
        self._fence_checked_ns = 0
        self._tilted_since_ns: int | None = None

    @property
    def in_failsafe(self) -> bool:
        """Whether any failsafe is on: radio, battery, ground station, EKF."""
        return self._radio_lost or self.battery.level > 0 or self.gcs.lost or self._ekf_bad

    def on_battery(self, voltage_v: float, left_mah: float) -> None:
        """Take the battery."""
        self.arming.voltage_v, self._left_mah = voltage_v, left_mah

    # ------------------------------------------------------------ 50 Hz

    def step(self, now_ns: int) -> None:
        """Judge everything, then let the pilot fly."""
        self._watch_ekf(now_ns)
        if self.home is None and self.ekf.has_origin:
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
