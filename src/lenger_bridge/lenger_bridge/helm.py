"""What every order needs: asking for a mode once, the setpoint stream, the latch, and letting go."""

from __future__ import annotations

from lenger_bridge.dialects import Dialect
from lenger_bridge.latch import Latch
from lenger_bridge.mode_watch import ModeWatch
from lenger_bridge.outbox import Outbox
from lenger_bridge.requests import SetMode
from lenger_bridge.setpoint_stream import SetpointStream
from lenger_bridge.vehicle_state import VehicleState
from lenger_core.samples import Command, CommandKind

OrderKey = tuple[CommandKind, int, int]


class Helm:
    """Modes, stream and latch of one aircraft.

    Args:
        dialect: the autopilot family.
        state: what MAVROS says, kept by the owner.
        outbox: where requests and events go.
        confirm_s: how long a mode or arming may take to show.
        repeat_hz: of living streamed commands.
    """

    def __init__(
        self, dialect: Dialect, state: VehicleState, outbox: Outbox, confirm_s: float, repeat_hz: float
    ) -> None:
        self.dialect, self.state, self.out = dialect, state, outbox
        self.confirm_ns = int(confirm_s * 1e9)
        self.watch = ModeWatch(confirm_s)
        self.stream = SetpointStream(repeat_hz, dialect.keeps_heading)
        self.latch = Latch()
        self._done: OrderKey | None = None
        self._refusal_told = ""

    @property
    def streaming(self) -> bool:
        """Whether the aircraft flies by our setpoints, or is about to."""
        velocity = self.dialect.velocity_mode
        return self.watch.owning and velocity in (self.state.mode, self.watch.asked)

    def is_new(self, command: Command) -> bool:
        """Return whether an order differs from the one carried out last."""
        return self._done != key_of(command)

    def mark(self, command: Command) -> None:
        """Note an order as carried out."""
        self._done, self._refusal_told = key_of(command), ""

    def carried_out_last(self, key: OrderKey) -> bool:
        """Return whether `key` is still the last order."""
        return self._done == key

    def forget_orders(self) -> None:
        """Take the next order as new: a person agreed anew."""
        self._done, self._refusal_told = None, ""

    def ask(self, modes: tuple[str, ...]) -> None:
        """Ask for `modes[0]`, once; the autopilot may go on to the others by itself."""
        self.watch.ask(modes, self.state.mode, self.out.now_ns)
        self.out.event("mode_asked", modes[0])
        self.out.ask(SetMode(self.out.take_id(), modes[0]), f"mode {modes[0]}")

    def refuse(self, why: str) -> None:
        """Tell a person once why a command is not carried out; it is looked at again in the next step."""
        if why != self._refusal_told:
            self._refusal_told = why
            self.out.event("command_refused", why)

    def hold_and_latch(self, kind: str, reason: str) -> None:
        """Interrupt: the autopilot's own hold mode, and wait for consent."""
        self.out.event(kind, reason)
        self.latch.close(self.out.now_ns, reason)
        self.stream.reset()
        hold, asked = self.dialect.hold_mode, self.watch.asked
        # A mode that is under way may still come, so the present one says nothing.
        if self.state.armed and asked != hold and (self.state.mode != hold or asked):
            self.ask((hold,))

    def fail(self, reason: str, asked: str) -> None:
        """Latch; never leave the aircraft in a mode that lives on a stream which has stopped."""
        flows = self.streaming and self.stream.started
        self.latch.close(self.out.now_ns, reason)
        self.stream.reset()
        hold = self.dialect.hold_mode
        if self.state.armed and flows and hold not in (asked, self.watch.asked):
            self.ask((hold,))

    def release(self) -> None:
        """Own nothing, stream nothing."""
        self.watch.release()
        self.stream.reset()

    def let_go(self, kind: str, reason: str) -> None:
        """Release, and wait for consent."""
        self.out.event(kind, reason)
        self.release()
        self.latch.close(self.out.now_ns, reason)


def key_of(command: Command) -> OrderKey:
    """Return what tells one order from the next: streamed places and velocities may change within one."""
    item = command.mission_item if command.kind is CommandKind.MISSION else -1
    return command.kind, command.consent_ns, item
