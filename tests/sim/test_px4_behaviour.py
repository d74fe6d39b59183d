"""Modes, commands and messages as the real PX4 was measured to have them, over MAVLink bytes."""

from __future__ import annotations

import itertools
from math import isnan, nan
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.modes import px4_custom_mode
from lenger_mavlink.params import decode_bytewise, text_of

ACCEPTED, REJECTED, DENIED, UNSUPPORTED = 0, 1, 2, 3
OFFBOARD, LOITER, RTL, LAND, TAKEOFF = (6, 0), (4, 3), (4, 5), (4, 6), (4, 2)


def test_armable_after_some_seconds_and_the_health_bit_says_so(rig: Any) -> None:
    rig.run(2.0)
    assert rig.arm() == [REJECTED]
    rig.run(0.1)
    assert any(text.startswith("Arming denied") for text in rig.texts())
    rig.run_until(lambda: prearm_bit(rig), 10.0)
    assert 3.5 < rig.now_s < 6.0  # measured: 4.6 s
    assert rig.arm() == [ACCEPTED]


def prearm_bit(rig: Any) -> bool:
    health = rig.last("SYS_STATUS").onboard_control_sensors_health if rig.of("SYS_STATUS") else 0
    return bool(health & mavlink.MAV_SYS_STATUS_PREARM_CHECK)


def test_streams_have_the_agreed_rates(rig: Any) -> None:
    rig.run(8.0)
    rig.heard.clear()
    rig.run(10.0)
    expected = {
        "HIGHRES_IMU": 100,
        "ATTITUDE_QUATERNION": 50,
        "GLOBAL_POSITION_INT": 20,
        "LOCAL_POSITION_NED": 20,
        "GPS_RAW_INT": 8,
        "SYS_STATUS": 5,
        "EXTENDED_SYS_STATE": 5,
        "BATTERY_STATUS": 1,
        "HEARTBEAT": 1,
        "HOME_POSITION": 0.5,
    }
    for kind, rate in expected.items():
        assert len(rig.of(kind)) == pytest.approx(rate * 10.0, abs=1.5), kind
    stamps = [msg.time_usec for msg in rig.of("HIGHRES_IMU")]
    assert all(later > earlier for earlier, later in itertools.pairwise(stamps))
    with_mag = [msg for msg in rig.of("HIGHRES_IMU") if msg.fields_updated & 0b111_000_000]
    assert len(with_mag) == pytest.approx(200, abs=2)


def test_resting_imu_and_gps_on_the_wire(rig: Any) -> None:
    rig.run(8.0)
    imu, gps = rig.last("HIGHRES_IMU"), rig.last("GPS_RAW_INT")
    assert imu.zacc == pytest.approx(-9.8, abs=0.3)  # FRD
    assert (gps.fix_type, gps.h_acc, gps.v_acc, gps.vel_acc) == (3, 900, 1400, 150)
    assert (gps.alt_ellipsoid - gps.alt) * 1e-3 == pytest.approx(-40.8, abs=0.3)
    assert gps.time_usec * 1e-6 == pytest.approx(rig.now_s, abs=0.2)


def test_take_off_hover_land_disarm(rig: Any) -> None:
    rig.take_off(15.0)
    assert rig.agl_m == pytest.approx(15.0, abs=3.0)
    assert rig.last("EXTENDED_SYS_STATE").landed_state == mavlink.MAV_LANDED_STATE_IN_AIR
    assert rig.last("HEARTBEAT").base_mode & mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    assert rig.command(mavlink.MAV_CMD_NAV_LAND) == [ACCEPTED]
    rig.run(1.0)
    assert rig.mode == "AUTO.LAND"
    rig.run_until(lambda: not rig.armed, 40.0)
    truth = rig.core.truth()
    assert truth.on_ground
    assert not truth.crashed
    texts = rig.texts()
    assert texts.index("Landing detected") < texts.index("Disarmed by landing")
    assert rig.last("EXTENDED_SYS_STATE").landed_state == mavlink.MAV_LANDED_STATE_ON_GROUND


