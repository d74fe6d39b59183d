"""The law of the limiter: which velocities may be commanded beside many limits at once, and the nearest of them.

A limit with `left` metres beside the buffer allows a closing speed c at a whole speed v of

    c (T + v / (2 a)) <= left,

since the hold that follows brakes in a straight line of v T + v^2 / (2 a), of which the share c / v points at the
limit. Beyond it (left < 0) it asks for a way back. For a whole speed of at most S the allowed velocities are a
polyhedron within a ball, and the nearest of them is a projection: of the wanted velocity, scaled down until the result
lies in the ball. The least distance over S is searched on a grid and by golden sections.

Limits that contradict each other are given up in this order, each no further than it must: the floor's way back, the
ceiling's, the fence's (where a ceiling or the ground bars most of it, by descending or climbing first). What
then still contradicts the way out of keep-outs and up from the ground may be crossed outward, slowly, by the least
velocity that does it, first ceiling and floor, then the fence; there the mission has no say. Then keep-outs give up
their way out by priority, and the ground never: standing still is what remains.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_safety.limiter import project_from

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RECOVERY_RATE = 0.5
"""1/s: speed of the way back inside for each metre beyond a limit."""

ZONES = 3
"""Ranks below this (0 floor, 1 ceiling, 2 fence) may be crossed on the way out of what ranks higher."""

OUTWARD = 4
"""First of the two stages that cross limits outward."""

FULLY_GIVEN_UP = 1_000_000
"""Stage of standing still."""

_IGNORED, _ANY_SPEED = -2, 1e3
_HALF = 0.5
_GRID = 12
_GOLDEN_STEPS = 14
_SCALE_STEPS = 40
_GOLDEN = 0.6180339887498949


@njit(cache=True, nogil=True)
def levels(
    limits: Floats, ranks: Ints, stage: int, share: float, speed: float, per_speed: float, recover: float, rows: Floats
) -> None:
    """Fill in the greatest speeds rows[:, 3] for a whole speed of at most `speed`; see `nearest`.

    `share` of the way back is left to the rank that is given up last.
    """
    last = stage - 1 if stage < OUTWARD else ZONES + stage - OUTWARD - 2
    for i in range(limits.shape[0]):
        left, latency, rank = limits[i, 3], limits[i, 4], ranks[i]
        if rank < 0:
            rows[i, 3] = left if rank > _IGNORED else _ANY_SPEED
            continue
        needs = max(latency + speed * per_speed, limits[i, 5] + speed * limits[i, 6])
        level = left / needs if left > 0.0 else -min(recover, -left * RECOVERY_RATE)
        if OUTWARD <= stage < OUTWARD + 2:
            if rank < (ZONES - 1 if stage == OUTWARD else ZONES):
                level = max(recover, level)
            elif rank < ZONES:
                level = max(0.0, level)
        elif rank < last:
            level = max(0.0, level)
        elif rank == last:
            level = max(share * level, level)
        rows[i, 3] = level


@njit(cache=True, nogil=True)
def _size(v: Floats) -> float:
    return math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])


@njit(cache=True, nogil=True)
def _in_ball(wanted: Floats, rows: Floats, speed: float, active: Ints, out: Floats) -> bool:
    """Put the nearest velocity to `wanted` that the rows allow and that is no faster than `speed` into `out`.

    The Lagrangian |v - w|^2 + mu |v|^2 has the minimum that w / (1 + mu) has without the ball.
    """
    if not project_from(wanted, rows, active, out):
        return False
    if _size(out) <= speed:
        return True
    scaled, found = np.zeros(3), np.empty(3)
    if not project_from(scaled, rows, active, found) or _size(found) > speed + 1e-9:
        return False
    low, high = 0.0, 1.0
    f_low, f_high = _size(found) - speed, _size(out) - speed
    out[:] = found
    for step in range(_SCALE_STEPS):
        share = f_low / (f_low - f_high) if step % 3 < 2 and f_low < f_high else 0.5
        middle = low + (high - low) * min(max(share, 0.01), 0.99)
        for k in range(3):
            scaled[k] = wanted[k] * middle
        if not project_from(scaled, rows, active, found):
            break
        size = _size(found) - speed
        if size <= 0.0:
            low, f_low = middle, size
            out[:] = found
            if size > -1e-6:
                break
        else:
            high, f_high = middle, size
    return True


@njit(cache=True, nogil=True)
def _distance(
    wanted: Floats,
    limits: Floats,
    ranks: Ints,
    stage: int,
    share: float,
    speed: float,
    per_speed: float,
    recover: float,
    rows: Floats,
    active: Ints,
    found: Floats,
) -> float:
    levels(limits, ranks, stage, share, speed, per_speed, recover, rows)
    if not _in_ball(wanted, rows, speed, active, found):
        return math.inf
    return math.sqrt((found[0] - wanted[0]) ** 2 + (found[1] - wanted[1]) ** 2 + (found[2] - wanted[2]) ** 2)


@njit(cache=True, nogil=True)
def _search(
    wanted: Floats,
    limits: Floats,
    ranks: Ints,
    stage: int,
    share: float,
    high: float,
    per_speed: float,
    recover: float,
    rows: Floats,
    active: Ints,
    best: Floats,
) -> bool:
    """Put the nearest allowed velocity of a stage into `best`; False when there is none."""
    found = np.empty(3)
    least, at = math.inf, -1
    for i in range(_GRID):
        speed = high * (i + 1) / _GRID
        distance = _distance(wanted, limits, ranks, stage, share, speed, per_speed, recover, rows, active, found)
        if distance < least:
            least, at = distance, i
            best[:] = found
    if at < 0:
        return False
    a, b = high * at / _GRID, high * min(at + 2, _GRID) / _GRID
    c, d = b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)
    at_c = _distance(wanted, limits, ranks, stage, share, c, per_speed, recover, rows, active, found)
    if at_c < least:
        least = at_c
        best[:] = found
    at_d = _distance(wanted, limits, ranks, stage, share, d, per_speed, recover, rows, active, found)
    if at_d < least:
        least = at_d
        best[:] = found
    for _ in range(_GOLDEN_STEPS):
        if at_c < at_d:
            b, d, at_d = d, c, at_c
            c = b - _GOLDEN * (b - a)
            at_c = _distance(wanted, limits, ranks, stage, share, c, per_speed, recover, rows, active, found)
            newest = at_c
        else:
            a, c, at_c = c, d, at_d
            d = a + _GOLDEN * (b - a)
            at_d = _distance(wanted, limits, ranks, stage, share, d, per_speed, recover, rows, active, found)
            newest = at_d
        if newest < least:
            least = newest
            best[:] = found
    return True


@njit(cache=True, nogil=True)
def _possible(
    limits: Floats,
    ranks: Ints,
    stage: int,
    share: float,
    high: float,
    per_speed: float,
    recover: float,
    rows: Floats,
    active: Ints,
) -> bool:
    still, found = np.zeros(3), np.empty(3)
    for i in range(_GRID):
        speed = high * (i + 1) / _GRID
        levels(limits, ranks, stage, share, speed, per_speed, recover, rows)
        if project_from(still, rows, active, found) and _size(found) <= speed:
            return True
    return False


@njit(cache=True, nogil=True)
def _greatest_share(
    limits: Floats,
    ranks: Ints,
    stage: int,
    high: float,
    per_speed: float,
    recover: float,
    rows: Floats,
    active: Ints,
) -> float:
    """Return the greatest share of the way back that a stage can leave to what it gives up; -1: not even none."""
    if _possible(limits, ranks, stage, 1.0, high, per_speed, recover, rows, active):
        return 1.0
    if not _possible(limits, ranks, stage, 0.0, high, per_speed, recover, rows, active):
        return -1.0
    low, above = 0.0, 1.0
    for _ in range(6):
        share = 0.5 * (low + above)
        if _possible(limits, ranks, stage, share, high, per_speed, recover, rows, active):
            low = share
        else:
            above = share
    return low


@njit(cache=True, nogil=True)
def _make_way(
    limits: Floats,
    ranks: Ints,
    high: float,
    per_speed: float,
    recover: float,
    rows: Floats,
    active: Ints,
    target: Floats,
) -> None:
    """Ask to descend where ceilings bar the way back inside the fence, and to climb where the ground does."""
    for barring, way in ((1, -recover), (0, recover)):
        without = ranks.copy()
        for i in range(ranks.shape[0]):
            bars = ranks[i] == 1 if barring == 1 else (limits[i, 2] < 0.0 and ranks[i] != 1 and ranks[i] >= 0)
            if bars:
                without[i] = _IGNORED
        if _possible(limits, without, 0, 1.0, high, per_speed, recover, rows, active):
            target[0], target[1], target[2] = 0.0, 0.0, way
            return


@njit(cache=True, nogil=True)
def nearest(
    wanted: Floats, limits: Floats, ranks: Ints, last_rank: int, top: float, per_speed: float, recover: float
) -> tuple[int, float, float, float]:
    """Return (stage, velocity): the allowed velocity that is nearest to the wanted one.

    Args:
        wanted: (3,) m/s, within what can be flown.
        limits: (K, 7): unit normal towards the limit, metres left beside buffer and wind, latency in s; latency and
            1 / (2 a) of another way to stop that must have room as well.
        ranks: (K,) -1 a greatest speed in place of the metres left, 0 floor, 1 ceiling, 2 fence, from 3 keep-outs by
            rising priority, above `last_rank` never given up.
        last_rank: the highest rank of a keep-out, at least 2.
        top: greatest whole speed in m/s.
        per_speed: 1 / (2 a) in s^2/m.
        recover: greatest speed of the way back in m/s.

    Returns:
        The stage says what was given up: 0 nothing, 1 to 3 the way back of ranks below it, 4 and 5 limits are crossed
        outward, from 6 keep-outs, FULLY_GIVEN_UP: nothing is left but to stand still.
    """
    rows = np.empty((limits.shape[0], 4))
    rows[:, :3] = limits[:, :3]
    active, best = np.full(3, -1, dtype=np.int64), np.empty(3)
    size = _size(wanted)
    levels(limits, ranks, 0, 0.0, size, per_speed, recover, rows)
    if project_from(wanted, rows, active, best) and active[0] < 0:
        return 0, wanted[0], wanted[1], wanted[2]
    high = size
    for i in range(limits.shape[0]):
        if limits[i, 3] < 0.0:  # the way back may be faster than what is wanted
            high = top
    active[:] = -1
    for stage in range(OUTWARD + 2 + max(0, last_rank - ZONES + 1)):
        share = _greatest_share(limits, ranks, stage, high, per_speed, recover, rows, active)
        if share < 0.0:
            continue
        target = wanted.copy()
        if OUTWARD <= stage < OUTWARD + 2:
            target[:] = 0.0
        elif stage == OUTWARD - 1 and share < _HALF:
            _make_way(limits, ranks, high, per_speed, recover, rows, active, target)
        if _search(target, limits, ranks, stage, share, high, per_speed, recover, rows, active, best):
            return stage, best[0], best[1], best[2]
    return FULLY_GIVEN_UP, 0.0, 0.0, 0.0
