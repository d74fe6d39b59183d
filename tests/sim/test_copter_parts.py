"""Parts of the ArduCopter flavour alone: fence areas, radio, return path, parameters, messages, a golden flight."""

from __future__ import annotations

import itertools
import random
from math import cos, hypot, isfinite, pi, sin
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_mavlink.codec import mavlink
from lenger_mavlink.modes import COPTER_MODES
from lenger_sim.copter.messages import GROUPS
from lenger_sim.copter.params import parameters_of, types
from lenger_sim.copter.radio import Radio
from lenger_sim.copter.returning import Path
from lenger_sim.copter.zones import FlatCircle, FlatFence, FlatPolygon

SQUARE = FlatPolygon(((-10.0, -10.0), (10.0, -10.0), (10.0, 10.0), (-10.0, 10.0)))
COORDINATE = st.floats(-30.0, 30.0)


@given(COORDINATE, COORDINATE)
def test_distance_outside_a_square_is_the_boxes_signed_distance(x: float, y: float) -> None:
    dx, dy = abs(x) - 10.0, abs(y) - 10.0
    expected = hypot(max(dx, 0.0), max(dy, 0.0)) + min(max(dx, dy), 0.0)
    assert SQUARE.outside_m((x, y)) == pytest.approx(expected, abs=1e-9)


@given(COORDINATE, COORDINATE)
def test_the_way_to_an_edge_ends_on_it(x: float, y: float) -> None:
    ring = FlatCircle((1.0, 2.0), 8.0)
    for area in (SQUARE, ring):
        nearest = min(area.ways((x, y)), key=lambda way: hypot(*way), default=None)
        if nearest is not None:
            assert hypot(*nearest) == pytest.approx(abs(area.outside_m((x, y))), abs=1e-6)


def test_inclusions_all_count_unless_a_union_is_asked_for() -> None:
    far = FlatCircle((100.0, 0.0), 10.0)
    fence = FlatFence((SQUARE, far), (FlatCircle((0.0, 0.0), 2.0),))
    assert fence.outside_m((5.0, 0.0), union=False) == pytest.approx(85.0)
    assert fence.outside_m((5.0, 0.0), union=True) < 0.0
    assert fence.outside_m((0.0, 0.0), union=True) == pytest.approx(2.0)
    assert FlatFence().outside_m((0.0, 0.0), union=False) < 0.0


# ------------------------------------------------------------ radio


@pytest.fixture
def radio(profile: Any) -> Radio:
    return Radio(parameters_of(profile, 1))  # type: ignore[arg-type]


def override(*pulses: int) -> Any:
    return mavlink.MAVLink_rc_channels_override_message(1, 1, *pulses, *[0] * (8 - len(pulses)))


def test_overrides_expire_are_kept_and_are_released(radio: Radio) -> None:
    second = 1_000_000_000
    assert radio.channels(0)[:4] == (1500, 1500, 1000, 1500)
    radio.on_override(override(1600, 1400, 1500, 1700), second)
    assert radio.channels(2 * second)[:4] == (1600, 1400, 1500, 1700)
    radio.on_override(override(0xFFFF, 0xFFFF, 1500, 0), 3 * second)
    assert radio.channels(3 * second)[:4] == (1600, 1400, 1500, 1500)
    assert radio.channels(5 * second)[:4] == (1500, 1500, 1500, 1500)  # RC_OVERRIDE_TIME is 3 s
    assert radio.channels(8 * second)[:4] == (1500, 1500, 1000, 1500)


def test_sticks_have_dead_zones_and_forward_is_a_short_pulse(radio: Radio) -> None:
    radio.on_override(override(1515, 1000, 1500, 2000), 0)
    sticks = radio.sticks(0)
    assert (sticks.roll, sticks.pitch, sticks.throttle, sticks.yaw) == (0.0, 1.0, 0.5, 1.0)


