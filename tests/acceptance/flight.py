"""A vehicle of either flavour in the air, with the embedded endpoint on its link, in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

import pytest

from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_core.samples import FcuState
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import FLAVOURS as _FLAVOURS
from lenger_sim.vehicle import VehicleCore

S = 1_000_000_000
STEP_NS = 20_000_000
FLAVOURS = tuple(_FLAVOURS)


class Flight:
    """The pair, stepped together; `traffic_up` and `traffic_down` are the bytes of the last second."""

    def __init__(self, flavour: str) -> None:
        self.core = VehicleCore(VehicleSettings(autopilot=flavour), load_vehicle("quad_2kg"), load_terrain(), 1)
        self.endpoint = EndpointCore(EndpointSettings())
        self.state: FcuState | None = None
        self._gcs = MavCodec(255, 190)
        self._up: list[bytes] = []
        self._down: list[bytes] = []

    @property
    def traffic_up(self) -> bytes:
        return b"".join(self._up[-50:])

    @property
    def traffic_down(self) -> bytes:
        return b"".join(self._down[-50:])

    def run(self, seconds: float) -> None:
        end = self.core.now_ns + round(seconds * S)
        while self.core.now_ns < end:
            self.core.step_to(min(end, self.core.now_ns + STEP_NS))
            now_ns = self.core.now_ns
            down = b"".join(self.core.take_outgoing())
            self._down = [*self._down[-50:], down]
            for topic, record in self.endpoint.on_bytes(down, now_ns):
                self._note(topic, record)
            out = self.endpoint.step(now_ns)
            for topic, record in out.published:
                self._note(topic, record)
            if out.bytes_out:
                self._up = [*self._up[-50:], out.bytes_out]
                self.core.receive(out.bytes_out, now_ns)

    def send(self, msg: object) -> None:
        self.core.receive(self._gcs.encode(msg), self.core.now_ns)

    def command(self, number: int, *params: float) -> None:
        self.send(mavlink.MAVLink_command_long_message(1, 1, number, 0, *params, *[0.0] * (7 - len(params))))

    def wait(self, what: str, seconds: float, done: Callable[[], bool]) -> None:
        end = self.core.now_ns + round(seconds * S)
        while not done():
            if self.core.now_ns > end:
                pytest.fail(f"no {what} within {seconds} s of simulated time; mode {self.core.autopilot.mode}")
            self.run(0.5)

    def assert_alive_and_flying(self) -> None:
        truth = self.core.truth()
        assert not truth.crashed
        assert not truth.on_ground
        assert self.core.autopilot.armed
        assert self.endpoint.connected
        assert self.state is not None
        assert self.state.armed

    def _note(self, topic: str, record: object) -> None:
        if topic == "mavros/state":
            assert isinstance(record, FcuState)
            self.state = record


def hovering(flavour: str) -> Flight:
    """Return a flight 20 m up and holding."""
    flight = Flight(flavour)
    flight.wait("connection", 10.0, lambda: flight.endpoint.connected)
    if flavour == "px4":
        flight.wait("home", 30.0, lambda: flight.core.autopilot.home is not None)
        flight.run(2.0)
        home = flight.core.autopilot.home
        assert home is not None
        flight.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, nan, 0, 0, home[2] + 20.0)
        flight.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    else:
        flight.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4)
        end = flight.core.now_ns + 120 * S
        while not flight.core.autopilot.armed:
            assert flight.core.now_ns < end, "not armed"
            flight.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
            flight.run(2.0)
        flight.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 20.0)
    flight.wait("height", 60.0, lambda: flight.core.truth().height_agl_m > 19.0)
    flight.run(2.0)
    return flight
