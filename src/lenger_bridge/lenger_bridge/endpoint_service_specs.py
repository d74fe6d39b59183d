"""All services that the endpoint serves: those of `lenger_bridge.mavros_services`, which autopilot_node calls too, and
the rest of MAVROS's, which are only served.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lenger_bridge import endpoint_requests as e
from lenger_bridge import requests as r
from lenger_bridge.mavros_services import SERVICES, ServiceSpec, param_value
from lenger_bridge.plugins.companion import vehicle_msg
from lenger_core.wire_types import TypeFactory, vector
from lenger_mavlink.codec import mavlink

_INTEGER, _DOUBLE = 2, 3


@dataclass(frozen=True)
class ServedSpec:
    """One service, from the server's side.

    Attributes:
        name: relative name.
        ros_type: "package/srv/Name".
        read: (id, service request) -> record.
        answer: (types, service response, reply): fills the response.
    """

    name: str
    ros_type: str
    read: Callable[[int, Any], r.Request]
    answer: Callable[[TypeFactory, Any, r.Reply], None]


def _answer_command(_types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.success, m.result = reply.success, reply.result


def _answer_success(_types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.success = reply.success


def _answer_nothing(_types: TypeFactory, _m: Any, _reply: r.Reply) -> None:
    """Leave an empty response as it is."""


def _answer_trigger(_types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.success, m.message = reply.success, reply.detail


def _read_int(i: int, m: Any) -> r.Request:
    params = (float(m.param1), float(m.param2), float(m.param3), float(m.param4))
    return e.CommandInt(
        i, int(m.frame), int(m.command), int(m.current), int(m.autocontinue), params, int(m.x), int(m.y), float(m.z),
        bool(m.broadcast),
    )  # fmt: skip


def _read_local(landing: bool) -> Callable[[int, Any], r.Request]:
    return lambda i, m: e.LocalTakeoffOrLanding(
        i, landing, float(m.min_pitch), float(m.offset), float(m.rate), float(m.yaw), vector(m.position)
    )


def _plain(command: int, *fields: str) -> Callable[[int, Any], r.Request]:
    def read(i: int, m: Any) -> r.Request:
        values = [float(getattr(m, name)) for name in fields]
        one, two, three = (*values, 0.0, 0.0, 0.0)[:3]
        return e.PlainCommand(i, command, (one, two, three, 0.0, 0.0, 0.0, 0.0))

    return read


def _answer_vehicles(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.success, m.vehicles = reply.success, [vehicle_msg(types, vehicle) for vehicle in _values(reply)]


def _kind(value: r.ParamValue | None) -> int:
    if value is None:
        return 0
    return _INTEGER if isinstance(value, int) else _DOUBLE


def _values(reply: r.Reply) -> tuple[Any, ...]:
    return reply.payload if isinstance(reply.payload, tuple) else ()


def _answer_types(_types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.types = bytes(_kind(value) for value in _values(reply))


def _answer_descriptions(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    """Type only: MAVLink tells neither the meaning nor the range of a parameter."""
    m.descriptors = [types("rcl_interfaces/msg/ParameterDescriptor")(type=_kind(value)) for value in _values(reply)]


def _answer_list(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.result = types("rcl_interfaces/msg/ListParametersResult")(names=[str(name) for name in _values(reply)])


def _result(types: TypeFactory, problem: str) -> Any:
    return types("rcl_interfaces/msg/SetParametersResult")(successful=not problem, reason=problem)


def _answer_set(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.results = [_result(types, problem) for problem in _values(reply)]


def _answer_set_atomically(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.result = _result(types, "" if reply.success else "; ".join(filter(None, _values(reply))) or reply.detail)


def _read_set(atomically: bool) -> Callable[[int, Any], r.Request]:
    return lambda i, m: e.SetParams(i, tuple((p.name, param_value(p.value)) for p in m.parameters), atomically)


def _param(name: str, kind: str, read: Callable[[int, Any], r.Request], answer: Any) -> ServedSpec:
    return ServedSpec(f"mavros/param/{name}", f"rcl_interfaces/srv/{kind}", read, answer)


def _get(i: int, m: Any) -> r.Request:
    return r.GetParams(i, tuple(m.names))


def _command(name: str, kind: str, read: Callable[[int, Any], r.Request], answer: Any = _answer_command) -> ServedSpec:
    return ServedSpec(f"mavros/cmd/{name}", f"mavros_msgs/srv/{kind}", read, answer)


_SERVED_ONLY: tuple[ServedSpec, ...] = (
    _command("command_int", "CommandInt", _read_int, _answer_success),
    _command("takeoff_local", "CommandTOLLocal", _read_local(landing=False)),
    _command("land_local", "CommandTOLLocal", _read_local(landing=True)),
    _command(
        "trigger_control", "CommandTriggerControl",
        _plain(mavlink.MAV_CMD_DO_TRIGGER_CONTROL, "trigger_enable", "sequence_reset", "trigger_pause"),
    ),
    _command(
        "trigger_interval", "CommandTriggerInterval",
        _plain(mavlink.MAV_CMD_DO_SET_CAM_TRIGG_INTERVAL, "cycle_time", "integration_time"),
    ),
    _command("vtol_transition", "CommandVtolTransition", _plain(mavlink.MAV_CMD_DO_VTOL_TRANSITION, "state")),
    ServedSpec(
        "mavros/set_stream_rate", "mavros_msgs/srv/StreamRate",
        lambda i, m: e.SetStreamRate(i, int(m.stream_id), int(m.message_rate), bool(m.on_off)), _answer_nothing,
    ),
    ServedSpec(
        "mavros/home_position/req_update", "std_srvs/srv/Trigger", lambda i, _m: e.RequestHome(i), _answer_trigger,
    ),
    ServedSpec(
        "mavros/vehicle_info_get", "mavros_msgs/srv/VehicleInfoGet",
        lambda i, m: e.GetVehicles(i, int(m.sysid), int(m.compid), bool(m.get_all)), _answer_vehicles,
    ),
    _param("get_parameter_types", "GetParameterTypes", _get, _answer_types),
    _param("describe_parameters", "DescribeParameters", _get, _answer_descriptions),
    _param("list_parameters", "ListParameters", lambda i, m: e.ListParams(i, tuple(m.prefixes)), _answer_list),
    _param("set_parameters", "SetParameters", _read_set(atomically=False), _answer_set),
    _param("set_parameters_atomically", "SetParametersAtomically", _read_set(atomically=True), _answer_set_atomically),
)  # fmt: skip

SERVED: tuple[ServiceSpec | ServedSpec, ...] = (*SERVICES, *_SERVED_ONLY)
"""Every service of the endpoint."""
