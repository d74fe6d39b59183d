"""What a companion and a ground station get from the PX4 flavour by itself, and what the messages say."""

from __future__ import annotations

from math import atan2, degrees, hypot, isnan, pi, remainder
from typing import Any

import pytest

from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.codec import MavCodec
from lenger_mavlink.codec import mavlink as m
from lenger_sim.px4.telemetry import GROUND_HZ, ONBOARD_HZ
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore

from .px4_plans import offset

NAME = {number: cls.msgname for number, cls in m.mavlink_map.items()}


class Station:
    """Listens on one link of a vehicle."""

    def __init__(self, core: VehicleCore, link: int) -> None:
        self.core, self._link, self._codec = core, link, MavCodec(255, 190)
        self.heard: dict[str, list[Any]] = {}

    def listen(self) -> None:
        for frame in self.core.take_outgoing(self.core.channels[self._link]):
            for msg in self._codec.feed(frame):
                self.heard.setdefault(msg.get_type(), []).append(msg)

    def send(self, msg: Any) -> None:
        self.core.receive(self._codec.encode(msg), self.core.now_ns, self.core.channels[self._link])

    def last(self, kind: str) -> Any:
        return self.heard[kind][-1]


@pytest.fixture(scope="module")
def flight(profile: VehicleProfile, terrain: Terrain) -> tuple[Any, Station, Station]:
    """A vehicle with an id of its own that hovers, with a companion's and a ground station's link."""
    from .conftest import Rig

    settings = VehicleSettings(system_id=7, wind_m_s=4.0)
    core = VehicleCore(settings, profile, terrain, 1, ("companion", "onboard", "ground"))
    rig = Rig(core)
    onboard, ground = Station(core, 1), Station(core, 2)
    rig.run_until(lambda: not core.autopilot.commander.blockers(core.now_ns), 10.0)
    onboard.send(m.MAVLink_command_long_message(7, 1, 22, 0, 0, 0, 0, float("nan"), 0, 0, 790.0))
    onboard.send(m.MAVLink_command_long_message(7, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))
    rig.run(25.0)
    for station in (onboard, ground):
        station.listen()
        station.heard.clear()
    rig.run(10.0, lambda: [s.listen() for s in (onboard, ground)])
    return rig, onboard, ground


@pytest.mark.parametrize(("index", "rates"), [(1, ONBOARD_HZ), (2, GROUND_HZ)])
def test_links_have_px4s_default_streams(flight: Any, index: int, rates: dict[int, float]) -> None:
    heard = flight[index].heard
    for number, rate in rates.items():
        kind = NAME[number]
        expected = rate
        if kind == "GPS_RAW_INT":  # follows the receiver's 8 Hz: all of them, or every other one
            expected = 8.0 if rate > 8.0 else 4.0
        if kind == "RC_CHANNELS":
            assert kind not in heard  # there is no radio
        else:
            assert len(heard.get(kind, [])) == pytest.approx(expected * 10.0, abs=2.0, rel=0.15), kind
    # the mission's progress is told beside the streams, as from PX4
    strangers = set(heard) - {NAME[number] for number in rates}
    assert strangers <= {"MISSION_CURRENT", "MISSION_ITEM_REACHED", "STATUSTEXT"}


def test_every_link_speaks_with_the_vehicles_own_id(flight: Any) -> None:
    for station in flight[1:]:
        assert {msg.get_srcSystem() for msgs in station.heard.values() for msg in msgs} == {7}


def test_attitude_in_its_three_forms_agrees(flight: Any) -> None:
    onboard = flight[1]
    euler, quat, target = (onboard.last(k) for k in ("ATTITUDE", "ATTITUDE_QUATERNION", "ATTITUDE_TARGET"))
    yaw = atan2(2 * (quat.q1 * quat.q4 + quat.q2 * quat.q3), 1 - 2 * (quat.q3**2 + quat.q4**2))
    assert remainder(euler.yaw - yaw, 2 * pi) == pytest.approx(0.0, abs=0.05)
    w, x, y, z = target.q
    assert w * w + x * x + y * y + z * z == pytest.approx(1.0, abs=1e-6)
    # in the air the aircraft leans into the wind as it is asked to
    pitch_target = atan2(2 * (w * y - z * x), 1 - 2 * (y * y + x * x))
    assert euler.pitch == pytest.approx(pitch_target, abs=0.06)
    assert 0.1 < target.thrust < 0.9