def test_manual_control_axes(radio: Radio) -> None:
    radio.on_manual(SimpleNamespace(x=1000, y=-500, z=500, r=0), 0)
    assert radio.channels(0)[:4] == (1250, 1000, 1500, 1500)
    radio.on_manual(SimpleNamespace(x=0, y=0, z=-1, r=0), 0)  # a copter has no negative thrust: dropped
    assert radio.channels(0)[:4] == (1250, 1000, 1500, 1500)


# ------------------------------------------------------------ SMART_RTL's path


class Walker:
    """Where the path thinks the aircraft is."""

    def __init__(self) -> None:
        self.place = (0.0, 0.0, 10.0)

    def value(self, name: str) -> float:
        return {"SRTL_ACCURACY": 2.0, "SRTL_POINTS": 40.0}[name]

    def position(self) -> tuple[float, float, float]:
        return self.place


def walk(points: list[tuple[float, float]]) -> Path:
    walker = Walker()
    path = Path(walker)  # type: ignore[arg-type]
    path.start()
    for x, y in points:
        walker.place = (x, y, 10.0)
        path.record()
    return path


def test_straight_lines_are_thinned_and_curves_keep_their_shape() -> None:
    assert len(walk([(0.5 * n, 0.0) for n in range(200)]).points) == 2
    arc = [(40.0 * sin(n * 0.01), 40.0 - 40.0 * cos(n * 0.01)) for n in range(314)]
    points = walk(arc).points
    assert 5 < len(points) < 40
    for a, b in itertools.pairwise(points):
        middle = ((a[0] + b[0]) / 2.0, (a[1] + b[1]) / 2.0 - 40.0)
        assert 40.0 - hypot(*middle) < 2.0


def test_a_loop_is_cut_off_and_too_long_a_way_is_lost() -> None:
    loop = [(20.0 * sin(n * 0.05), 20.0 - 20.0 * cos(n * 0.05)) for n in range(round(2.0 * pi / 0.05) + 1)]
    assert len(walk(loop).points) <= 2
    zigzag = [(5.0 * n, 10.0 * (n % 2)) for n in range(60)]
    assert not walk(zigzag).usable


# ------------------------------------------------------------ parameters


def test_the_table_has_ardupilots_types_and_si_names(profile: Any) -> None:
    values, kinds = parameters_of(profile.model_copy(update={"failsafe_parameters": {}}), 7), types()
    assert next(iter(values)) == "FORMAT_VERSION"
    assert 250 <= len(values) == len(kinds) <= 600
    assert kinds["FENCE_ENABLE"] == mavlink.MAV_PARAM_TYPE_INT8
    assert kinds["RTL_ALT_M"] == mavlink.MAV_PARAM_TYPE_REAL32
    assert (values["MAV_SYSID"], values["WP_SPD"], values["RTL_ALT_M"], values["FENCE_MARGIN"]) == (7, 10.0, 15.0, 2.0)
    assert not {"WPNAV_SPEED", "RTL_ALT", "SYSID_MYGCS", "LAND_SPEED"} & set(values)
    assert all(len(name) <= 16 for name in values)


def test_a_profile_with_a_foreign_parameter_is_refused(profile: Any) -> None:
    wrong = profile.model_copy(update={"failsafe_parameters": {"ardupilot": {"COM_OF_LOSS_T": 1.0}}})
    with pytest.raises(InputError, match="COM_OF_LOSS_T"):
        parameters_of(wrong, 1)


