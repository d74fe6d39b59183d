"""The parts of a lockstep flight: each makes its core as its node does, and wires it to the bus as its node does."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from lenger_bridge.autopilot import AutopilotCore
from lenger_bridge.endpoint import EndpointCore, EndpointOutput
from lenger_bridge.requests import Reply
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.uploads import UploadResult
from lenger_core.samples import Event, GnssFix, ImuSample, PositionSetpoint, VehicleStatus
from lenger_fusion.fusion import FusionCore
from lenger_fusion.join import FixJoiner
from lenger_mavlink.transfer_client import MissionItem, MissionType
from lenger_mission.mission import MissionCore
from lenger_safety.guard import GuardCore
from lenger_sim.vehicle import VehicleCore
from lenger_training.exercise_core import ExerciseCore
from lenger_training.lockstep_bus import Bus, Part, Timer
from lenger_training.lockstep_setup import Setup

MS = 1_000_000
DOWN, UP = "~mavlink from the vehicle", "~mavlink to the vehicle"
TEXT = "mavros/statustext/send"
REQUEST, REPLY = "~service request", "~service reply"
UPLOAD, UPLOADED = "~upload asked for", "~upload ended"

VEHICLE_PERIOD_NS = 4 * MS
TRUTH_PERIOD_NS = 50 * MS
ODOMETRY_PERIOD_NS = 20 * MS
_SETTLED_NS = 1_000 * MS
"""The operator waits so long after everything is ready."""


def all_parts(setup: Setup, bus: Bus) -> list[Part]:
    """Return every part of the exercise stack, and the operator."""
    makers: tuple[Callable[[Setup, Bus], Part], ...] = (vehicle, endpoint, autopilot, guard, mission, fusion, grader)
    return [make(setup, bus) for make in makers]


def vehicle(setup: Setup, bus: Bus, core: VehicleCore | None = None) -> Part:
    """The embedded vehicle: MAVLink bytes both ways, and the truth; `core`: one that was made already."""
    core = core or VehicleCore(setup.vehicle_settings(), setup.profile, setup.ground, setup.seed)

    def fly(now_ns: int) -> None:
        core.step_to(now_ns)
        if frames := core.take_outgoing():
            bus.publish(DOWN, b"".join(frames))

    timers = (
        Timer(VEHICLE_PERIOD_NS, VEHICLE_PERIOD_NS, fly),
        Timer(TRUTH_PERIOD_NS, TRUTH_PERIOD_NS, lambda _: bus.publish("sim/truth", core.truth())),
    )
    return Part("vehicle", {UP: core.receive}, timers)


def endpoint(setup: Setup, bus: Bus) -> Part:
    """The embedded endpoint: MAVROS's topics and services on one side, bytes on the other."""
    core = EndpointCore(EndpointSettings())

    def hand_out(output: EndpointOutput) -> None:
        if output.bytes_out:
            bus.publish(UP, output.bytes_out)
        for topic, record in output.published:
            bus.publish(topic, record)
        for reply in output.replies:
            bus.publish(REPLY, reply)

    def on_bytes(data: bytes, now_ns: int) -> None:
        for topic, record in core.on_bytes(data, now_ns):
            bus.publish(topic, record)
        hand_out(core.step(now_ns))

    def on_request(request: Any, now_ns: int) -> None:
        core.call(request, now_ns)
        hand_out(core.step(now_ns))

    inputs = {
        DOWN: on_bytes,
        REQUEST: on_request,
        "mavros/setpoint_raw/local": lambda setpoint, now_ns: bus.publish(UP, core.setpoint(setpoint, now_ns)),
        "mavros/setpoint_raw/global": lambda setpoint, now_ns: bus.publish(UP, core.setpoint(setpoint, now_ns)),
        TEXT: lambda text, now_ns: bus.publish(UP, core.receive(TEXT, text, now_ns)),
    }
    return Part("mavros", inputs, (Timer(50 * MS, 3 * MS, lambda now_ns: hand_out(core.step(now_ns))),))