def test_positions_speeds_and_heights_agree_with_the_truth(flight: Any) -> None:
    rig, onboard, _ = flight
    truth = rig.core.truth()
    north, east = offset(rig)
    home = rig.core.autopilot.commander.home
    hud, alt, odom = (onboard.last(k) for k in ("VFR_HUD", "ALTITUDE", "ODOMETRY"))
    assert hud.alt == pytest.approx(truth.alt_amsl_m, abs=3.0)
    assert isnan(hud.airspeed)
    assert alt.altitude_amsl - home[2] == pytest.approx(alt.altitude_relative, abs=0.1)
    assert 10 < hud.throttle < 90
    local = onboard.last("LOCAL_POSITION_NED")
    assert (odom.x, odom.y, odom.z) == pytest.approx((local.x, local.y, local.z), abs=0.3)
    assert odom.pose_covariance[0] > 0.0 and isnan(odom.pose_covariance[1])
    assert (odom.frame_id, odom.child_frame_id) == (1, 1)
    assert hypot(north, east) < 5.0


def test_health_outputs_and_estimate(flight: Any) -> None:
    _, onboard, ground = flight
    status = ground.last("SYS_STATUS")
    needed = (
        m.MAV_SYS_STATUS_SENSOR_3D_GYRO
        | m.MAV_SYS_STATUS_AHRS
        | m.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL
        | m.MAV_SYS_STATUS_SENSOR_GPS
        | m.MAV_SYS_STATUS_SENSOR_BATTERY
    )
    assert status.onboard_control_sensors_health & needed == needed
    assert status.onboard_control_sensors_present == 0x300402F  # as the real one reports
    assert status.onboard_control_sensors_health == 0x1320C82F  # the real one's, but for its differential pressure
    motors = onboard.last("SERVO_OUTPUT_RAW")
    assert all(1200 < getattr(motors, f"servo{n}_raw") < 1950 for n in range(1, 5))
    assert motors.servo5_raw == 0
    assert onboard.last("ESTIMATOR_STATUS").flags == 831
    target = onboard.last("POSITION_TARGET_GLOBAL_INT")
    here = onboard.last("GLOBAL_POSITION_INT")
    assert target.lat_int == pytest.approx(here.lat, abs=400)
    local = onboard.last("POSITION_TARGET_LOCAL_NED")
    assert local.type_mask & 0b111 == 0  # a place is held
    origin = onboard.last("GPS_GLOBAL_ORIGIN")
    assert degrees(abs(origin.latitude - here.lat) * 1e-7) < 1.0


def test_files_are_refused_at_once(flight: Any) -> None:
    _, onboard, _ = flight
    opened = bytes((1, 0, 0, 4, 3, 0, 0, 0, 0, 0, 0, 0)) + b"@MAV_LOG"
    onboard.send(m.MAVLink_file_transfer_protocol_message(0, 7, 1, list(opened.ljust(251, b"\0"))))
    onboard.listen()
    answer = bytes(onboard.last("FILE_TRANSFER_PROTOCOL").payload)
    assert (answer[:2], answer[3], answer[5], answer[12]) == (b"\x02\x00", 129, 4, 10)
    reset = bytes((9, 0, 0, 2)) + bytes(247)
    onboard.send(m.MAVLink_file_transfer_protocol_message(0, 7, 1, list(reset)))
    onboard.listen()
    assert bytes(onboard.last("FILE_TRANSFER_PROTOCOL").payload)[3] == 128


@pytest.mark.parametrize("number", [397, 395, 300, 410])  # COMPONENT_METADATA, _INFORMATION, PROTOCOL_VERSION, EVENT
def test_what_is_not_there_is_denied(flight: Any, number: int) -> None:
    _, onboard, _ = flight
    onboard.send(m.MAVLink_command_long_message(7, 1, m.MAV_CMD_REQUEST_MESSAGE, 0, number, 0, 0, 0, 0, 0, 0))
    onboard.listen()
    assert onboard.last("COMMAND_ACK").result == m.MAV_RESULT_DENIED
