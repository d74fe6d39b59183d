"""Every plugin: what its MAVLink messages become on MAVROS's topics, and what its topics become on the wire.

Expected values are worked out by hand from MAVLink's and ROS's definitions, not by the code under test.
"""

from __future__ import annotations

import random
from math import cos, isnan, nan, pi, sin, sqrt
from typing import Any

import pytest
from rclpy.serialization import serialize_message

from bridge.fcu import SECOND, Fcu, any_message, as_message, heartbeat
from lenger_core.errors import InputError
from lenger_core.geoid import undulation_m
from lenger_core.ros.types import rclpy_types as types
from lenger_core.samples import PositionSetpoint
from lenger_mavlink.codec import MavCodec, mavlink

ARDUPILOT = mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA
LAT, LON = 42.1819, 69.8878
UNDULATION = undulation_m(LAT, LON)
NORTH_LEVEL = (1.0, 0.0, 0.0, 0.0)
R = sqrt(0.5)


def approx(*values: float, tolerance: float = 1e-6) -> Any:
    return pytest.approx(values, abs=tolerance)


def xyz(v: Any) -> tuple[float, float, float]:
    return v.x, v.y, v.z


def wxyz(q: Any) -> tuple[float, float, float, float]:
    return q.w, q.x, q.y, q.z


def attitude(fcu: Fcu, quat: tuple[float, float, float, float] = NORTH_LEVEL, rates: Any = (0.1, 0.2, 0.3)) -> Any:
    return fcu.send(mavlink.MAVLink_attitude_quaternion_message(5000, *quat, *rates))


def global_position(fcu: Fcu, **changed: Any) -> Any:
    values = {"lat": round(LAT * 1e7), "lon": round(LON * 1e7), "alt": 800_000, "relative_alt": 43_000}
    values |= {"vx": 300, "vy": 400, "vz": -100, "hdg": 9000} | changed
    return fcu.send(mavlink.MAVLink_global_position_int_message(time_boot_ms=5000, **values))


def gps(fcu: Fcu, **changed: Any) -> Any:
    values = {"lat": round(LAT * 1e7), "lon": round(LON * 1e7), "alt": 800_000, "eph": 80, "epv": 120, "vel": 500}
    values |= {"cog": 9000, "satellites_visible": 14, "alt_ellipsoid": 0, "h_acc": 750, "v_acc": 1250, "vel_acc": 500}
    return fcu.send(mavlink.MAVLink_gps_raw_int_message(5_000_000, **({"fix_type": 3} | values | changed)))


# ---------------------------------------------------------------- robustness


@pytest.mark.parametrize("autopilot", [mavlink.MAV_AUTOPILOT_PX4, ARDUPILOT])
def test_whatever_a_message_holds_every_topic_can_be_filled_and_sent(autopilot: int) -> None:
    fcu, rng = Fcu(autopilot), random.Random(7)
    names = {name for stream in fcu.core.streams for name in stream.fills} | {"HOME_POSITION", "BATTERY_STATUS"}
    names |= {"HIGHRES_IMU", "RAW_IMU", "SCALED_IMU", "SYS_STATUS", "ATTITUDE", "STATUSTEXT", "EXTENDED_SYS_STATE"}
    names.add("MISSION_ITEM_REACHED")
    filled: set[str] = set()
    for name in sorted(names) * 25:
        message = any_message(name, rng)
        for topic, entry in fcu.core.on_bytes(fcu.codec.encode(message), fcu.now_ns):
            serialize_message(as_message(topic, entry))
            filled.add(topic)
    lists = {"mavros/mission/waypoints", "mavros/geofence/fences", "mavros/rallypoint/rallypoints"}
    never = {stream.topic for stream in fcu.core.streams} - filled - lists
    special = {f"mavros/{name}" for name in ("imu/temperature_baro", "rangefinder_pub", "timesync_status")}
    special.add("mavros/time_reference")
    assert never <= special, "these depend on earlier messages, and have tests of their own"
    notes = [note for note in fcu.core.step(fcu.now_ns).notes if "ellipsoid" not in note]
    assert notes == []


def test_without_listeners_only_latched_topics_are_filled() -> None:
    fcu = Fcu()
    fcu.core.want(())
    vfr = mavlink.MAVLink_vfr_hud_message(1.0, 2.0, 90, 50, 800.0, 0.5)
    assert fcu.send(vfr) == {}
    assert "estimator_status" in fcu.send(mavlink.MAVLink_estimator_status_message(0, 1, *[0.0] * 8))
    fcu.core.want(("mavros/vfr_hud",))
    assert set(fcu.send(vfr)) == {"vfr_hud"}


# ---------------------------------------------------------------- sys, time


def test_sys_status_is_raw_and_battery_is_signed() -> None:
    fcu = Fcu()
    out = fcu.send(mavlink.MAVLink_sys_status_message(7, 3, 2, 250, 15_500, 1250, 75, 12, 4, 1, 2, 3, 5))
    status = out["sys_status"]
    assert (status.sensors_present, status.sensors_enabled, status.sensors_health, status.load) == (7, 3, 2, 250)
    assert (status.voltage_battery, status.current_battery, status.battery_remaining) == (15_500, 1250, 75)
    assert (status.drop_rate_comm, status.errors_comm, status.errors_count4) == (12, 4, 5)
    battery = out["battery"]
    assert (battery.voltage, battery.current, battery.percentage) == approx(15.5, -12.5, 0.75)
    assert (battery.location, len(battery.cell_voltage), battery.power_supply_status) == ("", 0, 2)
    assert isnan(battery.charge)


