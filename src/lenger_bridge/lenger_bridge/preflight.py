"""What must be true of the autopilot before it may be armed: the failsafe contract and the fence, read back from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from lenger_bridge.contract import Contract, table
from lenger_bridge.dialects import Dialect
from lenger_bridge.requests import GetParams, ParamValue, PullParams, Reply, Request
from lenger_bridge.upload import Upload
from lenger_mavlink.transfer_client import MissionItem, MissionType

TakeId = Callable[[], int]


class Preflight:
    """Reads the contract's parameters and writes and reads back the fence, while disarmed; never writes a parameter.

    Steps, each one request: pull parameters, get the contract's, push the fence, pull it. A failed step is tried again
    after `retry_s`; parameters are read again at that pace, so that a person can mend them meanwhile.

    Args:
        contract: parameter name to the value that it must have.
        dialect: the autopilot family.
        fence: fence items; None when none is to be uploaded.
        retry_s: pause between attempts.
    """

    def __init__(
        self, contract: Mapping[str, float], dialect: Dialect, fence: tuple[MissionItem, ...] | None, retry_s: float
    ) -> None:
        self._contract = Contract(contract, fence=bool(fence))
        self._expected = contract
        self._dialect = dialect
        self.fence = fence
        self._retry_ns = int(retry_s * 1e9)
        self.reset()

    @property
    def problem(self) -> str:
        """Why arming must be refused, "" when nothing speaks against it."""
        return self.contract_problem or self.fence_problem

    @property
    def fence_problem(self) -> str:
        """Why the fence is not as it must be, "" when it is."""
        return self._upload.problem if self._upload is not None else ""

    @property
    def fence_read(self) -> tuple[bool, str]:
        """Whether the fence was stored and read back, and what is wrong with it."""
        return self._upload is not None and self._upload.done, self.fence_problem

    @property
    def fence_pending(self) -> bool:
        """Whether a fence is still to be uploaded or read back."""
        return self._upload is not None and not self._upload.done

    def reset(self) -> None:
        """Forget everything: the link was lost, the autopilot may be another one now."""
        self._pending: Request | None = None
        self._due_ns = 0
        self._pulled = False
        self.contract_problem = "failsafe parameters not read yet"
        self._upload = self._fresh_upload()

    def recheck(self) -> None:
        """Verify the fence again before the next arming: a ground station may have changed it during the flight."""
        self._upload = self._fresh_upload()

    @property
    def transferring(self) -> bool:
        """Whether a list is on its way: an autopilot takes one at a time."""
        return self._pending is not None and not isinstance(self._pending, PullParams | GetParams)

    def restore(self) -> None:
        """Put the fence back as it was after an upload that failed half-way: the one before, or none."""
        self.fence = self.fence or ()
        self.recheck()
        self._due_ns = 0

    def adopt(self, upload: Upload) -> None:
        """Take another fence that was uploaded and read back; the contract is looked at anew for it."""
        self.fence, self._upload = upload.items, upload
        self._contract = Contract(self._expected, fence=bool(upload.items))
        self.contract_problem = "failsafe parameters not read yet"
        self._due_ns = 0

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
        if isinstance(request, PullParams):
            self._pulled = reply.success
            if not reply.success:
                self.contract_problem = f"failsafe parameters cannot be read: {reply.detail or 'no answer'}"
            go_on = reply.success
        elif isinstance(request, GetParams):
            self._take_params(reply)
            go_on = not self.contract_problem and self.fence_pending
        else:
            go_on = self._take_upload(reply)
        self._due_ns = now_ns if go_on else now_ns + self._retry_ns
        return True

    def _fresh_upload(self) -> Upload | None:
        return None if self.fence is None else Upload(self._dialect, MissionType.FENCE, self.fence)

    def _next(self, take_id: TakeId) -> Request:
        if not self._pulled:
            return PullParams(take_id())
        if self._upload is not None and not self.contract_problem and self._upload.problem:
            if self._upload.done:
                self._upload = Upload(self._dialect, MissionType.FENCE, self._upload.items)
            return self._upload.next(take_id)
        return GetParams(take_id(), self._contract.names)

    def _take_upload(self, reply: Reply) -> bool:
        if self._upload is None:
            return False
        self._upload.take(reply)
        return not self._upload.done

    def _take_params(self, reply: Reply) -> None:
        payload = reply.payload
        if not reply.success or not isinstance(payload, tuple):
            self.contract_problem = f"failsafe parameters cannot be read: {reply.detail or 'no answer'}"
            self._pulled = False
            return
        held = dict(zip(self._contract.names, cast("tuple[ParamValue | None, ...]", payload), strict=False))
        differences = self._contract.differences(held)
        self.contract_problem = f"failsafe contract not met: {table(differences)}" if differences else ""
        self._pulled = not any(difference.held is None for difference in differences)
