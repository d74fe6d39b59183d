"""The flying part of the autopilot core: commands to modes and setpoints, latches, and who has authority."""

from __future__ import annotations

from collections.abc import Callable

from lenger_bridge.dialects import Dialect, unnamed_mode
from lenger_bridge.latch import Latch
from lenger_bridge.mode_watch import ModeWatch, Verdict
from lenger_bridge.outbox import Outbox
from lenger_bridge.requests import Arm, Reply, SetMode, Takeoff
from lenger_bridge.vehicle_state import QUOTE_WITHIN_NS, VehicleState
from lenger_bridge.velocity_stream import VelocityStream
from lenger_core.samples import Authority, Command, CommandKind, FcuState, VelocitySetpoint

Setpoints = list[VelocitySetpoint]


class Pilot:
    """Carries out commands; asks for each mode once.

    Args:
        dialect: the autopilot family.
        state: what MAVROS says, kept by the owner.
        outbox: where requests and events go.
        confirm_s: how long a mode or arming may take to show.
        repeat_hz: of living velocity commands.
        problem: returns why arming must be refused, "" when nothing speaks against it.
    """

    def __init__(
        self,
        dialect: Dialect,
        state: VehicleState,
        outbox: Outbox,
        confirm_s: float,
        repeat_hz: float,
        problem: Callable[[], str],
    ) -> None:
        self._dialect, self._state, self._out = dialect, state, outbox
        self._problem = problem
        self._confirm_ns = int(confirm_s * 1e9)
        self._watch = ModeWatch(confirm_s)
        self._stream = VelocityStream(repeat_hz)
        self.latch = Latch()
        self._done: tuple[CommandKind, int] | None = None
        self._arming_until_ns: int | None = None
        self._refusal_told = ""
        self._handlers: dict[CommandKind, Callable[[Command], None]] = {
            CommandKind.NONE: lambda _command: None,
            CommandKind.ARM: self._arm,
            CommandKind.TAKEOFF: self._takeoff,
            CommandKind.HOLD: lambda c: self._mode_command(c, (dialect.hold_mode,)),
            CommandKind.LAND: lambda c: self._mode_command(c, dialect.land_settles),
            CommandKind.RETURN: lambda c: self._mode_command(c, dialect.return_settles),
            CommandKind.DISARM: self._disarm,
        }

    @property
    def owning(self) -> bool:
        """Whether the aircraft flies what we asked for."""
        return self._watch.owning

    @property
    def authority(self) -> Authority:
        """Who flies."""
        if not self._state.connected or not self._state.armed:
            return Authority.NONE
        return Authority.LENGER if self.owning else Authority.EXTERNAL

    # ------------------------------------------------------------ what the autopilot says

    def on_state(self, before: FcuState | None, state: FcuState) -> None:
        """Take a state report and the one before it (armed already corrected for lost links)."""
        was_connected, was_armed = before is not None and before.connected, before is not None and before.armed
        if not state.connected:
            if was_connected:
                self._lose_link("link to the autopilot lost")
            return
        if state.armed and not was_armed:
            self._on_armed(restart=before is None)
        if was_armed and not state.armed:
            self._out.event("disarmed", f"disarmed in {state.mode}")
            self._release()
        if unnamed_mode(state.mode):
            return
        verdict = self._watch.on_mode(state.mode)
        if verdict is Verdict.CONFIRMED:
            self._out.event("mode_confirmed", state.mode)
        elif verdict is Verdict.EXTERNAL:
            self._let_go(before.mode if before else "", state.mode)

    def on_reply(self, label: str, reply: Reply) -> None:
        """Take the reply to a request of ours."""
        if reply.success:
            return
        said = self._state.quote(self._out.now_ns - QUOTE_WITHIN_NS)
        why = f"{label} refused: {reply.detail or f'result {reply.result}'}{said}"
        self._out.event("request_refused", why)
        if label == "arming":
            self._arming_until_ns = None
            self._release()
        if label == "takeoff":
            self._watch.claim(self._dialect.arm_modes)
        self._fail(why, asked=label.removeprefix("mode ") if label.startswith("mode ") else "")

    def deadlines(self) -> None:
        """Latch when a mode or arming does not show in time."""
        now_ns = self._out.now_ns
        since = now_ns - self._confirm_ns
        failed = self._watch.expired(self._state.mode, now_ns)
        if failed:
            why = f"mode {failed} asked for, still {self._state.mode}{self._state.quote(since)}"
            self._out.event("mode_failed", why)
            self._fail(why, asked=failed)
        if self._arming_until_ns is not None and now_ns >= self._arming_until_ns:
            self._arming_until_ns = None
            why = f"arming acknowledged, but not armed{self._state.quote(since)}"
            self._out.event("arm_failed", why)
            self._release()
            self._fail(why, asked="")

    def state_lost(self) -> None:
        """MAVROS itself went silent."""
        self._lose_link("MAVROS is silent")

    # ------------------------------------------------------------ what the guard says

    def act(self, command: Command | None) -> Setpoints:
        """Carry out the living command, None when the guard has none."""
        if command is not None and self.latch.offer(command, self._out.now_ns):
            self._done = None
            self._refusal_told = ""
            self._out.event("consent", f"latch opened by consent, command {command.kind.name}")
        if self.latch.closed or not self._state.connected:
            return []
        if command is not None and command.kind is CommandKind.VELOCITY:
            return self._velocity(command)
        if command is not None:
            self._handlers[command.kind](command)
        if self._stream_missed():
            self.hold_and_latch("stream_ended", "the velocity stream ended without another command")
        return []

    def hold_and_latch(self, kind: str, reason: str) -> None:
        """Interrupt: the autopilot's own hold mode, and wait for consent."""
        self._out.event(kind, reason)
        self.latch.close(self._out.now_ns, reason)
        self._stream.reset()
        hold, asked = self._dialect.hold_mode, self._watch.asked
        # A mode that is under way may still come, so the present one says nothing.
        if self._state.armed and asked != hold and (self._state.mode != hold or asked):
            self._ask((hold,))

    # ------------------------------------------------------------ commands

    def _new(self, command: Command) -> bool:
        return self._done != (command.kind, command.consent_ns)

    def _mark(self, command: Command) -> None:
        self._done = (command.kind, command.consent_ns)

    def _velocity(self, command: Command) -> Setpoints:
        if not self._state.armed:
            self._refuse("velocity refused: not armed")
            return []
        if self._stream_missed():
            self.hold_and_latch("stream_ended", "the velocity stream stalled")
            return []
        now_ns = self._out.now_ns
        setpoints = self._stream.feed(command, now_ns)
        if self._new(command) and self._stream.flowing_s(now_ns) >= self._dialect.stream_needed_s:
            self._mark(command)
            if not self._watch.owns(self._dialect.velocity_mode) or self._state.mode != self._dialect.velocity_mode:
                self._ask((self._dialect.velocity_mode,))
        return setpoints

    def _mode_command(self, command: Command, modes: tuple[str, ...]) -> None:
        if not self._new(command) or not self._state.armed:
            return
        self._mark(command)
        if self._state.mode == modes[0] and self._watch.owns(modes[0]):
            self._watch.claim(modes)
        else:
            self._ask(modes)

    def _arm(self, command: Command) -> None:
        if self._state.armed or not self._new(command) or self._watch.asked:
            return
        problem = self._problem()
        if problem:
            self._refuse(f"arming refused: {problem}")
            return
        if self._state.mode not in self._dialect.arm_modes:
            self._ask(self._dialect.arm_modes)
            return
        self._mark(command)
        self._refusal_told = ""
        self._watch.claim(self._dialect.arm_modes)
        self._arming_until_ns = self._out.now_ns + self._confirm_ns
        self._out.event("arm_asked", f"in {self._state.mode}")
        self._out.ask(Arm(self._out.take_id(), True), "arming")

    def _takeoff(self, command: Command) -> None:
        if not self._new(command):
            return
        if not self._state.armed:
            if self._arming_until_ns is None:
                self._refuse("takeoff refused: not armed")
            return
        self._mark(command)
        home = self._state.home
        altitude = self._dialect.takeoff_altitude_m(command.alt_amsl_m, home.alt_amsl_m if home else 0.0)
        self._watch.ask(self._dialect.takeoff_modes, self._state.mode, self._out.now_ns)
        self._out.event("takeoff_asked", f"to {command.alt_amsl_m:.1f} m AMSL")
        self._out.ask(Takeoff(self._out.take_id(), altitude), "takeoff")

    def _disarm(self, command: Command) -> None:
        if not self._new(command) or not self._state.armed:
            return
        if not self._state.landed:
            self._refuse("disarming refused: not landed")
            return
        self._mark(command)
        self._out.ask(Arm(self._out.take_id(), False), "disarming")

    # ------------------------------------------------------------ inner steps

    def _ask(self, modes: tuple[str, ...]) -> None:
        self._watch.ask(modes, self._state.mode, self._out.now_ns)
        self._out.event("mode_asked", modes[0])
        self._out.ask(SetMode(self._out.take_id(), modes[0]), f"mode {modes[0]}")

    def _refuse(self, why: str) -> None:
        """Tell a person once why a command is not carried out; it is again looked at in the next step."""
        if why != self._refusal_told:
            self._refusal_told = why
            self._out.event("command_refused", why)

    def _fail(self, reason: str, asked: str) -> None:
        """Latch; never leave the aircraft in a mode that lives on a stream which has stopped."""
        self.latch.close(self._out.now_ns, reason)
        self._stream.reset()
        hold, velocity, pending = self._dialect.hold_mode, self._dialect.velocity_mode, self._watch.asked
        streaming = self.owning and velocity in (self._state.mode, pending)
        if self._state.armed and streaming and hold not in (asked, pending):
            self._ask((hold,))

    def _stream_missed(self) -> bool:
        """Return whether the velocity stream broke off while the autopilot flies by it, or is about to."""
        velocity = self._dialect.velocity_mode
        flies = self._state.mode == velocity and self._watch.owns(velocity)
        needed = self._state.armed and (flies or self._watch.asked == velocity)
        return needed and self._stream.broken(self._out.now_ns)

    def _on_armed(self, restart: bool) -> None:
        if self._arming_until_ns is not None:
            self._arming_until_ns = None
            self._out.event("armed", f"armed in {self._state.mode}")
            return
        why = "started in flight: waiting for consent" if restart else "armed by somebody else"
        self._out.event("armed_elsewhere", why)
        self.latch.close(self._out.now_ns, why)

    def _let_go(self, before: str, mode: str) -> None:
        said = self._state.quote(self._out.now_ns - QUOTE_WITHIN_NS)
        reason = f"mode changed from {before} to {mode}, not by us: pilot or autopilot failsafe flies{said}"
        self._out.event("mode_lost", reason)
        self._release()
        self.latch.close(self._out.now_ns, reason)

    def _lose_link(self, reason: str) -> None:
        self._out.event("link_lost", reason)
        self._release()
        self.latch.close(self._out.now_ns, reason)

    def _release(self) -> None:
        self._watch.release()
        self._stream.reset()