def test_parameters_on_the_wire(copter: Any) -> None:
    copter.send(mavlink.MAVLink_param_set_message(1, 1, b"FENCE_MARGIN", -5.0, mavlink.MAV_PARAM_TYPE_REAL32))
    assert copter.last("PARAM_VALUE").param_value == -5.0  # out-of-range values are stored
    copter.send(mavlink.MAVLink_param_request_read_message(1, 1, b"NO_SUCH", -1))
    assert copter.last("PARAM_ERROR").error == mavlink.MAV_PARAM_ERROR_DOES_NOT_EXIST
    copter.send(mavlink.MAVLink_param_set_message(1, 1, b"RTL_LOIT_TIME", 7000.0, mavlink.MAV_PARAM_TYPE_REAL32))
    value = copter.last("PARAM_VALUE")
    assert (value.param_value, value.param_type) == (7000.0, mavlink.MAV_PARAM_TYPE_INT32)


def test_item_0_is_home_and_capacities(copter: Any) -> None:
    copter.get_ready()
    lat, lon = copter.place(50.0, 50.0)
    assert copter.upload([(16, 3, (0.0,) * 4, lat, lon, 9.0), (16, 6, (0.0,) * 4, lat, lon, 9.876)]) == 0
    copter.send(mavlink.MAVLink_mission_request_int_message(1, 1, 0, 0))
    home = copter.core.autopilot.home
    first = copter.last("MISSION_ITEM_INT")
    assert (first.x, first.frame) == (round(home[0] * 1e7), 0)
    copter.send(mavlink.MAVLink_mission_request_int_message(1, 1, 1, 0))
    second = copter.last("MISSION_ITEM_INT")
    assert (second.frame, second.z) == (3, pytest.approx(9.87))
    copter.send(mavlink.MAVLink_mission_count_message(1, 1, 651, 0))
    assert copter.last("MISSION_ACK").type == mavlink.MAV_MISSION_NO_SPACE
    assert copter.of("MISSION_REQUEST")  # never MISSION_REQUEST_INT
    assert not copter.of("MISSION_REQUEST_INT")


# ------------------------------------------------------------ messages


def test_every_message_can_be_streamed_in_the_air_and_on_the_ground(copter: Any) -> None:
    makers = copter.core.autopilot.telemetry.makers
    for group in GROUPS.values():
        assert set(group) <= set(makers)
    names = {number: mavlink.mavlink_map[number].msgname for number in makers}
    copter.send(mavlink.MAVLink_request_data_stream_message(1, 1, mavlink.MAV_DATA_STREAM_ALL, 4, 1))
    copter.run(3.0)
    assert len(copter.of("RAW_IMU")) == pytest.approx(12, abs=2)
    copter.set_param("FENCE_ENABLE", 1)
    copter.take_off(6.0)
    copter.fly_to(5.0, 0.0, 6.0)
    copter.run(1.0)
    for number in makers:
        assert copter.command(mavlink.MAV_CMD_REQUEST_MESSAGE, number) == 0, names[number]
    copter.run(1.0)
    assert set(names.values()) <= {msg.get_type() for msg in copter.heard}
    assert copter.command(mavlink.MAV_CMD_REQUEST_MESSAGE, 60_000) == mavlink.MAV_RESULT_FAILED
    hud, target = copter.last("VFR_HUD"), copter.last("POSITION_TARGET_GLOBAL_INT")
    assert 20 < hud.throttle < 70
    assert (target.lat_int, target.lon_int) == copter.place(5.0, 0.0)
    assert copter.last("RAW_IMU").zacc == pytest.approx(-1000, abs=150)
    copter.send(mavlink.MAVLink_request_data_stream_message(1, 1, mavlink.MAV_DATA_STREAM_ALL, 0, 0))
    copter.heard.clear()
    copter.run(2.0)
    assert {msg.get_type() for msg in copter.heard} <= {"HEARTBEAT", "GLOBAL_POSITION_INT"}


