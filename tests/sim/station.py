"""A ground station wired to a vehicle by MAVLink bytes in simulated time: what is the same for both flavours."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.modes import mode_name
from lenger_sim.vehicle import VehicleCore

S = 1_000_000_000


class Station:
    """A vehicle and what was heard from it; `autopilot` is the MAV_AUTOPILOT that names its modes."""

    autopilot = mavlink.MAV_AUTOPILOT_PX4

    def __init__(self, core: VehicleCore, system: int = 255) -> None:
        self.core = core
        self.heard: list[Any] = []
        self._codec = MavCodec(system, 190)

    @property
    def now_s(self) -> float:
        return self.core.now_ns / S

    def send(self, msg: Any) -> None:
        self.core.receive(self._codec.encode(msg), self.core.now_ns)
        self.listen()

    def listen(self) -> None:
        self.heard += [msg for frame in self.core.take_outgoing() for msg in self._codec.feed(frame)]

    def run(self, seconds: float, each: Callable[[], None] | None = None, every_s: float = 0.05) -> None:
        """Advance; call `each` every `every_s` of simulated time before stepping on."""
        end = self.core.now_ns + round(seconds * S)
        while self.core.now_ns < end:
            if each is not None:
                each()
            self.core.step_to(min(end, self.core.now_ns + round(every_s * S)))
            self.listen()

    def run_until(self, done: Callable[[], bool], limit_s: float, each: Callable[[], None] | None = None) -> float:
        """Advance until `done`; return the seconds that took."""
        start = self.now_s
        while not done():
            assert self.now_s - start < limit_s, f"not within {limit_s} s; texts: {self.texts()[-8:]}"
            self.run(0.1, each)
        return self.now_s - start

    def of(self, kind: str) -> list[Any]:
        return [msg for msg in self.heard if msg.get_type() == kind]

    def last(self, kind: str) -> Any:
        return self.of(kind)[-1]

    def texts(self) -> list[str]:
        """Statustexts with their chunks joined."""
        out: list[str] = []
        for msg in self.of("STATUSTEXT"):
            if msg.chunk_seq:
                out[-1] += msg.text
            else:
                out.append(msg.text)
        return out

    @property
    def mode(self) -> str:
        """The mode of the last HEARTBEAT on the wire."""
        return mode_name(self.autopilot, self.last("HEARTBEAT").custom_mode)

    @property
    def armed(self) -> bool:
        return bool(self.last("HEARTBEAT").base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)

    @property
    def agl_m(self) -> float:
        return self.core.truth().height_agl_m

    @property
    def velocity(self) -> tuple[float, float, float]:
        return self.core.truth().velocity_enu_m_s
