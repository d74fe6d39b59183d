"""From what the mission wants to what the aircraft may do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import dist, nan

from lenger_core.samples import Command, CommandKind, GuardLevel, Vec3
from lenger_safety.demands import Demand
from lenger_safety.estimate import Estimate
from lenger_safety.look import Look
from lenger_safety.mission_path import ListedMission
from lenger_safety.motion import Motion
from lenger_safety.permits import Permits
from lenger_safety.settings import GuardSettings

CHANGED_M_S = 0.05
"""A change of the commanded velocity smaller than this is no intervention."""

START_ROOM_M = 2.0
"""A mission whose path is not judged starts only with so much to spare: it gains speed at once."""

STILL: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Choice:
    """What goes out, and the level that it takes."""

    kind: CommandKind
    level: GuardLevel = GuardLevel.NOMINAL
    reason: str = ""
    velocity_enu_m_s: Vec3 = STILL
    alt_amsl_m: float = nan

    def command(
        self, now_ns: int, source: str, sequence: int, lifetime_s: float, consent_ns: int, wanted: Command | None
    ) -> Command:
        """Return the command that goes out; place, heading and item are those of the wanted one that it passes."""
        command = Command(
            now_ns,
            source,
            sequence,
            lifetime_s,
            self.kind,
            self.velocity_enu_m_s,
            alt_amsl_m=self.alt_amsl_m,
            consent_ns=consent_ns,
        )
        if wanted is None or wanted.kind is not self.kind:
            return command
        if self.kind is CommandKind.VELOCITY:
            return replace(command, yaw_enu_rad=wanted.yaw_enu_rad)
        if self.kind is CommandKind.GOTO:
            return replace(command, yaw_enu_rad=wanted.yaw_enu_rad, lat_deg=wanted.lat_deg, lon_deg=wanted.lon_deg)
        return replace(command, mission_item=wanted.mission_item) if self.kind is CommandKind.MISSION else command


@dataclass(frozen=True, slots=True)
class Scene:
    """What the choice depends on beside the limits.

    Attributes:
        flying: armed and off the ground, as far as is known.
        home: home in the guard's frame, None while unknown.
        listed: the mission that stands on the autopilot.
        autopilot: "px4" or "ardupilot", "" while unknown.
    """

    flying: bool
    home: Vec3 | None
    listed: ListedMission
    autopilot: str


class Chooser:
    """Passes, limits or refuses what the mission wants, while nothing else asks for more."""

    def __init__(self, settings: GuardSettings, motion: Motion, permits: Permits) -> None:
        self._settings = settings
        self.motion = motion
        self._permits = permits
        self._verdict: tuple[tuple[object, ...], str | None] | None = None

    def forget(self) -> None:
        """Judge the next path anew: who was held or flown by somebody else is not where the last one began."""
        self._verdict = None

    def warning(self, look: Look, flying: bool) -> Demand:
        """Return the demand for WARN when a limit is close."""
        left, name = look.tightest()
        if not flying or left >= self._settings.warn_m:
            return Demand()
        return Demand(GuardLevel.WARN, f"{name} is close")

    def choose(self, wanted: Command | None, look: Look, now: Scene) -> Choice:
        """Return what goes out: the wanted command, a limited one, or a hold (nothing on the ground) and why."""
        if wanted is None or (self._verdict is not None and self._verdict[0] != _path_of(wanted, now)):
            self._verdict = None
        if wanted is None or wanted.kind in (CommandKind.NONE, CommandKind.HOLD):
            return Choice(CommandKind.NONE if wanted is None else wanted.kind)
        if wanted.kind is CommandKind.VELOCITY and look.around and now.flying:
            return self._velocity(wanted, look)
        refused = self._refusal(wanted, look, now)
        if refused is None:
            return Choice(wanted.kind, alt_amsl_m=wanted.alt_amsl_m)
        why = f"{wanted.kind.name} refused: {refused}"
        # In the air latched, or a margin that flickers would order the same mode again and again.
        return Choice(CommandKind.HOLD, GuardLevel.HOLD, why) if now.flying else Choice(CommandKind.NONE, reason=why)

    def _velocity(self, wanted: Command, look: Look) -> Choice:
        velocity = self.motion.limit(wanted.velocity_enu_m_s, look.approaches)
        asked = wanted.velocity_enu_m_s
        if dist(velocity, asked) <= CHANGED_M_S or look.clear(asked):
            return Choice(wanted.kind, velocity_enu_m_s=wanted.velocity_enu_m_s)
        return Choice(wanted.kind, GuardLevel.LIMIT, self._binding(wanted.velocity_enu_m_s, look), velocity)

    def _binding(self, wanted: Vec3, look: Look) -> str:
        """Return, in words, the limit that the wanted velocity breaks most."""
        name = self.motion.binding(wanted, look.approaches)
        return f"velocity limited by {name or 'the top speed of the aircraft'}"

    def _refusal(self, wanted: Command, look: Look, now: Scene) -> str | None:
        if wanted.kind is CommandKind.DISARM:
            return "the aircraft is in the air" if now.flying else None
        if not look.around:
            return "no estimate of the position"
        if wanted.kind is CommandKind.VELOCITY:
            return "the aircraft is not in the air"
        if wanted.kind in (CommandKind.RETURN, CommandKind.GOTO, CommandKind.MISSION):
            return self._path_refusal(wanted, look, now)
        pairs = zip(look.picture.estimates, look.around, strict=True)
        if wanted.kind is CommandKind.LAND:
            return self._first(self._permits.land(e, a, now.home) for e, a in pairs)
        if wanted.kind is CommandKind.TAKEOFF:
            return self._first(self._permits.takeoff(e, a, wanted.alt_amsl_m, now.home) for e, a in pairs)
        return self._first(self._permits.arm(e, a, now.home) for e, a in pairs)

    def _path_refusal(self, wanted: Command, look: Look, now: Scene) -> str | None:
        """Judge a path when it begins; on the way the limits are watched as always."""
        if wanted.kind is not CommandKind.RETURN and not now.flying:
            return "the aircraft is not in the air"
        if self._verdict is None:
            left, name = look.tightest()
            if left < 0.0:  # nothing limits the velocity of what the autopilot flies by itself
                return f"stopping before {name} already needs {-left:.1f} m more than is left"
            if left < START_ROOM_M and wanted.kind is CommandKind.MISSION and self._settings.missions == "watched":
                needs = f"a mission that is only watched starts with {START_ROOM_M} m: fly away from it first"
                return f"stopping before {name} leaves {left:.1f} m; {needs}"
            reasons = (self._path(wanted, estimate, now) for estimate in look.picture.estimates)
            self._verdict = _path_of(wanted, now), self._first(reasons)
        return self._verdict[1]

    def _path(self, wanted: Command, estimate: Estimate, now: Scene) -> str | None:
        if wanted.kind is CommandKind.RETURN:
            return self._permits.native_return(estimate, now.home)
        if wanted.kind is CommandKind.GOTO:
            return self._permits.goto(estimate, wanted.lat_deg, wanted.lon_deg, wanted.alt_amsl_m, now.home)
        return self._permits.mission(estimate, now.listed, wanted.mission_item, now.home, now.autopilot)

    @staticmethod
    def _first(reasons: Iterable[str | None]) -> str | None:
        return next((r for r in reasons if r is not None), None)


def _path_of(command: Command, now: Scene) -> tuple[object, ...]:
    """Return what tells one path that is judged once from another."""
    if command.kind is CommandKind.GOTO:
        return command.kind, command.lat_deg, command.lon_deg, command.alt_amsl_m
    if command.kind is CommandKind.MISSION:
        return command.kind, command.mission_item, now.listed.digest(now.autopilot)
    return (command.kind,)
