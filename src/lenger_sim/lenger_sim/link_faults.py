"""A bad radio between the vehicle and everybody else: delay and loss on command, on every link and both ways."""

from __future__ import annotations

from collections.abc import Iterable

from lenger_mavlink.lossy import LossyPipe


class BadRadio:
    """The two directions of one link; costs nothing while the radio is good."""

    def __init__(self, seed: int) -> None:
        self._up = LossyPipe(seed=2 * seed)
        self._down = LossyPipe(seed=2 * seed + 1)
        self._until_ns = 0

    def set_delay(self, seconds: float, until_ns: int) -> None:
        """Delay each datagram and frame by so much until then."""
        for pipe in (self._up, self._down):
            pipe.set_delay(seconds, until_ns)
        self._until_ns = max(self._until_ns, until_ns)

    def set_loss(self, fraction: float, until_ns: int) -> None:
        """Lose this fraction of the datagrams and frames until then."""
        for pipe in (self._up, self._down):
            pipe.set_loss(fraction, until_ns)
        self._until_ns = max(self._until_ns, until_ns)

    def up(self, data: bytes, now_ns: int) -> list[bytes]:
        """Take what somebody sends to the vehicle; return what arrives at once."""
        return self._through(self._up, [data], now_ns)

    def late(self, now_ns: int) -> list[bytes]:
        """Return what arrives at the vehicle now and was sent earlier."""
        return self._up.pop(now_ns) if self._up.waiting else []

    def down(self, frames: list[bytes], now_ns: int) -> list[bytes]:
        """Take what the vehicle sends; return what comes out at the other end now."""
        return self._through(self._down, frames, now_ns)

    def _through(self, pipe: LossyPipe, pieces: Iterable[bytes], now_ns: int) -> list[bytes]:
        if now_ns >= self._until_ns and not pipe.waiting:
            return list(pieces)
        for piece in pieces:
            pipe.push(piece, now_ns)
        return pipe.pop(now_ns)
