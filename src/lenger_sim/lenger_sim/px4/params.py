"""The PX4 parameters that the embedded vehicle has, with the defaults of PX4 v1.16 (its SITL where they differ)."""

from __future__ import annotations

from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.params import ParamValue

DEFAULTS: dict[str, ParamValue] = {
    "BAT_CRIT_THR": 0.07,
    "BAT_EMERGEN_THR": 0.05,
    "BAT_LOW_THR": 0.15,
    "COM_DISARM_LAND": 2.0,
    "COM_DISARM_PRFLT": 10.0,
    "COM_DL_LOSS_T": 10,
    "COM_FAIL_ACT_T": 5.0,
    "COM_LOW_BAT_ACT": 3,
    "COM_OBL_RC_ACT": 0,
    "COM_OF_LOSS_T": 1.0,
    "COM_RC_IN_MODE": 3,
    "GF_ACTION": 2,
    "GF_MAX_HOR_DIST": 0.0,
    "GF_MAX_VER_DIST": 0.0,
    "GF_PREDICT": 0,
    "MAV_SYS_ID": 1,
    "MIS_TAKEOFF_ALT": 2.5,
    "MPC_LAND_ALT1": 10.0,
    "MPC_LAND_ALT2": 5.0,
    "MPC_LAND_SPEED": 0.7,
    "MPC_TKO_SPEED": 1.5,
    "MPC_XY_CRUISE": 5.0,
    "MPC_Z_V_AUTO_DN": 1.5,
    "NAV_DLL_ACT": 0,
    "NAV_RCL_ACT": 2,
    "RTL_DESCEND_ALT": 30.0,
    "RTL_LAND_DELAY": 0.0,
    "RTL_MIN_DIST": 10.0,
    "RTL_RETURN_ALT": 60.0,
    "RTL_TYPE": 0,
    "SYS_AUTOSTART": 10040,
}
"""COM_DL_LOSS_T is counted from the last heartbeat of a ground station; the action follows 2 s later, as measured."""


def parameters_of(profile: VehicleProfile, system_id: int) -> dict[str, ParamValue]:
    """Return the parameters that a vehicle of this profile starts with.

    The defaults under the profile's failsafe values.
    """
    values = dict(DEFAULTS)
    for name, value in profile.failsafe_parameters.get("px4", {}).items():
        values[name] = type(values[name])(value) if name in values else float(value)
    values["MAV_SYS_ID"] = system_id
    return values
