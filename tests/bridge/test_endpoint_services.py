"""The services that only the endpoint serves: ROS request, MAVLink there and back, ROS response; without DDS."""

from __future__ import annotations

from math import nan, pi
from typing import Any

import pytest

from bridge.fcu import SECOND, Fcu, checked_types, heartbeat
from lenger_bridge.endpoint_service_specs import SERVED
from lenger_mavlink.codec import MavCodec, MavMessage, mavlink

SPECS = {spec.name.removeprefix("mavros/"): spec for spec in SERVED}
ACCEPTED, UNSUPPORTED, IN_PROGRESS = 0, 3, 5
PX4_INT, REAL = mavlink.MAV_PARAM_TYPE_INT32, mavlink.MAV_PARAM_TYPE_REAL32


class Caller:
    """Calls services of a core and answers as an autopilot."""

    def __init__(self, fcu: Fcu | None = None) -> None:
        self.fcu = fcu or Fcu()
        self.sent: list[MavMessage] = self.fcu.step()
        self._last_id = 0
        self._waiting: dict[int, Any] = {}
        self.responses: dict[str, Any] = {}

    def call(self, service: str, **fields: Any) -> list[MavMessage]:
        """Start a call; return what is sent because of it."""
        spec = SPECS[service]
        self._last_id += 1
        self._waiting[self._last_id] = (service, spec)
        request = checked_types(spec.ros_type).Request(**fields)
        self.fcu.core.call(spec.read(self._last_id, request), self.fcu.now_ns)
        return self.step()

    def step(self, seconds: float = 0.0) -> list[MavMessage]:
        """Let time pass; take responses."""
        self.fcu.now_ns += int(seconds * SECOND)
        output = self.fcu.core.step(self.fcu.now_ns)
        for reply in output.replies:
            service, spec = self._waiting.pop(reply.request_id)
            response = checked_types(spec.ros_type).Response()
            spec.answer(checked_types, response, reply)
            self.responses[service] = response
        quiet = ("HEARTBEAT", "TIMESYNC")
        return [m for m in MavCodec(1, 1).feed(output.bytes_out) if m.get_type() not in quiet]

    def answer(self, message: MavMessage) -> list[MavMessage]:
        """Let the autopilot say something; return what is sent because of it."""
        self.fcu.send(message)
        return self.step()

    def acknowledge(self, command: int, result: int) -> None:
        self.answer(mavlink.MAVLink_command_ack_message(command, result))


def param(name: str, value: float, kind: int, index: int, count: int) -> MavMessage:
    return mavlink.MAVLink_param_value_message(name.encode(), value, kind, count, index)


def with_params() -> Caller:
    """A caller whose endpoint has pulled three parameters of an ArduCopter."""
    caller = Caller(Fcu(mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA))
    assert [m.get_type() for m in caller.call("param/pull")] == ["PARAM_REQUEST_LIST"]
    for index, (name, value, kind) in enumerate(
        (("WP_SPD", 5.0, REAL), ("FENCE_ENABLE", 1.0, PX4_INT), ("WP_ACC", 2.5, REAL))
    ):
        caller.answer(param(name, value, kind, index, 3))
    assert caller.responses["param/pull"].param_received == 3
    return caller


def test_command_int_waits_for_its_answer() -> None:
    caller = Caller()
    fields = {"frame": 6, "command": 192, "param1": -1.0, "param4": nan, "x": 421_819_000, "y": 698_878_000, "z": 50.0}
    (sent,) = caller.call("cmd/command_int", **fields)
    assert (sent.get_type(), sent.frame, sent.command, sent.x, sent.z) == ("COMMAND_INT", 6, 192, 421_819_000, 50.0)
    assert "cmd/command_int" not in caller.responses
    caller.acknowledge(192, IN_PROGRESS)
    assert "cmd/command_int" not in caller.responses
    caller.acknowledge(192, ACCEPTED)
    assert caller.responses["cmd/command_int"].success
    caller.call("cmd/command_int", **fields)
    caller.acknowledge(192, UNSUPPORTED)
    assert not caller.responses["cmd/command_int"].success
    (sent,) = caller.call("cmd/command_int", **fields, broadcast=True)
    assert sent.target_component == 0
    assert caller.responses["cmd/command_int"].success


