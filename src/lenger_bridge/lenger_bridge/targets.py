"""Setpoints of MAVROS's setpoint topics, and their conversion to the wire."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite, pi, remainder

from lenger_core.errors import InputError
from lenger_core.samples import PositionSetpoint, QuatWxyz, Vec3, VelocitySetpoint
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.ned import enu_to_ned, flu_to_frd, quat_enu_to_ned, yaw_enu_to_ned

MASK_VELOCITY_YAW = 2503
MASK_IGNORE_YAW = 1024
MASK_POSITION_YAW = 2552
MASK_VELOCITY_YAW_RATE = 1479
MASK_ACCELERATION = 3135
"""type_mask: what is used of a target (a bit set is a field ignored)."""

_EARTH_FRAMES = (mavlink.MAV_FRAME_LOCAL_NED, mavlink.MAV_FRAME_LOCAL_OFFSET_NED)
_BODY_FRAMES = (mavlink.MAV_FRAME_BODY_NED, mavlink.MAV_FRAME_BODY_OFFSET_NED)
_GLOBAL_FRAMES = (mavlink.MAV_FRAME_GLOBAL_INT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)

WireVectors = tuple[Vec3, Vec3, Vec3, float, float]


@dataclass(frozen=True, slots=True)
class LocalTarget:
    """mavros_msgs/PositionTarget: ENU in frames 1 and 7, FLU in frames 8 and 9; `type_mask` as in MAVLink."""

    t_ns: int
    frame: int
    type_mask: int
    position_m: Vec3
    velocity_m_s: Vec3
    accel_m_s2: Vec3
    yaw_rad: float
    yaw_rate_rad_s: float


@dataclass(frozen=True, slots=True)
class GlobalTarget:
    """mavros_msgs/GlobalPositionTarget; `motion` holds mask, ENU velocity, acceleration and yaw in frame 1."""

    frame: int
    lat_deg: float
    lon_deg: float
    altitude_m: float
    motion: LocalTarget

    def wire_position(self) -> tuple[int, int]:
        """Return latitude and longitude in 1e-7 degrees.

        Raises:
            InputError: a frame other than 5 and 6 (11 flies into the ground where the autopilot lacks terrain data), or
            a
                position out of range.
        """
        if self.frame not in _GLOBAL_FRAMES:
            raise InputError("setpoint_raw/global", "coordinate_frame", self.frame, "5 (AMSL) or 6 (above home)")
        if not (abs(self.lat_deg) <= 90.0 and abs(self.lon_deg) <= 180.0):
            value = (self.lat_deg, self.lon_deg)
            raise InputError("setpoint_raw/global", "position", value, "latitude -90..90, longitude -180..180")
        return round(self.lat_deg * 1e7), round(self.lon_deg * 1e7)


def wire_vectors(target: LocalTarget) -> WireVectors:
    """Return position, velocity, acceleration, yaw and yaw rate in the axes that the frame has on the wire.

    Raises:
        InputError: another frame than 1, 7, 8 or 9 (MAVROS swaps the axes of the rest).
    """
    if target.frame in _EARTH_FRAMES:
        convert, yaw = enu_to_ned, yaw_enu_to_ned(target.yaw_rad) if abs(target.yaw_rad) < 1e6 else 0.0
    elif target.frame in _BODY_FRAMES:
        convert, yaw = flu_to_frd, remainder(-target.yaw_rad, 2.0 * pi) if abs(target.yaw_rad) < 1e6 else 0.0
    else:
        raise InputError("setpoint_raw/local", "coordinate_frame", target.frame, "1 or 7 (earth), 8 or 9 (body)")
    vectors = (convert(target.position_m), convert(target.velocity_m_s), convert(target.accel_m_s2))
    return (*vectors, yaw, -target.yaw_rate_rad_s)


@dataclass(frozen=True, slots=True)
class AttitudeTarget:
    """mavros_msgs/AttitudeTarget: FLU to ENU, body rates FLU, thrust 0 to 1; `type_mask` as in MAVLink."""

    t_ns: int
    type_mask: int
    quat_wxyz: QuatWxyz
    rates_flu_rad_s: Vec3
    thrust: float


def boot_ms(t_ns: int) -> int:
    """Return time_boot_ms as MAVROS fills it: the stamp in milliseconds, 32 bits."""
    return (t_ns // 1_000_000) & 0xFFFFFFFF


def velocity_target(setpoint: VelocitySetpoint) -> LocalTarget:
    """Return the target of an earth-frame velocity and yaw."""
    yaw, zero = setpoint.yaw_enu_rad, (0.0, 0.0, 0.0)
    mask = MASK_VELOCITY_YAW if isfinite(yaw) else MASK_VELOCITY_YAW | MASK_IGNORE_YAW
    frame = mavlink.MAV_FRAME_LOCAL_NED
    return LocalTarget(setpoint.t_ns, frame, mask, zero, setpoint.velocity_enu_m_s, zero, yaw, 0.0)


def position_target(setpoint: PositionSetpoint) -> GlobalTarget:
    """Return the target of a place with AMSL height, and yaw."""
    yaw, zero = setpoint.yaw_enu_rad, (0.0, 0.0, 0.0)
    mask = MASK_POSITION_YAW if isfinite(yaw) else MASK_POSITION_YAW | MASK_IGNORE_YAW
    motion = LocalTarget(setpoint.t_ns, mavlink.MAV_FRAME_LOCAL_NED, mask, zero, zero, zero, yaw, 0.0)
    frame = mavlink.MAV_FRAME_GLOBAL_INT
    return GlobalTarget(frame, setpoint.lat_deg, setpoint.lon_deg, setpoint.alt_amsl_m, motion)


def local_message(target: LocalTarget, peer: tuple[int, int]) -> MavMessage:
    """Return SET_POSITION_TARGET_LOCAL_NED for system and component `peer`.

    Raises:
        InputError: a frame whose axes are not defined.
    """
    position, velocity, accel, yaw, yaw_rate = wire_vectors(target)
    return mavlink.MAVLink_set_position_target_local_ned_message(
        boot_ms(target.t_ns), *peer, target.frame, target.type_mask, *position, *velocity, *accel, yaw, yaw_rate
    )


def global_message(target: GlobalTarget, peer: tuple[int, int]) -> MavMessage:
    """Return SET_POSITION_TARGET_GLOBAL_INT; the altitude passes unchanged (AMSL in frame 5, above home in 6).

    Raises:
        InputError: another frame, or a position out of range.
    """
    lat, lon = target.wire_position()
    motion = target.motion
    _, velocity, accel, yaw, yaw_rate = wire_vectors(motion)
    return mavlink.MAVLink_set_position_target_global_int_message(
        boot_ms(motion.t_ns), *peer, target.frame, motion.type_mask, lat, lon, target.altitude_m,
        *velocity, *accel, yaw, yaw_rate,
    )  # fmt: skip


def attitude_message(target: AttitudeTarget, peer: tuple[int, int]) -> MavMessage:
    """Return SET_ATTITUDE_TARGET."""
    return mavlink.MAVLink_set_attitude_target_message(
        boot_ms(target.t_ns), *peer, target.type_mask, quat_enu_to_ned(target.quat_wxyz),
        *flu_to_frd(target.rates_flu_rad_s), target.thrust,
    )  # fmt: skip