def test_take_off_altitude_is_amsl_and_nan_means_the_default(rig: Any) -> None:
    rig.run_until(lambda: prearm_bit(rig), 10.0)
    assert rig.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, nan, nan, nan, nan) == [ACCEPTED]
    rig.arm()
    rig.run(0.2)
    rig.run_until(lambda: rig.mode == "AUTO.LOITER", 20.0)
    rig.run(5.0)
    assert rig.agl_m == pytest.approx(2.5, abs=1.5)


def test_armed_without_take_off_disarms_by_itself(rig: Any) -> None:
    rig.run_until(lambda: prearm_bit(rig), 10.0)
    rig.arm()
    rig.run(9.0)
    assert rig.armed
    rig.run(2.0)
    assert not rig.armed


def test_do_set_mode_has_two_acks_and_only_the_second_is_true(rig: Any) -> None:
    rig.take_off(10.0)
    assert rig.set_mode(*OFFBOARD) == [ACCEPTED, REJECTED]
    rig.run(0.2)
    assert rig.mode == "AUTO.LOITER"
    assert any("no offboard signal" in text for text in rig.texts())
    assert rig.set_mode(4, 99) == [ACCEPTED, DENIED]
    assert rig.set_mode(*RTL) == [ACCEPTED, ACCEPTED]


def test_disarmed_any_mode_is_taken_but_offboard_is_not_armed_without_a_stream(rig: Any) -> None:
    rig.run_until(lambda: prearm_bit(rig), 10.0)
    assert rig.set_mode(*OFFBOARD)[-1] == ACCEPTED
    rig.run(0.5)
    assert rig.mode == "OFFBOARD"
    assert not rig.last("HEARTBEAT").base_mode & mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    assert rig.arm() == [REJECTED]


def test_the_old_set_mode_message_works_without_an_answer(rig: Any) -> None:
    rig.take_off(10.0)
    before = len(rig.of("COMMAND_ACK"))
    rig.send(mavlink.MAVLink_set_mode_message(1, 1, px4_custom_mode(*LAND)))
    rig.run(0.2)
    assert rig.mode == "AUTO.LAND"
    assert len(rig.of("COMMAND_ACK")) == before


def test_disarming_in_the_air_is_denied(rig: Any) -> None:
    rig.take_off(10.0)
    assert rig.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == [REJECTED]
    rig.run(0.5)
    assert rig.armed
    assert rig.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0, 21196) == [ACCEPTED]
    rig.run(8.0)
    assert rig.core.truth().crashed


def test_unknown_command_and_wrong_target(rig: Any) -> None:
    rig.run(1.0)
    assert rig.command(mavlink.MAV_CMD_DO_JUMP) == [UNSUPPORTED]
    before = len(rig.heard)
    rig.send(mavlink.MAVLink_command_long_message(7, 1, mavlink.MAV_CMD_NAV_LAND, 0, *[0.0] * 7))
    assert [m for m in rig.heard[before:] if m.get_type() == "COMMAND_ACK"] == []


def test_command_int_takes_places_as_integers(rig: Any) -> None:
    rig.run_until(lambda: prearm_bit(rig), 10.0)
    args = (1, 1, 0, mavlink.MAV_CMD_DO_SET_HOME, 0, 0, 0, 0, 0, 0, 421820000, 698880000, 770.0)
    rig.send(mavlink.MAVLink_command_int_message(*args))
    assert rig.last("COMMAND_ACK").result == ACCEPTED
    home = rig.last("HOME_POSITION")
    assert (home.latitude, home.longitude, home.altitude) == (421820000, 698880000, 770000)


def test_request_message_and_intervals(rig: Any) -> None:
    rig.run(6.0)
    assert rig.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == [ACCEPTED]
    version = rig.last("AUTOPILOT_VERSION")
    assert version.flight_sw_version >> 8 == 0x011001
    assert version.capabilities & mavlink.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE
    assert rig.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 60000) == [DENIED]
    assert rig.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, 32, 100_000) == [ACCEPTED]
    assert rig.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, 105, -1) == [ACCEPTED]
    rig.heard.clear()
    rig.run(4.0)
    assert len(rig.of("LOCAL_POSITION_NED")) == pytest.approx(40, abs=2)
    assert rig.of("HIGHRES_IMU") == []


