"""What the guard tells of itself: guard/status at 5 Hz and on change, and the state that outlives a restart."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from lenger_core.samples import GuardStatus, Vec3
from lenger_safety.ladder import Ladder
from lenger_safety.look import Look
from lenger_safety.memory import GuardMemory

STATUS_PERIOD_NS = 200_000_000


@dataclass(frozen=True, slots=True)
class ReturnView:
    """What there is to say of the way back; see GuardStatus.msg."""

    available: bool = False
    reason: str = "no way back has been looked for yet"
    length_m: float = nan
    energy_margin_wh: float = nan


class Reporter:
    """Makes the status, and says when it is due and when the state file is to be written."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._told_ns: int | None = None
        self._saved: GuardMemory | None = None

    def status(
        self, now_ns: int, ladder: Ladder, look: Look, external: bool, way: ReturnView, wind_m_s: Vec3
    ) -> GuardStatus:
        """Return the guard's view now."""
        waiting = f"waits for consent, after: {ladder.latch_reason}" if ladder.latched else ""
        worst = look.worst()
        horizontal, ceiling, floor = look.margins()
        left, name = look.tightest()
        return GuardStatus(
            t_ns=now_ns,
            level=ladder.level,
            latched=ladder.latched,
            authority=not external,
            reason=ladder.reason or waiting,
            nearest_zone=worst.nearest_zone if worst is not None else "",
            horizontal_margin_m=horizontal,
            ceiling_margin_m=ceiling,
            floor_margin_m=floor,
            stopping_distance_m=look.stopping_m,
            interventions=ladder.interventions,
            margin_m=left if look.around else nan,
            limiting=name,
            stopping_radius_m=look.stopping_radius_m if look.around else nan,
            stopping_height_m=look.stopping_height_m if look.around else nan,
            wind_enu_m_s=wind_m_s,
            return_available=way.available,
            return_reason=way.reason,
            return_length_m=way.length_m,
            return_energy_margin_wh=way.energy_margin_wh,
        )

    def due(self, now_ns: int, status: GuardStatus) -> bool:
        """Return whether to publish this status now."""
        key = (status.level, status.latched, status.authority, status.reason, status.interventions)
        elapsed = self._told_ns is None or not 0 <= now_ns - self._told_ns < STATUS_PERIOD_NS
        if key == self._key and not elapsed:
            return False
        self._key, self._told_ns = key, now_ns
        return True

    def to_save(self, memory: GuardMemory) -> str | None:
        """Return the text of the state file when it changed, else None."""
        if memory == self._saved:
            return None
        self._saved = memory
        return memory.dumps()
