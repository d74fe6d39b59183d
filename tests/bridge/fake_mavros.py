"""A scripted MAVROS with a PX4 or an ArduCopter behind it, at the level of requests and records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lenger_bridge import requests as r
from lenger_bridge.autopilot import AutopilotCore, AutopilotOutput
from lenger_bridge.settings import AutopilotSettings
from lenger_bridge.uploads import UploadResult
from lenger_core.samples import (
    IDENTITY,
    Command,
    CommandKind,
    ExtendedState,
    FcuGlobal,
    FcuHome,
    FcuLocal,
    FcuState,
    StatusText,
    SysStatus,
    VelocitySetpoint,
)
from lenger_core.zones import ZoneSet

SECOND = 1_000_000_000
TICK_NS = 50_000_000
CONTRACT = {"COM_OF_LOSS_T": 1.0, "NAV_DLL_ACT": 0.0}
HOME = (42.18, 69.88, 757.0)


@dataclass
class FakePx4:
    """Answers requests in the next tick; changes modes as PX4 does."""

    family: str = "px4"
    mode: str = "AUTO.LOITER"
    armed: bool = False
    landed: bool = True
    healthy: bool = True
    params: dict[str, float | int] = field(default_factory=lambda: {"COM_OF_LOSS_T": 1.0, "NAV_DLL_ACT": 0})
    lists: dict[r.MissionType, tuple[r.MissionItem, ...]] = field(default_factory=dict)
    current: int = 0
    drops_fence: bool = False
    ignores: set[type[r.Request]] = field(default_factory=set)
    refuses: dict[type[r.Request], str] = field(default_factory=dict)
    ignores_modes: set[str] = field(default_factory=set)
    change_ns: int = 0
    text: str = ""

    def answer(self, request: r.Request, now_ns: int) -> r.Reply | None:
        if type(request) in self.ignores:
            return None
        if type(request) in self.refuses:
            return r.Reply(request.request_id, False, 1, None, self.refuses[type(request)])
        payload: r.Payload = None
        if isinstance(request, r.SetMode):
            self._set_mode(request.custom_mode, now_ns)
        elif isinstance(request, r.Arm):
            self.armed = request.value
        elif isinstance(request, r.Takeoff):
            self._take_off(now_ns)
        elif isinstance(request, r.GetParams):
            payload = tuple(self.params.get(name) for name in request.names)
        elif isinstance(request, r.PushItems | r.ClearItems):
            self._keep(request)
        elif isinstance(request, r.PullItems):
            payload = self.lists.get(request.mission_type, ())
        elif isinstance(request, r.SetCurrent):
            self.current = request.sequence
        return r.Reply(request.request_id, True, 0, payload)

    def _take_off(self, now_ns: int) -> None:
        self.mode, self.landed, self.change_ns = "AUTO.TAKEOFF", False, now_ns + 3 * SECOND

    def _keep(self, request: r.PushItems | r.ClearItems) -> None:
        items = request.items if isinstance(request, r.PushItems) else ()
        dropped = self.drops_fence and request.mission_type is r.MissionType.FENCE
        self.lists[request.mission_type] = () if dropped else items

    def _set_mode(self, mode: str, now_ns: int) -> None:
        if mode not in self.ignores_modes:
            self.mode = mode
            self.change_ns = now_ns + 3 * SECOND if mode in ("AUTO.LAND", "LAND") else 0

    def tick(self, now_ns: int) -> None:
        """Let the autopilot do what it does by itself."""
        if not self.change_ns or now_ns < self.change_ns:
            return
        self.change_ns = 0
        if self.mode == "AUTO.TAKEOFF":
            self.mode = "AUTO.LOITER"
        elif self.mode in ("AUTO.LAND", "LAND"):
            self.landed, self.armed = True, False


@dataclass
class FakeCopter(FakePx4):
    """ArduCopter: takes off and stays in GUIDED, keeps home as item 0 and heights in centimetres, drops parameters."""

    family: str = "ardupilot"
    mode: str = "STABILIZE"
    local: bool = True

    def _take_off(self, now_ns: int) -> None:
        self.landed = False

    def _keep(self, request: r.PushItems | r.ClearItems) -> None:
        super()._keep(request)
        items = self.lists[request.mission_type]
        if request.mission_type is r.MissionType.MISSION and items:
            home = r.MissionItem(0, 16, *HOME)
            self.lists[request.mission_type] = (home, *(self._stored(item) for item in items[1:]))

    @staticmethod
    def _stored(item: r.MissionItem) -> r.MissionItem:
        frame = {5: 0, 2: 0, 6: 3}.get(item.frame, item.frame)
        kept = {"frame": frame, "param1": float(int(item.param1)), "param2": 0.0, "param3": 0.0, "param4": 0.0}
        return replace(item, z_alt_m=round(item.z_alt_m, 2), **kept)


class Bench:
    """The autopilot core, a fake autopilot and a guard, on one clock at 20 Hz; `log` is the readable transcript."""

    def __init__(
        self, fcu: FakePx4 | None = None, zones: ZoneSet | None = None, contract: dict[str, float] | None = None
    ) -> None:
        self.fcu = fcu or FakePx4()
        self.now_ns = 100 * SECOND
        self.log: list[str] = []
        self.setpoints: list[tuple[int, tuple[float, float, float]]] = []
        self.yaws: list[float] = []
        self.uploads: list[UploadResult] = []
        self.status = None
        self.publishers = 1
        self.connected = True
        self.state_hz = 20
        self._contract = CONTRACT if contract is None else contract
        self._zones = zones
        self._sequence = 0
        self._said = ""
        self.restart()

    def restart(self) -> None:
        """Start a new autopilot core, as after a crash of its process."""
        self.core = AutopilotCore(AutopilotSettings(autopilot=self.fcu.family), self._contract, self._zones)
        self._replies: list[r.Reply] = []

    def consent(self) -> int:
        """Return a consent of this moment."""
        return self.now_ns

    def run(
        self,
        seconds: float,
        kind: CommandKind | None = None,
        consent_ns: int = 0,
        until: Callable[[], bool] | None = None,
        **fields: object,
    ) -> None:
        """Run for a time, or until a condition holds; the guard repeats a command (None: the guard is dead)."""
        for _ in range(round(seconds * SECOND / TICK_NS)):
            self.now_ns += TICK_NS
            self.fcu.tick(self.now_ns)
            self._report()
            self._take(self.core.step(self.now_ns))
            if kind is not None:
                self.command(kind, consent_ns, **fields)
            if until is not None and until():
                return
        assert until is None, f"never came: {self.log[-6:]}"

    def command(self, kind: CommandKind, consent_ns: int = 0, age_s: float = 0.0, **fields: object) -> str | None:
        """Let the guard give one command."""
        self._sequence += 1
        stamp = self.now_ns - int(age_s * SECOND)
        order = Command(stamp, "guard", self._sequence, 0.5, kind, consent_ns=consent_ns, **fields)  # type: ignore[arg-type]
        refusal = self.core.on_command(order, self.now_ns, self.publishers)
        self._take(self.core.step(self.now_ns))
        return refusal

    def requests(self) -> list[str]:
        """Return the requests of the transcript."""
        return [line.removeprefix("ask ") for line in self.log if line.startswith("ask ")]

    def _report(self) -> None:
        t, fcu, core = self.now_ns, self.fcu, self.core
        mode = fcu.mode if self.connected else ""
        core.on_fcu_state(
            FcuState(t, self.connected, fcu.armed and self.connected, False, False, mode, 3 if fcu.landed else 4)
        )
        if not self.connected:
            return
        core.on_extended(ExtendedState(t, 1 if fcu.landed else 2))
        core.on_sys_status(SysStatus(t, 1 << 28, 1 << 28, (1 << 28) if fcu.healthy else 0, 0.2))
        core.on_global(FcuGlobal(t, HOME[0], HOME[1], HOME[2], 716.0, 0.8, 1.2))
        if getattr(fcu, "local", True):
            core.on_local(FcuLocal(t, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), IDENTITY, (0.0, 0.0, 0.0)))
        core.on_home(FcuHome(t, *HOME))
        if fcu.text != self._said:
            self._said = fcu.text
            core.on_statustext(StatusText(t, 2, fcu.text))
        for reply in self._replies:
            core.on_reply(reply)
        self._replies = []

    def _take(self, output: AutopilotOutput) -> None:
        self.status = output.status
        self.log += [f"{event.kind}: {event.detail}" for event in output.events]
        self.uploads += output.uploads
        for s in output.setpoints:
            velocity = isinstance(s, VelocitySetpoint)
            self.setpoints.append((s.t_ns, s.velocity_enu_m_s if velocity else (s.lat_deg, s.lon_deg, s.alt_amsl_m)))
            self.yaws.append(s.yaw_enu_rad)
        for request in output.requests:
            self.log.append(f"ask {_text(request)}")
            reply = self.fcu.answer(request, self.now_ns)
            if reply is not None:
                self._replies.append(reply)


def _text(request: r.Request) -> str:
    name = type(request).__name__
    if isinstance(request, r.SetMode):
        return f"{name} {request.custom_mode}"
    if isinstance(request, r.Takeoff):
        return f"{name} {request.altitude_m:g} m"
    if isinstance(request, r.Arm):
        return "Arm" if request.value else "Disarm"
    if isinstance(request, r.PushItems):
        return f"{name} {request.mission_type.name} {len(request.items)}"
    if isinstance(request, r.SetMessageInterval):
        return f"{name} {request.message_id}"
    if isinstance(request, r.SetCurrent):
        return f"{name} {request.sequence}"
    return name
