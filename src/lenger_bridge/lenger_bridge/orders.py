"""The orders that are given once: arm, take off, start the uploaded mission, a mode, disarm."""

from __future__ import annotations

from collections.abc import Callable

from lenger_bridge.helm import Helm, OrderKey, key_of
from lenger_bridge.requests import Arm, Reply, SetCurrent, Takeoff
from lenger_bridge.vehicle_state import QUOTE_WITHIN_NS
from lenger_core.samples import Command, CommandKind


class Orders:
    """Carries out each order once.

    Args:
        helm: modes, stream and latch.
        problem: returns why arming must be refused, "" when nothing speaks against it.
        mission_problem: (item) -> why the uploaded mission must not be started, "" when nothing speaks against it.
    """

    def __init__(self, helm: Helm, problem: Callable[[], str], mission_problem: Callable[[int], str]) -> None:
        self._helm = helm
        self._problem, self._mission_problem = problem, mission_problem
        self._arming_until_ns: int | None = None
        self._starting: OrderKey | None = None
        self.rally_points = 0
        dialect = helm.dialect
        self.handlers: dict[CommandKind, Callable[[Command], None]] = {
            CommandKind.NONE: lambda _command: None,
            CommandKind.ARM: self._arm,
            CommandKind.TAKEOFF: self._takeoff,
            CommandKind.HOLD: lambda c: self._mode(c, (dialect.hold_mode,)),
            CommandKind.LAND: lambda c: self._mode(c, dialect.land_settles),
            CommandKind.RETURN: self._return,
            CommandKind.DISARM: self._disarm,
            CommandKind.MISSION: self._mission,
        }

    @property
    def arming(self) -> bool:
        """Whether arming was asked for and does not show yet."""
        return self._arming_until_ns is not None

    @property
    def mission_starting(self) -> bool:
        """Whether the uploaded mission was asked for and does not show yet."""
        asked = self._helm.watch.asked == self._helm.dialect.mission_settles[0]
        return asked or self._starting is not None

    # ------------------------------------------------------------ what the autopilot says

    def on_armed(self) -> bool:
        """Take that the motors turn now; return whether we asked for it."""
        asked, self._arming_until_ns = self._arming_until_ns is not None, None
        if asked:
            self._helm.out.event("armed", f"armed in {self._helm.state.mode}")
        return asked

    def on_reply(self, label: str, reply: Reply) -> None:
        """Take the reply to a request of ours."""
        if reply.success:
            if label == "mission item":
                self._start()
            return
        helm = self._helm
        if label == "mission item":
            self._starting = None
        silent = reply.result == 0  # MAVROS got no acknowledgement: what was asked for may have happened all the same
        if silent and self._happened(label):
            helm.out.event("ack_lost", f"{label}: {reply.detail or 'no acknowledgement'}, but it was done")
            return
        said = helm.state.quote(helm.out.now_ns - QUOTE_WITHIN_NS)
        why = f"{label} refused: {reply.detail or f'result {reply.result}'}{said}"
        helm.out.event("request_refused", why)
        if label == "arming":
            self._arming_until_ns = None
            helm.release()
        if label == "takeoff" and helm.watch.asked == helm.dialect.takeoff_modes[0]:
            helm.watch.claim(helm.dialect.arm_modes)
        helm.fail(why, asked=label.removeprefix("mode ") if label.startswith("mode ") else "")

    def deadlines(self) -> None:
        """Latch when arming does not show in time."""
        helm = self._helm
        if self._arming_until_ns is None or helm.out.now_ns < self._arming_until_ns:
            return
        self._arming_until_ns = None
        why = f"arming acknowledged, but not armed{helm.state.quote(helm.out.now_ns - helm.confirm_ns)}"
        helm.out.event("arm_failed", why)
        helm.release()
        helm.fail(why, asked="")

    def _happened(self, label: str) -> bool:
        """Return whether the reported state shows that a request without acknowledgement was carried out."""
        helm = self._helm
        if label == "arming":
            return helm.state.armed and self._arming_until_ns is None
        if label == "disarming":
            return not helm.state.armed
        if label == "takeoff":
            return helm.watch.asked != helm.dialect.takeoff_modes[0] and helm.watch.owning and not helm.state.landed
        return label.startswith("mode ") and helm.watch.owns(label.removeprefix("mode "))

    # ------------------------------------------------------------ orders

    def _mode(self, command: Command, modes: tuple[str, ...]) -> None:
        helm = self._helm
        if not helm.is_new(command) or not helm.state.armed:
            return
        helm.mark(command)
        if helm.state.mode == modes[0] and helm.watch.owns(modes[0]):
            helm.watch.claim(modes)
        else:
            helm.ask(modes)

    def _return(self, command: Command) -> None:
        if self.rally_points:
            self._helm.refuse(
                f"return refused: {self.rally_points} rally points are uploaded, and the guard checked the way home"
            )
            return
        self._mode(command, self._helm.dialect.return_settles)

    def _arm(self, command: Command) -> None:
        helm = self._helm
        if helm.state.armed or not helm.is_new(command) or helm.watch.asked:
            return
        problem = self._problem()
        if problem:
            helm.refuse(f"arming refused: {problem}")
            return
        if helm.state.mode not in helm.dialect.arm_modes:
            helm.ask(helm.dialect.arm_modes)
            return
        helm.mark(command)
        helm.watch.claim(helm.dialect.arm_modes)
        self._arming_until_ns = helm.out.now_ns + helm.confirm_ns
        helm.out.event("arm_asked", f"in {helm.state.mode}")
        helm.out.ask(Arm(helm.out.take_id(), True), "arming")

    def _takeoff(self, command: Command) -> None:
        helm = self._helm
        if not helm.is_new(command):
            return
        if not helm.state.armed:
            if self._arming_until_ns is None:
                helm.refuse("takeoff refused: not armed")
            return
        home = helm.state.home
        altitude = helm.dialect.takeoff_altitude_m(command.alt_amsl_m, home.alt_amsl_m if home else 0.0)
        if helm.dialect.takeoff_above_home and (home is None or altitude <= 0.0):
            helm.refuse(f"takeoff refused: {command.alt_amsl_m:.1f} m AMSL is not above home")
            return
        helm.mark(command)
        helm.watch.ask(helm.dialect.takeoff_modes, helm.state.mode, helm.out.now_ns)
        helm.out.event("takeoff_asked", f"to {command.alt_amsl_m:.1f} m AMSL")
        helm.out.ask(Takeoff(helm.out.take_id(), altitude), "takeoff")

    def _disarm(self, command: Command) -> None:
        helm = self._helm
        if not helm.is_new(command) or not helm.state.armed:
            return
        if not helm.state.landed:
            helm.refuse("disarming refused: not landed")
            return
        helm.mark(command)
        helm.out.ask(Arm(helm.out.take_id(), False), "disarming")

    def _mission(self, command: Command) -> None:
        helm = self._helm
        if not helm.is_new(command):
            return
        problem = "not in the air" if not helm.state.armed or helm.state.landed else ""
        problem = problem or self._mission_problem(command.mission_item)
        if problem:
            helm.refuse(f"mission start refused: {problem}")
            return
        helm.mark(command)
        self._starting = key_of(command)
        if command.mission_item < 0:
            self._start()
            return
        if helm.streaming:  # the item may take longer than the stream may pause
            helm.stream.reset()
            helm.ask((helm.dialect.hold_mode,))
        first = command.mission_item + helm.dialect.mission_offset
        helm.out.event("mission_item_asked", f"item {command.mission_item}")
        helm.out.ask(SetCurrent(helm.out.take_id(), first), "mission item")

    def _start(self) -> None:
        """Ask for the mission mode, unless another order has come since the item was asked for."""
        helm, modes = self._helm, self._helm.dialect.mission_settles
        key, self._starting = self._starting, None
        if key is None or not helm.carried_out_last(key) or helm.latch.closed:
            return
        if helm.state.mode == modes[0] and helm.watch.owns(modes[0]):
            helm.watch.claim(modes)
        else:
            helm.ask(modes)
