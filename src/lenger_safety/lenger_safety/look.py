"""One look around: the limits of every estimate together, and what is left beyond the stopping distance."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan, sqrt

from lenger_core.samples import Vec3
from lenger_safety.estimate import Picture
from lenger_safety.motion import Approach, Motion
from lenger_safety.surroundings import Surroundings, Surveyor


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
    approaches: tuple[Approach, ...]
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
    surveyor: Surveyor, motion: Motion, picture: Picture, wanted: Vec3 | None, home: Vec3 | None, floor: bool
) -> Look:
    """Return the look at the limits around every estimate.

    Args:
        surveyor: finds limits.
        motion: stopping model.
        picture: the estimates.
        wanted: velocity command, None when there is none: the ground is then sampled along the present velocity.
        home: home in the guard's frame.
        floor: whether the lowest height counts now.
    """
    around: list[Surroundings] = []
    approaches: list[Approach] = []
    slack: dict[str, tuple[float, str]] = {}
    stopping = 0.0
    for estimate in picture.estimates:
        v = estimate.velocity_m_s
        view = surveyor.survey(estimate, wanted, home, floor)
        around.append(view)
        speed = sqrt(v[0] ** 2 + v[1] ** 2 + v[2] ** 2)
        stopping = max(stopping, motion.stopping_distance_m(speed, speed))
        for limit in view.limits:
            closing = v[0] * limit.normal[0] + v[1] * limit.normal[1] + v[2] * limit.normal[2]
            approaches.append(Approach(limit, estimate.age_s, closing))
            left = limit.distance_m - motion.stopping_distance_m(closing, speed, estimate.age_s)
            if limit.kind not in slack or left < slack[limit.kind][0]:
                slack[limit.kind] = left, limit.name
    return Look(picture, tuple(around), tuple(approaches), slack, stopping)
