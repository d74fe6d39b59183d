"""Why PX4 refuses to arm."""

from __future__ import annotations

from lenger_mavlink.params import ParamServer
from lenger_sim.onboard import Estimator
from lenger_sim.px4.modes import NO_ARMING, STICK_MODES

FIX_LOST_NS = 1_000_000_000


def estimate_problems(estimator: Estimator, has_home: bool, now_ns: int) -> list[str]:
    """Return what is missing of attitude and position."""
    if not estimator.state["aligned"][0]:
        return ["Preflight Fail: attitude not aligned yet"]
    if not estimator.ready() or not has_home:
        return ["Preflight Fail: no valid position estimate"]
    if now_ns - estimator.last_fix_ns > FIX_LOST_NS:
        return ["Preflight Fail: GPS fix lost"]
    return []


def battery_problem(params: ParamServer, remaining: float) -> list[str]:
    """Return whether the battery is too low: COM_ARM_BAT_MIN, or the critical level where that is off."""
    least = float(params["COM_ARM_BAT_MIN"])
    limit = least if least >= 0.0 else float(params["BAT_CRIT_THR"])
    return ["Preflight Fail: battery too low"] if remaining < limit else []


def mode_problems(mode: str, stream_alive: bool, has_mission: bool, has_sticks: bool) -> list[str]:
    """Return why the mode itself does not allow arming."""
    if mode in NO_ARMING:
        return [f"Mode {mode} does not allow arming, switch mode first"]
    if mode == "OFFBOARD" and not stream_alive:
        return ["Preflight Fail: no offboard signal"]
    if mode == "AUTO.MISSION" and not has_mission:
        return ["Preflight Fail: no valid mission available"]
    if mode in STICK_MODES and not has_sticks:
        return ["Preflight Fail: no manual control input"]
    return []