def test_timesync_is_answered_in_simulated_time(rig: Any) -> None:
    rig.run(3.0)
    rig.send(mavlink.MAVLink_timesync_message(0, 123_456))
    reply = rig.last("TIMESYNC")
    assert (reply.tc1, reply.ts1) == (rig.core.now_ns, 123_456)
    count = len(rig.of("TIMESYNC"))
    rig.send(mavlink.MAVLink_timesync_message(5, 6))
    assert len(rig.of("TIMESYNC")) == count


def test_offboard_follows_velocity_masks_and_positions(rig: Any) -> None:
    rig.take_off(20.0)
    rig.fly_offboard(3.0, -2.0, 0.5, 6.0)
    assert rig.velocity == pytest.approx((3.0, -2.0, 0.5), abs=0.6)
    here, height = rig.last("GLOBAL_POSITION_INT"), rig.agl_m
    for frame, alt in ((5, here.alt * 1e-3), (6, here.relative_alt * 1e-3)):
        args = (0, 1, 1, frame, 2552, here.lat, here.lon, alt, 0, 0, 0, 0, 0, 0, 0, 0)
        rig.run(8.0, lambda: rig.send(mavlink.MAVLink_set_position_target_global_int_message(*args)))  # noqa: B023
        now = rig.last("GLOBAL_POSITION_INT")
        assert abs(now.lat - here.lat) < 100  # 1e-7 degrees: about 1 m
        assert abs(now.lon - here.lon) < 130
        assert rig.agl_m == pytest.approx(height, abs=2.0)


def test_rtl_climbs_goes_home_and_lands(rig: Any) -> None:
    rig.take_off(12.0)
    rig.fly_offboard(6.0, 0.0, 0.0, 10.0)
    highest = 0.0
    rig.set_mode(*RTL)
    while rig.armed:
        rig.run(1.0)
        highest = max(highest, rig.agl_m)
        assert rig.now_s < 240.0
    assert 27.0 < highest < 34.0  # RTL_RETURN_ALT of a multicopter
    home, here = rig.core.autopilot.commander.home, rig.core.truth()
    assert abs(here.lat_deg - home[0]) < 3e-5
    assert abs(here.lon_deg - home[1]) < 4e-5
    assert here.on_ground
    assert not here.crashed


def test_parameters_over_the_wire(rig: Any) -> None:
    rig.send(mavlink.MAVLink_param_request_list_message(1, 1))
    rig.run(2.0)
    values = {text_of(m.param_id): decode_bytewise(m.param_value, m.param_type) for m in rig.of("PARAM_VALUE")}
    assert next(iter(values)) == "_HASH_CHECK"
    assert len(values) == rig.last("PARAM_VALUE").param_count + 1
    assert values["COM_OBL_RC_ACT"] == 0  # PX4's default; a prepared vehicle has the profile's contract
    assert values["COM_OF_LOSS_T"] == 1.0
    assert not any(isinstance(value, float) and isnan(value) for name, value in values.items() if name[0] != "_")


def test_missions_are_kept_for_download(rig: Any) -> None:
    rig.run(5.0)
    rig.send(mavlink.MAVLink_mission_count_message(1, 1, 1, 0))
    item = (1, 1, 0, 3, 16, 0, 1, 0, 0, 0, nan, 421820000, 698880000, 50.0, 0)
    rig.send(mavlink.MAVLink_mission_item_int_message(*item))
    assert rig.last("MISSION_ACK").type == mavlink.MAV_MISSION_ACCEPTED
    rig.send(mavlink.MAVLink_mission_request_list_message(1, 1, 0))
    assert rig.last("MISSION_COUNT").count == 1


def test_long_texts_come_in_chunks(rig: Any) -> None:
    rig.run(0.5)
    rig.core.autopilot.commander.texts.append((6, "x" * 120))
    rig.run(0.1)
    chunks = rig.of("STATUSTEXT")
    assert [(len(c.text), c.chunk_seq) for c in chunks] == [(50, 0), (50, 1), (20, 2)]
    assert len({c.id for c in chunks}) == 1
    assert chunks[0].id > 0


def test_a_second_ground_station_codec_reads_the_same_stream(rig: Any) -> None:
    rig.run(1.0)
    rig.core.step_to(rig.core.now_ns + 1_000_000_000)
    codec = MavCodec(254, 1)
    messages = codec.feed(b"".join(rig.core.take_outgoing()))
    assert len(messages) > 100
    assert codec.bad_bytes == 0
