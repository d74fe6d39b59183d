"""What PX4 watches in the air, and what it does about it.

Battery, ground station, sticks, fence. Delays and defaults as measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from lenger_mavlink.codec import mavlink
from lenger_mavlink.params import ParamServer
from lenger_sim.px4.manual import excepted

FENCE_PERIOD_NS = 200_000_000
GCS_EXTRA_S = 2.0
CRITICAL, WARNING, INFO = (
    int(mavlink.MAV_SEVERITY_CRITICAL),
    int(mavlink.MAV_SEVERITY_WARNING),
    int(mavlink.MAV_SEVERITY_INFO),
)
TERMINATE, DISARM = "terminate", "disarm"
"""Failsafe actions that are no modes: both stop the motors, the first for good."""
SEVERITY = {
    "": 0,
    "POSCTL": 1,
    "ALTCTL": 2,
    "STABILIZED": 3,
    "AUTO.LOITER": 4,
    "AUTO.RTL": 5,
    "AUTO.LAND": 6,
    DISARM: 7,
    TERMINATE: 8,
}
"""Order of the failsafe actions: a milder one never replaces a harder one."""

_LINK_ACTIONS = {1: "AUTO.LOITER", 2: "AUTO.RTL", 3: "AUTO.LAND", 5: TERMINATE, 6: DISARM}
_FENCE_ACTIONS = {2: "AUTO.LOITER", 3: "AUTO.RTL", 4: TERMINATE, 5: "AUTO.LAND"}
_OFFBOARD_ACTIONS = {
    1: "ALTCTL",
    2: "STABILIZED",
    3: "AUTO.RTL",
    4: "AUTO.LAND",
    5: "AUTO.LOITER",
    6: TERMINATE,
    7: DISARM,
}
_AT_ONCE = ("", "AUTO.LOITER", TERMINATE, DISARM)
"""Actions that COM_FAIL_ACT_T does not delay."""
_LANDINGS = ("AUTO.LAND",)


@dataclass(frozen=True, slots=True)
class Trip:
    """A failsafe that has fired: hold for `delay_s`, then fly `mode` ("": the text is all).

    `sticks_end_it`: moved sticks take over once it acts; otherwise only a change of mode does.
    """

    mode: str
    delay_s: float
    severity: int
    text: str
    sticks_end_it: bool = True


class Failsafes:
    """Judges what can fire a failsafe; each fires once per crossing of its threshold."""

    def __init__(self, params: ParamServer) -> None:
        self._params = params
        self._battery_level = 0
        self._gcs_seen_ns: int | None = None
        self._gcs_lost = False
        self._manual_lost = False
        self._outside = False
        self._fence_checked_ns = 0

    def on_gcs_heartbeat(self, now_ns: int) -> None:
        """Take a heartbeat of a ground station."""
        self._gcs_seen_ns = now_ns
        self._gcs_lost = False

    def start_fence(self, inside: bool) -> None:
        """Take the present side of the fence as known: only a later crossing fires."""
        self._outside = not inside

    def offboard_action(self) -> str:
        """Return the mode for a lost OFFBOARD stream (COM_OBL_RC_ACT).

        Without sticks all others mean a sinking POSCTL.
        """
        return _OFFBOARD_ACTIONS.get(int(self._params["COM_OBL_RC_ACT"]), "POSCTL")

    def blind_action(self, mode: str) -> str:
        """Return what replaces a mode that needs the lost position, "" for one that does not (COM_POSCTL_NAVL)."""
        if mode == "POSCTL" and not int(self._params["COM_POSCTL_NAVL"]):
            return "ALTCTL"
        return "" if mode in ("MANUAL", "STABILIZED", "ALTCTL") else "AUTO.LAND"

    def battery(self, remaining: float) -> Trip | None:
        """Judge the battery.

        Low warns. COM_LOW_BAT_ACT 0 warns throughout, 1 returns, 2 lands, 3 returns at critical, after the delay, and
        lands at emergency, at once.
        """
        thresholds = ("BAT_LOW_THR", "BAT_CRIT_THR", "BAT_EMERGEN_THR")
        level = sum(remaining < float(self._params[name]) for name in thresholds)
        if level <= self._battery_level:
            return None
        self._battery_level = level
        name = ("low", "critical", "emergency")[level - 1]
        action = int(self._params["COM_LOW_BAT_ACT"])
        if level == 1 or action not in (1, 2, 3):
            return Trip("", 0.0, WARNING if level == 1 else CRITICAL, f"Battery {name}")
        returns = action == 1 or (level == 2 and action == 3)
        mode = "AUTO.RTL" if returns else "AUTO.LAND"
        delay_s = self._delay_s(mode) if level == 2 else 0.0
        return Trip(mode, delay_s, CRITICAL, f"Failsafe: battery {name}, {mode}")

    def link(self, mode: str, now_ns: int) -> Trip | None:
        """Judge the ground station's heartbeat (NAV_DLL_ACT, off by default; COM_DLL_EXCEPT and landing: ignored)."""
        action = _LINK_ACTIONS.get(int(self._params["NAV_DLL_ACT"]))
        if action is None or self._gcs_seen_ns is None or self._gcs_lost:
            return None
        limit_s = float(self._params["COM_DL_LOSS_T"]) + GCS_EXTRA_S
        if now_ns - self._gcs_seen_ns <= limit_s * 1e9:
            return None
        if mode in _LANDINGS or excepted(self._params, "COM_DLL_EXCEPT", mode):
            return None
        self._gcs_lost = True
        return Trip(action, self._delay_s(action), CRITICAL, f"Failsafe: ground station lost, {action}")

    def manual(self, lost: bool) -> Trip | None:
        """Judge the loss of the sticks (NAV_RCL_ACT), once per loss."""
        fires, self._manual_lost = lost and not self._manual_lost, lost
        action = _LINK_ACTIONS.get(int(self._params["NAV_RCL_ACT"]))
        if not fires or action is None:
            return None
        return Trip(action, self._delay_s(action), CRITICAL, f"Failsafe: manual control lost, {action}")

    def fence_due(self, now_ns: int) -> bool:
        """Return whether the fence is to be judged now (5 Hz)."""
        if now_ns - self._fence_checked_ns < FENCE_PERIOD_NS:
            return False
        self._fence_checked_ns = now_ns
        return True

    def fence(self, inside: bool) -> Trip | None:
        """Judge a crossing of the fence (GF_ACTION); hold acts at once, return and landing after the delay."""
        crossed, self._outside = not inside and not self._outside, not inside
        action = int(self._params["GF_ACTION"])
        if not crossed or action == 0:
            return None
        mode = _FENCE_ACTIONS.get(action, "")
        text = f"Failsafe: geofence violation, {mode}" if mode else "Geofence violation"
        return Trip(mode, self._delay_s(mode), CRITICAL, text, sticks_end_it=mode != "AUTO.LOITER")

    def _delay_s(self, action: str) -> float:
        return 0.0 if action in _AT_ONCE else max(float(self._params["COM_FAIL_ACT_T"]), 0.0)
