"""A bad radio, one direction of it: delay, jitter, loss, duplicates, reordering and changed bytes, all from a seed."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, fields

import numpy as np

from lenger_core.errors import InputError

_LONGEST_DELAY_S = 60.0
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class LossyProfile:
    """How bad the radio is.

    Attributes:
        delay_s: of every datagram.
        jitter_s: added to that, evenly from 0 to this; the order is kept.
        loss, duplicate, reorder, corrupt: fractions of the datagrams that are lost, arrive twice, are overtaken, have
            one byte changed.
        reorder_s: how much later what is overtaken, or the second of two, arrives.

    Raises:
        InputError: a fraction is not within 0 to 1, or a time not within 0 to 60 s.
    """

    delay_s: float = 0.0
    jitter_s: float = 0.0
    loss: float = 0.0
    duplicate: float = 0.0
    reorder: float = 0.0
    corrupt: float = 0.0
    reorder_s: float = 0.1

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            highest = _LONGEST_DELAY_S if field.name.endswith("_s") else 1.0
            if not 0.0 <= value <= highest:
                raise InputError("lossy link", field.name, value, f"0 to {highest:g}")


class LossyPipe:
    """Datagrams go in with `push` and come out of `pop` later, or not at all.

    Args:
        profile: what is always wrong with the radio.
        seed: the same seed, pushes and times give the same outcome.

    Attributes:
        pushed, lost: datagrams so far.
    """

    def __init__(self, profile: LossyProfile = LossyProfile(), seed: int = 0) -> None:
        self._profile = profile
        self._random = np.random.default_rng(seed)
        self._delay: tuple[float, int] = (0.0, 0)
        self._loss: tuple[float, int] = (0.0, 0)
        self._waiting: list[tuple[int, int, bytes]] = []
        self._last_due_ns = 0
        self.pushed = 0
        self.lost = 0

    @property
    def waiting(self) -> int:
        """How many datagrams are on their way."""
        return len(self._waiting)

    def set_delay(self, seconds: float, until_ns: int) -> None:
        """Delay what is pushed before `until_ns` by at least so much.

        Raises:
            InputError: not within 0 to 60 s.
        """
        self._delay = (LossyProfile(delay_s=seconds).delay_s, until_ns)

    def set_loss(self, fraction: float, until_ns: int) -> None:
        """Lose at least this fraction of what is pushed before `until_ns`.

        Raises:
            InputError: not within 0 to 1.
        """
        self._loss = (LossyProfile(loss=fraction).loss, until_ns)

    def push(self, data: bytes, now_ns: int) -> None:
        """Take a datagram at `now_ns`."""
        profile = self._profile
        self.pushed += 1
        loss = max(profile.loss, self._loss[0]) if now_ns < self._loss[1] else profile.loss
        if self._happens(loss) or len(self._waiting) >= _MOST_WAITING:
            self.lost += 1
            return
        if data and self._happens(profile.corrupt):
            at, flipped = int(self._random.integers(len(data))), int(self._random.integers(1, 256))
            data = data[:at] + bytes([data[at] ^ flipped]) + data[at + 1 :]
        delay_s = max(profile.delay_s, self._delay[0]) if now_ns < self._delay[1] else profile.delay_s
        if profile.jitter_s > 0.0:
            delay_s += float(self._random.uniform(0.0, profile.jitter_s))
        due_ns = now_ns + int(delay_s * 1e9)
        later_ns = due_ns + int(profile.reorder_s * 1e9)
        if self._happens(profile.reorder):
            self._wait(later_ns, data)
            return
        self._last_due_ns = max(due_ns, self._last_due_ns)
        self._wait(self._last_due_ns, data)
        if self._happens(profile.duplicate):
            self._wait(max(later_ns, self._last_due_ns), data)

    def pop(self, now_ns: int) -> list[bytes]:
        """Return what has come through by `now_ns`, in the order of arrival."""
        out: list[bytes] = []
        while self._waiting and self._waiting[0][0] <= now_ns:
            out.append(heapq.heappop(self._waiting)[2])
        return out

    def _happens(self, fraction: float) -> bool:
        return fraction > 0.0 and float(self._random.random()) < fraction

    def _wait(self, due_ns: int, data: bytes) -> None:
        heapq.heappush(self._waiting, (due_ns, self.pushed, data))
