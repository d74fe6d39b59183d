"""Joins the chunks of a long STATUSTEXT (MAVLink: 50 characters a chunk, one id for all chunks of a text)."""

from __future__ import annotations

from dataclasses import dataclass, field

CHUNK = 50
WAIT_NS = 1_000_000_000


@dataclass
class _Partial:
    severity: int
    since_ns: int
    chunks: dict[int, str] = field(default_factory=dict)
    last: int | None = None

    def complete(self) -> bool:
        return self.last is not None and all(index in self.chunks for index in range(self.last + 1))

    def text(self) -> str:
        end = max(self.chunks) if self.last is None else self.last
        return "".join(self.chunks.get(index, "{...}") for index in range(end + 1))


class StatusTextJoiner:
    """Collects chunks by id; a text whose chunks do not all come within a second is given out with its gaps marked."""

    def __init__(self) -> None:
        self._partial: dict[int, _Partial] = {}

    def take(self, severity: int, text: str, text_id: int, chunk: int, now_ns: int) -> list[tuple[int, str]]:
        """Take one STATUSTEXT and return the (severity, text) that are whole now."""
        if text_id == 0:
            return [(severity, text)]
        done = []
        partial = self._partial.setdefault(text_id, _Partial(severity, now_ns))
        if chunk in partial.chunks and partial.chunks[chunk] != text:
            done.append((partial.severity, partial.text()))
            partial = self._partial[text_id] = _Partial(severity, now_ns)
        partial.chunks[chunk] = text
        if len(text) < CHUNK:
            partial.last = chunk
        if partial.complete():
            done.append((partial.severity, partial.text()))
            del self._partial[text_id]
        return done

    def expire(self, now_ns: int) -> list[tuple[int, str]]:
        """Return the texts that waited too long for a lost chunk."""
        if not self._partial:
            return []
        late = [key for key, partial in self._partial.items() if now_ns - partial.since_ns > WAIT_NS]
        return [(partial.severity, partial.text()) for partial in map(self._partial.pop, late)]
