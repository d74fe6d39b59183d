"""What must be true of the autopilot before it may be armed: the failsafe contract and the fence, read back from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isclose
from typing import cast

from lenger_bridge.fence import fence_difference, fence_items
from lenger_bridge.requests import GetParams, ParamValue, PullItems, PullParams, PushItems, Reply, Request
from lenger_core.zones import ZoneSet
from lenger_mavlink.transfer_client import MissionItem, MissionType

TakeId = Callable[[], int]


def contract_difference(expected: Mapping[str, float], held: Mapping[str, ParamValue | None]) -> str:
    """Return the differences as a one-line table `NAME is A, must be B; ...`, "" when there are none."""
    rows = []
    for name, value in expected.items():
        actual = held.get(name)
        if actual is None:
            rows.append(f"{name} is missing, must be {value:g}")
        elif not isclose(actual, value, rel_tol=1e-5, abs_tol=1e-6):
            rows.append(f"{name} is {actual:g}, must be {value:g}")
    return "; ".join(rows)


class Preflight:
    """Reads the contract's parameters and writes and reads back the fence, while disarmed; never writes a parameter.

    Steps, each one request: pull parameters, get the contract's, push the fence, pull it. A failed step is tried again
    after `retry_s`; parameters are read again at that pace, so that a person can mend them meanwhile.

    Args:
        contract: parameter name to the value that it must have.
        zones: the fence; None when none is to be uploaded.
        retry_s: pause between attempts.
    """

    def __init__(self, contract: Mapping[str, float], zones: ZoneSet | None, retry_s: float) -> None:
        self._contract = dict(contract)
        self._items = fence_items(zones) if zones is not None else None
        self._retry_ns = int(retry_s * 1e9)
        self._pending: Request | None = None
        self._due_ns = 0
        self._pulled = False
        self.contract_problem = "failsafe parameters not read yet"
        self.fence_problem = "" if self._items is None else "fence not uploaded yet"
        self._fence_sent = False

    @property
    def problem(self) -> str:
        """Why arming must be refused, "" when nothing speaks against it."""
        return self.contract_problem or self.fence_problem

    def reset(self) -> None:
        """Forget everything: the link was lost, the autopilot may be another one now."""
        self._pending, self._pulled, self._fence_sent = None, False, False
        self.contract_problem = "failsafe parameters not read yet"
        self.fence_problem = "" if self._items is None else "fence not uploaded yet"

    def step(self, now_ns: int, take_id: TakeId) -> Request | None:
        """Return the next request, if it is time for one. Call only while connected and disarmed."""
        if self._pending is not None or now_ns < self._due_ns:
            return None
        self._pending = self._next(take_id)
        return self._pending

    def on_reply(self, reply: Reply, now_ns: int) -> bool:
        """Take a reply; return whether it was one of ours."""
        request = self._pending
        if request is None or request.request_id != reply.request_id:
            return False
        self._pending = None
        self._take(request, reply)
        fence_next = isinstance(request, GetParams) and not self.contract_problem and bool(self.fence_problem)
        go_on = reply.success and (fence_next or isinstance(request, PullParams | PushItems))
        self._due_ns = now_ns if go_on else now_ns + self._retry_ns
        return True

    def _next(self, take_id: TakeId) -> Request:
        if not self._pulled:
            return PullParams(take_id())
        if self._items is not None and not self.contract_problem and self.fence_problem:
            if self._fence_sent:
                return PullItems(take_id(), MissionType.FENCE)
            return PushItems(take_id(), MissionType.FENCE, self._items)
        return GetParams(take_id(), tuple(self._contract))

    def _take(self, request: Request, reply: Reply) -> None:
        if isinstance(request, PullParams):
            self._pulled = reply.success
            if not reply.success:
                self.contract_problem = f"failsafe parameters cannot be read: {reply.detail or 'no answer'}"
        elif isinstance(request, GetParams):
            self._take_params(reply)
        elif isinstance(request, PushItems):
            self._fence_sent = reply.success
            if not reply.success:
                self.fence_problem = f"fence upload failed: {reply.detail or 'refused'}"
        elif isinstance(request, PullItems):
            self._take_fence(reply)

    def _take_params(self, reply: Reply) -> None:
        payload = reply.payload
        if not reply.success or not isinstance(payload, tuple):
            self.contract_problem = f"failsafe parameters cannot be read: {reply.detail or 'no answer'}"
            self._pulled = False
            return
        held = dict(zip(self._contract, cast("tuple[ParamValue | None, ...]", payload), strict=False))
        difference = contract_difference(self._contract, held)
        self.contract_problem = f"failsafe contract not met: {difference}" if difference else ""
        self._pulled = not any(value is None for value in held.values())

    def _take_fence(self, reply: Reply) -> None:
        self._fence_sent = False
        if not reply.success or not isinstance(reply.payload, tuple):
            self.fence_problem = f"fence cannot be read back: {reply.detail or 'no answer'}"
            return
        difference = fence_difference(self._items or (), cast("tuple[MissionItem, ...]", reply.payload))
        self.fence_problem = f"fence differs: {difference}" if difference else ""
