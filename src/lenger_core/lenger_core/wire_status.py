"""Codecs of MAVROS topics with the autopilot's state, battery and texts, and of the setpoint that goes to it."""

from __future__ import annotations

from math import isfinite, nan
from typing import Any

import numpy as np

from lenger_core import samples as s
from lenger_core.wire_types import (
    Codec,
    TypeFactory,
    header,
    point_msg,
    stamp_ns,
    vector,
    vector_msg,
)

MASK_VELOCITY_YAW = 2503
"""type_mask that uses velocity and yaw; 1024 more ignores the yaw too."""
MASK_IGNORE_YAW = 1024
MASK_POSITION_YAW = 2552
FRAME_LOCAL_NED = 1
FRAME_GLOBAL_INT = 5
_U16_UNKNOWN = 65535


def _encode_state(types: TypeFactory, r: s.FcuState) -> Any:
    return types("mavros_msgs/msg/State")(
        header=header(types, r.t_ns),
        connected=r.connected,
        armed=r.armed,
        guided=r.guided,
        manual_input=r.manual_input,
        mode=r.mode,
        system_status=int(r.system_status),
    )


def _decode_state(m: Any) -> s.FcuState:
    return s.FcuState(
        stamp_ns(m),
        bool(m.connected),
        bool(m.armed),
        bool(m.guided),
        bool(m.manual_input),
        str(m.mode),
        int(m.system_status),
    )


def _encode_extended(types: TypeFactory, r: s.ExtendedState) -> Any:
    return types("mavros_msgs/msg/ExtendedState")(
        header=header(types, r.t_ns), vtol_state=int(r.vtol_state), landed_state=int(r.landed_state)
    )


def _encode_sys_status(types: TypeFactory, r: s.SysStatus) -> Any:
    return types("mavros_msgs/msg/SysStatus")(
        header=header(types, r.t_ns),
        sensors_present=int(r.present),
        sensors_enabled=int(r.enabled),
        sensors_health=int(r.health),
        load=round(r.load * 1000),
        voltage_battery=_scaled(r.voltage_v, 1e3, _U16_UNKNOWN),
        current_battery=_scaled(r.current_a, 100.0, -1),
        battery_remaining=_scaled(r.remaining, 100.0, -1),
        drop_rate_comm=round(r.drop_rate * 1e4),
        errors_comm=int(r.comm_errors),
        errors_count1=int(r.errors[0]),
        errors_count2=int(r.errors[1]),
        errors_count3=int(r.errors[2]),
        errors_count4=int(r.errors[3]),
    )


def _scaled(value: float, scale: float, unknown: int) -> int:
    return round(value * scale) if isfinite(value) else unknown


def _decode_sys_status(m: Any) -> s.SysStatus:
    return s.SysStatus(
        stamp_ns(m),
        int(m.sensors_present),
        int(m.sensors_enabled),
        int(m.sensors_health),
        float(m.load) / 1000.0,
        m.voltage_battery / 1e3 if m.voltage_battery != _U16_UNKNOWN else nan,
        m.current_battery / 100.0 if m.current_battery != -1 else nan,
        m.battery_remaining / 100.0 if m.battery_remaining >= 0 else nan,
        m.drop_rate_comm / 1e4,
        int(m.errors_comm),
        (int(m.errors_count1), int(m.errors_count2), int(m.errors_count3), int(m.errors_count4)),
    )


def _encode_battery(types: TypeFactory, r: s.BatterySample) -> Any:
    return types("sensor_msgs/msg/BatteryState")(
        header=header(types, r.t_ns),
        voltage=float(r.voltage_v),
        temperature=float(r.temperature_c),
        current=float(r.current_a),
        charge=nan,
        capacity=nan,
        design_capacity=nan,
        percentage=float(r.remaining),
        power_supply_status=2,
        power_supply_health=0,
        power_supply_technology=int(r.technology),
        present=True,
        cell_voltage=np.array(r.cells_v, dtype=np.float32),
        cell_temperature=np.zeros(0, dtype=np.float32),
        location=str(r.location),
        serial_number="",
    )


def _decode_battery(m: Any) -> s.BatterySample:
    return s.BatterySample(
        stamp_ns(m),
        float(m.voltage),
        float(m.current),
        float(m.percentage),
        tuple(float(cell) for cell in m.cell_voltage),
        int(m.power_supply_technology),
        str(m.location),
        float(m.temperature) if m.temperature != 0.0 else nan,
    )


def _encode_wind(types: TypeFactory, r: s.FcuWind) -> Any:
    twist = types("geometry_msgs/msg/Twist")(
        linear=vector_msg(types, r.wind_enu_m_s), angular=vector_msg(types, (0.0, 0.0, 0.0))
    )
    return types("geometry_msgs/msg/TwistWithCovarianceStamped")(
        header=header(types, r.t_ns),
        twist=types("geometry_msgs/msg/TwistWithCovariance")(twist=twist, covariance=np.zeros(36)),
    )


def _encode_radio(types: TypeFactory, r: s.RadioStatus) -> Any:
    return types("mavros_msgs/msg/RadioStatus")(
        header=header(types, r.t_ns),
        rssi=int(r.rssi),
        remrssi=int(r.remote_rssi),
        txbuf=0,
        noise=int(r.noise),
        remnoise=int(r.remote_noise),
        rxerrors=0,
        fixed=0,
        rssi_dbm=r.rssi / 1.9 - 127.0,
        remrssi_dbm=r.remote_rssi / 1.9 - 127.0,
    )


def _encode_statustext(types: TypeFactory, r: s.StatusText) -> Any:
    return types("mavros_msgs/msg/StatusText")(header=header(types, r.t_ns), severity=int(r.severity), text=str(r.text))


