"""The autopilot core: carries out guard/command through MAVROS, and lets go whenever somebody else flies.

Rules (docs/architecture.md, chain of command): every mode is asked for once and confirmed by the reported mode; a mode
that we did not ask for means that a pilot or the autopilot's failsafe flies, so nothing more is asked for until newer
consent; a silent guard means the hold mode, never zero velocity; a restart in flight touches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lenger_bridge.dialects import Dialect, dialect_named
from lenger_bridge.fence import outside_fence
from lenger_bridge.outbox import Outbox
from lenger_bridge.pilot import Pilot
from lenger_bridge.preflight import Preflight
from lenger_bridge.requests import Reply, Request, SetMessageInterval
from lenger_bridge.settings import AutopilotSettings
from lenger_bridge.vehicle_state import VehicleState
from lenger_core.command_gate import CommandGate
from lenger_core.samples import (
    BatterySample,
    Command,
    Event,
    ExtendedState,
    FcuGlobal,
    FcuHome,
    FcuLocal,
    FcuState,
    StatusText,
    SysStatus,
    VehicleStatus,
    VelocitySetpoint,
)
from lenger_core.zones import ZoneSet

REFUSAL_SHOWN_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class AutopilotOutput:
    """What a step gives: setpoints and service requests for MAVROS, vehicle/status, events."""

    status: VehicleStatus
    setpoints: tuple[VelocitySetpoint, ...] = ()
    requests: tuple[Request, ...] = ()
    events: tuple[Event, ...] = ()


class AutopilotCore:
    """One aircraft behind MAVROS.

    Args:
        settings: of autopilot_node.
        contract: failsafe parameters that must stand before arming (the vehicle profile's for this autopilot).
        zones: fence to upload before arming, None for none.
    """

    def __init__(
        self, settings: AutopilotSettings, contract: Mapping[str, float], zones: ZoneSet | None = None
    ) -> None:
        self._settings = settings
        self._dialect: Dialect = dialect_named(settings.autopilot)
        self._zones = zones
        self._state = VehicleState(self._dialect.name, settings.estimate_timeout_s)
        self._preflight = Preflight(contract, zones, settings.contract_retry_s)
        self._gate = CommandGate()
        self._out = Outbox()
        self._pilot = Pilot(
            self._dialect, self._state, self._out, settings.mode_confirm_s, settings.stream_rate_hz, self._problem
        )
        self._started = False
        self._states: list[FcuState] = []
        self._replies: list[Reply] = []
        self._heard_ns: int | None = None
        self._mavros_silent = False
        self._guard_silent = False
        self._refusal: tuple[str, int] | None = None
        self._readiness_told: str | None = None
        self._intervals_asked = False

    # ------------------------------------------------------------ inputs

    def on_fcu_state(self, state: FcuState) -> None:
        """Take mavros/state. Every one is looked at in the next step, so that a short excursion is not missed."""
        self._states.append(state)

    def on_extended(self, state: ExtendedState) -> None:
        """Take mavros/extended_state."""
        self._state.extended = state

    def on_sys_status(self, status: SysStatus) -> None:
        """Take mavros/sys_status."""
        self._state.sys_status = status

    def on_global(self, fix: FcuGlobal) -> None:
        """Take mavros/global_position/global."""
        self._state.position = fix

    def on_local(self, odometry: FcuLocal) -> None:
        """Take mavros/local_position/odom: velocity and attitude only, its origin is the autopilot's own."""
        self._state.local = odometry

    def on_home(self, home: FcuHome) -> None:
        """Take mavros/home_position/home."""
        self._state.home = home

    def on_battery(self, battery: BatterySample) -> None:
        """Take mavros/battery."""
        self._state.battery = battery

    def on_statustext(self, text: StatusText) -> None:
        """Take mavros/statustext/recv: the autopilot's own reasons."""
        self._state.texts.append(text)

    def on_command(self, command: Command, now_ns: int, publishers: int = 1) -> str | None:
        """Take guard/command; return why it was refused, None when it was accepted."""
        refusal = self._gate.offer(command, now_ns, publishers)
        if refusal is None:
            return None
        if self._refusal is None or now_ns - self._refusal[1] >= REFUSAL_SHOWN_NS:
            self._out.now_ns = now_ns
            self._out.event("command_refused", f"guard/command: {refusal}")
            self._refusal = (refusal, now_ns)
        return refusal

    def on_reply(self, reply: Reply) -> None:
        """Take the reply to one of the requests."""
        self._replies.append(reply)

    # ------------------------------------------------------------ step

    def step(self, now_ns: int) -> AutopilotOutput:
        """Act on everything taken since the last step. Call at 20 Hz and after each command."""
        self._out.now_ns = now_ns
        if not self._started:
            self._started = True
            self._pilot.latch.close(now_ns, "started: waiting for consent")
        self._look_at_states(now_ns)
        self._look_at_replies(now_ns)
        self._pilot.deadlines()
        self._prepare(now_ns)
        setpoints = self._pilot.act(self._gate.current(now_ns))
        self._look_at_guard(now_ns)
        status = self._state.status(now_ns, self._pilot.authority, self._ready(), self._reason(now_ns))
        requests, events = self._out.take()
        return AutopilotOutput(status, tuple(setpoints), requests, events)

    def _look_at_states(self, now_ns: int) -> None:
        for state in self._states:
            before = self._state.fcu
            self._state.take_fcu(state)
            self._pilot.on_state(before, state)
            self._heard_ns = now_ns
            self._mavros_silent = False
        self._states.clear()
        timeout_ns = int(self._settings.state_timeout_s * 1e9)
        if self._heard_ns is not None and now_ns - self._heard_ns > timeout_ns and not self._mavros_silent:
            self._mavros_silent = True
            self._pilot.state_lost()
        if not self._state.connected or self._mavros_silent:
            self._preflight.reset()
            self._intervals_asked = False

    def _look_at_replies(self, now_ns: int) -> None:
        for reply in self._replies:
            if self._preflight.on_reply(reply, now_ns):
                continue
            label = self._out.label_of(reply)
            if label:
                self._pilot.on_reply(label, reply)
        self._replies.clear()

    def _prepare(self, now_ns: int) -> None:
        """Do what must be done on the ground; tell when the answer to "may it be armed" changes."""
        if not self._state.connected or self._mavros_silent:
            return
        if not self._intervals_asked:
            self._intervals_asked = True
            for message_id, rate_hz in self._dialect.message_intervals:
                self._out.ask(SetMessageInterval(self._out.take_id(), message_id, rate_hz))
        if self._state.armed:
            return
        request = self._preflight.step(now_ns, self._out.take_id)
        if request is not None:
            self._out.ask(request)
        problem = self._problem()
        stem = problem.partition("; autopilot:")[0]
        if stem != self._readiness_told:
            self._readiness_told = stem
            self._out.event("ready" if not problem else "not_ready", problem or "may be armed")

    def _look_at_guard(self, now_ns: int) -> None:
        silent = self._gate.silent_s(now_ns) > self._settings.guard_silence_s
        if silent and not self._guard_silent and self._state.armed and self._pilot.owning:
            self._guard_silent = True
            self._pilot.hold_and_latch("guard_silent", f"no guard command for {self._settings.guard_silence_s:g} s")
        elif not silent:
            self._guard_silent = False

    # ------------------------------------------------------------ status

    def _problem(self) -> str:
        """Return why arming must be refused, "" when nothing speaks against it."""
        if self._mavros_silent:
            return "MAVROS is silent"
        return self._state.readiness_problem(self._out.now_ns) or self._preflight.problem or self._home_problem()

    def _home_problem(self) -> str:
        home = self._state.home
        if self._zones is None or home is None:
            return ""
        why = outside_fence(self._zones, home.lat_deg, home.lon_deg)
        return f"home is {why}: the autopilot would drop the fence" if why else ""

    def _ready(self) -> bool:
        return not (self._preflight.problem if self._state.armed else self._problem())

    def _reason(self, now_ns: int) -> str:
        if self._refusal is not None and now_ns - self._refusal[1] < REFUSAL_SHOWN_NS:
            return f"guard/command refused: {self._refusal[0]}"
        problem = "" if self._state.armed else self._problem()
        return problem or self._pilot.latch.reason
