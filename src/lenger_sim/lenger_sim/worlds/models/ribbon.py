"""Lines of points on the ground and the bands that follow them: rivers, rails, wires."""

from __future__ import annotations

import itertools
from math import hypot

import numpy as np
from numpy.typing import NDArray

from lenger_sim.worlds.models.mesh import Mesh, Paint, Point
from lenger_sim.worlds.models.parameters import Place

Array = NDArray[np.float64]
LEAST_STEP_M = 0.05


def checked_line(points: tuple[Place, ...]) -> tuple[Place, ...]:
    """Return the points.

    Raises:
        ValueError: two that follow each other are the same place seen from above.
    """
    for i, (a, b) in enumerate(itertools.pairwise(points)):
        if hypot(b[0] - a[0], b[1] - a[1]) < LEAST_STEP_M:
            raise ValueError(f"points {i + 1} and {i + 2} are closer than {LEAST_STEP_M} m seen from above")
    return points


def sides(line: Array) -> Array:
    """Return the unit vector to the left of each point of a line, horizontal, (N, 3)."""
    ahead = np.diff(line, axis=0, append=2.0 * line[-1:] - line[-2:-1])
    behind = np.concatenate([ahead[:1], ahead[:-1]])
    flat = (
        ahead / np.linalg.norm(ahead[:, :2], axis=1)[:, None] + behind / np.linalg.norm(behind[:, :2], axis=1)[:, None]
    )
    flat = np.where(np.linalg.norm(flat[:, :2], axis=1)[:, None] < 1e-6, ahead, flat)  # a line that turns right back
    left = np.stack([-flat[:, 1], flat[:, 0], np.zeros(len(line))], axis=1)
    return np.asarray(left / np.linalg.norm(left, axis=1)[:, None], dtype=np.float64)


def ribbon(mesh: Mesh, line: Array, width: float, paint: Paint, lift: float = 0.0) -> None:
    """Add a band of a width along a line, its face up, `lift` above it."""
    left, up = 0.5 * width * sides(line), np.array((0.0, 0.0, lift))
    between(mesh, line - left + up, line + left + up, paint)


def between(mesh: Mesh, right: Array, left: Array, paint: Paint) -> None:
    """Add the surface between two lines of as many points, its face up when `left` is to the left of `right`."""
    for i in range(len(right) - 1):
        # two triangles: the four corners of a band that climbs and turns are not in one plane
        mesh.face([right[i], right[i + 1], left[i + 1]], paint)
        mesh.face([right[i], left[i + 1], left[i]], paint)


def walked(line: Array, step_m: float) -> list[tuple[Point, float]]:
    """Return places each `step_m` along a line (measured from above) and the heading there, rad from +x."""
    out: list[tuple[Point, float]] = []
    rest = 0.5 * step_m
    for a, b in itertools.pairwise(line):
        length = float(np.hypot(*(b - a)[:2]))
        heading = float(np.arctan2(b[1] - a[1], b[0] - a[0]))
        while rest <= length:
            x, y, z = (a + (b - a) * rest / length).tolist()
            out.append(((x, y, z), heading))
            rest += step_m
        rest -= length
    return out
