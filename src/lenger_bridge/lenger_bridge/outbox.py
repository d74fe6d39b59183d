"""What a core wants to tell the world within one step: requests with their ids, and events."""

from __future__ import annotations

from lenger_bridge.requests import Reply, Request
from lenger_core.samples import Event

SOURCE = "autopilot"


class Outbox:
    """Collects requests and events; knows which reply belongs to which kind of request."""

    def __init__(self) -> None:
        self.now_ns = 0
        self._requests: list[Request] = []
        self._events: list[Event] = []
        self._awaited: dict[int, str] = {}
        self._last_id = 0

    def take_id(self) -> int:
        """Return a fresh request id."""
        self._last_id += 1
        return self._last_id

    def ask(self, request: Request, label: str = "") -> None:
        """Send a request; with a label its reply is recognised by `label_of`."""
        self._requests.append(request)
        if label:
            self._awaited[request.request_id] = label

    def label_of(self, reply: Reply) -> str:
        """Return the label of the request that a reply answers, once; "" for others."""
        return self._awaited.pop(reply.request_id, "")

    def event(self, kind: str, detail: str) -> None:
        """Note an event at the present step's time."""
        self._events.append(Event(self.now_ns, SOURCE, kind, detail))

    def take(self) -> tuple[tuple[Request, ...], tuple[Event, ...]]:
        """Return and forget what was collected."""
        taken = tuple(self._requests), tuple(self._events)
        self._requests.clear()
        self._events.clear()
        return taken