def test_battery_status_replaces_it_cell_by_cell() -> None:
    fcu = Fcu()
    cells = [3900, 3850, 3875, 3800, *[65535] * 6]
    battery = mavlink.MAVLink_battery_status_message(0, 0, mavlink.MAV_BATTERY_TYPE_LIPO, 2500, cells, 1250, -1, -1, 60)
    message = fcu.send(battery)["battery"]
    assert message.voltage == pytest.approx(15.425)
    assert list(message.cell_voltage) == pytest.approx([3.9, 3.85, 3.875, 3.8])
    assert (message.current, message.percentage) == approx(-12.5, 0.6)
    assert (message.power_supply_technology, message.location) == (3, "id0")
    assert "battery" not in fcu.send(mavlink.MAVLink_sys_status_message(0, 0, 0, 0, 15_500, 1250, 75, 0, 0, 0, 0, 0, 0))
    pack = [65534, 1466, *[65535] * 8]
    battery = mavlink.MAVLink_battery_status_message(1, 0, 0, 2500, pack, -1, -1, -1, -1)
    other = fcu.send(battery)["battery"]
    assert (other.location, len(other.cell_voltage)) == ("id1", 1)
    assert other.voltage == pytest.approx(67.0)
    assert isnan(other.current) and isnan(other.percentage)


def test_states_flags_and_events() -> None:
    fcu = Fcu()
    extended = fcu.send(mavlink.MAVLink_extended_sys_state_message(3, 2))["extended_state"]
    assert (extended.vtol_state, extended.landed_state) == (3, 2)
    flags = mavlink.ESTIMATOR_ATTITUDE | mavlink.ESTIMATOR_POS_HORIZ_ABS | mavlink.ESTIMATOR_GPS_GLITCH
    for message in (
        mavlink.MAVLink_estimator_status_message(0, flags, *[0.0] * 8),
        mavlink.MAVLink_ekf_status_report_message(flags, *[0.0] * 5),
    ):
        status = fcu.send(message)["estimator_status"]
        assert (status.attitude_status_flag, status.pos_horiz_abs_status_flag) == (True, True)
        assert (status.gps_glitch_status_flag, status.velocity_horiz_status_flag) == (True, False)
    event = mavlink.MAVLink_event_message(0, 0, 0x01ABCDEF, 5000, 77, 0x64, list(range(40)))
    message = fcu.send(event)["status_event"]
    assert (message.severity, message.px4_id, message.sequence) == (4, 0xABCDEF, 77)
    assert list(message.arguments) == list(range(40))


def test_a_text_is_sent_and_cut_at_a_whole_character() -> None:
    text = types("mavros_msgs/msg/StatusText")(severity=3, text="низкий заряд " * 5)
    fcu = Fcu()
    (sent,) = fcu.say("statustext/send", text)
    assert sent.get_type() == "STATUSTEXT" and sent.severity == 3
    raw = fcu.core.receive("mavros/statustext/send", text, fcu.now_ns)[11:-2].rstrip(b"\0")
    assert raw.decode() == ("низкий заряд " * 5)[: len(raw.decode())], "valid UTF-8, from its beginning"
    assert len(raw) in (49, 50)


def test_clocks() -> None:
    fcu = Fcu()
    (request,) = [m for m in fcu.step() if m.get_type() == "TIMESYNC"]
    fcu.now_ns += 2_000_000
    status = fcu.send(mavlink.MAVLink_timesync_message(41 * SECOND, request.ts1))["timesync_status"]
    offset = 100 * SECOND + 1_000_000 - 41 * SECOND
    assert (status.remote_timestamp_ns, status.observed_offset_ns) == (41 * SECOND, offset)
    assert status.estimated_offset_ns == offset and status.round_trip_time_ms == pytest.approx(2.0)
    unix_us = 1_790_000_000_123_456
    reference = fcu.send(mavlink.MAVLink_system_time_message(unix_us, 41_000))["time_reference"]
    assert (reference.time_ref.sec, reference.time_ref.nanosec, reference.source) == (1_790_000_000, 123_456_000, "fcu")
    assert fcu.send(mavlink.MAVLink_system_time_message(0, 41_000)) == {}


# ---------------------------------------------------------------- imu


def test_highres_imu_in_flu_tesla_and_pascal() -> None:
    fcu = Fcu()
    values = (0.1, 0.2, -9.8, 0.01, 0.02, 0.03, 0.22, 0.02, 0.5)
    for pressure, differential in ((920.0, 1.5), (92_000.0, 150.0)):  # MAVLink says hectopascals, PX4 sends pascals
        message = mavlink.MAVLink_highres_imu_message(5_000_000, *values, pressure, differential, 760.0, 31.5, 0x1FFF)
        out = fcu.send(message)
        assert xyz(out["imu/data_raw"].linear_acceleration) == approx(0.1, -0.2, 9.8)
        assert xyz(out["imu/data_raw"].angular_velocity) == approx(0.01, -0.02, -0.03)
        assert out["imu/data_raw"].orientation_covariance[0] == -1.0
        assert xyz(out["imu/mag"].magnetic_field) == approx(2.2e-5, -2e-6, -5e-5, tolerance=1e-10)
        assert out["imu/static_pressure"].fluid_pressure == pytest.approx(92_000.0)
        assert out["imu/diff_pressure"].fluid_pressure == pytest.approx(150.0)
        assert out["imu/temperature_imu"].temperature == pytest.approx(31.5)
        assert {m.header.frame_id for m in out.values()} == {"base_link"}
    assert set(fcu.send(mavlink.MAVLink_highres_imu_message(0, *values, 0.0, 0.0, 0.0, 0.0, 0x3F))) == {"imu/data_raw"}


