"""Slow oracles of the limiter, which share no code with it: general solvers and a dense search."""

from __future__ import annotations

from math import inf

import numpy as np
from numba import njit
from scipy.optimize import linprog, minimize

FLOOR, CEILING, FENCE, KEEP_OUT = range(4)
SHAPES = ("random", "wedge", "parallel", "many", "corner", "wide")


def unit(rng, count):
    """Return (count, 3) directions."""
    n = rng.normal(size=(count, 3))
    return n / np.linalg.norm(n, axis=1)[:, None]


def normals_of(rng, shape):
    """Return normals (K, 3): the easy cases, and those that are hard for a projection."""
    if shape == "wedge":  # two walls that nearly face each other, and others
        first = unit(rng, 1)[0]
        second = -first + rng.normal(0.0, 10.0 ** rng.uniform(-5.0, -0.5), 3)
        n = np.vstack((first, second, unit(rng, int(rng.integers(0, 6)))))
    elif shape == "parallel":  # a finely divided arc of a wall
        count = int(rng.integers(2, 30))
        n = unit(rng, 1) + rng.normal(0.0, 10.0 ** rng.uniform(-7.0, -1.0), (count, 3))
    elif shape == "many":
        n = unit(rng, int(rng.integers(25, 150)))
    elif shape == "corner":  # horizontal walls, a ceiling and sloping ground
        angles = rng.uniform(0.0, 2.0 * np.pi, int(rng.integers(2, 8)))
        walls = np.column_stack((np.cos(angles), np.sin(angles), np.zeros(len(angles))))
        n = np.vstack((walls, (0.0, 0.0, 1.0), rng.normal((0.0, 0.0, -1.0), 0.3, (3, 3))))
    else:
        n = unit(rng, int(rng.integers(1, 13)))
    return n / np.linalg.norm(n, axis=1)[:, None]


def slsqp(wanted, rows):
    """Return the distance that a general solver finds; a point that breaks a constraint does not count."""
    constraint = {"type": "ineq", "fun": lambda v: rows[:, 3] - rows[:, :3] @ v, "jac": lambda v: -rows[:, :3]}
    solved = minimize(
        lambda v: float((v - wanted) @ (v - wanted)),
        np.zeros(3),
        jac=lambda v: 2.0 * (v - wanted),
        constraints=[constraint],
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 200},
    )
    excess = float((rows[:, :3] @ solved.x - rows[:, 3]).max())
    return inf if excess > 1e-7 else float(np.linalg.norm(solved.x - wanted))


def room_m_s(rows):
    """Return by how much the rows could all be tightened: negative where no velocity satisfies all of them."""
    a = np.column_stack((rows[:, :3], np.ones(len(rows))))
    bounds = [(-1e4, 1e4)] * 3 + [(None, 1.0)]
    solved = linprog((0.0, 0.0, 0.0, -1.0), A_ub=a, b_ub=rows[:, 3], bounds=bounds)
    assert solved.status == 0
    return float(solved.x[3])


@njit(cache=False)
def dense(wanted, limits, per_speed, seed):
    """Return the least distance from `wanted` among random velocities that the law allows, refined about the best.

    Never less than the best there is. The law: n . v (T + |v| / (2 a)) <= left, for two ways to stop.
    """
    np.random.seed(seed)
    spread = np.sqrt((wanted**2).sum())
    best, centre, kept = spread, np.zeros(3), np.zeros(3)
    for level in range(22):
        for _ in range(6000 if level < 2 else 1200):
            v0 = centre[0] + np.random.uniform(-spread, spread)
            v1 = centre[1] + np.random.uniform(-spread, spread)
            v2 = centre[2] + np.random.uniform(-spread, spread)
            distance = np.sqrt((v0 - wanted[0]) ** 2 + (v1 - wanted[1]) ** 2 + (v2 - wanted[2]) ** 2)
            if distance >= best:
                continue
            speed, allowed = np.sqrt(v0 * v0 + v1 * v1 + v2 * v2), True
            for i in range(limits.shape[0]):
                closing = limits[i, 0] * v0 + limits[i, 1] * v1 + limits[i, 2] * v2
                seconds = max(limits[i, 4] + speed * per_speed, limits[i, 5] + speed * limits[i, 6])
                if closing * seconds > limits[i, 3]:
                    allowed = False
                    break
            if allowed:
                best = distance
                kept[0], kept[1], kept[2] = v0, v1, v2
        centre[:] = kept
        spread /= 1.0 if level == 0 else 1.6
    return best


def levels(limits, ranks, stage, speed, per_speed, recover):
    """Return (K,) the greatest closing speeds of a stage, as the documents put it."""
    found = []
    for (*_, left, latency, other_latency, other_per_speed), rank in zip(limits, ranks, strict=True):
        needs = max(latency + speed * per_speed, other_latency + speed * other_per_speed)
        level = left / needs if left > 0.0 else -min(recover, -left * 0.5)
        crossed = {4: (FLOOR, CEILING), 5: (FLOOR, CEILING, FENCE)}.get(stage, ())
        given_up = range(stage) if stage < 4 else range(KEEP_OUT) if stage < 6 else range(KEEP_OUT + stage - 5)
        if rank in crossed:
            level = max(level, recover)
        elif rank in given_up:
            level = max(level, 0.0)
        found.append(level)
    return np.array(found)


def possible(limits, ranks, stage, top, per_speed, recover):
    """Return whether some velocity satisfies a stage, for sure (True), for sure not (False), or by a hair (None)."""
    doubt = False
    for speed in np.linspace(top / 12.0, top, 12):
        rows = np.column_stack((limits[:, :3], levels(limits, ranks, stage, speed, per_speed, recover)))
        room = room_m_s(rows)
        if room < -1e-4:
            continue
        least = slsqp(np.zeros(3), rows)
        if room > 1e-4 and least < speed - 1e-3:
            return True
        doubt |= room <= 1e-4 or least <= speed + 1e-3 or least == inf
    return None if doubt else False