@pytest.mark.parametrize(
    ("service", "fields", "command", "params"),
    [
        ("cmd/trigger_control", {"trigger_enable": True, "trigger_pause": True}, 2003, (1.0, 0.0, 1.0)),
        ("cmd/trigger_interval", {"cycle_time": 500.0, "integration_time": 20.0}, 214, (500.0, 20.0, 0.0)),
        ("cmd/vtol_transition", {"state": 4}, 3000, (4.0, 0.0, 0.0)),
    ],
)
def test_commands_with_parameters_only(service: str, fields: dict[str, Any], command: int, params: Any) -> None:
    caller = Caller()
    (sent,) = caller.call(service, **fields)
    assert (sent.command, (sent.param1, sent.param2, sent.param3)) == (command, params)
    caller.acknowledge(command, 4)
    assert (caller.responses[service].success, caller.responses[service].result) == (False, 4)


def test_local_takeoff_and_landing_are_turned_into_the_autopilots_axes() -> None:
    caller = Caller()
    place = checked_types("geometry_msgs/msg/Vector3")(x=1.0, y=2.0, z=3.0)  # east, north, up
    fields = {"min_pitch": 0.1, "offset": 0.2, "rate": 0.3, "yaw": 0.0, "position": place}
    (up,) = caller.call("cmd/takeoff_local", **fields)
    assert (up.command, up.param5, up.param6, up.param7) == (24, 1.0, 2.0, -3.0), "y, x, z of the autopilot's axes"
    assert (up.param1, up.param2, up.param3, up.param4) == pytest.approx((0.1, 0.0, 0.3, pi / 2))
    (down,) = caller.call("cmd/land_local", **fields)
    assert (down.command, down.param1) == (23, 0.0)
    assert down.param2 == pytest.approx(0.2)
    place.x = 1e300
    assert caller.call("cmd/takeoff_local", **fields) == []
    assert not caller.responses["cmd/takeoff_local"].success


def test_landing_leaves_the_abort_height_alone() -> None:
    (sent,) = Caller().call("cmd/land", min_pitch=15.0, latitude=42.0)
    assert (sent.command, sent.param1, sent.param5) == (21, 0.0, 42.0)


def test_stream_rate_has_no_answer_to_wait_for() -> None:
    caller = Caller()
    (sent,) = caller.call("set_stream_rate", stream_id=6, message_rate=10, on_off=True)
    assert (sent.get_type(), sent.req_stream_id, sent.req_message_rate) == ("REQUEST_DATA_STREAM", 6, 10)
    assert sent.start_stop == 1
    assert "set_stream_rate" in caller.responses


def test_home_is_asked_for_and_answered() -> None:
    caller = Caller()
    (sent,) = caller.call("home_position/req_update")
    assert (sent.command, sent.param1) == (512, 242.0)
    caller.acknowledge(512, ACCEPTED)
    assert caller.responses["home_position/req_update"].success
    caller.call("home_position/req_update")
    caller.acknowledge(512, UNSUPPORTED)
    answer = caller.responses["home_position/req_update"]
    assert not answer.success and "UNSUPPORTED" in answer.message


def test_an_unanswered_command_holds_up_no_other() -> None:
    caller = Caller()
    caller.call("cmd/vtol_transition", state=4)
    caller.call("cmd/arming", value=True)
    caller.acknowledge(400, ACCEPTED)
    assert caller.responses["cmd/arming"].success
    for _ in range(60):
        caller.step(0.1)
    late = caller.responses["cmd/vtol_transition"]
    assert (late.success, late.result) == (False, 0), "as MAVROS says it"


