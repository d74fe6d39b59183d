"""The parameters of the PX4 flavour: config/autopilots/px4.param under the profile's failsafe values."""

from __future__ import annotations

from functools import cache

from lenger_core.errors import InputError
from lenger_core.resources import read_text
from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.params import ParamValue

_FILE = ("autopilots", "px4.param")


@cache
def defaults() -> dict[str, ParamValue]:
    """Return name to default: int for an INT32, float for a FLOAT.

    Raises:
        InputError: the table is damaged.
    """
    values: dict[str, ParamValue] = {}
    for number, line in enumerate(read_text(*_FILE).splitlines(), start=1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 3 or words[1] not in ("I32", "F"):
            raise InputError(_FILE[-1], f"line {number}", line, "NAME TYPE DEFAULT with a type of I32, F")
        values[words[0]] = int(words[2]) if words[1] == "I32" else float(words[2])
    return values


def parameters_of(profile: VehicleProfile, system_id: int) -> dict[str, ParamValue]:
    """Return the parameters that a vehicle of this profile starts with.

    Raises:
        InputError: the table is damaged, or the profile names a parameter that PX4 has not.
    """
    values = dict(defaults())
    for name, value in profile.failsafe_parameters.get("px4", {}).items():
        if name not in values:
            raise InputError(f"{profile.name}.yaml", "failsafe_parameters.px4", name, f"a name in {_FILE[-1]}")
        values[name] = type(values[name])(value)
    values["MAV_SYS_ID"] = system_id
    values["BAT1_N_CELLS"] = profile.battery_cells
    return values
