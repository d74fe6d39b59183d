"""Flight-mode names as MAVROS prints them, to and from HEARTBEAT.custom_mode.

PX4: custom_mode = main << 16 | sub << 24 (px4_custom_mode.h). ArduCopter: the mode number (mode.h).
"""

from __future__ import annotations

from lenger_mavlink.codec import mavlink

_PX4_MAIN = {
    1: "MANUAL",
    2: "ALTCTL",
    3: "POSCTL",
    5: "ACRO",
    6: "OFFBOARD",
    7: "STABILIZED",
    8: "RATTITUDE",
}
_PX4_AUTO = {
    1: "AUTO.READY",
    2: "AUTO.TAKEOFF",
    3: "AUTO.LOITER",
    4: "AUTO.MISSION",
    5: "AUTO.RTL",
    6: "AUTO.LAND",
    7: "AUTO.RTGS",
    8: "AUTO.FOLLOW_TARGET",
    9: "AUTO.PRECLAND",
}
_PX4_MAIN_AUTO = 4

COPTER_MODES = {
    0: "STABILIZE",
    1: "ACRO",
    2: "ALT_HOLD",
    3: "AUTO",
    4: "GUIDED",
    5: "LOITER",
    6: "RTL",
    7: "CIRCLE",
    9: "LAND",
    11: "DRIFT",
    13: "SPORT",
    14: "FLIP",
    15: "AUTOTUNE",
    16: "POSHOLD",
    17: "BRAKE",
    18: "THROW",
    19: "AVOID_ADSB",
    20: "GUIDED_NOGPS",
    21: "SMART_RTL",
    22: "FLOWHOLD",
    23: "FOLLOW",
    24: "ZIGZAG",
}
"""ArduCopter custom_mode to name."""


def px4_custom_mode(main: int, sub: int = 0) -> int:
    """Return custom_mode of a PX4 main and sub mode."""
    return main << 16 | sub << 24


PX4_MODES = {px4_custom_mode(main): name for main, name in _PX4_MAIN.items()} | {
    px4_custom_mode(_PX4_MAIN_AUTO, sub): name for sub, name in _PX4_AUTO.items()
}
"""PX4 custom_mode to name."""

_PX4_NUMBERS = {name: number for number, name in PX4_MODES.items()}
_COPTER_NUMBERS = {name: number for number, name in COPTER_MODES.items()}


def mode_name(autopilot: int, custom_mode: int) -> str:
    """Return the name of a mode, or CMODE(n) for an unknown one, as MAVROS does.

    Args:
        autopilot: MAV_AUTOPILOT of the heartbeat.
        custom_mode: its custom_mode.
    """
    tables = {mavlink.MAV_AUTOPILOT_PX4: PX4_MODES, mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA: COPTER_MODES}
    return tables.get(autopilot, {}).get(custom_mode, f"CMODE({custom_mode})")


def custom_mode_of(autopilot: int, name: str) -> int | None:
    """Return the custom_mode of a name (any case) or of a decimal number in a string; None when there is none."""
    tables = {mavlink.MAV_AUTOPILOT_PX4: _PX4_NUMBERS, mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA: _COPTER_NUMBERS}
    number = tables.get(autopilot, {}).get(name.upper())
    if number is None and name.isascii() and name.isdigit():
        return int(name)
    return number


def px4_mode_of_command(base_mode: float, main: float, sub: float) -> str | None:
    """Return the PX4 mode name that MAV_CMD_DO_SET_MODE's three parameters ask for, None when there is none."""
    if not int(base_mode) & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
        return None
    return PX4_MODES.get(px4_custom_mode(int(main), int(sub)))
