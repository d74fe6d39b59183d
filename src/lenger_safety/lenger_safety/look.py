"""One look around: the limits of every estimate together, and what is left beyond the stopping distance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import dist, hypot, inf, nan

import numpy as np

from lenger_core.samples import Vec3
from lenger_safety.air import Stop
from lenger_safety.estimate import Estimate, Picture
from lenger_safety.motion import Approaches, Motion
from lenger_safety.prediction import Response, Tube, margin_of, predict
from lenger_safety.surroundings import LimitKind, Surroundings, Surveyor

STEADY_M_S = 2.0
"""Who flies within this of the wanted velocity flies it already, as far as the next second goes."""


@dataclass(frozen=True, slots=True)
class Look:
    """The surroundings of every estimate, and what follows from the worse of them.

    Attributes:
        picture: the estimates.
        around: the surroundings of each.
        approaches: every limit of every estimate, and how the aircraft closes on it.
        slack: kind of limit -> (least metres that the tube of a stop leaves, its name); where it limits at all.
        stopping_m: stopping distance along the present velocity, gusts included.
        stopping_radius_m, stopping_height_m: how far the stop reaches from here, protection levels included.
        clear: whether the stop from a velocity is clear of everything although rows may bar the velocity.
    """

    picture: Picture
    around: tuple[Surroundings, ...]
    approaches: Approaches
    slack: dict[str, tuple[float, str]]
    stopping_m: float
    stopping_radius_m: float = nan
    stopping_height_m: float = nan
    clear: Callable[[Vec3], bool] = lambda velocity: False

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
    stop: Stop,
) -> Look:
    """Return the look at the limits around every estimate.

    Args:
        surveyor: finds limits.
        motion: the limiter's model.
        picture: the estimates.
        wanted: velocity command, None when there is none: the ground is then sampled along the present velocity.
        home: home in the guard's frame.
        floor: whether the lowest height counts now.
        stop: how the hold mode would stop the aircraft.
    """
    around: list[Surroundings] = []
    seen: list[tuple[Surroundings, float, Vec3]] = []
    slack: dict[str, tuple[float, str]] = {}
    way = across = height = 0.0
    for estimate in picture.estimates:
        view = surveyor.survey(estimate, wanted, home, floor)
        around.append(view)
        seen.append((view, estimate.age_s, estimate.velocity_m_s))
        tube = _tube(estimate, stop.response, stop, motion)
        found = margin_of(tube, surveyor, home, floor).by_kind()
        if stop.streamed is not None and min(found.values(), default=(inf, ""))[0] < 0.0:
            # A stop that is streamed already is under way; changing over to the hold mode may need more than it.
            other = _tube(estimate, stop.streamed, stop, motion)
            at = margin_of(other, surveyor, home, floor).by_kind()
            if min(at.values(), default=(inf, ""))[0] > min(found.values())[0]:
                tube, found = other, at
        if found.get("keep_out", (inf, ""))[0] < 0.0:
            found |= _fence_behind(view, stop.response.stop_m(estimate.velocity_m_s, estimate.age_s), found)
        for kind, left in found.items():
            slack[kind] = min(slack.get(kind, left), left)
        e, n, u = (tube.points_m[-1] - tube.points_m[0]).tolist()
        radius_m = float(tube.radius_h_m[-1])
        way = max(way, hypot(e, n, u) + radius_m - estimate.hpl_m)
        across, height = max(across, hypot(e, n) + radius_m), max(height, abs(u) + float(tube.radius_v_m[-1]))

    def clear(velocity: Vec3) -> bool:
        return bool(picture.estimates) and all(
            _is_clear(estimate, velocity, surveyor, motion, home, floor) for estimate in picture.estimates
        )

    return Look(picture, tuple(around), Approaches.around(seen), slack, way, across, height, clear)


def _fence_behind(
    view: Surroundings, stop_m: Vec3, found: dict[str, tuple[float, str]]
) -> dict[str, tuple[float, str]]:
    """Return what is left to the fence in a keep-out, whose deeper breach hides it from the tube's margins."""
    rows = np.flatnonzero(view.kinds == LimitKind.FENCE)
    if not len(rows):
        return {}
    left = view.rows[rows, 3] - np.maximum(view.rows[rows, :3] @ np.array(stop_m), 0.0)
    at = int(left.argmin())
    behind = float(left[at]), view.name_of(int(rows[at]))
    return {"fence": min(found.get("fence", behind), behind)}


def _tube(estimate: Estimate, response: Response, stop: Stop, motion: Motion) -> Tube:
    """Return the tube of a stop, at least as wide as the limiter's allowance for gusts once it moves."""
    return predict(estimate, response, stop.acceleration_m_s2, stop.wind_m_s, least_gust_m=motion.wind_m)


def _is_clear(
    estimate: Estimate, velocity: Vec3, surveyor: Surveyor, motion: Motion, home: Vec3 | None, floor: bool
) -> bool:
    """Return whether the whole stop from a velocity, as the limiter plans it, stays clear of everything by the buffer.

    Half-spaces through the nearest points also bar what passes beside a corner; the tube itself does not. It starts
    from here with the wanted velocity, so it counts only where the aircraft flies much like that already.
    """
    now = estimate.velocity_m_s
    if dist(now, velocity) > STEADY_M_S or hypot(*velocity[:2]) > motion.max_speed_m_s:
        return False
    if not -motion.max_descent_m_s <= velocity[2] <= motion.max_climb_m_s:
        return False
    for asked in (now, velocity):
        tube = _tube(replace(estimate, velocity_m_s=asked), motion.cautious(), Stop(motion.cautious()), motion)
        if margin_of(tube, surveyor, home, floor).least()[0] < motion.buffer_m:
            return False
    return True