def test_vehicles_that_were_heard() -> None:
    caller = Caller()
    other = mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 192, 0, 4, 3)
    caller.fcu.take(MavCodec(255, 190).encode(other))
    version = mavlink.MAVLink_autopilot_version_message(
        0xAB, 0x010F01FF, 3, 4, 5, list(range(8)), [0] * 8, [0] * 8, 6, 7, 8
    )
    caller.fcu.send(version)
    caller.call("vehicle_info_get")
    (ours,) = caller.responses["vehicle_info_get"].vehicles
    assert (ours.sysid, ours.compid, ours.autopilot, ours.available_info) == (1, 1, 12, 3)
    assert (ours.mode, ours.mode_id, ours.base_mode) == ("AUTO.LOITER", 3 << 24 | 4 << 16, 81)
    assert (ours.capabilities, ours.flight_sw_version, ours.vendor_id, ours.uid) == (0xAB, 0x010F01FF, 6, 8)
    assert ours.flight_custom_version == "0706050403020100"
    caller.call("vehicle_info_get", get_all=True)
    assert {v.sysid for v in caller.responses["vehicle_info_get"].vehicles} == {1, 255}
    caller.call("vehicle_info_get", sysid=7, compid=1)
    assert not caller.responses["vehicle_info_get"].success


# ---------------------------------------------------------------- parameters


def test_parameters_are_listed_typed_and_described() -> None:
    caller = with_params()
    caller.call("param/list_parameters")
    assert list(caller.responses["param/list_parameters"].result.names) == ["FENCE_ENABLE", "WP_ACC", "WP_SPD"]
    caller.call("param/list_parameters", prefixes=["WP_"])
    assert list(caller.responses["param/list_parameters"].result.names) == ["WP_ACC", "WP_SPD"]
    names = ["FENCE_ENABLE", "WP_SPD", "NONE"]
    caller.call("param/get_parameter_types", names=names)
    assert list(caller.responses["param/get_parameter_types"].types) == [2, 3, 0]
    caller.call("param/describe_parameters", names=names)
    assert [d.type for d in caller.responses["param/describe_parameters"].descriptors] == [2, 3, 0]


def parameter(name: str, value: float | int | str) -> Any:
    types = {int: (2, "integer_value"), float: (3, "double_value"), str: (4, "string_value")}
    kind, field = types[type(value)]
    held = checked_types("rcl_interfaces/msg/ParameterValue")(type=kind, **{field: value})
    return checked_types("rcl_interfaces/msg/Parameter")(name=name, value=held)


def test_several_parameters_are_set_one_by_one() -> None:
    caller = with_params()
    wanted = [parameter("WP_SPD", 8.0), parameter("NONE", 1), parameter("WP_ACC", "fast"), parameter("FENCE_ENABLE", 0)]
    (first,) = caller.call("param/set_parameters", parameters=wanted)
    assert (first.get_type(), first.param_id, first.param_value) == ("PARAM_SET", "WP_SPD", 8.0)
    (second,) = caller.answer(param("WP_SPD", 8.0, REAL, 0, 3))
    assert (second.param_id, second.param_value, second.param_type) == ("FENCE_ENABLE", 0.0, PX4_INT)
    caller.answer(param("FENCE_ENABLE", 1.0, PX4_INT, 1, 3))  # the autopilot keeps it
    results = caller.responses["param/set_parameters"].results
    assert [r.successful for r in results] == [True, False, False, False]
    assert "NONE" in results[1].reason and "double" in results[2].reason and "stays 1" in results[3].reason
    caller.call("param/get_parameters", names=["WP_SPD"])
    assert caller.responses["param/get_parameters"].values[0].double_value == 8.0


def test_atomically_means_nothing_at_all_when_one_is_wrong() -> None:
    caller = with_params()
    assert (
        caller.call("param/set_parameters_atomically", parameters=[parameter("WP_SPD", 8.0), parameter("NONE", 1)])
        == []
    )
    refused = caller.responses["param/set_parameters_atomically"].result
    assert not refused.successful and "NONE" in refused.reason
    caller.call("param/set_parameters_atomically", parameters=[parameter("WP_SPD", 8.0), parameter("WP_ACC", 3.0)])
    caller.answer(param("WP_SPD", 8.0, REAL, 0, 3))
    caller.answer(param("WP_ACC", 3.0, REAL, 2, 3))
    assert caller.responses["param/set_parameters_atomically"].result.successful
    caller.call("param/set_parameters", parameters=[])
    assert list(caller.responses["param/set_parameters"].results) == []