def autopilot_core(setup: Setup) -> AutopilotCore:
    """autopilot_node's core."""
    contract = setup.profile.failsafe_parameters.get(setup.autopilot, {})
    return AutopilotCore(setup.autopilot_settings(), contract, setup.zones)


def autopilot(setup: Setup, bus: Bus, core: AutopilotCore | None = None) -> Part:
    """autopilot_node's core: steps at 20 Hz and after each command; `core`: one that was made already."""
    core = core or autopilot_core(setup)

    def step(now_ns: int, publish_status: bool) -> None:
        output = core.step(now_ns)
        for setpoint in output.setpoints:
            position = isinstance(setpoint, PositionSetpoint)
            bus.publish("mavros/setpoint_raw/global" if position else "mavros/setpoint_raw/local", setpoint)
        for request in output.requests:
            bus.publish(REQUEST, request)
        for text in output.texts:
            bus.publish(TEXT, text)
        for result in output.uploads:
            bus.publish(UPLOADED, result)
        _events(bus, output.events)
        if publish_status:
            bus.publish("vehicle/status", output.status)

    def on_command(command: Any, now_ns: int) -> None:
        if core.on_command(command, now_ns) is None:
            step(now_ns, publish_status=False)

    def on_reply(reply: Reply, _: int) -> None:
        core.on_reply(reply)

    def on_upload(items: tuple[MissionItem, ...], now_ns: int) -> None:
        if refused := core.upload(1, MissionType.MISSION, items):
            bus.publish(UPLOADED, UploadResult(1, MissionType.MISSION, False, refused, 0))

    inputs: dict[str, Callable[[Any, int], None]] = {
        "mavros/state": _plain(core.on_fcu_state),
        "mavros/extended_state": _plain(core.on_extended),
        "mavros/sys_status": _plain(core.on_sys_status),
        "mavros/global_position/global": _plain(core.on_global),
        "mavros/local_position/odom": _plain(core.on_local),
        "mavros/home_position/home": _plain(core.on_home),
        "mavros/battery": _plain(core.on_battery),
        "mavros/statustext/recv": _plain(core.on_statustext),
        "mavros/gpsstatus/gps1/raw": _plain(core.health.on_gnss),
        "mavros/mission/waypoints": _plain(core.health.on_mission),
        "guard/status": _plain(core.pilot_texts.on_guard),
        "guard/command": on_command,
        UPLOAD: on_upload,
        REPLY: on_reply,
    }
    return Part("autopilot", inputs, (Timer(50 * MS, 11 * MS, lambda now_ns: step(now_ns, publish_status=True)),))


def guard_core(setup: Setup) -> GuardCore:
    """guard_node's core."""
    return GuardCore(setup.guard_settings(), setup.profile, setup.zones, setup.ground)


def guard(setup: Setup, bus: Bus, core: GuardCore | None = None) -> Part:
    """guard_node's core; `core`: one that was made already."""
    core = core or guard_core(setup)

    def step(now_ns: int) -> None:
        output = core.step(now_ns)
        bus.publish("guard/command", output.command)
        _events(bus, output.events)
        if output.status_due:
            bus.publish("guard/status", output.status)

    inputs = {
        "mission/command": core.on_command,
        "vehicle/status": _plain(core.on_vehicle),
        "fusion/odometry": _plain(core.on_odometry),
        "fusion/status": _plain(core.on_fusion_status),
        "mavros/mission/waypoints": _plain(core.on_mission),
    }
    return Part("guard", inputs, (Timer(50 * MS, 7 * MS, step),))


def mission(setup: Setup, bus: Bus) -> Part:
    """mission_node's core, and the operator who sends it the goal as soon as all is ready."""
    core = MissionCore(setup.mission_settings(), setup.profile, setup.ground)
    ready_ns = -1

    def operate(now_ns: int) -> None:
        nonlocal ready_ns
        status: VehicleStatus | None = bus.newest.get("vehicle/status")
        heard = all(topic in bus.newest for topic in ("guard/status", "mission/status", "exercise/status", "sim/truth"))
        if status is None or not status.ready or not heard or ready_ns < -1:
            return
        ready_ns = now_ns if ready_ns == -1 else ready_ns
        if now_ns - ready_ns >= _SETTLED_NS:
            ready_ns = -2
            refused = core.start(setup.plan, now_ns)
            if refused is not None:
                _events(bus, [Event(now_ns, "operator", "mission_refused", refused)])

    return mission_of(core, bus, Timer(100 * MS, 50 * MS, operate))


