"""Failsafes with PX4's names, defaults and delays, the unpleasant ones included."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink

OFFBOARD, LOITER, RTL = (6, 0), (4, 3), (4, 5)
INCLUSION, EXCLUSION = 5001, 5002


def lose_stream(rig: Any) -> float:
    """Stop sending and return after how many seconds the mode changed."""
    start = rig.now_s
    rig.run_until(lambda: rig.mode != "OFFBOARD", 5.0)
    return float(rig.now_s - start)


@pytest.mark.parametrize(("action", "mode"), [(3, "AUTO.RTL"), (4, "AUTO.LAND"), (5, "AUTO.LOITER"), (0, "POSCTL")])
def test_offboard_loss(rig: Any, action: int, mode: str) -> None:
    rig.set_param("COM_OBL_RC_ACT", action)
    rig.take_off(10.0)
    rig.fly_offboard(4.0, 0.0, 0.0, 4.0)
    assert 0.9 < lose_stream(rig) < 1.3
    assert rig.mode == mode
    assert rig.last("HEARTBEAT").system_status == mavlink.MAV_STATE_CRITICAL


def test_default_offboard_loss_sinks_to_the_ground(rig: Any) -> None:
    rig.set_param("COM_OBL_RC_ACT", 0)
    rig.take_off(8.0)
    rig.fly_offboard(0.0, 0.0, 0.0, 2.0)
    rig.run_until(lambda: not rig.armed, 30.0)
    assert rig.core.truth().on_ground
    assert not rig.core.truth().crashed


def test_offboard_returns_by_itself_when_the_stream_resumes(rig: Any) -> None:
    rig.take_off(10.0)
    rig.fly_offboard(3.0, 0.0, 0.0, 3.0)
    lose_stream(rig)
    rig.run(3.0)
    assert abs(rig.velocity[0]) < 0.5
    rig.run(3.0, lambda: rig.velocity_setpoint(3.0, 0.0, 0.0))
    assert rig.mode == "OFFBOARD"
    assert rig.velocity[0] > 2.0


def test_a_mode_that_the_user_chose_ends_the_return_to_offboard(rig: Any) -> None:
    rig.take_off(10.0)
    rig.fly_offboard(3.0, 0.0, 0.0, 3.0)
    lose_stream(rig)
    assert rig.set_mode(*LOITER)[-1] == 0
    rig.run(3.0, lambda: rig.velocity_setpoint(3.0, 0.0, 0.0))
    assert rig.mode == "AUTO.LOITER"


@pytest.mark.parametrize(("rate_hz", "holds"), [(1.2, True), (0.9, False)])
def test_slow_streams_flap_or_hold(rig: Any, rate_hz: float, holds: bool) -> None:
    rig.take_off(10.0)
    rig.fly_offboard(1.0, 0.0, 0.0, 1.0)
    rig.heard.clear()
    rig.run(12.0, lambda: rig.velocity_setpoint(1.0, 0.0, 0.0), 1.0 / rate_hz)
    assert any("offboard signal lost" in text for text in rig.texts()) is not holds


def fence_square(rig: Any, half_m: float, north_m: float = 0.0, kind: int = INCLUSION) -> None:
    """Upload a square about home, shifted north."""
    lat0, lon0, _ = rig.core.autopilot.commander.home
    north, east = 1.0 / 111_195.0, 1.0 / (111_195.0 * cos(radians(lat0)))
    corners = [(-1, -1), (-1, 1), (1, 1), (1, -1)]
    rig.send(mavlink.MAVLink_mission_count_message(1, 1, 4, 1))
    for n, (a, b) in enumerate(corners):
        place = (round((lat0 + (north_m + a * half_m) * north) * 1e7), round((lon0 + b * half_m * east) * 1e7))
        rig.send(mavlink.MAVLink_mission_item_int_message(1, 1, n, 5, kind, 0, 1, 4.0, 0.0, 0.0, 0.0, *place, 0.0, 1))
    assert rig.last("MISSION_ACK").type == mavlink.MAV_MISSION_ACCEPTED


def overshoot(rig: Any, half_m: float, speed: float) -> float:
    """Fly north through the fence; return the largest true distance beyond it."""
    rig.take_off(25.0)
    fence_square(rig, half_m)
    home = rig.core.autopilot.commander.home
    rig.velocity_setpoint(0.0, speed, 0.0)
    rig.set_mode(*OFFBOARD)
    farthest = 0.0
    for _ in range(700):
        rig.run(0.1, lambda: rig.velocity_setpoint(0.0, speed, 0.0))
        farthest = max(farthest, (rig.core.truth().lat_deg - home[0]) * 111_070.0)
        if rig.mode == "AUTO.LOITER" and abs(rig.velocity[1]) < 0.2:
            break
    return farthest - half_m


@pytest.mark.parametrize(("speed", "measured_m"), [(5.0, 7.35), (10.0, 22.7)])
def test_fence_overshoot_is_that_of_the_real_one(rig: Any, speed: float, measured_m: float) -> None:
    assert overshoot(rig, 100.0, speed) == pytest.approx(measured_m, rel=0.3)
    assert any("geofence violation" in text for text in rig.texts())


def test_offboard_again_after_a_breach_is_accepted_and_nothing_fires_again(rig: Any) -> None:
    overshoot(rig, 60.0, 5.0)
    rig.heard.clear()
    rig.velocity_setpoint(0.0, 5.0, 0.0)
    assert rig.set_mode(*OFFBOARD)[-1] == 0
    rig.run(10.0, lambda: rig.velocity_setpoint(0.0, 5.0, 0.0))
    assert rig.mode == "OFFBOARD"
    assert not any("geofence" in text for text in rig.texts())


def test_fence_that_excludes_home_is_dropped_although_accepted(rig: Any) -> None:
    rig.run(6.0)
    fence_square(rig, 50.0, north_m=500.0)
    rig.run(0.2)
    assert "Geofence invalid, doesn't contain Home position" in rig.texts()
    rig.send(mavlink.MAVLink_mission_request_list_message(1, 1, 1))
    assert rig.last("MISSION_COUNT").count == 4  # reading back does not show it
    assert rig.arm() == [0]


def test_fence_rtl_holds_first(rig: Any) -> None:
    rig.set_param("GF_ACTION", 3)
    rig.take_off(25.0)
    fence_square(rig, 40.0)
    rig.velocity_setpoint(0.0, 5.0, 0.0)
    rig.set_mode(*OFFBOARD)
    rig.run(0.3)
    rig.run_until(lambda: rig.mode == "AUTO.LOITER", 30.0, lambda: rig.velocity_setpoint(0.0, 5.0, 0.0))
    start = rig.now_s
    rig.run_until(lambda: rig.mode == "AUTO.RTL", 10.0)
    assert rig.now_s - start == pytest.approx(5.0, abs=0.5)


def test_ceiling(rig: Any) -> None:
    rig.set_param("GF_MAX_VER_DIST", 25.0)
    rig.take_off(15.0)
    rig.fly_offboard(0.0, 0.0, 3.0, 6.0)
    rig.run(2.0, lambda: rig.velocity_setpoint(0.0, 0.0, 3.0))
    assert rig.mode == "AUTO.LOITER"
    assert 24.0 < rig.agl_m < 33.0


def gcs_heartbeat(rig: Any, kind: int) -> None:
    rig.send(mavlink.MAVLink_heartbeat_message(kind, 8, 0, 0, 4, 3))


@pytest.mark.parametrize(("action", "expected"), [(0, "AUTO.LOITER"), (2, "AUTO.RTL")])
def test_ground_station_loss(rig: Any, action: int, expected: str) -> None:
    rig.set_param("NAV_DLL_ACT", action)
    rig.take_off(10.0)
    gcs_heartbeat(rig, mavlink.MAV_TYPE_GCS)
    # a companion's heartbeat does not count
    rig.run(11.5, lambda: gcs_heartbeat(rig, mavlink.MAV_TYPE_ONBOARD_CONTROLLER), 1.0)
    assert not any("ground station" in text for text in rig.texts())
    rig.run(7.0)
    assert rig.mode == expected
    gcs_heartbeat(rig, mavlink.MAV_TYPE_GCS)
    rig.run(2.0)
    assert rig.mode == expected  # no return


def test_battery_levels(make_rig: Callable[..., Any]) -> None:
    rig = make_rig(battery_start=0.16)
    rig.set_param("BAT_CRIT_THR", 0.145)  # as far below "low" as some seconds of hover take
    rig.set_param("BAT_EMERGEN_THR", 0.13)
    rig.take_off(8.0)
    rig.run_until(lambda: "Battery low" in rig.texts(), 60.0)
    assert rig.mode == "AUTO.LOITER"
    rig.set_param("RTL_CONE_ANG", 0)  # climb to the return height although home is below
    rig.run_until(lambda: any("battery critical" in text for text in rig.texts()), 60.0)
    start = rig.now_s
    rig.run_until(lambda: rig.mode == "AUTO.RTL", 10.0)
    assert rig.now_s - start == pytest.approx(5.0, abs=0.5)
    rig.run_until(lambda: rig.mode == "AUTO.LAND", 100.0)
    rig.run_until(lambda: not rig.armed, 60.0)
    assert not rig.core.truth().crashed


def test_gnss_outage_is_ridden_out_or_landed(rig: Any) -> None:
    rig.take_off(15.0)
    assert rig.core.faults.inject("gnss_outage", 0.0, 3.0, rig.core.now_ns) is None
    rig.run(3.5)
    assert 0 in {msg.fix_type for msg in rig.of("GPS_RAW_INT")}
    assert rig.mode == "AUTO.LOITER"
    rig.run(5.0)
    assert rig.last("GPS_RAW_INT").fix_type == 3
    rig.core.faults.inject("gnss_outage", 0.0, 120.0, rig.core.now_ns)
    rig.run(7.0)
    assert rig.mode == "AUTO.LAND"
    rig.run_until(lambda: not rig.armed, 60.0)
    assert not rig.core.truth().crashed


@pytest.mark.parametrize(("kind", "duration"), [("nonsense", 1.0), ("gnss_outage", 0.0), ("gnss_outage", float("nan"))])
def test_bad_faults_are_refused_in_words(rig: Any, kind: str, duration: float) -> None:
    refusal = rig.core.faults.inject(kind, 0.0, duration, 0)
    assert refusal
    assert "gnss_outage" in refusal or "duration_s" in refusal


def test_commands_of_a_stranger_with_our_system_id_still_count(rig: Any) -> None:
    """MAVROS shares the vehicle's system id; only the target decides."""
    rig.run(6.0)
    companion = MavCodec(1, 191)
    rig.core.receive(
        companion.encode(mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)), rig.core.now_ns
    )
    rig.run(0.5)
    assert rig.armed