def test_ardupilots_messages_mean_the_same() -> None:
    fcu = Fcu(ARDUPILOT)
    raw = mavlink.MAVLink_raw_imu_message(5_000_000, 10, 20, -1000, 100, 200, -300, 220, 20, 500)
    out = fcu.send(raw)
    assert xyz(out["imu/data_raw"].linear_acceleration) == approx(0.0980665, -0.196133, 9.80665)
    assert xyz(out["imu/data_raw"].angular_velocity) == approx(0.1, -0.2, 0.3)
    assert xyz(out["imu/mag"].magnetic_field) == approx(2.2e-5, -2e-6, -5e-5, tolerance=1e-10)
    pressure = fcu.send(mavlink.MAVLink_scaled_pressure_message(5000, 920.0, 1.5, 2150))
    assert pressure["imu/static_pressure"].fluid_pressure == pytest.approx(92_000.0)
    assert pressure["imu/diff_pressure"].fluid_pressure == pytest.approx(150.0)
    assert pressure["imu/temperature_baro"].temperature == pytest.approx(21.5)
    scaled = mavlink.MAVLink_scaled_imu_message(5000, 10, 20, -1000, 100, 200, -300, 220, 20, 500)
    assert "imu/data_raw" in fcu.send(scaled)
    assert fcu.send(raw) == {}, "SCALED_IMU replaces RAW_IMU"


def test_attitude_from_either_message() -> None:
    """Nose north and level is FLU to ENU a quarter turn to the left; a quaternion message silences the angles."""
    fcu = Fcu()
    angles = mavlink.MAVLink_attitude_message(5000, 0.0, 0.0, 0.0, 0.1, 0.2, 0.3)
    out = fcu.send(angles)["imu/data"]
    assert wxyz(out.orientation) == approx(R, 0.0, 0.0, R)
    assert xyz(out.angular_velocity) == approx(0.1, -0.2, -0.3)
    assert out.linear_acceleration_covariance[0] == -1.0, "no accelerometer message yet"
    east = fcu.send(mavlink.MAVLink_attitude_message(5000, 0.0, 0.0, pi / 2, 0.0, 0.0, 0.0))["imu/data"]
    assert wxyz(east.orientation) == approx(1.0, 0.0, 0.0, 0.0)
    nose_up = fcu.send(mavlink.MAVLink_attitude_message(5000, 0.0, 0.2, pi / 2, 0.0, 0.0, 0.0))["imu/data"]
    assert wxyz(nose_up.orientation) == approx(cos(0.1), 0.0, -sin(0.1), 0.0)
    assert wxyz(attitude(fcu)["imu/data"].orientation) == approx(R, 0.0, 0.0, R)
    assert fcu.send(angles) == {}


# ---------------------------------------------------------------- positions


def test_global_position_in_every_datum() -> None:
    fcu = Fcu()
    fix = gps(fcu)
    assert fix["global_position/raw/fix"].altitude == pytest.approx(800.0 + UNDULATION, abs=1e-3)
    assert fix["global_position/raw/satellites"].data == 14
    assert xyz(fix["global_position/raw/gps_vel"].twist.linear) == approx(5.0, 0.0, 0.0)
    raw = fix["gpsstatus/gps1/raw"]
    assert (raw.lat, raw.alt, raw.eph, raw.epv, raw.vel, raw.cog) == (round(LAT * 1e7), 800_000, 80, 120, 500, 9000)
    assert (raw.h_acc, raw.v_acc, raw.dgps_numch, raw.header.frame_id) == (750, 1250, 255, "/wgs84")
    home = (round(LAT * 1e7), round(LON * 1e7), 757_000)
    quat = [1.0, 0.0, 0.0, 0.0]
    out = fcu.send(mavlink.MAVLink_home_position_message(*home, 1.0, 2.0, 3.0, quat, 4.0, 5.0, 6.0))
    at_home = out["home_position/home"]
    assert at_home.geo.altitude == pytest.approx(757.0 + UNDULATION, abs=1e-3)
    assert xyz(at_home.position) == approx(2.0, 1.0, -3.0)
    assert xyz(at_home.approach) == approx(5.0, 4.0, -6.0)
    out = global_position(fcu, lat=round((LAT + 0.001) * 1e7))
    estimate = out["global_position/global"]
    assert estimate.altitude == pytest.approx(800.0 + UNDULATION, abs=0.01)
    assert (estimate.position_covariance[0], estimate.position_covariance[8]) == approx(0.75**2, 1.25**2)
    assert (estimate.position_covariance_type, estimate.status.status) == (2, 0)
    assert out["global_position/rel_alt"].data == 43.0
    assert out["global_position/compass_hdg"].data == 90.0
    local = out["global_position/local"]
    assert xyz(local.pose.pose.position) == approx(0.0, 111.07, 43.0, tolerance=0.05)
    assert xyz(local.twist.twist.linear) == approx(4.0, 3.0, 1.0), "climbing is positive"
    assert (local.header.frame_id, local.child_frame_id, local.pose.covariance[21]) == ("map", "base_link", 99999.0)


