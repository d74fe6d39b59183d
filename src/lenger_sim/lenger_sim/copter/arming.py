"""ArduCopter's checks before arming: what stands against it, in its own words (AP_Arming, AP_Arming_Copter)."""

from __future__ import annotations

from collections.abc import Callable

from lenger_mavlink.params import ParamServer
from lenger_sim.copter.ekf import Ekf
from lenger_sim.copter.fence import CIRCLE, POLYGON, CopterFence
from lenger_sim.copter.modes import AUTO_ARMABLE, MODES
from lenger_sim.copter.radio import Radio

DISPLAY_NS = 30_000_000_000
FIRST_DISPLAY_NS = 15_000_000_000
CHECK_NS = 1_000_000_000
_BOOT_NS = 3_000_000_000


class Arming:
    """Judges whether arming would be accepted.

    Attributes:
        ready: whether the last check of `step` found nothing: the PREARM_CHECK bit of SYS_STATUS.
        gcs_lost: set while the ground-station failsafe is on.
        battery_failed: set once a battery failsafe has fired.
        voltage_v: terminal voltage.
        has_mission: whether AUTO has anything to fly.
    """

    def __init__(self, ekf: Ekf, fence: CopterFence, radio: Radio, params: ParamServer) -> None:
        self._ekf = ekf
        self._fence = fence
        self._radio = radio
        self._params = params
        self.ready = False
        self.gcs_lost = False
        self.battery_failed = False
        self.crashed = False
        self.voltage_v = 0.0
        self.has_mission: Callable[[], bool] = lambda: True
        self._checked_ns = 0
        self._displayed_ns = FIRST_DISPLAY_NS - DISPLAY_NS

    def before(self, mode: str, now_ns: int) -> list[str]:
        """Return what stands against arming in a mode, before the attempt."""
        if now_ns < _BOOT_NS or not self._ekf.aligned:
            return ["System not initialised" if now_ns < _BOOT_NS else "EKF attitude is bad"]
        needs = MODES[mode].needs_position
        if int(self._params["ARMING_SKIPCHK"]) < 0:  # every check skipped: the mandatory ones remain
            return self._position(needs)
        missing = mode == "AUTO" and not self.has_mission()
        reasons = [
            "GCS failsafe on" if self.gcs_lost else "",
            "Throttle below failsafe" if self._radio.lost else "",
            "Battery failsafe" if self.battery_failed else "",
            "Battery 1 below minimum arming voltage" if self.voltage_v < float(self._params["BATT_ARM_VOLT"]) else "",
            "Internal errors 0x1 crash" if self.crashed else "",
            "Mode requires mission" if missing else "",
            *self._position(needs),
            self._fence.blocker(),
        ]
        return [reason for reason in reasons if reason]

    def at(self, mode: str, method: str, throttle: float) -> list[str]:
        """Return what stands against the attempt itself: mode and throttle."""
        rules = MODES[mode]
        armable = rules.armable or (mode == "AUTO" and bool(int(self._params["AUTO_OPTIONS"]) & AUTO_ARMABLE))
        reasons = [] if armable else [f"{rules.title} mode not armable"]
        high = throttle > (0.0 if rules.manual_throttle else 0.6)
        if method == "gcs" and rules.flies_itself:
            high = False
        return reasons + (["Throttle too high"] if high else [])

    def step(self, mode: str, armed: bool, now_ns: int) -> list[str]:
        """Check once a second while disarmed; return the texts to tell, every 30 s."""
        if now_ns - self._checked_ns < CHECK_NS:
            return []
        self._checked_ns = now_ns
        reasons = [] if armed else self.before(mode, now_ns)
        self.ready = not reasons
        if not reasons or now_ns - self._displayed_ns < DISPLAY_NS:
            return []
        self._displayed_ns = now_ns
        return [f"PreArm: {reason}" for reason in reasons]

    def _position(self, needed: bool) -> list[str]:
        located = self._ekf.has_position and not self._ekf.bad
        if needed and not self._ekf.has_origin:
            return ["AHRS: waiting for home"]
        if (needed or self._params["ARMING_NEED_LOC"]) and not located:
            return ["Need Position Estimate"]
        if self._fence.enabled & (CIRCLE | POLYGON) and not located:
            return ["Fence enabled, need position estimate"]
        return []
