"""What ArduCopter watches in the air, and what it does about it (ArduCopter/events.cpp, AP_BattMonitor)."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_mavlink.codec import mavlink
from lenger_mavlink.params import ParamServer

CRITICAL, WARNING, NOTICE, INFO = (
    int(mavlink.MAV_SEVERITY_CRITICAL),
    int(mavlink.MAV_SEVERITY_WARNING),
    int(mavlink.MAV_SEVERITY_NOTICE),
    int(mavlink.MAV_SEVERITY_INFO),
)
GCS_CHECK_NS = 333_000_000
"""The ground station is judged at 3 Hz: the action comes 5.0 to 5.3 s after the last heartbeat (measured 5.2)."""

NONE: tuple[str, ...] = ()
_CHAINS = {
    "land": ("LAND",),
    "rtl": ("RTL", "LAND"),
    "smart_rtl": ("SMART_RTL", "RTL", "LAND"),
    "smart_land": ("SMART_RTL", "LAND"),
    "brake": ("BRAKE", "LAND"),
}
GCS_ACTIONS = {1: "rtl", 2: "rtl", 3: "smart_rtl", 4: "smart_land", 5: "land", 6: "rtl", 7: "brake"}
"""FS_GCS_ENABLE; unknown values return."""
RADIO_ACTIONS = {1: "rtl", 2: "rtl", 3: "land", 4: "smart_rtl", 5: "smart_land", 6: "rtl", 7: "brake"}
"""FS_THR_ENABLE."""
BATTERY_ACTIONS = {0: "", 1: "land", 2: "rtl", 3: "smart_rtl", 4: "smart_land", 5: "terminate", 6: "rtl", 7: "brake"}
"""BATT_FS_LOW_ACT, BATT_FS_CRT_ACT."""
CONTINUE_AUTO_RC, CONTINUE_AUTO_GCS, CONTINUE_GUIDED_RC, CONTINUE_LANDING, CONTINUE_PILOT_GCS = 1, 2, 4, 8, 16
"""Bits of FS_OPTIONS."""


@dataclass(frozen=True, slots=True)
class Trip:
    """A failsafe that has fired: its name in texts, why it has no action, and the modes to try in order."""

    title: str
    modes: tuple[str, ...]
    kept: str = ""


def chain(name: str) -> tuple[str, ...]:
    """Return the modes that an action tries in order."""
    return _CHAINS.get(name, NONE)


class GcsWatch:
    """The heartbeats of the ground station with system id MAV_GCS_SYSID.

    Attributes:
        lost: whether they have stopped.
    """

    def __init__(self, params: ParamServer) -> None:
        self._params = params
        self._seen_ns: int | None = None
        self._checked_ns = 0
        self.lost = False

    def seen(self, now_ns: int) -> None:
        """Take a heartbeat."""
        self._seen_ns = now_ns

    def step(self, now_ns: int) -> bool | None:
        """Return True when they have just stopped, False when they are just back, None otherwise."""
        if not self._params["FS_GCS_ENABLE"] or self._seen_ns is None or now_ns - self._checked_ns < GCS_CHECK_NS:
            return None
        self._checked_ns = now_ns
        lost = now_ns - self._seen_ns > float(self._params["FS_GCS_TIMEOUT"]) * 1e9
        if lost == self.lost:
            return None
        self.lost = lost
        return lost


class BatteryWatch:
    """Voltage and charge against BATT_LOW_* and BATT_CRT_*; voltage must stay low for BATT_LOW_TIMER.

    Attributes:
        level: 0 good, 1 low, 2 critical; it never goes back.
    """

    def __init__(self, params: ParamServer) -> None:
        self._params = params
        self._low_since_ns: dict[str, int] = {}
        self.level = 0

    def step(self, voltage_v: float, left_mah: float, now_ns: int) -> tuple[str, str] | None:
        """Return the text's kind and the action of a level that has just been reached."""
        for level, name, act in ((2, "CRT", "BATT_FS_CRT_ACT"), (1, "LOW", "BATT_FS_LOW_ACT")):
            reached = self._below(f"BATT_{name}_VOLT", voltage_v, now_ns) or self._empty(f"BATT_{name}_MAH", left_mah)
            if reached and level > self.level:
                self.level = level
                return ("critical" if level == 2 else "low", BATTERY_ACTIONS.get(int(self._params[act]), ""))
        return None

    def _below(self, name: str, voltage_v: float, now_ns: int) -> bool:
        limit = float(self._params[name])
        if not 0.0 < voltage_v < limit:
            self._low_since_ns.pop(name, None)
            return False
        since = self._low_since_ns.setdefault(name, now_ns)
        return now_ns - since > float(self._params["BATT_LOW_TIMER"]) * 1e9

    def _empty(self, name: str, left_mah: float) -> bool:
        limit = float(self._params[name])
        return limit > 0.0 and left_mah < limit