def test_a_silent_autopilot_ends_a_set() -> None:
    caller = with_params()
    caller.call("param/set_parameters", parameters=[parameter("WP_SPD", 8.0), parameter("WP_ACC", 3.0)])
    for _ in range(100):
        caller.step(0.1)
    results = caller.responses["param/set_parameters"].results
    assert [r.successful for r in results] == [False, False]
    assert "no answer" in results[0].reason


# ---------------------------------------------------------------- lists by themselves


def latched(seen: list[Any], name: str) -> list[Any]:
    return [entry for topic, entry in seen if topic == f"mavros/{name}"]


def test_automatic_pulls_come_when_mavros_makes_them_and_spare_what_is_known() -> None:
    from lenger_bridge.endpoint import EndpointCore
    from lenger_bridge.settings import EndpointSettings

    core, codec, seen = EndpointCore(EndpointSettings(), checked_types), MavCodec(1, 1), []
    asked: list[tuple[float, str, int]] = []
    for tick in range(400):
        now_ns = tick * SECOND // 10
        if tick % 10 == 0:
            core.on_bytes(codec.encode(heartbeat()), now_ns)
        output = core.step(now_ns)
        seen += output.published
        for m in MavCodec(1, 1).feed(output.bytes_out):
            kind = m.get_type()
            if kind in ("PARAM_REQUEST_LIST", "MISSION_REQUEST_LIST"):
                asked.append((tick / 10, kind, getattr(m, "mission_type", -1)))
            if kind == "PARAM_REQUEST_LIST":
                core.on_bytes(codec.encode(param("A", 1.0, REAL, 0, 1)), now_ns)
            if kind == "MISSION_REQUEST_LIST":
                seen += core.on_bytes(
                    codec.encode(mavlink.MAVLink_mission_count_message(1, 191, 0, m.mission_type)), now_ns
                )
    assert asked == [
        (10.0, "PARAM_REQUEST_LIST", -1),
        (15.0, "MISSION_REQUEST_LIST", 0),
        (20.0, "MISSION_REQUEST_LIST", 2),
        (25.0, "MISSION_REQUEST_LIST", 1),
    ]
    for name in ("mission/waypoints", "rallypoint/rallypoints", "geofence/fences"):
        assert [list(m.waypoints) for m in latched(seen, name)] == [[]], name


def test_the_list_follows_the_current_item() -> None:
    caller = Caller()
    point = checked_types("mavros_msgs/msg/Waypoint")
    items = [
        point(frame=6, command=16, x_lat=42.18, y_long=69.88, z_alt=float(h), is_current=h == 10) for h in (10, 20)
    ]
    caller.call("mission/push", waypoints=items)
    for seq in (0, 1):
        caller.answer(mavlink.MAVLink_mission_request_int_message(1, 191, seq))
    caller.fcu.send(mavlink.MAVLink_mission_ack_message(1, 191, 0))
    output = caller.fcu.core.step(caller.fcu.now_ns)
    (pushed,) = latched(list(output.published), "mission/waypoints")
    assert [w.is_current for w in pushed.waypoints] == [True, False]
    moved = caller.fcu.send(mavlink.MAVLink_mission_current_message(1))["mission/waypoints"]
    assert (moved.current_seq, [w.is_current for w in moved.waypoints]) == (1, [False, True])
    assert "mission/waypoints" not in caller.fcu.send(mavlink.MAVLink_mission_current_message(1))


def test_a_node_whose_reader_died_ends_instead_of_sending_setpoints_alone() -> None:
    import threading
    from types import SimpleNamespace

    from lenger_bridge.endpoint_node import EndpointNode
    from lenger_core.errors import FlightError

    dead = threading.Thread(target=lambda: None)
    dead.start()
    dead.join()
    node = SimpleNamespace(_reader=dead, _stop=threading.Event(), context=SimpleNamespace(ok=lambda: True))
    with pytest.raises(FlightError, match="thread that reads the link"):
        EndpointNode._report(node)