def test_the_version_says_arducopter_4_7(copter: Any) -> None:
    copter.command(mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
    version = copter.last("AUTOPILOT_VERSION")
    assert version.flight_sw_version >> 8 == 0x040700
    copter.command(mavlink.MAV_CMD_DO_SEND_BANNER)
    copter.run(0.1)
    assert "ArduCopter V4.7.0" in copter.texts()
    assert not version.capabilities & mavlink.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE


# ------------------------------------------------------------ whole flights

GOLDEN = """
ArduPilot Ready
= STABILIZE disarmed
= GUIDED disarmed
Arming motors
= GUIDED armed
Circle fence breached
Manual recovery started
= RTL armed
Fence breach cleared
Disarming motors
= RTL disarmed
"""


def test_a_flight_as_one_readable_log(copter: Any) -> None:
    copter.set_param("AVOID_ENABLE", 0)
    copter.set_param("FENCE_TYPE", 2)
    copter.set_param("FENCE_RADIUS", 40.0)
    copter.get_ready()
    copter.set_param("FENCE_ENABLE", 1)
    copter.take_off(8.0)
    copter.run(20.0, lambda: copter.fly_velocity(4.0, 0.0, 0.0))
    copter.run_until(lambda: not copter.armed, 120.0)
    copter.run(1.0)
    log, state = [], ""
    for msg in copter.heard:
        if msg.get_type() == "STATUSTEXT" and not msg.text.startswith(("EKF3", "Field")):
            log.append(msg.text)
        elif msg.get_type() == "HEARTBEAT":
            armed = "armed" if msg.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED else "disarmed"
            now = f"= {COPTER_MODES[msg.custom_mode]} {armed}"
            log += [now] if now != state else []
            state = now
    assert log == GOLDEN.strip().splitlines()


def test_the_same_bytes_give_the_same_bytes(make_copter: Any) -> None:
    flights = []
    for _ in range(2):
        rig = make_copter(seed=5)
        rig.take_off(6.0)
        rig.run(3.0, lambda rig=rig: rig.fly_velocity(2.0, 1.0, 0.0))
        flights.append((rig.core.truth(), [str(msg) for msg in rig.heard]))
    assert flights[0] == flights[1]


HOSTILE = (float("nan"), float("inf"), -1e30, 1e30, 0.0, -1.0, 1.0, 255.0, 21196.0)


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_hostile_numbers_in_every_command_and_setpoint_do_not_break_it(make_copter: Any, seed: int) -> None:
    rig = make_copter(seed=seed + 1)
    rig.take_off(12.0)
    chance = random.Random(seed)
    table = sorted(rig.core.autopilot.commands.table)
    for _ in range(1200):
        numbers = [chance.choice(HOSTILE) for _ in range(9)]
        place = (chance.randrange(-(2**31), 2**31), chance.randrange(-(2**31), 2**31))
        frame, mask = chance.randrange(0, 13), chance.randrange(0x1000)
        rig.send(
            chance.choice(
                (
                    mavlink.MAVLink_command_long_message(1, 1, chance.choice(table), 0, *numbers[:7]),
                    mavlink.MAVLink_command_int_message(
                        1, 1, frame, chance.choice(table), 0, 0, *numbers[:4], *place, numbers[4]
                    ),
                    mavlink.MAVLink_set_position_target_local_ned_message(
                        0, 1, 1, frame, mask, *numbers[:9], numbers[0], numbers[1]
                    ),
                    mavlink.MAVLink_set_position_target_global_int_message(
                        0, 1, 1, frame, mask, *place, *numbers[:7], numbers[7], numbers[8]
                    ),
                    mavlink.MAVLink_rc_channels_override_message(1, 1, *[chance.randrange(65536) for _ in range(8)]),
                    mavlink.MAVLink_param_set_message(1, 1, b"WP_SPD", numbers[0], 9),
                )
            )
        )
        rig.run(0.01, every_s=0.01)
    truth = rig.core.truth()
    assert all(isfinite(part) for part in (truth.height_agl_m, *truth.velocity_enu_m_s))
    rig.send(mavlink.MAVLink_param_request_read_message(1, 1, b"FENCE_RADIUS", -1))
    assert rig.last("PARAM_VALUE").param_id == "FENCE_RADIUS"
