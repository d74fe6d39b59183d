"""The radio links: the pilot's, and the ground station's."""

from __future__ import annotations

from lenger_core.samples import GuardLevel, LinkState
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.settings import RUNG_OF
from lenger_safety.supervision.table import ROWS
from lenger_safety.supervision.timing import Persist


class LinkWatch:
    """One link: lost for a while after it stood. A link that was never heard is none that could be lost.

    Args:
        name: row of the table, and with `_age_s` the field of vehicle/status.
        level: what the loss asks for.
        lost_s: for how long it must be lost.
        settle_s: for how long it must be back.
        words: of the link.
    """

    def __init__(self, name: str, level: GuardLevel, lost_s: float, settle_s: float, words: str) -> None:
        self._name, self._level, self._words = name, level, words
        self._lost = Persist(lost_s, settle_s)
        self._stood = False

    def reset(self) -> None:
        """Start anew; that the link stood before takeoff still counts."""
        self._lost.reset()

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause while the link counts as lost."""
        state = LinkState.UNKNOWN if facts.vehicle is None else getattr(facts.vehicle, self._name)
        self._stood = self._stood or state is LinkState.OK
        lost = self._lost.update(now_ns, self._stood and state is LinkState.LOST)
        if not lost or self._level is GuardLevel.NOMINAL or not facts.flying:
            return ()
        reason = f"{self._words} lost for {self._lost.held_s:.1f} s"
        return (ROWS[self._name].cause(reason, self._level),)


def link_watches(settings: GuardSettings) -> tuple[LinkWatch, LinkWatch]:
    """Return the watches of both links."""
    s = settings.supervision
    return (
        LinkWatch("pilot_link", RUNG_OF[s.pilot_link_action], s.pilot_link_s, s.settle_s, "the pilot's radio is"),
        LinkWatch("ground_link", RUNG_OF[s.ground_link_action], s.ground_link_s, s.settle_s, "the ground link is"),
    )
