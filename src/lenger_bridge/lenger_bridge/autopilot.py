"""The autopilot core: carries out guard/command through MAVROS, and lets go whenever somebody else flies.

Rules (docs/architecture.md, chain of command): every mode is asked for once and confirmed by the reported mode; a mode
that we did not ask for means that a pilot or the autopilot's failsafe flies, so nothing more is asked for until newer
consent; a silent guard means the hold mode, never zero velocity; a restart in flight touches nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lenger_bridge.dialects import dialect_named
from lenger_bridge.fence import items_of, outside_items
from lenger_bridge.fence_check import FenceCheck
from lenger_bridge.health import Health
from lenger_bridge.helm import Helm
from lenger_bridge.intervals import Intervals
from lenger_bridge.orders import Orders
from lenger_bridge.outbox import Outbox
from lenger_bridge.pilot import Pilot
from lenger_bridge.pilot_texts import PilotTexts
from lenger_bridge.preflight import Preflight
from lenger_bridge.requests import Reply, Request
from lenger_bridge.setpoint_stream import Setpoint
from lenger_bridge.settings import AutopilotSettings
from lenger_bridge.upload import NAMES
from lenger_bridge.uploads import UploadResult, Uploads
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
)
from lenger_core.zone_fence import fence_of
from lenger_core.zones import ZoneSet
from lenger_mavlink.transfer_client import MissionItem, MissionType

REFUSAL_SHOWN_NS = 1_000_000_000
STANDS_NS = 1_500_000_000
"""After so long on the ground an aircraft stands; a shorter time may come from an autopilot that started again."""


@dataclass(frozen=True, slots=True)
class AutopilotOutput:
    """What a step gives: setpoints, service requests and texts for MAVROS, vehicle/status, events, ended uploads."""

    status: VehicleStatus
    setpoints: tuple[Setpoint, ...] = ()
    requests: tuple[Request, ...] = ()
    events: tuple[Event, ...] = ()
    uploads: tuple[UploadResult, ...] = ()
    texts: tuple[StatusText, ...] = ()


class AutopilotCore:
    """One aircraft behind MAVROS.

    Args:
        settings: of autopilot_node.
        contract: failsafe parameters that must stand before arming (the vehicle profile's for this autopilot).
        zones: fence to upload before arming, None for none.

    Attributes:
        health: takes what MAVROS tells besides flying itself.
        pilot_texts: takes guard/status, which the pilot is told of.
        fence: what the autopilot's own fence says of the zones, and notes on what it does not; None without zones.
    """

    def __init__(
        self, settings: AutopilotSettings, contract: Mapping[str, float], zones: ZoneSet | None = None
    ) -> None:
        self._settings = settings
        dialect = dialect_named(settings.autopilot)
        self.health = Health(settings.ground_link, dialect.mission_offset)
        self._state = VehicleState(
            dialect.name, settings.estimate_timeout_s, dialect.needs_local, dialect.standby_is_landed, self.health
        )
        self._fence_check = FenceCheck(dialect, settings.fence_check_s)
        self.pilot_texts = PilotTexts()
        self.fence = fence_of(zones, dialect.fence_vertices) if zones is not None else None
        self._preflight = Preflight(
            contract, dialect, items_of(self.fence) if self.fence is not None else None, settings.contract_retry_s
        )
        self._uploads = Uploads(dialect, self._state)
        self._intervals = Intervals(dialect.message_intervals)
        self._gate = CommandGate()
        self._out = Outbox()
        helm = Helm(dialect, self._state, self._out, settings.mode_confirm_s, settings.stream_rate_hz)
        self._latch = helm.latch
        self._orders = Orders(helm, self._problem, self._uploads.mission_problem)
        self._pilot = Pilot(helm, self._orders)
        self._started = False
        self._stands_since_ns: int | None = None
        self._states: list[FcuState] = []
        self._replies: list[Reply] = []
        self._heard_ns: int | None = None
        self._mavros_silent = False
        self._guard_silent = False
        self._refusal: tuple[str, int] | None = None
        self._readiness_told: str | None = None

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
        self.health.on_sys_status(status)

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
        """Take mavros/battery; all batteries share the topic, and the first one flies the aircraft."""
        if battery.location in ("", "id0"):
            self._state.battery = battery
            self.health.on_battery(battery)

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

    def on_fence(self, items: tuple[MissionItem, ...]) -> None:
        """Take the fence that MAVROS published: somebody read or stored one."""
        self._fence_check.on_list(items, self._preflight.fence, self._out.now_ns)

    def on_rally(self, points: int) -> None:
        """Take how many rally points the autopilot holds: its return would lead to one of them."""
        self._orders.rally_points = points

    def upload(self, ticket: int, kind: MissionType, items: tuple[MissionItem, ...]) -> str:
        """Start an upload, or return the reason for refusing it; the result comes in `AutopilotOutput.uploads`.

        Args:
            ticket: comes back in the result.
            kind: mission, fence or rally points.
            items: numbered from 0 without the home that ArduPilot keeps as item 0; an empty list clears.
        """
        under_way = self._orders.mission_starting if kind is MissionType.MISSION else self._orders.arming
        if under_way:
            return f"{NAMES[kind]} upload refused: an order that needs what is there now is under way"
        home = self._state.home
        if kind is MissionType.FENCE and items and home is not None:
            why = outside_items(items, home.lat_deg, home.lon_deg)
            if why:
                return f"fence upload refused: home is {why}: PX4 drops such a fence, ArduPilot does not arm"
        return self._uploads.offer(ticket, kind, items, self._preflight.fence or ())

    # ------------------------------------------------------------ step

    def step(self, now_ns: int) -> AutopilotOutput:
        """Act on everything taken since the last step. Call at 20 Hz and after each command."""
        self._out.now_ns = now_ns
        if not self._started:
            self._started = True
            self._latch.close(now_ns, "started: waiting for consent")
        self._look_at_states(now_ns)
        self._look_at_replies(now_ns)
        self._pilot.deadlines()
        self._prepare(now_ns)
        results = self._end_uploads()
        setpoints = self._pilot.act(self._gate.current(now_ns))
        self._look_at_guard(now_ns)
        fence = self._fence_check.state, self._fence_check.text
        status = self._state.status(now_ns, self._pilot.authority, self._ready(), self._reason(now_ns), fence)
        requests, events = self._out.take()
        texts = self.pilot_texts.step(now_ns) if self._settings.pilot_texts and self._state.connected else ()
        return AutopilotOutput(status, tuple(setpoints), requests, events, results, texts)

    def _look_at_states(self, now_ns: int) -> None:
        for state in self._states:
            before = self._state.fcu
            stood = self._stands_since_ns is not None and now_ns - self._stands_since_ns >= STANDS_NS
            self._state.take_fcu(state)
            if before is not None and before.armed and not self._state.armed:
                self._preflight.recheck()
            self._pilot.on_state(before, state, stood)
            self._heard_ns = now_ns
            self._mavros_silent = False
        self._states.clear()
        if not self._state.landed:
            self._stands_since_ns = None
        elif self._stands_since_ns is None:
            self._stands_since_ns = now_ns
        timeout_ns = int(self._settings.state_timeout_s * 1e9)
        if self._heard_ns is not None and now_ns - self._heard_ns > timeout_ns and not self._mavros_silent:
            self._mavros_silent = True
            self._pilot.state_lost()
        if not self._state.connected or self._mavros_silent:
            self._preflight.reset()
            self._intervals.reset()
            self._uploads.reset("the link was lost")
            self._fence_check.reset()
            self.health.reset()

    def _look_at_replies(self, now_ns: int) -> None:
        for reply in self._replies:
            ours = (
                self._intervals.on_reply(reply),
                self._preflight.on_reply(reply, now_ns),
                self._uploads.on_reply(reply),
                self._fence_check.on_reply(reply, now_ns, self._preflight.fence),
            )
            if any(ours):
                continue
            label = self._out.label_of(reply)
            if label:
                self._pilot.on_reply(label, reply)
        self._replies.clear()

    def _prepare(self, now_ns: int) -> None:
        """Do what must be done on the ground; tell when the answer to "may it be armed" changes."""
        if not self._state.connected or self._mavros_silent:
            return
        silent = self._state.streams_silent(now_ns)
        self._ask(self._intervals.step(now_ns, silent, self._out.take_id))
        if not (self._preflight.transferring or self._fence_check.reading):
            self._ask(self._uploads.step(self._out.take_id))
        if self._state.armed:
            if not (self._preflight.transferring or self._uploads.busy or self._orders.mission_starting):
                self._ask(self._fence_check.step(now_ns, self._preflight.fence, self._out.take_id))
            return
        self._fence_check.on_ground(self._preflight.fence, *self._preflight.fence_read)
        if not self._uploads.busy:
            self._ask(self._preflight.step(now_ns, self._out.take_id))
        problem = self._problem()
        stem = problem.partition("; autopilot:")[0]
        if stem != self._readiness_told:
            self._readiness_told = stem
            self._out.event("ready" if not problem else "not_ready", problem or "may be armed")

    def _ask(self, request: Request | None) -> None:
        if request is not None:
            self._out.ask(request)

    def _end_uploads(self) -> tuple[UploadResult, ...]:
        ended = self._uploads.take_results()
        for result, job in ended:
            if result.kind is MissionType.FENCE:
                self._preflight.adopt(job) if result.success else self._preflight.restore()
            if result.kind is MissionType.RALLY and result.success:
                self._orders.rally_points = result.count
            said = f"{result.count} items read back" if result.success else result.message
            self._out.event("uploaded" if result.success else "upload_failed", f"{result.kind.name}: {said}")
        return tuple(result for result, _ in ended)

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
        if self._uploads.busy:
            return "an upload is under way"
        return self._state.readiness_problem(self._out.now_ns) or self._preflight.problem or self._home_problem()

    def _home_problem(self) -> str:
        home, fence = self._state.home, self._preflight.fence
        if not fence or home is None:
            return ""
        why = outside_items(fence, home.lat_deg, home.lon_deg)
        return f"home is {why}: the autopilot would drop the fence" if why else ""

    def _ready(self) -> bool:
        return not (self._preflight.problem if self._state.armed else self._problem())

    def _reason(self, now_ns: int) -> str:
        if self._refusal is not None and now_ns - self._refusal[1] < REFUSAL_SHOWN_NS:
            return f"guard/command refused: {self._refusal[0]}"
        problem = "" if self._state.armed else self._problem()
        return problem or self._latch.reason