def test_what_a_receiver_does_not_know_stays_unknown() -> None:
    fcu = Fcu()
    dilution = gps(fcu, h_acc=0, v_acc=0)["global_position/raw/fix"]
    assert (dilution.position_covariance_type, dilution.position_covariance[0]) == (1, pytest.approx(0.64))
    blind = gps(fcu, h_acc=0, v_acc=0, eph=65535, epv=65535, vel=65535, fix_type=1)
    assert "global_position/raw/gps_vel" not in blind
    fix = blind["global_position/raw/fix"]
    assert (fix.position_covariance_type, fix.position_covariance[0], fix.status.status) == (0, -1.0, -1)
    out = global_position(fcu, hdg=65535)
    assert isnan(out["global_position/compass_hdg"].data)
    assert out["global_position/global"].status.status == -1


def test_outside_our_geoid_the_receivers_own_serves() -> None:
    fcu = Fcu()
    zurich = {"lat": 473_977_420, "lon": 85_455_940}
    fix = gps(fcu, **zurich, alt=488_000, alt_ellipsoid=535_300)["global_position/raw/fix"]
    assert fix.altitude == pytest.approx(535.3)
    assert global_position(fcu, **zurich, alt=500_000)["global_position/global"].altitude == pytest.approx(547.3)
    (note,) = fcu.core.step(fcu.now_ns).notes
    assert "receiver" in note


def test_no_position_yet_is_no_place_outside_the_geoid() -> None:
    fcu = Fcu()
    assert isnan(global_position(fcu, lat=0, lon=0)["global_position/global"].altitude)
    assert fcu.core.step(fcu.now_ns).notes == ()


def test_origin_both_ways() -> None:
    fcu = Fcu()
    origin = mavlink.MAVLink_gps_global_origin_message(round(LAT * 1e7), round(LON * 1e7), 757_000, 5_000_000)
    point = fcu.send(origin)["global_position/gp_origin"]
    assert (point.header.frame_id, point.position.altitude) == ("earth", pytest.approx(757.0 + UNDULATION, abs=1e-3))
    (sent,) = fcu.say("global_position/set_gp_origin", point)
    assert (sent.latitude, sent.longitude) == (round(LAT * 1e7), round(LON * 1e7))
    assert sent.altitude == pytest.approx(757_000, abs=1)
    point.position.latitude = 91.0
    with pytest.raises(InputError, match=r"latitude -90\.\.90"):
        fcu.say("global_position/set_gp_origin", point)


def test_home_is_set_with_the_right_height() -> None:
    home = types("mavros_msgs/msg/HomePosition")()
    home.geo.latitude, home.geo.longitude, home.geo.altitude = LAT, LON, 757.0 + UNDULATION
    home.position.x, home.position.y, home.position.z = 1.0, 2.0, 3.0
    (sent,) = Fcu().say("home_position/set", home)
    assert sent.get_type() == "SET_HOME_POSITION"
    assert sent.altitude == pytest.approx(757_000, abs=1)
    assert (sent.x, sent.y, sent.z) == (2.0, 1.0, -3.0)


def test_local_position_in_map_and_body() -> None:
    """Flying east at 3 m/s, north 4, up 1, with the nose east: forward 3, left 4, up 1."""
    fcu = Fcu()
    attitude(fcu, (R, 0.0, 0.0, R))
    out = fcu.send(mavlink.MAVLink_local_position_ned_message(5000, 10.0, 20.0, -30.0, 4.0, 3.0, -1.0))
    assert xyz(out["local_position/pose"].pose.position) == approx(20.0, 10.0, 30.0)
    assert wxyz(out["local_position/pose"].pose.orientation) == approx(1.0, 0.0, 0.0, 0.0)
    assert xyz(out["local_position/velocity_local"].twist.linear) == approx(3.0, 4.0, 1.0)
    assert xyz(out["local_position/velocity_body"].twist.linear) == approx(3.0, 4.0, 1.0)
    assert xyz(out["local_position/velocity_body"].twist.angular) == approx(0.1, -0.2, -0.3)
    attitude(fcu)  # nose north: forward is north, left is west
    out = fcu.send(mavlink.MAVLink_local_position_ned_message(5000, 10.0, 20.0, -30.0, 4.0, 3.0, -1.0))
    assert xyz(out["local_position/velocity_body"].twist.linear) == approx(4.0, -3.0, 1.0)
    assert xyz(out["local_position/velocity_local"].twist.angular) == approx(0.2, 0.1, -0.3)
    frames = [out[f"local_position/{name}"].header.frame_id for name in ("pose", "velocity_local", "velocity_body")]
    assert frames == ["map", "map", "base_link"]


