"""The MAVROS services we use, both ways: records to service messages for a client, and back for the endpoint.

`types` gives message classes by name ("mavros_msgs/srv/SetMode"), as in `lenger_core.wire`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lenger_bridge import requests as r
from lenger_core.wire_types import TypeFactory
from lenger_mavlink.transfer_client import MissionItem, MissionType

_NOT_SET, _INTEGER, _DOUBLE = 0, 2, 3
LIST_TOPICS = {
    MissionType.MISSION: "mavros/mission/waypoints",
    MissionType.FENCE: "mavros/geofence/fences",
    MissionType.RALLY: "mavros/rallypoint/rallypoints",
}
"""Latched lists (mavros_msgs/WaypointList): what a pull fetched is published there."""
_LIST_ROOTS = {MissionType.MISSION: "mission", MissionType.FENCE: "geofence", MissionType.RALLY: "rallypoint"}


@dataclass(frozen=True)
class ServiceSpec:
    """One service.

    Attributes:
        name: relative name.
        ros_type: "package/srv/Name".
        record: request class; with `mission_type` for the services of one list.
        fill: (types, service request, record): fills the message from the record.
        read: (id, service request) -> record.
        answer: (types, service response, reply): fills the response.
        reply: (id, service response) -> reply.
        timeout_s: how long a client waits before it gives up (longer than the server's own time-outs).
    """

    name: str
    ros_type: str
    record: type[r.Request]
    fill: Callable[[TypeFactory, Any, Any], None]
    read: Callable[[int, Any], r.Request]
    answer: Callable[[TypeFactory, Any, r.Reply], None]
    reply: Callable[[int, Any], r.Reply]
    timeout_s: float = 8.0
    mission_type: MissionType | None = None


def waypoint_msg(types: TypeFactory, item: MissionItem) -> Any:
    """Return mavros_msgs/Waypoint."""
    return types("mavros_msgs/msg/Waypoint")(
        frame=item.frame, command=item.command, is_current=item.is_current, autocontinue=item.autocontinue,
        param1=float(item.param1), param2=float(item.param2), param3=float(item.param3), param4=float(item.param4),
        x_lat=float(item.x_lat_deg), y_long=float(item.y_lon_deg), z_alt=float(item.z_alt_m),
    )  # fmt: skip


def waypoint_item(m: Any) -> MissionItem:
    """Return the item of mavros_msgs/Waypoint."""
    return MissionItem(
        int(m.frame), int(m.command), float(m.x_lat), float(m.y_long), float(m.z_alt),
        float(m.param1), float(m.param2), float(m.param3), float(m.param4), bool(m.is_current), bool(m.autocontinue),
    )  # fmt: skip


def param_value_msg(types: TypeFactory, value: r.ParamValue | None) -> Any:
    """Return rcl_interfaces/ParameterValue."""
    kind = _NOT_SET if value is None else (_INTEGER if isinstance(value, int) else _DOUBLE)
    message = types("rcl_interfaces/msg/ParameterValue")(type=kind)
    if isinstance(value, int):
        message.integer_value = value
    elif value is not None:
        message.double_value = value
    return message


def param_value(m: Any) -> r.ParamValue | None:
    """Return the number of rcl_interfaces/ParameterValue, None for anything else."""
    if m.type == _INTEGER:
        return int(m.integer_value)
    return float(m.double_value) if m.type == _DOUBLE else None


def _assign(message: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(message, name, value)


def _answer_command(_types: TypeFactory, m: Any, reply: r.Reply) -> None:
    _assign(m, success=reply.success, result=reply.result)


def _reply_command(request_id: int, m: Any) -> r.Reply:
    detail = "" if m.success else ("no acknowledgement" if m.result == 0 else f"MAV_RESULT {m.result}")
    return r.Reply(request_id, bool(m.success), int(m.result), None, detail)


def _answer_success(_types: TypeFactory, m: Any, reply: r.Reply) -> None:
    m.success = reply.success


def _reply_success(request_id: int, m: Any) -> r.Reply:
    return r.Reply(request_id, bool(m.success))


def _fill_tol(_types: TypeFactory, m: Any, q: r.Takeoff | r.Land) -> None:
    _assign(m, min_pitch=float(q.min_pitch_deg), yaw=float(q.yaw_deg), latitude=float(q.lat_deg))
    _assign(m, longitude=float(q.lon_deg), altitude=float(q.altitude_m))


def _read_tol(kind: type[r.Takeoff] | type[r.Land]) -> Callable[[int, Any], r.Request]:
    return lambda i, m: kind(i, m.altitude, m.yaw, m.latitude, m.longitude, m.min_pitch)


def _fill_long(_types: TypeFactory, m: Any, q: r.CommandLong) -> None:
    _assign(m, broadcast=q.broadcast, command=q.command, confirmation=q.confirmation)
    for index, value in enumerate(q.params, start=1):
        setattr(m, f"param{index}", float(value))


def _read_long(i: int, m: Any) -> r.Request:
    params = (m.param1, m.param2, m.param3, m.param4, m.param5, m.param6, m.param7)
    return r.CommandLong(i, int(m.command), params, int(m.confirmation), bool(m.broadcast))


def _fill_home(_types: TypeFactory, m: Any, q: r.SetHome) -> None:
    _assign(m, current_gps=q.current_gps, yaw=float(q.yaw_deg), latitude=float(q.lat_deg))
    _assign(m, longitude=float(q.lon_deg), altitude=float(q.altitude_m))


def _fill_set_param(types: TypeFactory, m: Any, q: r.SetParam) -> None:
    _assign(m, force_set=q.force, param_id=q.name, value=param_value_msg(types, q.value))


def _read_set_param(i: int, m: Any) -> r.Request:
    value = param_value(m.value)
    return r.SetParam(i, m.param_id, float("nan") if value is None else value, bool(m.force_set))


def _answer_set_param(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    held = reply.payload if isinstance(reply.payload, int | float) else None
    _assign(m, success=reply.success, value=param_value_msg(types, held))


def _count(payload: r.Payload) -> int:
    return len(payload) if isinstance(payload, tuple) else int(payload or 0)


def _answer_get_params(types: TypeFactory, m: Any, reply: r.Reply) -> None:
    values = reply.payload if isinstance(reply.payload, tuple) else ()
    m.values = [param_value_msg(types, v if isinstance(v, int | float) else None) for v in values]


def _command_spec(name: str, kind: str, record: type[r.Request], fill: Any, read: Any) -> ServiceSpec:
    return ServiceSpec(
        f"mavros/cmd/{name}", f"mavros_msgs/srv/{kind}", record, fill, read, _answer_command, _reply_command
    )


def _list_specs(kind: MissionType) -> tuple[ServiceSpec, ...]:
    root = f"mavros/{_LIST_ROOTS[kind]}"
    push = ServiceSpec(
        f"{root}/push", "mavros_msgs/srv/WaypointPush", r.PushItems,
        fill=lambda t, m, q: _assign(m, start_index=q.start_index, waypoints=[waypoint_msg(t, i) for i in q.items]),
        read=lambda i, m: r.PushItems(i, kind, tuple(waypoint_item(w) for w in m.waypoints), int(m.start_index)),
        answer=lambda _t, m, reply: _assign(m, success=reply.success, wp_transfered=_count(reply.payload)),
        reply=lambda i, m: r.Reply(i, bool(m.success), 0, int(m.wp_transfered)),
        timeout_s=60.0, mission_type=kind,
    )  # fmt: skip
    pull = ServiceSpec(
        f"{root}/pull", "mavros_msgs/srv/WaypointPull", r.PullItems,
        fill=lambda _t, _m, _q: None,
        read=lambda i, _m: r.PullItems(i, kind),
        answer=lambda _t, m, reply: _assign(m, success=reply.success, wp_received=_count(reply.payload)),
        reply=lambda i, m: r.Reply(i, bool(m.success), 0, int(m.wp_received)),
        timeout_s=60.0, mission_type=kind,
    )  # fmt: skip
    clear = ServiceSpec(
        f"{root}/clear", "mavros_msgs/srv/WaypointClear", r.ClearItems,
        fill=lambda _t, _m, _q: None,
        read=lambda i, _m: r.ClearItems(i, kind),
        answer=_answer_success, reply=_reply_success, mission_type=kind,
    )  # fmt: skip
    return push, pull, clear


SERVICES: tuple[ServiceSpec, ...] = (
    _command_spec(
        "arming", "CommandBool", r.Arm,
        lambda _t, m, q: _assign(m, value=q.value), lambda i, m: r.Arm(i, bool(m.value)),
    ),
    _command_spec("command", "CommandLong", r.CommandLong, _fill_long, _read_long),
    _command_spec("takeoff", "CommandTOL", r.Takeoff, _fill_tol, _read_tol(r.Takeoff)),
    _command_spec("land", "CommandTOL", r.Land, _fill_tol, _read_tol(r.Land)),
    _command_spec(
        "set_home", "CommandHome", r.SetHome, _fill_home,
        lambda i, m: r.SetHome(i, bool(m.current_gps), m.yaw, m.latitude, m.longitude, m.altitude),
    ),
    ServiceSpec(
        "mavros/set_mode", "mavros_msgs/srv/SetMode", r.SetMode, fill=lambda _t, m, q: _assign(m, base_mode=q.base_mode,
        custom_mode=q.custom_mode), read=lambda i, m: r.SetMode(i, m.custom_mode, int(m.base_mode)), answer=lambda _t,
        m, reply: _assign(m, mode_sent=reply.success), reply=lambda i, m: r.Reply(i, bool(m.mode_sent), 0, None, "" if
        m.mode_sent else "MAVROS does not know the mode"),
    ),
    ServiceSpec(
        "mavros/set_message_interval", "mavros_msgs/srv/MessageInterval", r.SetMessageInterval,
        fill=lambda _t, m, q: _assign(m, message_id=q.message_id, message_rate=float(q.rate_hz)),
        read=lambda i, m: r.SetMessageInterval(i, int(m.message_id), float(m.message_rate)),
        answer=_answer_success, reply=_reply_success,
    ),
    ServiceSpec(
        "mavros/param/pull", "mavros_msgs/srv/ParamPull", r.PullParams,
        fill=lambda _t, m, q: _assign(m, force_pull=q.force),
        read=lambda i, m: r.PullParams(i, bool(m.force_pull)),
        answer=lambda _t, m, reply: _assign(m, success=reply.success, param_received=_count(reply.payload)),
        reply=lambda i, m: r.Reply(i, bool(m.success), 0, int(m.param_received)),
        timeout_s=60.0,
    ),
    ServiceSpec(
        "mavros/param/get_parameters", "rcl_interfaces/srv/GetParameters", r.GetParams,
        fill=lambda _t, m, q: _assign(m, names=list(q.names)),
        read=lambda i, m: r.GetParams(i, tuple(m.names)),
        answer=_answer_get_params,
        reply=lambda i, m: r.Reply(i, True, 0, tuple(param_value(v) for v in m.values)),
    ),
    ServiceSpec(
        "mavros/param/set", "mavros_msgs/srv/ParamSetV2", r.SetParam, _fill_set_param, _read_set_param,
        answer=_answer_set_param, reply=lambda i, m: r.Reply(i, bool(m.success), 0, param_value(m.value)),
    ),
    *_list_specs(MissionType.MISSION),
    *_list_specs(MissionType.FENCE),
    *_list_specs(MissionType.RALLY),
    ServiceSpec(
        "mavros/mission/set_current", "mavros_msgs/srv/WaypointSetCurrent", r.SetCurrent,
        fill=lambda _t, m, q: _assign(m, wp_seq=q.sequence),
        read=lambda i, m: r.SetCurrent(i, int(m.wp_seq)),
        answer=_answer_success, reply=_reply_success,
    ),
)  # fmt: skip


def service_of(request: r.Request) -> ServiceSpec:
    """Return the service that carries a request."""
    kind = getattr(request, "mission_type", None)
    return next(s for s in SERVICES if s.record is type(request) and s.mission_type == kind)
