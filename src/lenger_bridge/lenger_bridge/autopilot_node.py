"""autopilot_node: the only node that commands MAVROS, real or embedded; it uses nothing that real MAVROS lacks."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from rclpy.client import Client
from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.service import Service

from lenger_bridge.autopilot import AutopilotCore
from lenger_bridge.mavros_services import LIST_TOPICS, ServiceSpec, param_value, service_of, waypoint_item
from lenger_bridge.requests import GetParams, PullItems, Reply, Request
from lenger_bridge.settings import AutopilotSettings
from lenger_core.errors import InputError
from lenger_core.ros.node import ERROR, OK, WARN, LengerNode, run_node
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import Authority, Command, PositionSetpoint
from lenger_core.vehicles import load_vehicle
from lenger_core.wire import TOPICS
from lenger_core.zones import load_zones
from lenger_mavlink.transfer_client import MissionItem, MissionType

LATCHED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)
LIST_GRACE_NS = 300_000_000
"""After a pull answered: MAVROS also publishes what was pushed, so the list that came last within this time counts."""
LIST_WAIT_NS = 3_000_000_000
SEND_WITHIN_NS = 1_000_000_000
"""A request that found no server by then is dropped: a mode asked for late would be a surprise."""
PUBLISHER_CHECK_NS = 500_000_000


@dataclass
class _Call:
    request: Request
    spec: ServiceSpec
    deadline_ns: int
    sent: bool = False
    list_version: int = 0
    reply: Reply | None = None
    """Of a pull: kept until the list has come."""
    ready_ns: int = 0
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class _List:
    items: tuple[MissionItem, ...] = ()
    version: int = 0


class AutopilotNode(LengerNode[AutopilotSettings]):
    """The shell of `AutopilotCore`."""

    def __init__(self) -> None:
        super().__init__("autopilot", AutopilotSettings)
        settings = self.settings
        contracts = load_vehicle(settings.vehicle).failsafe_parameters
        if settings.autopilot not in contracts:
            known = ", ".join(contracts) or "none"
            expected = f"one with a failsafe contract in {settings.vehicle}.yaml: {known}"
            raise InputError("node autopilot, parameter", "autopilot", settings.autopilot, expected)
        contract = contracts[settings.autopilot]
        zones = load_zones(settings.fence_file) if settings.fence_file else None
        self._core = AutopilotCore(settings, contract, zones)
        for note in self._core.fence.notes if self._core.fence is not None else ():
            self.get_logger().info(f"fence: {note}")
        self._calls: dict[int, _Call] = {}
        self._service_clients: dict[str, Client] = {}
        self._lists = {kind: _List() for kind in MissionType}
        self._upload_headers: dict[int, Any] = {}
        self._last_ticket = 0
        self._seen_publishers = (0, -PUBLISHER_CHECK_NS)
        self.subscribe("mavros/state", self._core.on_fcu_state)
        self.subscribe("mavros/extended_state", self._core.on_extended)
        self.subscribe("mavros/sys_status", self._core.on_sys_status)
        self.subscribe("mavros/global_position/global", self._core.on_global)
        self.subscribe("mavros/local_position/odom", self._core.on_local)
        self.subscribe("mavros/home_position/home", self._core.on_home)
        self.subscribe("mavros/battery", self._core.on_battery)
        self.subscribe("mavros/statustext/recv", self._core.on_statustext)
        self.subscribe("mavros/gpsstatus/gps1/raw", self._core.health.on_gnss)
        self.subscribe("mavros/wind_estimation", self._core.health.on_wind)
        self.subscribe("mavros/radio_status", self._core.health.on_radio)
        self.subscribe("guard/status", self._core.pilot_texts.on_guard)
        self.subscribe("guard/command", self._on_command)
        waypoints = rclpy_types("mavros_msgs/msg/WaypointList")
        for kind, topic in LIST_TOPICS.items():
            self.create_subscription(waypoints, topic, partial(self._on_list, kind), LATCHED)
        self._upload = self.create_service(
            rclpy_types("lenger_interfaces/srv/UploadItems"), "autopilot/upload", lambda request, _response: request
        )
        # rclpy answers with what the callback returns, at once; the answer goes out when the list was read back.
        self._upload.send_response = self._on_upload
        self.every(settings.rate_hz, self._tick)

    # ------------------------------------------------------------ inputs

    def _on_command(self, command: Command) -> None:
        now_ns = self.now_ns()
        if self._core.on_command(command, now_ns, self._guard_publishers(now_ns)) is None:
            self._step(now_ns)

    def _guard_publishers(self, now_ns: int) -> int:
        """Return how many publish guard/command; asked twice a second, the graph query is not free."""
        if abs(now_ns - self._seen_publishers[1]) >= PUBLISHER_CHECK_NS:
            self._seen_publishers = (self.publishers_on("guard/command"), now_ns)
        return self._seen_publishers[0]

    def _on_list(self, kind: MissionType, message: Any) -> None:
        items = tuple(waypoint_item(w) for w in message.waypoints)
        self._lists[kind] = _List(items, self._lists[kind].version + 1)
        if kind is MissionType.RALLY:
            self._core.on_rally(len(items))
        elif kind is MissionType.MISSION:
            topic = LIST_TOPICS[kind]
            self._core.health.on_mission(TOPICS[topic].decode(message))
        else:
            self._core.on_fence(items)

    def _on_upload(self, request: Any, header: Any) -> None:
        self._last_ticket += 1
        kinds = {int(kind): kind for kind in MissionType}
        if request.kind not in kinds:
            known = ", ".join(f"{number} {kind.name}" for number, kind in kinds.items())
            refusal = f"upload refused: kind {request.kind}, expected one of {known}"
        else:
            items = tuple(waypoint_item(w) for w in request.items)
            refusal = self._core.upload(self._last_ticket, kinds[request.kind], items)
        if refusal:
            self._answer_upload(header, success=False, message=refusal, count=0)
        else:
            self._upload_headers[self._last_ticket] = header

    def _answer_upload(self, header: Any, success: bool, message: str, count: int) -> None:
        response = rclpy_types("lenger_interfaces/srv/UploadItems").Response()
        response.success, response.message, response.count = success, message, count
        Service.send_response(self._upload, response, header)

    # ------------------------------------------------------------ step

    def _tick(self) -> None:
        now_ns = self.now_ns()
        self._look_at_calls(now_ns)
        self._step(now_ns, publish_status=True)

    def _step(self, now_ns: int, publish_status: bool = False) -> None:
        output = self._core.step(now_ns)
        for setpoint in output.setpoints:
            position = isinstance(setpoint, PositionSetpoint)
            self.publish("mavros/setpoint_raw/global" if position else "mavros/setpoint_raw/local", setpoint)
        for request in output.requests:
            spec = service_of(request)
            self._calls[request.request_id] = _Call(request, spec, now_ns + SEND_WITHIN_NS)
            self._send(self._calls[request.request_id])
        for text in output.texts:
            self.publish("mavros/statustext/send", text)
        self.events(output.events)
        for result in output.uploads:
            header = self._upload_headers.pop(result.ticket, None)
            if header is not None:
                self._answer_upload(header, result.success, result.message, result.count)
        if publish_status:
            self.publish("vehicle/status", output.status)
            level = OK if output.status.ready else WARN
            level = ERROR if output.status.authority is Authority.EXTERNAL else level
            self.diagnose("autopilot", level, output.status.reason or output.status.mode, {"mode": output.status.mode})

    # ------------------------------------------------------------ services

    def _client(self, spec: ServiceSpec) -> Client:
        if spec.name not in self._service_clients:
            self._service_clients[spec.name] = self.create_client(rclpy_types(spec.ros_type), spec.name)
        return self._service_clients[spec.name]

    def _send(self, call: _Call) -> None:
        """Call the service, or wait for the next tick while nobody offers it yet."""
        client = self._client(call.spec)
        if not client.service_is_ready():
            return
        message = rclpy_types(call.spec.ros_type).Request()
        call.spec.fill(rclpy_types, message, call.request)
        call.sent, call.deadline_ns = True, self.now_ns() + int(call.spec.timeout_s * 1e9)
        call.list_version = self._list_of(call).version
        client.call_async(message).add_done_callback(partial(self._on_response, call))

    def _on_response(self, call: _Call, future: Any) -> None:
        identity = call.request.request_id
        if self._calls.get(identity) is not call:
            return
        response = future.result()
        reply = (
            Reply(identity, False, 0, None, "the service call failed")
            if response is None
            else call.spec.reply(identity, response)
        )
        if isinstance(call.request, PullItems) and reply.success:
            call.reply, call.ready_ns = reply, self.now_ns() + LIST_GRACE_NS
            return
        if (
            response is not None
            and isinstance(call.request, GetParams)
            and len(response.values) != len(call.request.names)
        ):
            self._get_singly(call)
            return
        self._finish(identity, reply)

    def _get_singly(self, call: _Call) -> None:
        """Ask for one parameter at a time: rclcpp answers with nothing when one of several is missing."""
        for name in call.request.names:
            message = rclpy_types(call.spec.ros_type).Request(names=[name])
            future = self._client(call.spec).call_async(message)
            future.add_done_callback(partial(self._on_single, call, name))

    def _on_single(self, call: _Call, name: str, future: Any) -> None:
        identity = call.request.request_id
        response = future.result()
        call.values[name] = param_value(response.values[0]) if response is not None and response.values else None
        if len(call.values) == len(call.request.names) and self._calls.get(identity) is call:
            payload = tuple(call.values[wanted] for wanted in call.request.names)
            self._finish(identity, Reply(identity, True, 0, payload))

    def _look_at_calls(self, now_ns: int) -> None:
        for identity, call in list(self._calls.items()):
            if call.reply is not None:
                self._finish_pull(call, call.reply, now_ns)
            elif now_ns >= call.deadline_ns:
                what = "no answer from" if call.sent else "nobody offers"
                self._finish(identity, Reply(identity, False, 0, None, f"{what} {call.spec.name}"))
            elif not call.sent:
                self._send(call)

    def _finish_pull(self, call: _Call, reply: Reply, now_ns: int) -> None:
        """Answer a pull with the list that MAVROS published for it."""
        if now_ns < call.ready_ns:
            return
        held = self._list_of(call)
        if held.version != call.list_version:
            self._finish(reply.request_id, replace(reply, payload=held.items))
        elif now_ns >= call.ready_ns + LIST_WAIT_NS:
            kind = getattr(call.request, "mission_type", MissionType.FENCE)
            detail = f"nothing on {LIST_TOPICS[kind]}"
            self._finish(reply.request_id, replace(reply, success=False, detail=detail))

    def _list_of(self, call: _Call) -> _List:
        return self._lists[getattr(call.request, "mission_type", MissionType.FENCE)]

    def _finish(self, identity: int, reply: Reply) -> None:
        del self._calls[identity]
        self._core.on_reply(reply)


def main() -> None:
    """Run the node."""
    run_node(AutopilotNode)


if __name__ == "__main__":
    main()
