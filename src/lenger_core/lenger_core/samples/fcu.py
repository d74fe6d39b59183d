"""Records from the autopilot and to it, as they pass through MAVROS."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from lenger_core.samples.vectors import IDENTITY, QuatWxyz, Vec3


@dataclass(frozen=True, slots=True)
class FcuState:
    """MAVROS state. `mode` is the autopilot's own name, such as AUTO.LOITER or GUIDED; "" when not connected."""

    t_ns: int
    connected: bool
    armed: bool
    guided: bool
    manual_input: bool
    mode: str
    system_status: int


@dataclass(frozen=True, slots=True)
class ExtendedState:
    """MAVROS extended_state. `landed_state` is MAV_LANDED_STATE: 0 unknown, 1 ground, 2 air, 3 takeoff, 4 landing."""

    t_ns: int
    landed_state: int
    vtol_state: int = 0
    """MAV_VTOL_STATE."""


@dataclass(frozen=True, slots=True)
class SysStatus:
    """MAVROS sys_status: MAV_SYS_STATUS_SENSOR bit sets."""

    t_ns: int
    present: int
    enabled: int
    health: int
    load: float
    """0 to 1."""
    voltage_v: float = nan
    current_a: float = nan
    """Drawn: positive while discharging."""
    remaining: float = nan
    """0 to 1."""
    drop_rate: float = 0.0
    """Of the autopilot's links, 0 to 1."""
    comm_errors: int = 0
    errors: tuple[int, int, int, int] = (0, 0, 0, 0)
    """The autopilot's own counters."""


@dataclass(frozen=True, slots=True)
class ImuSample:
    """MAVROS imu/data_raw: body FLU angular rate and specific force (+9.81 on z at rest)."""

    t_ns: int
    gyro_rad_s: Vec3
    accel_m_s2: Vec3


@dataclass(frozen=True, slots=True)
class AttitudeSample:
    """MAVROS imu/data: the autopilot's attitude, base_link (FLU) to map (ENU), with rates and specific force."""

    t_ns: int
    quat_wxyz: QuatWxyz
    gyro_rad_s: Vec3
    accel_m_s2: Vec3


@dataclass(frozen=True, slots=True)
class MagSample:
    """MAVROS imu/mag: magnetic field in the body FLU frame, tesla."""

    t_ns: int
    field_t: Vec3


@dataclass(frozen=True, slots=True)
class PressureSample:
    """MAVROS imu/static_pressure, pascal."""

    t_ns: int
    pressure_pa: float


@dataclass(frozen=True, slots=True)
class FlowSample:
    """One reading of a downward optical flow sensor, body FLU axes, as in the sensor-log layout.

    Attributes:
        flow_rad_s: angular flow about body x and y; with `gyro_rad_s` added and times the range, the ground's speed.
        gyro_rad_s: the sensor's own angular rate about body x and y over the same interval.
        quality: 0 (nothing seen) to 255.
    """

    t_ns: int
    flow_rad_s: tuple[float, float]
    gyro_rad_s: tuple[float, float]
    quality: int


@dataclass(frozen=True, slots=True)
class RangeSample:
    """MAVROS rangefinder: distance along body down to what is below, metres."""

    t_ns: int
    range_m: float


@dataclass(frozen=True, slots=True)
class AirspeedSample:
    """Airspeed along body x, metres per second (true airspeed)."""

    t_ns: int
    airspeed_m_s: float


@dataclass(frozen=True, slots=True)
class GnssFix:
    """One receiver fix: MAVROS raw/fix, raw/gps_vel and gpsstatus/gps1/raw of one stamp. Accuracies are one sigma."""

    t_ns: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    alt_ellipsoid_m: float
    vel_e_m_s: float
    vel_n_m_s: float
    fix_type: int
    """GPS_FIX_TYPE: 0 and 1 none, 2 2-D, 3 3-D, 4 DGPS, 5 and 6 RTK."""
    satellites: int
    h_acc_m: float
    v_acc_m: float
    s_acc_m_s: float
    hdop: float = nan
    vdop: float = nan
    yaw_deg: float = nan
    """Clockwise from north, of receivers with two antennas."""
    yaw_acc_deg: float = nan
    vel_u_m_s: float = nan
    """Upwards; not every receiver tells it."""


