"""The endpoint core against the embedded vehicle, by bytes: frames, datums, services, and a bad link."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import pytest

from lenger_bridge import requests as r
from lenger_bridge.autopilot import AutopilotCore
from lenger_bridge.settings import AutopilotSettings
from lenger_core.frames import quat_rotate, yaw_of
from lenger_core.geodesy import distance_m
from lenger_core.geoid import undulation_m
from lenger_core.samples import Command, CommandKind, VelocitySetpoint
from lenger_core.vehicles import load_vehicle
from lenger_core.wire import TOPICS
from lenger_core.zones import CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mavlink.codec import MavCodec
from lenger_mavlink.transfer_client import MissionItem, MissionType

from .rig import SECOND, BadLink, Rig

HOME = (42.1819, 69.8878)
SQUARE = PolygonShape(((42.17, 69.87), (42.17, 69.90), (42.19, 69.90), (42.19, 69.87)))
ZONES = ZoneSet(
    (
        Zone("field", ZoneKind.INCLUSION, SQUARE),
        Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.175, 69.875, 80.0)),
    )
)
FENCE = tuple(MissionItem(0, 5001, lat, lon, 0.0, 4.0) for lat, lon in SQUARE.outer)


@pytest.fixture(scope="module")
def standing() -> Rig:
    """A vehicle that has stood for ten seconds; its clock started 100 s after ours."""
    rig = Rig(boot_s=100.0)
    rig.run(10.0)
    return rig


def test_every_topic_carries_its_record(standing: Rig) -> None:
    silent = {"mavros/statustext/recv", "mavros/mission/waypoints", "mavros/wind_estimation", "mavros/radio_status"}
    silent.add("mavros/mission/reached")
    sent = {"mavros/setpoint_raw/local", "mavros/setpoint_raw/global", "mavros/statustext/send"}
    wanted = {name for name in TOPICS if name.startswith("mavros/")} - silent - sent
    assert wanted <= set(standing.published)
    for topic, records in standing.published.items():
        assert all(isinstance(record, TOPICS[topic].record) for record in records)


@pytest.mark.parametrize(
    ("topic", "hz"),
    [
        ("mavros/state", 1.0),
        ("mavros/imu/data_raw", 100.0),
        ("mavros/imu/data", 50.0),
        ("mavros/global_position/global", 20.0),
        ("mavros/local_position/odom", 20.0),
        ("mavros/gpsstatus/gps1/raw", 8.0),
        ("mavros/sys_status", 5.0),
        ("mavros/extended_state", 5.0),
        ("mavros/battery", 1.0),
    ],
)
def test_rates_are_those_of_the_architecture(standing: Rig, topic: str, hz: float) -> None:
    recent = [record for record in standing.published[topic] if record.t_ns > standing.now_ns - 5 * SECOND]
    assert len(recent) == pytest.approx(5.0 * hz, abs=max(1.5, 0.1 * 5.0 * hz))


def test_stamps_are_measurement_times_on_our_clock(standing: Rig) -> None:
    assert standing.endpoint.clock_offset_ns == pytest.approx(100 * SECOND, abs=0.02 * SECOND)
    stamps = [record.t_ns for record in standing.published["mavros/imu/data_raw"]][-300:]
    assert all(b > a for a, b in pairwise(stamps))
    assert standing.now_ns - stamps[-1] < 0.05 * SECOND


def test_gravity_points_up_and_the_nose_points_north(standing: Rig) -> None:
    imu, attitude = standing.last("mavros/imu/data_raw"), standing.last("mavros/imu/data")
    assert imu.accel_m_s2[2] == pytest.approx(9.8, abs=0.4)
    assert quat_rotate(attitude.quat_wxyz, attitude.accel_m_s2)[2] == pytest.approx(9.8, abs=0.4)
    assert yaw_of(attitude.quat_wxyz) == pytest.approx(1.5708, abs=0.15), "home_heading 0 is north: pi/2 in ENU"


def test_the_field_points_north_and_down(standing: Rig) -> None:
    east, north, up = quat_rotate(standing.last("mavros/imu/data").quat_wxyz, standing.last("mavros/imu/mag").field_t)
    assert hypot(east, north, up) == pytest.approx(54.4e-6, rel=0.05)
    assert north > 0.0
    assert up == pytest.approx(-48.4e-6, rel=0.1)


def test_heights_have_the_datum_that_mavros_gives_them(standing: Rig) -> None:
    undulation = undulation_m(*HOME)
    truth = standing.vehicle.truth()
    for topic in ("mavros/global_position/global", "mavros/global_position/raw/fix"):
        fix = standing.last(topic)
        assert fix.alt_ellipsoid_m - fix.alt_amsl_m == pytest.approx(undulation, abs=0.01)
        assert fix.alt_amsl_m == pytest.approx(truth.alt_amsl_m, abs=8.0)
        assert distance_m(fix.lat_deg, fix.lon_deg, truth.lat_deg, truth.lon_deg) < 8.0
        assert fix.h_acc_m > 0.0
    assert standing.last("mavros/home_position/home").alt_amsl_m == pytest.approx(truth.alt_amsl_m, abs=8.0)
    assert standing.last("mavros/imu/static_pressure").pressure_pa == pytest.approx(92_500.0, rel=0.02)


def test_state_and_battery(standing: Rig) -> None:
    assert standing.published["mavros/state"][-1].connected
    state = standing.last("mavros/state")
    assert (state.armed, state.mode) == (False, "AUTO.LOITER")
    battery = standing.last("mavros/battery")
    assert 14.0 < battery.voltage_v < 17.0
    assert battery.current_a <= 0.0
    assert 0.9 < battery.remaining <= 1.0


def test_services_on_the_ground(standing: Rig) -> None:
    pulled = standing.call(r.PullParams)
    assert pulled.success
    assert isinstance(pulled.payload, int)
    assert pulled.payload > 20
    values = standing.call(r.GetParams, ("COM_OBL_RC_ACT", "COM_OF_LOSS_T", "NO_SUCH")).payload
    assert values == (5, 1.0, None)
    assert standing.call(r.SetParam, "NO_SUCH", 1.0).success is False
    assert standing.call(r.SetParam, "COM_OF_LOSS_T", 2.0).payload == 2.0
    assert standing.call(r.GetParams, ("COM_OF_LOSS_T",)).payload == (2.0,)
    assert standing.call(r.SetParam, "COM_OF_LOSS_T", 1.0).success
    assert standing.call(r.SetMode, "NO_SUCH_MODE").success is False
    assert standing.call(r.SetMode, "posctl").success
    standing.run(3.0, until=lambda: standing.last("mavros/state").mode == "POSCTL")
    assert standing.call(r.SetMode, "AUTO.LOITER").success
    standing.run(3.0, until=lambda: standing.last("mavros/state").mode == "AUTO.LOITER")
    assert standing.call(r.CommandLong, 65_000, (0.0,) * 7).result == 3
    assert standing.call(r.SetMessageInterval, 32, 5.0).success
    assert standing.call(r.SetMessageInterval, 32, 20.0).success


def test_lists_are_pushed_pulled_and_cleared(standing: Rig) -> None:
    for kind, items in [
        (MissionType.FENCE, FENCE),
        (MissionType.MISSION, tuple(MissionItem(3, 16, 42.18 + i * 1e-4, 69.88, 50.0 + i) for i in range(30))),
    ]:
        assert standing.call(r.PushItems, kind, items).payload == len(items)
        pulled = standing.call(r.PullItems, kind).payload
        assert isinstance(pulled, tuple)
        assert len(pulled) == len(items)
        for ours, theirs in zip(items, pulled, strict=True):
            assert isinstance(theirs, MissionItem)
            assert theirs.x_lat_deg == pytest.approx(ours.x_lat_deg, abs=1e-7)
            assert (theirs.command, theirs.z_alt_m, theirs.param1) == (ours.command, ours.z_alt_m, ours.param1)
        assert standing.call(r.ClearItems, kind).success
        assert standing.call(r.PullItems, kind).payload == ()


def test_what_does_not_fit_the_wire_is_refused(standing: Rig) -> None:
    bad = MissionItem(3, 16, float("nan"), 69.88, 50.0)
    reply = standing.call(r.PushItems, MissionType.MISSION, (bad,))
    assert reply.success is False
    assert "item 0: x_lat" in reply.detail
    assert standing.call(r.PushItems, MissionType.MISSION, FENCE, 3).success is False
    assert standing.call(r.SetParam, "COM_OBL_RC_ACT", 2**40).success is False


@pytest.mark.parametrize("seed", range(3))
def test_transfers_survive_a_bad_link(seed: int) -> None:
    rig = Rig(BadLink(seed, loss=0.1, doubled=0.1, soiled=0.05))
    rig.run(3.0, until=lambda: rig.endpoint.connected)
    items = tuple(MissionItem(3, 16, 42.18 + i * 1e-4, 69.88, 50.0 + i) for i in range(25))
    assert rig.call(r.PushItems, MissionType.MISSION, items, wait_s=120.0).success
    pulled = rig.call(r.PullItems, MissionType.MISSION, wait_s=120.0).payload
    assert isinstance(pulled, tuple)
    assert len(pulled) == len(items)
    expected = len(rig.vehicle.params.names())
    assert rig.call(r.PullParams, wait_s=120.0).payload == expected


def test_a_lost_link_is_told_once_after_ten_seconds() -> None:
    rig = Rig()
    rig.run(3.0)
    assert rig.last("mavros/state").connected
    rig.cut = True
    told = len(rig.published["mavros/state"])
    rig.run(8.0)
    assert len(rig.published["mavros/state"]) == told
    rig.run(8.0)
    lost = rig.published["mavros/state"][told:]
    assert [(s.connected, s.armed, s.mode, s.system_status) for s in lost] == [(False, False, "", 0)]
    reply = rig.call(r.Arm, True)
    assert (reply.success, reply.result) == (False, 0)
    rig.cut = False
    rig.run(3.0)
    assert rig.last("mavros/state").connected


class Guard:
    """Gives one command 20 times a second."""

    def __init__(self) -> None:
        self.fields: dict[str, object] = {"kind": CommandKind.NONE}
        self._sequence = 0

    def order(self, **fields: object) -> None:
        self.fields = fields

    def __call__(self, now_ns: int) -> Command:
        self._sequence += 1
        return Command(t_ns=now_ns, source="guard", sequence=self._sequence, lifetime_s=0.5, **self.fields)  # type: ignore[arg-type]


def flying_rig(zones: ZoneSet | None = None) -> tuple[Rig, Guard, int]:
    contract = load_vehicle("quad_2kg").failsafe_parameters["px4"]
    guard = Guard()
    rig = Rig(autopilot=AutopilotCore(AutopilotSettings(), contract, zones))
    rig.guard = guard
    rig.run(60.0, until=lambda: rig.status is not None and rig.status.ready)
    consent = rig.now_ns
    guard.order(kind=CommandKind.ARM, consent_ns=consent)
    rig.run(10.0, until=lambda: rig.status.armed)
    guard.order(kind=CommandKind.TAKEOFF, consent_ns=consent, alt_amsl_m=rig.status.home_alt_amsl_m + 30.0)
    rig.run(40.0, until=lambda: rig.status.mode == "AUTO.LOITER" and rig.vehicle.truth().height_agl_m > 25.0)
    return rig, guard, consent


def test_a_whole_flight_through_mavlink() -> None:
    rig, guard, consent = flying_rig(ZONES)
    guard.order(kind=CommandKind.VELOCITY, consent_ns=consent, velocity_enu_m_s=(3.0, -4.0, 0.5), yaw_enu_rad=0.0)
    rig.run(8.0)
    assert rig.status.mode == "OFFBOARD"
    assert rig.vehicle.truth().velocity_enu_m_s == pytest.approx((3.0, -4.0, 0.5), abs=0.6)
    assert rig.status.velocity_enu_m_s == pytest.approx((3.0, -4.0, 0.5), abs=0.9)
    assert rig.status.yaw_enu_rad == pytest.approx(0.0, abs=0.2), "the nose points east"
    guard.order(kind=CommandKind.HOLD, consent_ns=consent)
    rig.run(6.0)
    assert hypot(*rig.vehicle.truth().velocity_enu_m_s) < 1.0
    guard.order(kind=CommandKind.LAND, consent_ns=consent)
    rig.run(120.0, until=lambda: not rig.status.armed)
    kinds = [line.split(":")[0] for line in rig.events]
    assert "mode_lost" not in kinds, rig.events
    assert "mode_failed" not in kinds, rig.events
    assert rig.vehicle.truth().on_ground
    assert not rig.vehicle.truth().crashed


def test_a_dead_autopilot_node_leaves_the_aircraft_to_its_own_failsafe() -> None:
    rig, guard, consent = flying_rig()
    guard.order(kind=CommandKind.VELOCITY, consent_ns=consent, velocity_enu_m_s=(5.0, 0.0, 0.0))
    rig.run(5.0)
    rig.autopilot = None
    rig.run(6.0)
    assert rig.last("mavros/state").mode == "AUTO.LOITER"
    assert hypot(*rig.vehicle.truth().velocity_enu_m_s) < 1.0
    old_consent = consent
    rig.autopilot = AutopilotCore(AutopilotSettings(), {}, None)
    guard.order(kind=CommandKind.VELOCITY, consent_ns=old_consent, velocity_enu_m_s=(5.0, 0.0, 0.0))
    rig.run(4.0)
    assert rig.last("mavros/state").mode == "AUTO.LOITER"
    assert hypot(*rig.vehicle.truth().velocity_enu_m_s) < 1.0


def test_a_dead_guard_stops_the_aircraft_within_the_table() -> None:
    rig, guard, consent = flying_rig()
    guard.order(kind=CommandKind.VELOCITY, consent_ns=consent, velocity_enu_m_s=(5.0, 0.0, 0.0))
    rig.run(5.0)
    rig.guard = None
    died = rig.now_ns
    rig.run(2.0, until=lambda: rig.last("mavros/state").mode == "AUTO.LOITER")
    assert rig.now_ns - died < 2 * SECOND
    rig.run(6.0)
    assert hypot(*rig.vehicle.truth().velocity_enu_m_s) < 1.0
    assert rig.status.authority.name == "LENGER"


def test_setpoint_of_a_velocity_without_yaw_masks_it() -> None:
    rig = Rig()
    frame = rig.endpoint.setpoint(VelocitySetpoint(0, (1.0, 2.0, 3.0), float("nan")), 0)
    message = MavCodec(1, 1).feed(frame)[0]
    assert (message.type_mask, message.coordinate_frame) == (3527, 1)
    assert (message.vx, message.vy, message.vz) == (2.0, 1.0, -3.0)
