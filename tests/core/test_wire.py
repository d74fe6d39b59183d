"""Every topic's record survives its message: by rclpy's classes and CDR, and by rosbags' classes."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from math import isnan
from typing import Any

import pytest

from lenger_core import samples as s
from lenger_core.geoid import undulation_m
from lenger_core.samples import CommandKind, Integrity
from lenger_core.wire import TOPICS

T = 12_345_678_901
LAT, LON, AMSL = 42.1819, 69.8878, 800.0
ELLIPSOID = AMSL + undulation_m(LAT, LON)
V, Q = (1.5, -2.25, 0.5), (0.5, 0.5, -0.5, 0.5)
FIX = s.GnssFix(T, LAT, LON, AMSL, ELLIPSOID, 3.0, 4.0, 3, 14, 0.75, 1.25, 0.5, 0.8, 1.2, 359.5, 2.5)

GUARD_MORE = (0.5, "fence mine", 20.5, 7.5, V, True, "home, 240 m", 240.5, 12.5)
LEFT = ("uploaded", 8, 0.25, 75.5, 4.5)

RECORDS: dict[str, Any] = {
    "command": s.Command(T, "mission", 7, 0.5, CommandKind.VELOCITY, V, 0.25, float("nan"), 99, LAT, LON, 4),
    "guard/status": s.GuardStatus(
        T, s.GuardLevel.LIMIT, True, False, "wall", "mine", 1.5, 2.5, 3.5, 4.5, 6, *GUARD_MORE
    ),
    "fusion/status": s.FusionStatus(T, Integrity.COASTING, "", LAT, LON, 757.0, LAT, LON, AMSL, 3.0, 4.0, V, True),
    "vehicle/status": s.VehicleStatus(
        T,
        "px4",
        True,
        True,
        False,
        False,
        "OFFBOARD",
        s.Authority.LENGER,
        "",
        LAT,
        LON,
        AMSL,
        V,
        0.5,
        1.0,
        2.0,
        LAT,
        LON,
        757.0,
        0.5,
        15.5,
        0.1,
        -0.2,
        V,
        s.LinkState.OK,
        0.25,
        s.LinkState.LOST,
        1.5,
        3,
        14,
        0.75,
        12.5,
        6.5,
        25.5,
        V,
        s.FenceState.DIFFERS,
        "count",
        7,
        "0123abcd",
    ),
    "mission/status": s.MissionStatus(T, s.MissionPhase.ENROUTE, "p", 3, 2, 6, 100.0, 0.5, 60.0, "leg", *LEFT),
    "mission/camera": s.CameraTrigger(T, s.CameraKind.POINT, 7, 3, True, LAT, LON, AMSL, 60.5, 0.25, -90.0, 12.5),
    "exercise/status": s.ExerciseStatus(T, "first_patrol", "ENROUTE", 2, 6, 60.0, 55.0, 0.75, 98.0, 120.0, False),
    "sim/truth": s.SimTruth(T, LAT, LON, AMSL, 43.0, V, Q, V, 12.5, False, False),
    "events": s.Event(T, "guard", "guard_limit", "slowed"),
    "fusion/odometry": s.Odometry(T, V, V, Q, V, (1.0, 2.0, 3.0), (0.1, 0.2, 0.3)),
    "mavros/state": s.FcuState(T, True, True, False, True, "AUTO.LOITER", 4),
    "mavros/statustext/send": s.StatusText(T, 3, "Guard HOLD: wall"),
    "mavros/wind_estimation": s.FcuWind(T, V),
    "mavros/radio_status": s.RadioStatus(T, 180, 170, 40, 45),
    "mavros/extended_state": s.ExtendedState(T, 2, 3),
    "mavros/sys_status": s.SysStatus(T, 2**28 + 3, 3, 2**28, 0.25, 15.5, 12.5, 0.75, 0.01, 4, (1, 2, 3, 5)),
    "mavros/imu/data_raw": s.ImuSample(T, V, V),
    "mavros/imu/data": s.AttitudeSample(T, Q, V, V),
    "mavros/imu/mag": s.MagSample(T, (2e-5, 1e-6, -4.8e-5)),
    "mavros/imu/static_pressure": s.PressureSample(T, 92_000.0),
    "mavros/gpsstatus/gps1/raw": FIX,
    "mavros/global_position/global": s.FcuGlobal(T, LAT, LON, AMSL, ELLIPSOID, 0.5, 1.5, False),
    "mavros/local_position/odom": s.FcuLocal(T, V, V, Q, V),
    "mavros/home_position/home": s.FcuHome(T, LAT, LON, AMSL, V, Q, V, ELLIPSOID),
    "mavros/battery": s.BatterySample(T, 15.5, -12.5, 0.75, (3.875, 3.75), 3, "id1", 25.5),
    "mavros/statustext/recv": s.StatusText(T, 4, "Preflight Fail: низкий заряд"),
    "mavros/mission/waypoints": s.FcuMission(
        0,
        (
            s.FcuMissionItem(3, 16, (0.0, 0.5, 0.0, 1.5), LAT, LON, 40.0),
            s.FcuMissionItem(2, 178, (1.0, 6.0, -1.0, 0.0), 0.0, 0.0, 0.0),
        ),
        1,
    ),
    "mavros/mission/reached": s.FcuReached(T, 12),
    "mavros/setpoint_raw/local": s.VelocitySetpoint(T, V, 0.5),
    "mavros/setpoint_raw/global": s.PositionSetpoint(T, LAT, LON, AMSL, 0.5),
}
RECORDS["mission/command"] = RECORDS["guard/command"] = RECORDS.pop("command")
PARTIAL = {"mavros/global_position/raw/fix", "mavros/global_position/raw/gps_vel"}


def assert_same(actual: Any, expected: Any, where: str) -> None:
    # GPSRAW carries speed in cm/s and course in 0.01 degrees.
    rel = 1e-4 if where.startswith("mavros/gpsstatus") else 1e-6
    if is_dataclass(expected):
        for f in fields(expected):
            assert_same(getattr(actual, f.name), getattr(expected, f.name), f"{where}.{f.name}")
    elif isinstance(expected, tuple) and any(map(is_dataclass, expected)):
        assert len(actual) == len(expected), where
        for index, (a, e) in enumerate(zip(actual, expected, strict=True)):
            assert_same(a, e, f"{where}[{index}]")
    elif isinstance(expected, float) and isnan(expected):
        assert isnan(actual), where
    elif isinstance(expected, (float, tuple)):
        assert actual == pytest.approx(expected, rel=rel, abs=1e-7), where
    else:
        assert actual == expected and type(actual) is type(expected), where


def through_cdr(topic: str, record: Any) -> Any:
    from rclpy.serialization import deserialize_message, serialize_message

    from lenger_core.ros.types import rclpy_types

    spec = TOPICS[topic]
    message = spec.encode(rclpy_types, record)
    return spec.decode(deserialize_message(serialize_message(message), type(message)))


def test_every_topic_has_a_case() -> None:
    assert set(RECORDS) | PARTIAL == set(TOPICS)


@pytest.mark.parametrize("topic", sorted(RECORDS))
def test_round_trip(topic: str) -> None:
    assert_same(through_cdr(topic, RECORDS[topic]), RECORDS[topic], topic)


def test_a_fix_needs_no_more_than_its_three_topics() -> None:
    position = through_cdr("mavros/global_position/raw/fix", FIX)
    assert (position.lat_deg, position.alt_amsl_m) == pytest.approx((LAT, AMSL), abs=1e-6)
    assert (position.h_acc_m, position.v_acc_m) == pytest.approx((0.75, 1.25))
    assert isnan(position.vel_e_m_s) and isnan(position.s_acc_m_s)
    velocity = through_cdr("mavros/global_position/raw/gps_vel", FIX)
    assert (velocity.vel_e_m_s, velocity.vel_n_m_s) == (3.0, 4.0) and isnan(velocity.lat_deg)


def test_unknown_values_stay_unknown() -> None:
    nan = float("nan")
    fix = s.GnssFix(T, LAT, LON, AMSL, ELLIPSOID, nan, nan, 3, 14, nan, nan, nan)
    raw = through_cdr("mavros/gpsstatus/gps1/raw", fix)
    assert isnan(raw.vel_e_m_s) and isnan(raw.h_acc_m) and isnan(raw.s_acc_m_s)
    assert isnan(through_cdr("mavros/global_position/raw/fix", fix).h_acc_m)
    assert isnan(through_cdr("mavros/setpoint_raw/local", s.VelocitySetpoint(T, V, nan)).yaw_enu_rad)


def test_an_unknown_enumeration_value_is_refused() -> None:
    from lenger_core.ros.types import rclpy_types

    message = TOPICS["guard/status"].encode(rclpy_types, RECORDS["guard/status"])
    message.level = 77
    with pytest.raises(ValueError, match="77"):
        TOPICS["guard/status"].decode(message)
