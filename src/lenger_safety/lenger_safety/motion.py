"""How far the aircraft needs to stop, and how fast it may close on a limit: the guard's model of motion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot, inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile
from lenger_safety.law_kernels import RECOVERY_RATE, ZONES, nearest
from lenger_safety.prediction import Response
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import GROUND_PRIORITY, KIND_NAMES, Limit, LimitKind, Surroundings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CLOSING_NOISE_M_S = 0.3
"""Closing speeds up to this are sliding with a noisy estimate, not an approach."""

_RANKS = {LimitKind.FLOOR: 0, LimitKind.CEILING: 1, LimitKind.FENCE: 2, LimitKind.GROUND: -1}
_RANK_OF_KIND = np.array([_RANKS.get(kind, ZONES) for kind in sorted(LimitKind)], dtype=np.int64)


class Approach(NamedTuple):
    """A limit, and how the aircraft closes on it now, by an estimate that is `age_s` old."""

    limit: Limit
    age_s: float = 0.0
    closing_m_s: float = 0.0
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Approaches:
    """Limits, and how the aircraft closes on them now.

    Attributes:
        rows: (K, 4) unit normal towards the limit, metres left.
        kinds, priorities: (K,).
        age_s, closing_m_s: (K,) of the estimate, and along the normal.
        names: of each.
    """

    rows: Floats
    kinds: Ints
    priorities: Ints
    age_s: Floats
    closing_m_s: Floats
    names: tuple[str, ...]

    @staticmethod
    def of(single: Sequence[Approach]) -> Approaches:
        """Return them from single ones."""
        rows = np.array([(*a.limit.normal, a.limit.distance_m) for a in single], dtype=np.float64).reshape(-1, 4)
        kinds = np.array([KIND_NAMES.index(a.limit.kind) for a in single], dtype=np.int64)
        ground = GROUND_PRIORITY * (kinds == LimitKind.GROUND)
        return Approaches(
            rows,
            kinds,
            np.array([a.priority for a in single], dtype=np.int64) + ground,
            np.array([a.age_s for a in single], dtype=np.float64),
            np.array([a.closing_m_s for a in single], dtype=np.float64),
            tuple(a.limit.name for a in single),
        )

    @staticmethod
    def around(seen: Sequence[tuple[Surroundings, float, Vec3]]) -> Approaches:
        """Return those of surroundings, each with the age of its estimate and its velocity."""
        if not seen:
            return Approaches.of(())
        return Approaches(
            np.concatenate([view.rows for view, _, _ in seen]),
            np.concatenate([view.kinds for view, _, _ in seen]),
            np.concatenate([view.priorities for view, _, _ in seen]),
            np.concatenate([np.full(len(view.rows), age) for view, age, _ in seen]),
            np.concatenate([view.rows[:, :3] @ np.array(velocity) for view, _, velocity in seen]),
            tuple(view.names[source] for view, _, _ in seen for source in view.sources.tolist()),
        )

    def ranks(self) -> tuple[Ints, int]:
        """Return (K,) what is given up first to last, and the last rank that ever is; see `law_kernels.nearest`."""
        ranks = _RANK_OF_KIND[self.kinds]
        keep_outs = np.flatnonzero(ranks == ZONES)
        own = self.priorities[keep_outs].tolist()
        order = {priority: rank for rank, priority in enumerate(sorted(set(own)), ZONES)}
        ranks[keep_outs] = [order[priority] for priority in own]
        ranks[ranks < 0] = ZONES + len(order)
        return ranks, ZONES + len(order) - 1

    def label(self, row: int) -> str:
        """Return a limit in words."""
        return f"{KIND_NAMES[int(self.kinds[row])].replace('_', '-')} {self.names[row]}"


@dataclass(frozen=True, slots=True)
class Motion:
    """Stopping model of one aircraft: latency, then constant braking (v^2 / (2 a) + v T fits PX4 and ArduPilot)."""

    limit_brake_m_s2: float
    limit_latency_s: float
    buffer_m: float
    wind_m: float
    recover_m_s: float
    max_speed_m_s: float
    max_climb_m_s: float
    max_descent_m_s: float
    hold: Response | None = None
    """The hold mode's stop, which the limiter must leave room for as well."""

    @staticmethod
    def of(settings: GuardSettings, profile: VehicleProfile, step_s: float) -> Motion:
        """Return the model from the settings and the vehicle profile; a step of the guard adds to the latency."""
        return Motion(
            limit_brake_m_s2=profile.max_brake_m_s2 * settings.brake_fraction,
            limit_latency_s=(profile.response_latency_s + step_s) * settings.latency_factor,
            buffer_m=settings.buffer_m,
            wind_m=settings.wind_allowance_m,
            recover_m_s=settings.recover_m_s,
            max_speed_m_s=profile.max_speed_m_s,
            max_climb_m_s=profile.max_climb_m_s,
            max_descent_m_s=profile.max_descent_m_s,
        )

    def beside(self, hold: Response) -> Motion:
        """Return the model that leaves room for a hold, too; the wind allowance of the settings is the least."""
        return replace(self, hold=hold, wind_m=max(self.wind_m, hold.gust_m))

    def cautious(self) -> Response:
        """Return the stop that the limiter plans with."""
        latency, brake = self.limit_latency_s, self.limit_brake_m_s2
        return Response(latency, brake, latency, brake)

    def _needs_s(self, speed_m_s: float) -> float:
        needs = self.limit_latency_s + speed_m_s / (2.0 * self.limit_brake_m_s2)
        if self.hold is None:
            return needs
        return max(needs, self.hold.latency_s + speed_m_s / (2.0 * self.hold.brake_m_s2))

    def reach_m(self) -> float:
        """Return the distance beyond which no limit matters at the top speed."""
        v = self.max_speed_m_s
        stop = v * self.limit_latency_s + v * v / (2.0 * self.limit_brake_m_s2)
        return stop + self.buffer_m + self.wind_m + 10.0

    def limit(self, wanted: Vec3, approaches: Approaches) -> Vec3:
        """Return the nearest velocity to `wanted` from which a full brake stops before every limit.

        Which velocities those are, and what is given up where the limits contradict each other, says `law_kernels`.

        Args:
            wanted: m/s, ENU.
            approaches: the limits, and how the aircraft closes on them now.
        """
        target = self._within_speed(wanted, self._cap_m_s(approaches)[1])
        ranks, last = approaches.ranks()
        hold = self.cautious() if self.hold is None else self.hold
        limits = np.zeros((len(ranks) + 2, 7))
        limits[2:, :4] = approaches.rows
        limits[2:, 3] -= self.buffer_m + self.wind_m
        limits[2:, 4] = self.limit_latency_s + approaches.age_s
        limits[2:, 5] = hold.latency_s + approaches.age_s
        limits[2:, 6] = 1.0 / (2.0 * hold.brake_m_s2)
        limits[:2, :4] = (0.0, 0.0, 1.0, self.max_climb_m_s), (0.0, 0.0, -1.0, self.max_descent_m_s)
        ranks = np.concatenate(((-1, -1), ranks))
        top = hypot(self.max_speed_m_s, self.max_climb_m_s)
        per_speed = 1.0 / (2.0 * self.limit_brake_m_s2)
        _, e, n, u = nearest(np.array(target), limits, ranks, last, top, per_speed, self.recover_m_s)
        return e, n, u

    def binding(self, wanted: Vec3, approaches: Approaches) -> str:
        """Return, in words, the limit that the wanted velocity breaks most, "" when it breaks none."""
        if not len(approaches.names):
            return ""
        speed, a = _length(wanted), approaches
        left = a.rows[:, 3] - self.buffer_m - self.wind_m
        allowed = left / (self._needs_s(speed) + a.age_s)
        back = np.maximum(-self.recover_m_s, left * RECOVERY_RATE)
        excess = a.rows[:, :3] @ np.array(wanted) - np.where(left > 0.0, allowed, back)
        worst = int(excess.argmax())
        if excess[worst] > 0.0:
            return a.label(worst)
        row, cap = self._cap_m_s(a)
        return f"the approach to {a.names[row]}" if cap < speed else ""

    def _cap_m_s(self, approaches: Approaches) -> tuple[int, float]:
        """Return the greatest whole speed to ask for while the aircraft still closes on a limit as fast as it does,
        and the limit.

        The acceleration is shared by all directions. Speed that is gained along a wall while the approach to it has not
        ended yet lengthens the stop, and is braking that the approach does not get.
        """
        closing = approaches.closing_m_s - CLOSING_NOISE_M_S
        rows = np.flatnonzero(closing > 0.0)
        if not len(rows):
            return -1, inf
        left_s = (
            (approaches.rows[rows, 3] - self.wind_m) / closing[rows] - self.limit_latency_s - approaches.age_s[rows]
        )
        at = int(left_s.argmin())
        return int(rows[at]), max(0.0, 2.0 * self.limit_brake_m_s2 * float(left_s[at]))

    def _within_speed(self, wanted: Vec3, cap_m_s: float) -> Vec3:
        e, n, u = wanted
        speed = sqrt(e * e + n * n)
        most = min(self.max_speed_m_s, cap_m_s)
        scale = min(1.0, most / speed) if speed > 0.0 else 1.0
        return e * scale, n * scale, max(-self.max_descent_m_s, min(self.max_climb_m_s, u))


def _length(v: Vec3) -> float:
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


def warm() -> None:
    """Compile the kernels for the argument types that the guard uses."""
    rows = np.column_stack((np.eye(3), np.full((3, 4), (0.5, 1.0, 1.0, 0.2))))
    nearest(np.array([1.0, 1.0, 1.0]), rows, np.array([2, 2, 1], dtype=np.int64), 2, 15.0, 0.2, 1.0)