def test_local_position_with_covariance() -> None:
    fcu = Fcu()
    attitude(fcu)
    covariance = [0.0] * 45
    for place, value in (
        (0, 1.0),
        (9, 2.0),
        (17, 3.0),
        (24, 0.1),
        (30, 0.2),
        (35, 0.3),
        (39, 4.0),
        (42, 5.0),
        (44, 6.0),
    ):
        covariance[place] = value
    numbers = (10.0, 20.0, -30.0, 4.0, 3.0, -1.0, 0.5, 0.25, -0.125)
    out = fcu.send(mavlink.MAVLink_local_position_ned_cov_message(5_000_000, 0, *numbers, covariance))
    pose = out["local_position/pose_cov"]
    assert [pose.pose.covariance[i] for i in (0, 7, 14)] == pytest.approx([2.0, 1.0, 3.0]), "east, north, up"
    twist = out["local_position/velocity_body_cov"]
    assert [twist.twist.covariance[i] for i in (0, 7, 14)] == pytest.approx([0.1, 0.2, 0.3]), (
        "nose north: forward, left"
    )
    accel = out["local_position/accel"]
    assert xyz(accel.accel.accel.linear) == approx(0.25, 0.5, 0.125)
    assert [accel.accel.covariance[i] for i in (0, 7, 14)] == pytest.approx([5.0, 4.0, 6.0])
    assert out["local_position/odom"].pose.covariance[0] == pytest.approx(2.0)
    assert "local_position/pose" in out, "alone, it feeds the plain topics too"
    out = fcu.send(mavlink.MAVLink_local_position_ned_message(5000, 10.0, 20.0, -30.0, 4.0, 3.0, -1.0))
    assert "local_position/odom" not in out


# ---------------------------------------------------------------- small readers


def test_flight_data() -> None:
    fcu = Fcu(ARDUPILOT)
    hud = fcu.send(mavlink.MAVLink_vfr_hud_message(12.0, 11.0, 270, 55, 800.5, -1.5))["vfr_hud"]
    assert (hud.airspeed, hud.groundspeed, hud.heading) == (12.0, 11.0, 270)
    assert (hud.throttle, hud.altitude, hud.climb) == approx(0.55, 800.5, -1.5)
    heights = fcu.send(mavlink.MAVLink_altitude_message(5_000_000, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0))["altitude"]
    assert (heights.monotonic, heights.amsl, heights.local) == (1.0, 2.0, 3.0)
    assert (heights.relative, heights.terrain, heights.bottom_clearance) == (4.0, 5.0, 6.0)
    report = mavlink.MAVLink_terrain_report_message(421_819_000, 698_878_000, 100, 757.0, 43.0, 1, 2)
    terrain = fcu.send(report)["terrain/report"]
    assert (terrain.latitude, terrain.terrain_height, terrain.current_height) == approx(42.1819, 757.0, 43.0)
    nav = mavlink.MAVLink_nav_controller_output_message(1.0, 2.0, 90, 91, 120, 3.0, 4.0, 5.0)
    output = fcu.send(nav)["nav_controller_output/output"]
    assert (output.nav_bearing, output.target_bearing, output.wp_dist, output.xtrack_error) == (90, 91, 120, 5.0)
    vibration = fcu.send(mavlink.MAVLink_vibration_message(5_000_000, 1.0, 2.0, 3.0, 4, 5, 6))[
        "vibration/raw/vibration"
    ]
    assert xyz(vibration.vibration) == (1.0, 2.0, 3.0) and list(vibration.clipping) == [4.0, 5.0, 6.0]


def test_wind_blows_where_it_goes() -> None:
    """A wind from the west at 8 m/s moves the air east; ArduPilot says where it comes from, PX4 where it goes."""
    wind = Fcu(ARDUPILOT).send(mavlink.MAVLink_wind_message(270.0, 8.0, -1.0))["wind_estimation"]
    assert xyz(wind.twist.twist.linear) == approx(8.0, 0.0, 1.0, tolerance=1e-5)
    assert wind.twist.covariance[0] == -1.0
    px4 = mavlink.MAVLink_wind_cov_message(5_000_000, 0.0, 8.0, -1.0, 0.5, 0.25, 800.0, 0.0, 0.0)
    wind = Fcu().send(px4)["wind_estimation"]
    assert xyz(wind.twist.twist.linear) == approx(8.0, 0.0, 1.0)
    assert [wind.twist.covariance[i] for i in (0, 7, 14)] == [0.5, 0.5, 0.25]


def test_the_links_own_radio_is_heard() -> None:
    fcu = Fcu()
    radio = MavCodec(51, 68).encode(mavlink.MAVLink_radio_status_message(190, 171, 90, 40, 38, 5, 2))
    status = fcu.take(radio)["radio_status"]
    assert (status.rssi, status.txbuf, status.rxerrors) == (190, 90, 5)
    assert (status.rssi_dbm, status.remrssi_dbm) == approx(-27.0, -37.0)


def test_rangefinders_by_their_id() -> None:
    text = "{low: {id: 0, frame_id: lidar, orientation: PITCH_270}, front: {id: 1, field_of_view: 0.5}}"
    fcu = Fcu(distance_sensors=text)

    def measured(number: int, orientation: int, kind: int = mavlink.MAV_DISTANCE_SENSOR_LASER) -> Any:
        message = mavlink.MAVLink_distance_sensor_message(5000, 20, 4000, 1234, kind, number, orientation, 0)
        return fcu.send(message)

    (low,) = measured(0, mavlink.MAV_SENSOR_ROTATION_PITCH_270).values()
    assert (low.range, low.min_range, low.max_range) == approx(12.34, 0.2, 40.0, tolerance=1e-5)
    assert (low.header.frame_id, low.radiation_type) == ("lidar", 1)
    assert measured(0, mavlink.MAV_SENSOR_ROTATION_NONE) == {}
    front = measured(1, mavlink.MAV_SENSOR_ROTATION_NONE, mavlink.MAV_DISTANCE_SENSOR_ULTRASOUND)["front"]
    assert (front.field_of_view, front.radiation_type, front.header.frame_id) == (0.5, 0, "front")
    assert measured(2, mavlink.MAV_SENSOR_ROTATION_NONE) == {}
    assert fcu.send(mavlink.MAVLink_rangefinder_message(7.5, 0.0))["rangefinder/rangefinder"].range == 7.5


