"""A short conversation with an autopilot over a link of its own, without ROS: for `./lenger doctor` and for tests."""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.requests import Reply, Request
from lenger_bridge.settings import EndpointSettings
from lenger_core.errors import FlightError, MissingError
from lenger_core.samples import FcuState
from lenger_mavlink.links import open_link

STEP_S = 0.01


class Session:
    """The endpoint's core on a link, run by whoever calls.

    Args:
        fcu_url: as MAVROS writes it.
        clock: nanoseconds that the core counts by.
        system: MAVLink system of the autopilot.

    Raises:
        InputError: the URL is wrong.
        MissingError: the device or port is not there.
    """

    def __init__(self, fcu_url: str, clock: Callable[[], int] = time.monotonic_ns, system: int = 1) -> None:
        self._url, self._clock = fcu_url, clock
        self.endpoint = EndpointCore(EndpointSettings(fcu_url=fcu_url, automatic_pulls=False, tgt_system=system))
        self._link = open_link(fcu_url)
        self._replies: dict[int, Reply] = {}
        self._last_id = 0
        self.state: FcuState | None = None

    def close(self) -> None:
        """Release the link."""
        self._link.close()

    def step(self) -> list[tuple[str, object]]:
        """Wait for bytes for at most 10 ms, handle them, and return what MAVROS would publish."""
        select.select([self._link], [], [], STEP_S)
        now_ns, stream = self._clock(), self._link.stream
        published = [entry for data in self._link.receive() for entry in self.endpoint.on_bytes(data, now_ns, stream)]
        output = self.endpoint.step(now_ns)
        if output.bytes_out:
            self._link.send(output.bytes_out)
        self._replies |= {reply.request_id: reply for reply in output.replies}
        published += output.published
        for topic, record in published:
            if topic == "mavros/state":
                self.state = record
        return published

    def send(self, data: bytes) -> None:
        """Send frames of the endpoint's making."""
        self._link.send(data)

    def take_replies(self) -> list[Reply]:
        """Return and forget the replies that have come."""
        replies, self._replies = list(self._replies.values()), {}
        return replies

    def connect(self, wait_s: float = 15.0) -> FcuState:
        """Wait for the autopilot's heartbeat.

        Raises:
            MissingError: nobody answers.
        """
        self._until(lambda: self.state is not None and self.state.connected, wait_s)
        if self.state is None or not self.state.connected:
            raise MissingError(
                f"no autopilot answers on {self._url}", "switch it on, stop what else holds the link, or name its URL"
            )
        return self.state

    def call(self, kind: type[Request], *fields: object, wait_s: float = 120.0) -> Reply:
        """Call one service of MAVROS and wait for the answer.

        Raises:
            FlightError: no answer came.
        """
        self._last_id += 1
        request = kind(self._last_id, *fields)
        self.endpoint.call(request, self._clock())
        self._until(lambda: request.request_id in self._replies, wait_s)
        if request.request_id not in self._replies:
            raise FlightError(f"{kind.__name__}: no answer within {wait_s:g} s on {self._url}")
        return self._replies.pop(request.request_id)

    def _until(self, done: Callable[[], bool], wait_s: float) -> None:
        deadline = time.monotonic() + wait_s
        while not done() and time.monotonic() < deadline:
            self.step()