@dataclass(frozen=True, slots=True)
class FcuGlobal:
    """MAVROS global_position/global: the autopilot's estimate. The wire carries the ellipsoid height, this both."""

    t_ns: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    alt_ellipsoid_m: float
    h_acc_m: float
    v_acc_m: float
    fixed: bool = True
    """Whether the receiver has a fix."""


@dataclass(frozen=True, slots=True)
class FcuLocal:
    """MAVROS local_position/odom: the autopilot's estimate, ENU from ITS origin: never send it back."""

    t_ns: int
    position_enu_m: Vec3
    velocity_enu_m_s: Vec3
    """World frame (the message's twist is body FLU; the codec rotates it)."""
    quat_wxyz: QuatWxyz
    rates_flu_rad_s: Vec3


@dataclass(frozen=True, slots=True)
class FcuHome:
    """MAVROS home_position/home. The vectors are about the autopilot's local origin: never send them back."""

    t_ns: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    position_enu_m: Vec3 = (0.0, 0.0, 0.0)
    surface_quat_wxyz: QuatWxyz = IDENTITY
    approach_enu_m: Vec3 = (0.0, 0.0, 0.0)
    alt_ellipsoid_m: float = nan
    """What the wire carries."""


@dataclass(frozen=True, slots=True)
class BatterySample:
    """MAVROS battery. `current_a` is negative while discharging, `remaining` 0 to 1 (NaN unknown)."""

    t_ns: int
    voltage_v: float
    current_a: float
    remaining: float
    cells_v: tuple[float, ...] = ()
    technology: int = 0
    """POWER_SUPPLY_TECHNOLOGY of sensor_msgs/BatteryState: 0 unknown, 1 NiMH, 2 Li-ion, 3 LiPo, 4 LiFe."""
    location: str = "id0"
    """MAVROS's "id" and the battery's number; "" when it came with SYS_STATUS."""
    temperature_c: float = nan
    """Of the cells. MAVROS 2.12 leaves 0.0 there, which therefore counts as unknown."""


@dataclass(frozen=True, slots=True)
class FcuWind:
    """MAVROS wind_estimation: where the air goes, by the autopilot's estimate."""

    t_ns: int
    wind_enu_m_s: Vec3


@dataclass(frozen=True, slots=True)
class RadioStatus:
    """MAVROS radio_status of a telemetry radio (SiK): received strengths here and at the other end, 0 to 254."""

    t_ns: int
    rssi: int
    remote_rssi: int
    """0: the other end is not heard; 255 unknown."""
    noise: int
    remote_noise: int


@dataclass(frozen=True, slots=True)
class StatusText:
    """MAVROS statustext/recv. `severity` is MAV_SEVERITY, 0 emergency to 7 debug."""

    t_ns: int
    severity: int
    text: str


@dataclass(frozen=True, slots=True)
class FcuMissionItem:
    """One item of the mission on the autopilot (MAVLink mission item), in the datum of `frame` (MAV_FRAME)."""

    frame: int
    command: int
    params: tuple[float, float, float, float]
    lat_deg: float
    lon_deg: float
    alt_m: float


@dataclass(frozen=True, slots=True)
class FcuMission:
    """MAVROS mission/waypoints: the mission that stands on the autopilot. The message has no stamp: `t_ns` is 0 then.

    ArduPilot's first item is home.
    """

    t_ns: int
    items: tuple[FcuMissionItem, ...]
    current: int = 0


@dataclass(frozen=True, slots=True)
class FcuReached:
    """MAVROS mission/reached: an item of the mission on the autopilot was reached; ArduPilot counts home as item 0.

    PX4 says the same item many times, and the topic keeps the last one for whoever comes later.
    """

    t_ns: int
    item: int


@dataclass(frozen=True, slots=True)
class VelocitySetpoint:
    """MAVROS setpoint_raw/local, frame 1 (LOCAL_NED on the wire), type_mask 2503: earth-frame velocity and yaw."""

    t_ns: int
    velocity_enu_m_s: Vec3
    yaw_enu_rad: float
    """0 = east, counter-clockwise; NaN: the yaw bit is masked too (type_mask 3527)."""


@dataclass(frozen=True, slots=True)
class PositionSetpoint:
    """MAVROS setpoint_raw/global, frame 5 (GLOBAL_INT), type_mask 2552: a place with AMSL height, and yaw."""

    t_ns: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    yaw_enu_rad: float
    """0 = east, counter-clockwise; NaN: the yaw bit is masked too (type_mask 3576)."""
