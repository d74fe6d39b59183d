"""Who speaks in the mission's place: one manoeuvre after the other, each with consent, and anew after a hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, hypot, pi, sin

import numpy as np

from guard_flights.arena import Arena, Point2
from guard_flights.host import SECOND, World
from lenger_core.samples import Command, CommandKind, GuardLevel, GuardStatus, Vec3
from lenger_training.lockstep_bus import Part, Timer

Wish = dict[str, object]
"""Fields of a command; without "kind": silence."""


@dataclass(frozen=True)
class Manoeuvre:
    """One way of pressing against a limit.

    Attributes:
        name: one of MANOEUVRES.
        seconds: how long.
        speed_m_s: horizontal.
        heading_rad: direction, ENU; the first one where it changes.
        climb_m_s: vertical.
        place: what is homed at, east and north about the start.
        period_s: of changes of mind, or when something happens.
        seed: of its jitter.
    """

    name: str
    seconds: float
    speed_m_s: float
    heading_rad: float
    climb_m_s: float = 0.0
    place: Point2 = (0.0, 0.0)
    period_s: float = 1.0
    seed: int = 0


class Attacker:
    """Speaks at 20 Hz.

    Args:
        world: the flight.
        arena: where it is.
        manoeuvres: flown in turn.
        again_s: a person agrees again so long after the guard held.

    Attributes:
        holds: how often the guard latched.
        told: levels seen.
    """

    def __init__(self, world: World, arena: Arena, manoeuvres: tuple[Manoeuvre, ...], again_s: float) -> None:
        self._world, self._arena, self._manoeuvres = world, arena, manoeuvres
        self._again_ns = int(again_s * SECOND)
        self._begin_ns: int | None = None
        self._index, self._sequence, self._consent_ns = -1, 0, 0
        self._held_ns: int | None = None
        self._rng = np.random.default_rng(0)
        self._extra = (0.0, 0.0, 0.0)
        self._extra_until_ns = 0
        self.guard: GuardStatus | None = None
        self.holds = 0
        self.told: set[str] = set()

    def part(self) -> Part:
        """Return it as a part of the flight."""
        return Part("mission", {"guard/status": self._on_guard}, (Timer(50_000_000, 2_000_000, self._speak),))

    @property
    def seconds(self) -> float:
        """How long all manoeuvres take."""
        return sum(m.seconds for m in self._manoeuvres)

    def _on_guard(self, status: GuardStatus, now_ns: int) -> None:
        self.guard = status
        self.told.add(status.level.name)
        if not status.latched:
            self._held_ns = None
        elif self._held_ns is None:
            self._held_ns = now_ns
            self.holds += status.level >= GuardLevel.HOLD

    def _speak(self, now_ns: int) -> None:
        manoeuvre, t_s = self._current(now_ns)
        waited = self._held_ns is not None and now_ns - self._held_ns > self._again_ns
        if waited and now_ns - self._consent_ns > self._again_ns:
            self._consent_ns = now_ns
        wish = MANOEUVRES[manoeuvre.name](self, manoeuvre, t_s)
        if "kind" in wish:
            self._sequence += 1
            fields = {"consent_ns": self._consent_ns, **wish}
            self._world.bus.publish("mission/command", Command(now_ns, "mission", self._sequence, 0.5, **fields))  # type: ignore[arg-type]

    def _current(self, now_ns: int) -> tuple[Manoeuvre, float]:
        self._begin_ns = now_ns if self._begin_ns is None else self._begin_ns
        t_s = (now_ns - self._begin_ns) / SECOND
        for index, manoeuvre in enumerate(self._manoeuvres):
            if t_s < manoeuvre.seconds or index == len(self._manoeuvres) - 1:
                break
            t_s -= manoeuvre.seconds
        if index != self._index:
            self._index, self._consent_ns = index, now_ns
            self._rng = np.random.default_rng(manoeuvre.seed)
            self._extra_until_ns = 0
        return manoeuvre, t_s

    # ------------------------------------------------------------ what the manoeuvres know

    def here(self) -> Vec3:
        """Return where the aircraft believes to be, about the start; the third is the height above home."""
        status = self._world.status
        assert status is not None
        return self._arena.frame.to_local(status.lat_deg, status.lon_deg, status.alt_amsl_m)

    def toward(self, place: Point2, speed_m_s: float) -> tuple[float, float]:
        """Return the velocity towards a place, slower within 2 s of it."""
        e, n, _ = self.here()
        de, dn = place[0] - e, place[1] - n
        far = max(hypot(de, dn), 1e-3)
        speed = min(speed_m_s, far / 2.0)
        return speed * de / far, speed * dn / far

    def every(self, seconds: float, draw: Callable[[np.random.Generator], Vec3]) -> Vec3:
        """Return a random vector that changes every so often."""
        if self._world.now_ns >= self._extra_until_ns:
            self._extra = draw(self._rng)
            self._extra_until_ns = self._world.now_ns + int(seconds * SECOND)
        return self._extra


def _velocity(e: float, n: float, u: float) -> Wish:
    return {"kind": CommandKind.VELOCITY, "velocity_enu_m_s": (float(e), float(n), float(u))}


def _level(m: Manoeuvre, turn_rad: float = 0.0, climb: float | None = None) -> Wish:
    angle = m.heading_rad + turn_rad
    return _velocity(m.speed_m_s * cos(angle), m.speed_m_s * sin(angle), m.climb_m_s if climb is None else climb)


def _press(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    return _level(m)


def _home(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    return _velocity(*a.toward(m.place, m.speed_m_s), m.climb_m_s)


def _jitter(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    turn, climb, _ = a.every(m.period_s, lambda rng: tuple(rng.normal(0.0, (0.8, 2.0, 1.0))))
    return _level(m, turn, m.climb_m_s + climb)


def _reversal(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    return _level(m, pi if t_s % (5.0 * m.period_s) > 4.0 * m.period_s else 0.0)


def _circle(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    return _level(m, t_s / max(m.period_s, 1.0))


def _gaps(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    """Setpoints that fail again and again, for 0.1 to 1.5 s."""
    silent, _, _ = a.every(m.period_s, lambda rng: (float(rng.random() < 0.4), 0.0, 0.0))
    return {} if silent else _level(m)


def _death(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    """The mission dies on the way, and stays dead."""
    return {} if t_s > m.period_s else _level(m)


def _hold(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    """HOLD near the line, and on again."""
    return {"kind": CommandKind.HOLD} if t_s % (2.0 * m.period_s) > 1.3 * m.period_s else _level(m)


def _goto(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    """Up to speed, then a GOTO beyond the line."""
    if t_s < m.period_s:
        return _level(m)
    lat, lon, alt = a._arena.frame.to_geodetic(*m.place, a.here()[2] + m.climb_m_s)
    return {"kind": CommandKind.GOTO, "lat_deg": lat, "lon_deg": lon, "alt_amsl_m": alt}


def _native_return(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    """Up to speed, then a return, whatever lies in its way."""
    return _level(m) if t_s < m.period_s else {"kind": CommandKind.RETURN}


def _mission(a: Attacker, m: Manoeuvre, t_s: float) -> Wish:
    """The autopilot flies a mission that was uploaded."""
    return {"kind": CommandKind.MISSION, "mission_item": 0 if t_s < 1.0 else -1}


MANOEUVRES: dict[str, Callable[[Attacker, Manoeuvre, float], Wish]] = {
    "head_on": _press,
    "press": _press,
    "corner": _home,
    "home": _home,
    "jitter": _jitter,
    "reversal": _reversal,
    "circle": _circle,
    "dive": _press,
    "climb": _press,
    "gaps": _gaps,
    "death": _death,
    "hold": _hold,
    "goto": _goto,
    "return": _native_return,
    "popup": _press,
    "mission": _mission,
}
