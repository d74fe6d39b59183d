"""How a moving target follows its line: poses at times, the same for a seed in Gazebo, in a test and in a debrief."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import atan2, ceil, hypot, pi

import numpy as np

STEP_S = 1.0
"""Between poses at most: Gazebo lays a spline through them, which must not swing out where the line bends."""
TURN_S = 1.0
"""For a quarter turn on the spot."""
CORNER_RAD = 0.35
SPEED_SPREAD = 0.1


@dataclass(frozen=True)
class Key:
    """Where a target is at a time: s; m from the model's origin; pitch (nose down positive) and yaw in rad."""

    t_s: float
    x: float
    y: float
    z: float
    pitch: float
    yaw: float


def track(line: Sequence[Sequence[float]], speed_m_s: float, *, loop: bool, pause_s: float, seed: int) -> list[Key]:
    """Return one round of a target: along the line and, if `loop`, from its end straight to its start, else back again.

    It stops and turns where the line bends by more than CORNER_RAD. The seed sets where on the round it begins, the
    speed from corner to corner (within 10 %) and the length of each pause (0 to `pause_s`). The first and the last pose
    are the same place.

    Args:
        line: (N, 3) places, m.
        speed_m_s: mean speed along the line.
        loop: see above.
        pause_s: longest pause at a corner.
        seed: of everything random.
    """
    rng = np.random.default_rng(seed)
    given = [(place[0], place[1], place[2]) for place in line]
    there_and_back = given if loop and len(given) > 2 else given + given[-2:0:-1]
    first = int(rng.integers(len(there_and_back)))
    places = there_and_back[first:] + there_and_back[: first + 1]
    headings = [_heading(a, b) for a, b in itertools.pairwise(places)]
    keys, t, speed = [_key(0.0, places[0], headings[0])], 0.0, _speed(rng, speed_m_s)
    for i, (a, b) in enumerate(itertools.pairwise(places)):
        takes = hypot(b[0] - a[0], b[1] - a[1], b[2] - a[2]) / speed
        steps = max(ceil(takes / STEP_S), 1)
        for k in range(1, steps + 1):
            share = k / steps
            rest = 1.0 - share  # so that the last one is b to the last bit
            at = (rest * a[0] + share * b[0], rest * a[1] + share * b[1], rest * a[2] + share * b[2])
            keys.append(_key(t + takes * share, at, headings[i]))
        t += takes
        following = headings[(i + 1) % len(headings)]
        turn = abs(_wrapped(following[1] - headings[i][1]))
        if turn > CORNER_RAD:
            t += TURN_S * max(turn / (0.5 * pi), 0.5) + float(rng.uniform(0.0, pause_s))
            keys.append(_key(t, b, following))
            speed = _speed(rng, speed_m_s)
    return keys


def place_at(keys: Sequence[Key], t_s: float) -> tuple[float, float, float]:
    """Return x, y, z at a simulated time; rounds repeat.

    Straight between poses; Gazebo's spline leaves that by at most a tenth of a step (STEP_S times the speed).
    """
    t = t_s % keys[-1].t_s
    i = min(bisect_right([key.t_s for key in keys], t), len(keys) - 1)
    before, after = keys[i - 1], keys[i]
    share = (t - before.t_s) / (after.t_s - before.t_s)
    return (
        before.x + share * (after.x - before.x),
        before.y + share * (after.y - before.y),
        before.z + share * (after.z - before.z),
    )


def _heading(a: Sequence[float], b: Sequence[float]) -> tuple[float, float]:
    flat = hypot(b[0] - a[0], b[1] - a[1])
    return -atan2(b[2] - a[2], flat), atan2(b[1] - a[1], b[0] - a[0])


def _speed(rng: np.random.Generator, mean_m_s: float) -> float:
    return mean_m_s * float(rng.uniform(1.0 - SPEED_SPREAD, 1.0 + SPEED_SPREAD))


def _wrapped(angle: float) -> float:
    return (angle + pi) % (2.0 * pi) - pi


def _key(t_s: float, at: tuple[float, float, float], heading: tuple[float, float]) -> Key:
    """Return a pose; Gazebo keeps milliseconds."""
    return Key(round(t_s, 3), *at, *heading)
