"""The flying part of the autopilot core: commands to modes and setpoints, latches, and who has authority."""

from __future__ import annotations

from lenger_bridge.dialects import unnamed_mode
from lenger_bridge.helm import Helm
from lenger_bridge.mode_watch import Verdict
from lenger_bridge.orders import Orders
from lenger_bridge.requests import Reply
from lenger_bridge.setpoint_stream import STREAMED, Setpoint
from lenger_bridge.vehicle_state import QUOTE_WITHIN_NS
from lenger_core.samples import Authority, Command, FcuState

LANDING_SHOWS_NS = 1_500_000_000
"""Within this time of disarming the landing must show too: an autopilot that started again shows none."""


class Pilot:
    """Carries out commands; asks for each mode once.

    Args:
        helm: modes, stream and latch.
        orders: the orders that are given once.
    """

    def __init__(self, helm: Helm, orders: Orders) -> None:
        self._helm, self._orders = helm, orders
        self._state, self._out = helm.state, helm.out
        self._named = False
        self._disarmed_ns: int | None = None

    @property
    def owning(self) -> bool:
        """Whether the aircraft flies what we asked for."""
        return self._helm.watch.owning

    @property
    def authority(self) -> Authority:
        """Who flies."""
        if not self._state.connected or not self._state.armed:
            return Authority.NONE
        return Authority.LENGER if self.owning else Authority.EXTERNAL

    # ------------------------------------------------------------ what the autopilot says

    def on_state(self, before: FcuState | None, state: FcuState, stood: bool) -> None:
        """Take a state report, the one before it (armed corrected for lost links), and whether the aircraft stood."""
        was_connected, was_armed = before is not None and before.connected, before is not None and before.armed
        if not state.connected:
            self._named = False
            if was_connected:
                self._helm.let_go("link_lost", "link to the autopilot lost")
            return
        if state.armed and not was_armed:
            self._on_armed(restart=before is None)
        if was_armed and not state.armed:
            self._out.event("disarmed", f"disarmed in {state.mode}")
            self._helm.release()
            self._disarmed_ns = self._out.now_ns
            if not stood and before is not None and before.mode != state.mode:
                self._disarmed_in_air()  # an autopilot that started again says that it stands on the ground
        if unnamed_mode(state.mode) and not self._named:
            return  # MAVROS does not know the autopilot's type yet; later a mode without a name is a mode all the same
        self._named = True
        verdict = self._helm.watch.on_mode(state.mode)
        if verdict is Verdict.CONFIRMED:
            self._out.event("mode_confirmed", state.mode)
        elif verdict is Verdict.EXTERNAL:
            said = self._state.quote(self._out.now_ns - QUOTE_WITHIN_NS)
            changed = f"mode changed from {before.mode if before else ''} to {state.mode}"
            self._helm.let_go("mode_lost", f"{changed}, not by us: pilot or autopilot failsafe flies{said}")

    def on_reply(self, label: str, reply: Reply) -> None:
        """Take the reply to a request of ours."""
        self._orders.on_reply(label, reply)

    def deadlines(self) -> None:
        """Latch when a mode, arming or a landing does not show in time."""
        now_ns, helm = self._out.now_ns, self._helm
        failed = helm.watch.expired(self._state.mode, now_ns)
        if failed:
            why = f"mode {failed} asked for, still {self._state.mode}{self._state.quote(now_ns - helm.confirm_ns)}"
            self._out.event("mode_failed", why)
            helm.fail(why, asked=failed)
        self._orders.deadlines()
        if self._disarmed_ns is not None and now_ns - self._disarmed_ns >= LANDING_SHOWS_NS:
            self._disarmed_ns = None
            if not self._state.landed and not self._state.armed:
                self._disarmed_in_air()

    def state_lost(self) -> None:
        """MAVROS itself went silent."""
        self._named = False
        self._helm.let_go("link_lost", "MAVROS is silent")

    # ------------------------------------------------------------ what the guard says

    def act(self, command: Command | None) -> list[Setpoint]:
        """Carry out the living command, None when the guard has none."""
        helm = self._helm
        if command is not None and helm.latch.offer(command, self._out.now_ns):
            helm.forget_orders()
            self._out.event("consent", f"latch opened by consent, command {command.kind.name}")
        if helm.latch.closed or not self._state.connected:
            return []
        if command is not None and command.kind in STREAMED:
            return self._streamed(command)
        if command is not None:
            self._orders.handlers[command.kind](command)
        if self._stream_missed():
            helm.hold_and_latch("stream_ended", "the setpoint stream ended without another command")
        return []

    def hold_and_latch(self, kind: str, reason: str) -> None:
        """Interrupt: the autopilot's own hold mode, and wait for consent."""
        self._helm.hold_and_latch(kind, reason)

    def _streamed(self, command: Command) -> list[Setpoint]:
        helm = self._helm
        if not self._state.armed:
            helm.refuse(f"{command.kind.name.lower()} refused: not armed")
            return []
        if self._stream_missed():
            helm.hold_and_latch("stream_ended", "the setpoint stream stalled")
            return []
        now_ns, mode = self._out.now_ns, helm.dialect.velocity_mode
        setpoints = helm.stream.feed(command, now_ns, self._state.heading(now_ns))
        if helm.is_new(command) and helm.stream.flowing_s(now_ns) >= helm.dialect.stream_needed_s:
            helm.mark(command)
            if not helm.watch.owns(mode) or self._state.mode != mode:
                helm.ask((mode,))
        return setpoints

    def _stream_missed(self) -> bool:
        """Return whether the setpoint stream broke off while the autopilot flies by it, or is about to."""
        helm, mode = self._helm, self._helm.dialect.velocity_mode
        flies = self._state.mode == mode and helm.watch.owns(mode)
        needed = self._state.armed and (flies or helm.watch.asked == mode)
        return needed and helm.stream.broken(self._out.now_ns)

    def _disarmed_in_air(self) -> None:
        self._disarmed_ns = None
        why = "disarmed without a landing: the autopilot started again, or a crash"
        self._helm.let_go("disarmed_in_air", why)

    def _on_armed(self, restart: bool) -> None:
        self._disarmed_ns = None
        if self._orders.on_armed():
            return
        why = "started in flight: waiting for consent" if restart else "armed by somebody else"
        self._out.event("armed_elsewhere", why)
        self._helm.latch.close(self._out.now_ns, why)
