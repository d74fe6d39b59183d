"""The embedded vehicle and the endpoint core joined by bytes, in simulated time, with a link that can be made bad."""

from __future__ import annotations

import random
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Literal

from lenger_bridge import requests as r
from lenger_bridge.autopilot import AutopilotCore, AutopilotOutput
from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.uploads import UploadResult
from lenger_core.samples import Command
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore

SECOND = 1_000_000_000
TICK_NS = 10_000_000
INPUTS = {
    "mavros/state": "on_fcu_state",
    "mavros/extended_state": "on_extended",
    "mavros/sys_status": "on_sys_status",
    "mavros/global_position/global": "on_global",
    "mavros/local_position/odom": "on_local",
    "mavros/home_position/home": "on_home",
    "mavros/battery": "on_battery",
    "mavros/statustext/recv": "on_statustext",
    "mavros/gpsstatus/gps1/raw": "health.on_gnss",
}


class BadLink:
    """Loses, doubles and soils datagrams, from a seed."""

    def __init__(self, seed: int = 0, loss: float = 0.0, doubled: float = 0.0, soiled: float = 0.0) -> None:
        self._random = random.Random(seed)
        self._loss, self._doubled, self._soiled = loss, doubled, soiled

    def carry(self, data: bytes) -> list[bytes]:
        draw = self._random.random
        if draw() < self._loss:
            return []
        if draw() < self._soiled:
            at = self._random.randrange(len(data))
            data = data[:at] + self._random.randbytes(5) + data[at + 3 :]
        return [data, data] if draw() < self._doubled else [data]


class Rig:
    """One vehicle, one endpoint, optionally an autopilot core on top; everything published is kept by topic."""

    def __init__(
        self,
        link: BadLink | None = None,
        autopilot: AutopilotCore | None = None,
        boot_s: float = 0.0,
        flavour: Literal["px4", "ardupilot"] = "px4",
    ) -> None:
        settings = VehicleSettings(autopilot=flavour, prepared=True)
        self.vehicle = VehicleCore(settings, load_vehicle("quad_2kg"), load_terrain(), seed=1)
        self.endpoint = EndpointCore(EndpointSettings())
        self.autopilot = autopilot
        self.link = link or BadLink()
        self.clock_offset_ns = int(boot_s * SECOND)
        self.published: dict[str, list[Any]] = {}
        self.replies: dict[int, r.Reply] = {}
        self.events: list[str] = []
        self.uploads: list[UploadResult] = []
        self.cut = False
        self.guard: Callable[[int], Command] | None = None
        self.status: Any = None
        self._next_autopilot_ns = 0
        self._last_id = 10_000

    @property
    def now_ns(self) -> int:
        """Our time: the vehicle's, shifted by when it booted."""
        return self.vehicle.now_ns + self.clock_offset_ns

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> None:
        end = self.vehicle.now_ns + int(seconds * SECOND)
        while self.vehicle.now_ns < end:
            self._tick()
            if until is not None and until():
                return
        assert until is None, f"never came; {self.events[-8:]}"

    def take_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def call(self, kind: type[r.Request], *args: Any, wait_s: float = 20.0, **kwargs: Any) -> r.Reply:
        request = kind(self.take_id(), *args, **kwargs)
        self.endpoint.call(request, self.now_ns)
        self.run(wait_s, until=lambda: request.request_id in self.replies)
        return self.replies[request.request_id]

    def last(self, topic: str) -> Any:
        return self.published[topic][-1]

    def _tick(self) -> None:
        self.vehicle.step_to(self.vehicle.now_ns + TICK_NS)
        if not self.cut:
            for frame in self.vehicle.take_outgoing():
                for data in self.link.carry(frame):
                    self._publish(self.endpoint.on_bytes(data, self.now_ns))
        else:
            self.vehicle.take_outgoing()
        output = self.endpoint.step(self.now_ns)
        self._to_vehicle(output.bytes_out)
        self._publish(output.published)
        for reply in output.replies:
            self.replies[reply.request_id] = reply
            if self.autopilot is not None:
                self.autopilot.on_reply(reply)
        if self.autopilot is not None and self.now_ns >= self._next_autopilot_ns:
            self._next_autopilot_ns = self.now_ns + 50_000_000
            self._carry_out(self.autopilot.step(self.now_ns))
            if self.guard is not None:
                self.autopilot.on_command(self.guard(self.now_ns), self.now_ns)
                self._carry_out(self.autopilot.step(self.now_ns))

    def _to_vehicle(self, data: bytes) -> None:
        if data and not self.cut:
            for datagram in self.link.carry(data):
                self.vehicle.receive(datagram, self.vehicle.now_ns)

    def _publish(self, published: Any) -> None:
        for topic, record in published:
            self.published.setdefault(topic, []).append(record)
            if self.autopilot is not None and topic in INPUTS:
                attrgetter(INPUTS[topic])(self.autopilot)(record)

    def _carry_out(self, output: AutopilotOutput) -> None:
        self.status = output.status
        self.uploads += output.uploads
        self.events += [f"{event.kind}: {event.detail}" for event in output.events]
        for setpoint in output.setpoints:
            self._to_vehicle(self.endpoint.setpoint(setpoint, self.now_ns))
        for request in output.requests:
            self.endpoint.call(request, self.now_ns)
        for text in output.texts:
            self._to_vehicle(self.endpoint.receive("mavros/statustext/send", text, self.now_ns))
