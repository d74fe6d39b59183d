"""What differs between autopilots, as data: everything else in the bridge is the same for all."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.errors import InputError

MAV_SYS_STATUS_PREARM_CHECK = 1 << 28
MAV_LANDED_STATE_ON_GROUND = 1
MAV_STATE_STANDBY = 3


@dataclass(frozen=True)
class Dialect:
    """One autopilot family, spoken through MAVROS. Modes are MAVROS's names.

    Attributes:
        name: px4 or ardupilot, the key of the vehicle profile's failsafe parameters.
        hold_mode: stops and stays, by the autopilot itself.
        land_mode, return_mode, velocity_mode: the modes of LAND, RETURN, and of VELOCITY and GOTO.
        arm_modes: modes to arm in; the first is asked for when the mode is another.
        takeoff_modes: the mode of a takeoff and those that the autopilot enters after it by itself.
        land_settles, return_settles, mission_settles: likewise for landing, return and the uploaded mission.
        takeoff_above_home: whether param7 of NAV_TAKEOFF is a height above home, else AMSL.
        stream_needed_s: how long setpoints must flow before `velocity_mode` may be asked for.
        message_intervals: (message id, Hz) to ask for after connecting; empty where the autopilot streams by itself.
        keeps_heading: whether a setpoint without yaw keeps the heading; else the nose turns along the track.
        mission_offset: items that it keeps before the first of ours (ArduPilot's home).
        keeps_item_params: whether a mission item is read back with all its parameters.
        fence_vertices: how many fence items it keeps by default, 0 for plenty.
        needs_local: whether only a local position shows that it has a position estimate (see VehicleState).
        standby_is_landed: whether MAV_STATE_STANDBY in its heartbeat says that it stands on the ground.
    """

    name: str
    hold_mode: str
    land_mode: str
    return_mode: str
    velocity_mode: str
    arm_modes: tuple[str, ...]
    takeoff_modes: tuple[str, ...]
    land_settles: tuple[str, ...]
    return_settles: tuple[str, ...]
    mission_settles: tuple[str, ...]
    takeoff_above_home: bool
    stream_needed_s: float
    message_intervals: tuple[tuple[int, float], ...]
    keeps_heading: bool
    mission_offset: int
    keeps_item_params: bool
    fence_vertices: int
    needs_local: bool
    standby_is_landed: bool

    def takeoff_altitude_m(self, alt_amsl_m: float, home_alt_amsl_m: float) -> float:
        """Return param7 of NAV_TAKEOFF for a climb to `alt_amsl_m`."""
        return alt_amsl_m - home_alt_amsl_m if self.takeoff_above_home else alt_amsl_m


PX4 = Dialect(
    name="px4",
    hold_mode="AUTO.LOITER",
    land_mode="AUTO.LAND",
    return_mode="AUTO.RTL",
    velocity_mode="OFFBOARD",
    arm_modes=("AUTO.LOITER", "AUTO.TAKEOFF"),
    takeoff_modes=("AUTO.TAKEOFF", "AUTO.LOITER"),
    land_settles=("AUTO.LAND",),
    return_settles=("AUTO.RTL", "AUTO.LAND", "AUTO.PRECLAND"),
    mission_settles=("AUTO.MISSION", "AUTO.LOITER"),
    takeoff_above_home=False,
    stream_needed_s=0.5,
    message_intervals=(),
    keeps_heading=True,
    mission_offset=0,
    keeps_item_params=True,
    fence_vertices=0,
    needs_local=False,
    standby_is_landed=False,
)
"""PX4 multirotor from v1.14: OFFBOARD needs a stream first; after NAV_TAKEOFF and a mission it loiters by itself."""

ARDUCOPTER = Dialect(
    name="ardupilot",
    hold_mode="BRAKE",
    land_mode="LAND",
    return_mode="RTL",
    velocity_mode="GUIDED",
    arm_modes=("GUIDED",),
    takeoff_modes=("GUIDED",),
    land_settles=("LAND",),
    return_settles=("RTL",),
    mission_settles=("AUTO",),
    takeoff_above_home=True,
    stream_needed_s=0.0,
    message_intervals=(
        (1, 5.0),  # SYS_STATUS
        (24, 8.0),  # GPS_RAW_INT
        (27, 100.0),  # RAW_IMU
        (29, 10.0),  # SCALED_PRESSURE
        (31, 50.0),  # ATTITUDE_QUATERNION
        (32, 20.0),  # LOCAL_POSITION_NED
        (33, 20.0),  # GLOBAL_POSITION_INT
        (42, 2.0),  # MISSION_CURRENT: how far an uploaded mission is
        (147, 1.0),  # BATTERY_STATUS
        (168, 1.0),  # WIND, where its filter estimates one
        (242, 0.5),  # HOME_POSITION
        (245, 5.0),  # EXTENDED_SYS_STATE
    ),
    keeps_heading=False,
    mission_offset=1,
    keeps_item_params=False,
    fence_vertices=69,
    needs_local=True,
    standby_is_landed=True,
)
"""ArduCopter from 4.5: GUIDED for takeoff and velocities, BRAKE to hold, streams only on request."""

_DIALECTS = {dialect.name: dialect for dialect in (PX4, ARDUCOPTER)}


def dialect_named(name: str) -> Dialect:
    """Return the dialect of an autopilot family.

    Raises:
        InputError: for an unknown name.
    """
    if name not in _DIALECTS:
        raise InputError("autopilot settings", "autopilot", name, " or ".join(sorted(_DIALECTS)))
    return _DIALECTS[name]


def unnamed_mode(mode: str) -> bool:
    """Return whether MAVROS could not name the mode (CMODE(n): its first message may come before the type is known)."""
    return mode.startswith("CMODE(")
