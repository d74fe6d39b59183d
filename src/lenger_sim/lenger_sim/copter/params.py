"""The parameters of the ArduCopter flavour: config/autopilots/arducopter.param under the profile's failsafe values."""

from __future__ import annotations

from functools import cache

from lenger_core.errors import InputError
from lenger_core.resources import read_text
from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.codec import mavlink
from lenger_mavlink.params import ParamValue

READ_ONLY = frozenset({"FENCE_TOTAL", "MIS_TOTAL", "RALLY_TOTAL", "FORMAT_VERSION"})
"""Parameters that PARAM_SET does not change."""
_FILE = ("autopilots", "arducopter.param")
_TYPES = {
    "I8": int(mavlink.MAV_PARAM_TYPE_INT8),
    "I16": int(mavlink.MAV_PARAM_TYPE_INT16),
    "I32": int(mavlink.MAV_PARAM_TYPE_INT32),
    "F": int(mavlink.MAV_PARAM_TYPE_REAL32),
}


@cache
def _rows() -> dict[str, tuple[str, float]]:
    rows: dict[str, tuple[str, float]] = {}
    for number, line in enumerate(read_text(*_FILE).splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 3 or words[1] not in _TYPES:
            raise InputError(_FILE[-1], f"line {number}", line, f"NAME TYPE DEFAULT with a type of {', '.join(_TYPES)}")
        rows[words[0]] = (words[1], float(words[2]))
    return rows


def types() -> dict[str, int]:
    """Return name to MAV_PARAM_TYPE."""
    return {name: _TYPES[kind] for name, (kind, _) in _rows().items()}


def parameters_of(profile: VehicleProfile, system_id: int) -> dict[str, ParamValue]:
    """Return the parameters that a vehicle of this profile starts with.

    Raises:
        InputError: the table is damaged, or the profile names a parameter that ArduCopter has not.
    """
    values: dict[str, ParamValue] = {
        name: value if kind == "F" else int(value) for name, (kind, value) in _rows().items()
    }
    for name, value in profile.failsafe_parameters.get("ardupilot", {}).items():
        if name not in values:
            raise InputError(f"{profile.name}.yaml", "failsafe_parameters.ardupilot", name, f"a name in {_FILE[-1]}")
        values[name] = type(values[name])(value)
    values["MAV_SYSID"] = system_id
    values["BATT_CAPACITY"] = round(profile.battery_wh / (3.7 * profile.battery_cells) * 1000.0)
    return values