def test_a_range_measured_here_is_sent() -> None:
    fcu = Fcu(distance_sensors="laser_sub: {id: 3, subscriber: true, orientation: PITCH_270, covariance: 4}")
    scan = types("sensor_msgs/msg/Range")(radiation_type=1, min_range=0.2, max_range=40.0, range=12.34)
    (sent,) = fcu.say("laser_sub", scan)
    assert (sent.id, sent.orientation, sent.covariance, sent.current_distance) == (3, 25, 4, 1234)
    scan.range = float("inf")
    assert fcu.say("laser_sub", scan)[0].current_distance == 4001, "out of range"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", ["distance_sensors", "NAME"]),
        ("low: {id: 300}", ["low.id", "300", "0 to 255"]),
        ("low: {id: 1, orientation: UPWARD}", ["low.orientation", "UPWARD", "PITCH_270"]),
        ("low: {id: 1, subscriber: true}", ["low.orientation", "PITCH_270"]),
        ("{", ["distance_sensors"]),
        ("bad name: {id: 1}", ["bad name"]),
    ],
)
def test_a_bad_rangefinder_is_named(text: str, words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        Fcu(distance_sensors=text)
    for word in words:
        assert word in str(caught.value)


def test_optical_flow_both_ways() -> None:
    fcu = Fcu()
    flow = mavlink.MAVLink_optical_flow_rad_message(
        5_000_000, 0, 10_000, 0.1, 0.2, 0.01, 0.02, 0.03, 2150, 200, 5000, 12.5
    )
    out = fcu.send(flow)
    rad = out["px4flow/raw/optical_flow_rad"]
    assert (rad.integrated_x, rad.integrated_y) == approx(0.1, -0.2)
    assert (rad.integrated_xgyro, rad.integrated_ygyro, rad.integrated_zgyro) == approx(0.01, -0.02, -0.03)
    assert (rad.integration_time_us, rad.quality, rad.temperature, rad.distance) == (10_000, 200, 21, 12.5)
    assert out["px4flow/ground_distance"].range == 12.5
    assert out["px4flow/temperature"].temperature == pytest.approx(21.5)
    (sent,) = fcu.say("px4flow/raw/send", rad)
    assert (sent.integrated_x, sent.integrated_y, sent.integrated_zgyro) == approx(0.1, 0.2, 0.03)


# ---------------------------------------------------------------- sticks


def test_sticks_and_servos() -> None:
    fcu = Fcu()
    raw = mavlink.MAVLink_rc_channels_raw_message(5000, 1, *range(1001, 1009), 200)
    assert list(fcu.send(raw)["rc/in"].channels) == [0] * 8 + list(range(1001, 1009))
    channels = mavlink.MAVLink_rc_channels_message(5000, 6, *range(1500, 1518), 210)
    message = fcu.send(channels)["rc/in"]
    assert (list(message.channels), message.rssi) == (list(range(1500, 1506)), 210)
    assert fcu.send(raw) == {}
    servos = mavlink.MAVLink_servo_output_raw_message(5_000_000, 0, *range(1100, 1116))
    assert list(fcu.send(servos)["rc/out"].channels) == list(range(1100, 1116))
    override = types("mavros_msgs/msg/OverrideRCIn")(channels=list(range(1000, 1018)))
    (sent,) = fcu.say("rc/override", override)
    assert (sent.chan1_raw, sent.chan18_raw, sent.target_system) == (1000, 1017, 1)
    sticks = mavlink.MAVLink_manual_control_message(1, 500, -250, 1000, 0, 5)
    control = fcu.send(sticks)["manual_control/control"]
    assert (control.x, control.y, control.z, control.buttons) == (0.5, -0.25, 1.0, 5)
    (sent,) = fcu.say(
        "manual_control/send", types("mavros_msgs/msg/ManualControl")(x=500.0, y=-250.0, z=1000.0, buttons=5)
    )
    assert (sent.x, sent.y, sent.z, sent.buttons) == (500, -250, 1000, 5)
    with pytest.raises(InputError, match="fit"):
        fcu.say("manual_control/send", types("mavros_msgs/msg/ManualControl")(x=1e6))


# ---------------------------------------------------------------- setpoints


def pose(x: float, y: float, z: float, yaw: float) -> Any:
    message = types("geometry_msgs/msg/PoseStamped")()
    message.header.stamp.sec = 7
    message.pose.position.x, message.pose.position.y, message.pose.position.z = x, y, z
    message.pose.orientation.w, message.pose.orientation.z = cos(yaw / 2), sin(yaw / 2)
    return message


def test_position_and_velocity_setpoints() -> None:
    fcu = Fcu()
    (sent,) = fcu.say("setpoint_position/local", pose(1.0, 2.0, 3.0, 0.0))
    assert (sent.x, sent.y, sent.z, sent.type_mask, sent.coordinate_frame) == (2.0, 1.0, -3.0, 2552, 1)
    assert sent.yaw == pytest.approx(pi / 2) and sent.time_boot_ms == 7000
    twist = types("geometry_msgs/msg/TwistStamped")()
    twist.twist.linear.x, twist.twist.linear.z, twist.twist.angular.z = 1.0, 3.0, 0.5
    (sent,) = fcu.say("setpoint_velocity/cmd_vel", twist)
    assert (sent.vx, sent.vy, sent.vz, sent.yaw_rate, sent.type_mask) == (0.0, 1.0, -3.0, -0.5, 1479)
    (same,) = fcu.say("setpoint_velocity/cmd_vel_unstamped", twist.twist)
    assert (same.vx, same.vy, same.vz, same.yaw_rate, same.time_boot_ms) == (0.0, 1.0, -3.0, -0.5, 100_000)
    (body,) = Fcu(setpoint_velocity_mav_frame="BODY_NED").say("setpoint_velocity/cmd_vel", twist)
    assert (body.vx, body.vy, body.vz, body.coordinate_frame) == (1.0, 0.0, -3.0, 8)
    accel = types("geometry_msgs/msg/Vector3Stamped")()
    accel.vector.y = 2.0
    (sent,) = fcu.say("setpoint_accel/accel", accel)
    assert (sent.afx, sent.afy, sent.type_mask) == (2.0, 0.0, 3135)


def test_global_setpoints() -> None:
    fcu = Fcu()
    geo = types("geographic_msgs/msg/GeoPoseStamped")()
    geo.pose.position.latitude, geo.pose.position.longitude, geo.pose.position.altitude = LAT, LON, 820.0
    geo.pose.orientation.w = 1.0
    (sent,) = fcu.say("setpoint_position/global", geo)
    assert (sent.coordinate_frame, sent.alt, sent.lat_int, sent.type_mask) == (5, 820.0, round(LAT * 1e7), 2552)
    with pytest.raises(InputError, match="global and local position"):
        fcu.say("setpoint_position/global_to_local", geo)
    global_position(fcu)
    fcu.send(mavlink.MAVLink_local_position_ned_message(5000, 10.0, 20.0, -30.0, 0.0, 0.0, 0.0))
    geo.pose.position.latitude, geo.pose.position.altitude = LAT + 0.001, 810.0 + UNDULATION
    (sent,) = fcu.say("setpoint_position/global_to_local", geo)
    assert (sent.x, sent.y, sent.z) == approx(10.0 + 111.07, 20.0, -40.0, tolerance=0.05)


def test_attitude_setpoints() -> None:
    fcu = Fcu()
    target = types("mavros_msgs/msg/AttitudeTarget")(type_mask=7, thrust=1.5)
    target.orientation.w = 1.0  # nose east
    target.body_rate.x, target.body_rate.y = 0.1, 0.2
    (sent,) = fcu.say("setpoint_raw/attitude", target)
    assert tuple(sent.q) == approx(R, 0.0, 0.0, R)
    assert (sent.body_roll_rate, sent.body_pitch_rate, sent.thrust, sent.type_mask) == (
        pytest.approx(0.1),
        pytest.approx(-0.2),
        1.0,
        7,
    )
    thrust = types("mavros_msgs/msg/Thrust")(thrust=0.5)
    thrust.header.stamp.sec = 7
    assert fcu.say("setpoint_attitude/attitude", pose(0.0, 0.0, 0.0, pi / 2)) == []
    (sent,) = fcu.say("setpoint_attitude/thrust", thrust)
    assert (sent.type_mask, sent.thrust) == (7, 0.5)
    assert tuple(sent.q) == approx(1.0, 0.0, 0.0, 0.0)
    assert fcu.say("setpoint_attitude/thrust", thrust) == [], "each is used once"
    rates = types("geometry_msgs/msg/TwistStamped")()
    rates.header.stamp.sec = 7
    rates.twist.angular.x, rates.twist.angular.y, rates.twist.angular.z = 0.1, 0.2, 0.3
    (sent,) = fcu.say("setpoint_attitude/cmd_vel", rates)
    assert (sent.body_roll_rate, sent.body_pitch_rate, sent.body_yaw_rate) == approx(0.1, -0.2, -0.3)
    assert sent.type_mask == 128
    fcu.say("setpoint_attitude/thrust", thrust)
    rates.header.stamp.sec = 8
    assert fcu.say("setpoint_attitude/cmd_vel", rates) == [], "stamps a second apart are no pair"
    for bad in (-0.1, 1.1, nan):
        thrust.thrust = bad
        with pytest.raises(InputError, match="thrust"):
            fcu.say("setpoint_attitude/thrust", thrust)


def test_targets_of_the_autopilot() -> None:
    fcu = Fcu()
    numbers = (10.0, 20.0, -30.0, 1.0, 2.0, -3.0, nan, nan, nan)
    message = mavlink.MAVLink_position_target_local_ned_message(5000, 1, 3579, *numbers, 0.0, 0.25)
    local = fcu.send(message)["setpoint_raw/target_local"]
    assert xyz(local.position) == approx(20.0, 10.0, 30.0)
    assert xyz(local.velocity) == approx(2.0, 1.0, 3.0)
    assert isnan(local.acceleration_or_force.x)
    assert (local.yaw, local.yaw_rate) == approx(pi / 2, -0.25)
    assert (local.type_mask, local.coordinate_frame) == (3579, 1)
    world = (round(LAT * 1e7), round(LON * 1e7), 800.0, 1.0, 2.0, -3.0, 0.0, 0.0, 0.0, nan, 0.0)
    target = fcu.send(mavlink.MAVLink_position_target_global_int_message(5000, 0, 7, *world))[
        "setpoint_raw/target_global"
    ]
    assert (target.latitude, target.longitude, target.altitude) == approx(LAT, LON, 800.0)
    assert isnan(target.yaw)
    message = mavlink.MAVLink_attitude_target_message(5000, 0, [R, 0.0, 0.0, R], 0.1, 0.2, 0.3, 0.5)
    attitude_target = fcu.send(message)["setpoint_raw/target_attitude"]
    assert wxyz(attitude_target.orientation) == approx(1.0, 0.0, 0.0, 0.0)
    assert xyz(attitude_target.body_rate) == approx(0.1, -0.2, -0.3)


# ---------------------------------------------------------------- missions, parameters, companions


def test_progress_of_a_mission() -> None:
    fcu = Fcu()
    reached = fcu.send(mavlink.MAVLink_mission_item_reached_message(4))["mission/reached"]
    assert reached.wp_seq == 4
    assert fcu.send(mavlink.MAVLink_mission_current_message(2)) == {}, "no list is known yet"


def test_a_parameter_is_told_as_its_autopilot_encodes_it() -> None:
    number = mavlink.MAV_PARAM_TYPE_INT32
    bits = mavlink.MAVLink_param_value_message(b"COM_OBL_RC_ACT", 7e-45, number, 900, 12)  # the bytes of 5
    event = Fcu().send(bits)["param/event"]
    assert (event.param_id, event.value.type, event.value.integer_value) == ("COM_OBL_RC_ACT", 2, 5)
    assert (event.param_index, event.param_count) == (12, 900)
    cast = mavlink.MAVLink_param_value_message(b"FENCE_ENABLE", 5.0, number, 900, 12)
    assert Fcu(ARDUPILOT).send(cast)["param/event"].value.integer_value == 5


def test_a_companion_process_speaks_under_its_own_component() -> None:
    status = types("mavros_msgs/msg/CompanionProcessStatus")(state=4, component=197)
    fcu = Fcu()
    (sent,) = fcu.say("companion_process/status", status)
    assert (sent.get_type(), sent.get_srcComponent(), sent.system_status, sent.type) == ("HEARTBEAT", 197, 4, 18)
    (other,) = fcu.say("statustext/send", types("mavros_msgs/msg/StatusText")(severity=6, text="x"))
    assert other.get_srcComponent() == 191


def test_diagnostics_name_what_is_ill() -> None:
    fcu = Fcu()
    gyro, gps_bit = mavlink.MAV_SYS_STATUS_SENSOR_3D_GYRO, mavlink.MAV_SYS_STATUS_SENSOR_GPS
    fcu.send(
        mavlink.MAVLink_sys_status_message(
            gyro | gps_bit, gyro | gps_bit, gps_bit, 250, 15_500, 0, 75, 0, 0, 0, 0, 0, 0
        )
    )
    gps(fcu)
    lines = {line.name: line for line in fcu.core.diagnoses()}
    assert lines["System"].level == 2 and lines["System"].values["Unhealthy"] == ["SENSOR_3D_GYRO"]
    assert (lines["GPS"].level, lines["GPS"].text) == (0, "3D fix")
    assert {"Battery", "Time Sync"} <= set(lines)


def test_it_asks_for_the_version_and_for_home() -> None:
    fcu = Fcu()
    asked = [m for _ in range(150) for m in fcu.step(0.1) if m.get_type() == "COMMAND_LONG" and m.command == 512]
    assert [m.param1 for m in asked] == [148.0] * 5 + [242.0]
    calm = Fcu()
    calm.step()
    calm.send(mavlink.MAVLink_autopilot_version_message(1, 2, 3, 4, 5, [0] * 8, [0] * 8, [0] * 8, 6, 7, 8))
    calm.send(mavlink.MAVLink_home_position_message(1, 2, 3, 0.0, 0.0, 0.0, [1.0, 0.0, 0.0, 0.0], 0.0, 0.0, 0.0))
    assert [m for _ in range(150) for m in calm.step(0.1) if m.get_type() == "COMMAND_LONG"] == []


def test_another_vehicles_heartbeat_moves_nothing() -> None:
    fcu = Fcu()
    assert fcu.take(MavCodec(2, 1).encode(heartbeat())) == {}
    assert fcu.take(MavCodec(2, 1).encode(mavlink.MAVLink_vfr_hud_message(1.0, 2.0, 3, 4, 5.0, 6.0))) == {}


def test_our_own_position_setpoint_is_global_and_amsl() -> None:
    core = Fcu().core
    (sent,) = MavCodec(1, 1).feed(core.setpoint(PositionSetpoint(7 * SECOND, LAT, LON, 820.0, 0.0), 0))
    assert (sent.get_type(), sent.coordinate_frame, sent.type_mask) == ("SET_POSITION_TARGET_GLOBAL_INT", 5, 2552)
    assert (sent.lat_int, sent.lon_int, sent.alt) == (round(LAT * 1e7), round(LON * 1e7), 820.0)
    assert sent.yaw == pytest.approx(pi / 2)
    (free,) = MavCodec(1, 1).feed(core.setpoint(PositionSetpoint(7 * SECOND, LAT, LON, 820.0, nan), 0))
    assert free.type_mask == 3576
