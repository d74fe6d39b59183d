"""One look around: the limits of every estimate together, and what is left beyond the stopping distance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_safety.estimate import Picture
from lenger_safety.motion import Approaches, Motion
from lenger_safety.surroundings import KIND_NAMES, LimitKind, Surroundings, Surveyor


@dataclass(frozen=True, slots=True)
class Look:
    """The surroundings of every estimate, and what follows from the worse of them.

    Attributes:
        picture: the estimates.
        around: the surroundings of each.
        approaches: every limit of every estimate, and how the aircraft closes on it.
        slack: kind of limit -> (metres left beyond the stopping distance, name of the limit); only limits within reach.
        stopping_m: stopping distance along the present velocity.
    """

    picture: Picture
    around: tuple[Surroundings, ...]
    approaches: Approaches
    slack: dict[str, tuple[float, str]]
    stopping_m: float

    def tightest(self) -> tuple[float, str]:
        """Return the least slack in metres and the limit it belongs to, infinite when nothing is within reach."""
        return min(self.slack.values(), default=(inf, ""))

    def worst(self) -> Surroundings | None:
        """Return the surroundings with the smallest horizontal margin."""
        return min(self.around, key=lambda a: a.horizontal_m, default=None)

    def margins(self) -> tuple[float, float, float]:
        """Return the smallest horizontal, ceiling and floor margins in metres; NaN without an estimate."""
        if not self.around:
            return nan, nan, nan
        return (
            min(a.horizontal_m for a in self.around),
            min(a.ceiling_m for a in self.around),
            min(a.floor_m for a in self.around),
        )


def look_around(
    surveyor: Surveyor,
    motion: Motion,
    picture: Picture,
    wanted: Vec3 | None,
    home: Vec3 | None,
    floor: bool,
    autopilot: str | None = None,
) -> Look:
    """Return the look at the limits around every estimate.

    Args:
        surveyor: finds limits.
        motion: stopping model.
        picture: the estimates.
        wanted: velocity command, None when there is none: the ground is then sampled along the present velocity.
        home: home in the guard's frame.
        floor: whether the lowest height counts now.
        autopilot: whose hold mode would stop the aircraft; see `Motion.stopping_distance_m`.
    """
    around: list[Surroundings] = []
    seen: list[tuple[Surroundings, float, Vec3]] = []
    speeds: list[NDArray[np.float64]] = []
    stopping = 0.0
    for estimate in picture.estimates:
        v = estimate.velocity_m_s
        view = surveyor.survey(estimate, wanted, home, floor)
        around.append(view)
        seen.append((view, estimate.age_s, v))
        speed = sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2)
        speeds.append(np.full(len(view.rows), speed))
        stopping = max(stopping, motion.stopping_distance_m(speed, speed, 0.0, autopilot))
    approaches = Approaches.around(seen)
    left = motion.slack_m(approaches, np.concatenate(speeds), autopilot) if speeds else np.empty(0)
    slack: dict[str, tuple[float, str]] = {}
    for kind in LimitKind:
        rows = np.flatnonzero(approaches.kinds == kind)
        if len(rows):
            row = int(rows[left[rows].argmin()])
            slack[KIND_NAMES[kind]] = float(left[row]), approaches.names[row]
    return Look(picture, tuple(around), approaches, slack, stopping)