def _encode_velocity_setpoint(types: TypeFactory, r: s.VelocitySetpoint) -> Any:
    yaw_known = isfinite(r.yaw_enu_rad)
    zero = (0.0, 0.0, 0.0)
    return types("mavros_msgs/msg/PositionTarget")(
        header=header(types, r.t_ns, "map"),
        coordinate_frame=FRAME_LOCAL_NED,
        type_mask=MASK_VELOCITY_YAW if yaw_known else MASK_VELOCITY_YAW | MASK_IGNORE_YAW,
        position=point_msg(types, zero),
        velocity=vector_msg(types, r.velocity_enu_m_s),
        acceleration_or_force=vector_msg(types, zero),
        yaw=float(r.yaw_enu_rad) if yaw_known else 0.0,
        yaw_rate=0.0,
    )


def _decode_velocity_setpoint(m: Any) -> s.VelocitySetpoint:
    yaw = nan if int(m.type_mask) & MASK_IGNORE_YAW else float(m.yaw)
    return s.VelocitySetpoint(stamp_ns(m), vector(m.velocity), yaw)


def _encode_position_setpoint(types: TypeFactory, r: s.PositionSetpoint) -> Any:
    yaw_known = isfinite(r.yaw_enu_rad)
    zero = vector_msg(types, (0.0, 0.0, 0.0))
    return types("mavros_msgs/msg/GlobalPositionTarget")(
        header=header(types, r.t_ns, "map"),
        coordinate_frame=FRAME_GLOBAL_INT,
        type_mask=MASK_POSITION_YAW if yaw_known else MASK_POSITION_YAW | MASK_IGNORE_YAW,
        latitude=float(r.lat_deg),
        longitude=float(r.lon_deg),
        altitude=float(r.alt_amsl_m),
        velocity=zero,
        acceleration_or_force=zero,
        yaw=float(r.yaw_enu_rad) if yaw_known else 0.0,
        yaw_rate=0.0,
    )


def _decode_position_setpoint(m: Any) -> s.PositionSetpoint:
    yaw = nan if int(m.type_mask) & MASK_IGNORE_YAW else float(m.yaw)
    return s.PositionSetpoint(stamp_ns(m), float(m.latitude), float(m.longitude), float(m.altitude), yaw)


def _encode_mission(types: TypeFactory, r: s.FcuMission) -> Any:
    waypoints = [
        types("mavros_msgs/msg/Waypoint")(
            frame=int(item.frame), command=int(item.command), is_current=index == r.current, autocontinue=True,
            param1=float(item.params[0]), param2=float(item.params[1]), param3=float(item.params[2]),
            param4=float(item.params[3]), x_lat=float(item.lat_deg), y_long=float(item.lon_deg),
            z_alt=float(item.alt_m),
        )
        for index, item in enumerate(r.items)
    ]  # fmt: skip
    return types("mavros_msgs/msg/WaypointList")(current_seq=int(r.current), waypoints=waypoints)


def _decode_mission(m: Any) -> s.FcuMission:
    items = tuple(
        s.FcuMissionItem(
            int(w.frame), int(w.command), (float(w.param1), float(w.param2), float(w.param3), float(w.param4)),
            float(w.x_lat), float(w.y_long), float(w.z_alt),
        )
        for w in m.waypoints
    )  # fmt: skip
    return s.FcuMission(0, items, int(m.current_seq))


STATE = Codec("mavros_msgs/msg/State", s.FcuState, _encode_state, _decode_state)
EXTENDED_STATE = Codec(
    "mavros_msgs/msg/ExtendedState",
    s.ExtendedState,
    _encode_extended,
    lambda m: s.ExtendedState(stamp_ns(m), int(m.landed_state), int(m.vtol_state)),
)
SYS_STATUS = Codec("mavros_msgs/msg/SysStatus", s.SysStatus, _encode_sys_status, _decode_sys_status)
BATTERY = Codec(
    "sensor_msgs/msg/BatteryState",
    s.BatterySample,
    _encode_battery,
    _decode_battery,
)
STATUSTEXT = Codec(
    "mavros_msgs/msg/StatusText",
    s.StatusText,
    _encode_statustext,
    lambda m: s.StatusText(stamp_ns(m), int(m.severity), str(m.text)),
)
REACHED = Codec(
    "mavros_msgs/msg/WaypointReached",
    s.FcuReached,
    lambda types, r: types("mavros_msgs/msg/WaypointReached")(header=header(types, r.t_ns), wp_seq=int(r.item)),
    lambda m: s.FcuReached(stamp_ns(m), int(m.wp_seq)),
)
MISSION = Codec("mavros_msgs/msg/WaypointList", s.FcuMission, _encode_mission, _decode_mission)
WIND = Codec(
    "geometry_msgs/msg/TwistWithCovarianceStamped",
    s.FcuWind,
    _encode_wind,
    lambda m: s.FcuWind(stamp_ns(m), vector(m.twist.twist.linear)),
)
RADIO = Codec(
    "mavros_msgs/msg/RadioStatus",
    s.RadioStatus,
    _encode_radio,
    lambda m: s.RadioStatus(stamp_ns(m), int(m.rssi), int(m.remrssi), int(m.noise), int(m.remnoise)),
)
VELOCITY_SETPOINT = Codec(
    "mavros_msgs/msg/PositionTarget", s.VelocitySetpoint, _encode_velocity_setpoint, _decode_velocity_setpoint
)
POSITION_SETPOINT = Codec(
    "mavros_msgs/msg/GlobalPositionTarget", s.PositionSetpoint, _encode_position_setpoint, _decode_position_setpoint
)
