"""What the guard is asked for by circumstances: standing causes and sudden ones, as one demand on the ladder."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lenger_core.samples import GuardLevel
from lenger_safety.supervision.facts import Cause


@dataclass(frozen=True, slots=True)
class Demand:
    """The highest rung that is asked for, why, and whether it is news."""

    level: GuardLevel = GuardLevel.NOMINAL
    reason: str = ""
    fresh: bool = False

    def or_higher(self, other: Demand) -> Demand:
        """Return the higher of two demands, this one where they are equal."""
        return other if other.level > self.level else self


class Demands:
    """Keeps what stands, and what a person has overruled."""

    def __init__(self) -> None:
        self._standing: dict[str, Cause] = {}
        self._fresh: set[str] = set()
        self._overruled: dict[str, GuardLevel] = {}
        self._sudden: list[str] = []

    def update(self, causes: Iterable[Cause], sudden: Iterable[str]) -> None:
        """Take what stands in this step, and the reasons for a hold that arose just now."""
        now = {cause.name: cause for cause in causes}
        self._fresh = {
            name
            for name, cause in now.items()
            if cause.level >= GuardLevel.HOLD
            and (name not in self._standing or cause.level > self._standing[name].level)
        }
        self._standing = now
        self._overruled = {
            name: level for name, level in self._overruled.items() if name in now and now[name].level <= level
        }
        self._sudden = [reason for reason in sudden if reason]

    @property
    def bar(self) -> str:
        """Why no consent is taken now, "" when nothing speaks against it."""
        lasting = (c for c in self._standing.values() if c.lasting and c.level >= GuardLevel.HOLD)
        return "; ".join(c.reason for c in lasting)

    def overrule(self) -> None:
        """A person agreed to go on in spite of what has stood until now; what arose just now he did not know."""
        for name, cause in self._standing.items():
            if name not in self._fresh and not cause.lasting:
                self._overruled[name] = cause.level

    def demand(self) -> Demand:
        """Return what all of it asks for together."""
        live = [c for name, c in self._standing.items() if name not in self._overruled]
        level = max((c.level for c in live), default=GuardLevel.NOMINAL)
        news = [c.reason for c in live if c.name in self._fresh]
        if self._sudden:
            level = max(level, GuardLevel.HOLD)
        fresh = [*self._sudden, *news]
        standing = [c.reason for c in live if c.level is level]
        return Demand(level, "; ".join(fresh or standing), bool(fresh))
