"""From what the mission wants to what the aircraft may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import dist, nan

from lenger_core.samples import Command, CommandKind, GuardLevel, Vec3
from lenger_safety.ladder import Ladder
from lenger_safety.look import Look
from lenger_safety.motion import Motion
from lenger_safety.permits import Permits
from lenger_safety.settings import GuardSettings

CHANGED_M_S = 0.05
"""A change of the commanded velocity smaller than this is no intervention."""

STILL: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes out, and the level that it takes."""

    kind: CommandKind
    level: GuardLevel = GuardLevel.NOMINAL
    reason: str = ""
    velocity_enu_m_s: Vec3 = STILL
    alt_amsl_m: float = nan


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice depends on beside the limits.

    Attributes:
        flying: armed and off the ground, as far as is known.
        external: somebody else has the aircraft and nobody has asked for it back.
        home: home in the guard's frame, None while unknown.
    """

    flying: bool
    external: bool
    home: Vec3 | None


class Chooser:
    """Passes, limits or replaces the wanted command."""

    def __init__(self, settings: GuardSettings, motion: Motion, permits: Permits, ladder: Ladder) -> None:
        self._settings = settings
        self._motion = motion
        self._permits = permits
        self._ladder = ladder
        self._return_verdict: tuple[str | None] | None = None

    def choose(self, now_ns: int, wanted: Command | None, look: Look, now: Situation) -> Choice:
        """Return the command for this step and the level it takes."""
        if wanted is None or wanted.kind is not CommandKind.RETURN:
            self._return_verdict = None
        level, reason = self._warning(look, now)
        if now.external:
            return Choice(CommandKind.NONE, level, reason)
        if self._ladder.latch_ns is not None:
            return self._latched(now_ns, wanted, now)
        if wanted is None or wanted.kind in (CommandKind.NONE, CommandKind.HOLD):
            return Choice(CommandKind.NONE if wanted is None else wanted.kind, level, reason)
        if wanted.kind is CommandKind.VELOCITY and look.around and now.flying:
            return self._velocity(wanted, look, Choice(CommandKind.VELOCITY, level, reason))
        refused = self._refusal(wanted, look, now)
        if refused is None:
            return Choice(wanted.kind, level, reason, alt_amsl_m=wanted.alt_amsl_m)
        why = f"{wanted.kind.name} refused: {refused}"
        self._ladder.refuse(now_ns, wanted.kind.name, why)
        if now.flying:  # latched, or a margin that flickers would order the same mode again and again
            self._ladder.hold(now_ns, why)
            return Choice(CommandKind.HOLD, GuardLevel.HOLD, why)
        return Choice(CommandKind.NONE, level, reason)

    def _warning(self, look: Look, now: Situation) -> tuple[GuardLevel, str]:
        left, name = look.tightest()
        if not now.flying or left >= self._settings.warn_m:
            return GuardLevel.NOMINAL, ""
        return GuardLevel.WARN, f"{name} is close"

    def _latched(self, now_ns: int, wanted: Command | None, now: Situation) -> Choice:
        why = self._ladder.latch_reason
        quiet = wanted is None or wanted.kind in (CommandKind.NONE, CommandKind.HOLD)
        if wanted is not None and wanted.kind is CommandKind.DISARM and not now.flying:
            return Choice(CommandKind.DISARM)
        if wanted is not None and not quiet and not now.flying:
            self._ladder.refuse(now_ns, "latch", f"{wanted.kind.name} waits for a new consent, after: {why}")
        if not now.flying:
            return Choice(CommandKind.NONE)
        return Choice(CommandKind.HOLD, GuardLevel.HOLD, f"waits for a new consent, after: {why}")

    def _velocity(self, wanted: Command, look: Look, passed: Choice) -> Choice:
        velocity = self._motion.limit(wanted.velocity_enu_m_s, look.approaches)
        if dist(velocity, wanted.velocity_enu_m_s) <= CHANGED_M_S:
            return Choice(passed.kind, passed.level, passed.reason, wanted.velocity_enu_m_s)
        return Choice(passed.kind, GuardLevel.LIMIT, self._binding(wanted.velocity_enu_m_s, look), velocity)

    def _binding(self, wanted: Vec3, look: Look) -> str:
        """Return, in words, the limit that the wanted velocity breaks most."""
        speed = dist(wanted, STILL)
        worst, name = 0.0, ""
        for limit, age_s, _ in look.approaches:
            closing = sum(v * n for v, n in zip(wanted, limit.normal, strict=True))
            excess = closing - self._motion.allowed_speed_m_s(limit.distance_m, speed, age_s)
            if excess > worst:
                worst, name = excess, f"{limit.kind.replace('_', '-')} {limit.name}"
        if not name:
            tightest = min(look.approaches, key=self._motion.speed_cap_m_s, default=None)
            if tightest is not None and self._motion.speed_cap_m_s(tightest) < speed:
                name = f"the approach to {tightest.limit.name}"
        return f"velocity limited by {name or 'the top speed of the aircraft'}"

    def _refusal(self, wanted: Command, look: Look, now: Situation) -> str | None:
        if wanted.kind is CommandKind.DISARM:
            return "the aircraft is in the air" if now.flying else None
        if not look.around:
            return "no estimate of the position"
        if wanted.kind is CommandKind.VELOCITY:
            return "the aircraft is not in the air"
        pairs = zip(look.picture.estimates, look.around, strict=True)
        if wanted.kind is CommandKind.RETURN:
            if self._return_verdict is None:
                self._return_verdict = (self._first(self._permits.native_return(e, now.home) for e, _ in pairs),)
            return self._return_verdict[0]
        if wanted.kind is CommandKind.LAND:
            return self._first(self._permits.land(e, a, now.home) for e, a in pairs)
        if wanted.kind is CommandKind.TAKEOFF:
            return self._first(self._permits.takeoff(e, a, wanted.alt_amsl_m, now.home) for e, a in pairs)
        return self._first(self._permits.arm(e, a, now.home) for e, a in pairs)

    @staticmethod
    def _first(reasons: Iterable[str | None]) -> str | None:
        return next((r for r in reasons if r is not None), None)