def mission_of(core: MissionCore, bus: Bus, *timers: Timer) -> Part:
    """A mission core as mission_node wires it; `timers`: of somebody who asks it for things."""

    def step(now_ns: int) -> None:
        output = core.step(now_ns)
        bus.publish("mission/command", output.command)
        if output.status_due or "mission/status" not in bus.newest:
            bus.publish("mission/status", output.status)
        if output.upload is not None:
            bus.publish(UPLOAD, output.upload)
        for trigger in output.camera:
            bus.publish("mission/camera", trigger)
        _events(bus, output.events)

    inputs: dict[str, Callable[[Any, int], None]] = {
        "vehicle/status": _plain(core.on_vehicle),
        "fusion/odometry": _plain(core.on_odometry),
        "fusion/status": _plain(core.on_fusion_status),
        "guard/status": _plain(core.on_guard),
        "mavros/mission/reached": _plain(core.on_reached),
        "mavros/mission/waypoints": _plain(core.on_mission),
        UPLOADED: lambda result, now_ns: core.on_uploaded(result.success, result.message, now_ns),
    }
    return Part("mission", inputs, (Timer(50 * MS, 2 * MS, step), *timers))


def fusion(setup: Setup, bus: Bus) -> Part:
    """fusion_node's core: odometry leaves with the IMU sample that completes it."""
    core, joiner = FusionCore(setup.fusion_settings()), FixJoiner()
    slot = -1

    def on_imu(sample: ImuSample, _: int) -> None:
        nonlocal slot
        core.on_imu(sample)
        now_slot = sample.t_ns // ODOMETRY_PERIOD_NS
        odometry = core.odometry(sample.t_ns) if now_slot != slot else None
        if odometry is not None:
            slot = now_slot
            bus.publish("fusion/odometry", odometry)

    def on_fix(fix: GnssFix | None) -> None:
        if fix is not None:
            core.on_gnss(fix)

    def report(now_ns: int) -> None:
        bus.publish("fusion/status", core.status(now_ns))
        _events(bus, core.take_events())

    inputs = {
        "mavros/imu/data_raw": on_imu,
        "mavros/imu/mag": _plain(core.on_mag),
        "mavros/imu/static_pressure": _plain(core.on_pressure),
        "mavros/global_position/raw/fix": lambda fix, _: on_fix(joiner.on_fix(fix)),
        "mavros/global_position/raw/gps_vel": lambda fix, _: on_fix(joiner.on_velocity(fix)),
        "mavros/gpsstatus/gps1/raw": _plain(joiner.on_extras),
        "mavros/extended_state": _plain(core.on_extended),
        "mavros/global_position/global": _plain(core.on_autopilot),
        "mavros/local_position/odom": _plain(core.on_autopilot),
    }
    return Part("fusion", inputs, (Timer(100 * MS, 5 * MS, report),))


def grader(setup: Setup, bus: Bus) -> Part:
    """exercise_node's core."""
    core = ExerciseCore(setup.exercise, setup.plan, setup.zones, setup.ground)

    def step(now_ns: int) -> None:
        output = core.step(now_ns)
        bus.publish("exercise/status", output.status)
        _events(bus, output.events)

    inputs = {
        "sim/truth": _plain(core.on_truth),
        "vehicle/status": _plain(core.on_vehicle),
        "guard/status": _plain(core.on_guard),
        "mission/status": _plain(core.on_mission),
    }
    return Part("exercise", inputs, (Timer(500 * MS, 13 * MS, step),))


def _plain(call: Callable[[Any], Any]) -> Callable[[Any, int], None]:
    """An input that does not care when it arrives."""

    def take(record: Any, _: int) -> None:
        call(record)

    return take


def _events(bus: Bus, events: Iterable[Event]) -> None:
    for event in events:
        bus.publish("events", event)
