"""Seeded random areas with holes and keep-out zones, and an oracle that asks points, not polygons: no shapely here."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class RandomArea:
    """An outline, its holes and keep-out zones: rings (N, 2), east and north in metres."""

    outer: Array
    holes: tuple[Array, ...]
    keep_out: tuple[Array, ...]


def random_area(seed: int) -> RandomArea:
    """Return an area of 5 to 200 hectares: star-shaped but ragged, or a comb of bays; up to four holes and zones."""
    rng = np.random.default_rng(seed)
    size = float(np.exp(rng.uniform(np.log(150.0), np.log(800.0))))
    outer = _ragged(rng, size) if rng.random() < 0.6 else _comb(rng, size)
    outer = outer @ _turn(rng.uniform(0.0, 2.0 * np.pi))
    rings: list[Array] = []
    for _ in range(rng.integers(1, 5)):
        for _try in range(50):
            centre = rng.uniform(outer.min(axis=0), outer.max(axis=0))
            ring = centre + _ragged(rng, size * rng.uniform(0.05, 0.18), 5, 9)
            apart = all(np.hypot(*(ring.mean(0) - r.mean(0))) > 1.3 * (_radius(ring) + _radius(r)) for r in rings)
            if (
                apart
                and inside(ring, outer).all()
                and not inside(outer, ring).any()
                and edge_m(ring, outer).min() > 12.0
            ):
                rings.append(ring)
                break
    count = int(rng.integers(0, len(rings) + 1))
    keep_out = list(rings[count:])
    if rng.random() < 0.3:  # a zone that bites into the edge
        keep_out.append(outer[rng.integers(len(outer))] + _ragged(rng, size * 0.15, 5, 9))
    return RandomArea(outer, tuple(rings[:count]), tuple(keep_out))


def _radius(ring: Array) -> float:
    return float(np.hypot(*(ring - ring.mean(axis=0)).T).max())


def _turn(angle: float) -> Array:
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


def _ragged(rng: np.random.Generator, size: float, low: int = 5, high: int = 16) -> Array:
    """A star-shaped ring, concave where neighbouring radii differ."""
    count = int(rng.integers(low, high))
    angles = (np.arange(count) + rng.uniform(-0.3, 0.3, count)) * (2.0 * np.pi / count)
    radii = size * rng.uniform(0.45, 1.0, count)
    return np.column_stack([radii * np.cos(angles), radii * np.sin(angles)])


def _comb(rng: np.random.Generator, size: float) -> Array:
    """Long bays into a block from one side: lines across them split and meet."""
    teeth = int(rng.integers(2, 5))
    xs = np.linspace(-size, size, 2 * teeth) + rng.uniform(-0.08, 0.08, 2 * teeth) * size
    top = [(x, size * (rng.uniform(0.4, 0.9) if i % 4 in (0, 3) else rng.uniform(-0.3, 0.2))) for i, x in enumerate(xs)]
    return np.array([(xs[0], -0.6 * size), *((x, -0.6 * size) for x in xs[-1:]), *top[::-1]])


def inside(points: Array, ring: Array) -> Flags:
    """Even-odd rule, (N,)."""
    x, y = points[:, 0][:, None], points[:, 1][:, None]
    (x0, y0), (x1, y1) = ring.T, np.roll(ring, -1, axis=0).T
    with np.errstate(divide="ignore", invalid="ignore"):
        crosses = ((y0 > y) != (y1 > y)) & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return np.asarray(crosses.sum(axis=1) % 2 == 1)


def edge_m(points: Array, ring: Array) -> Array:
    """Distance (N,) of points to the nearest edge of a ring."""
    start, end = ring, np.roll(ring, -1, axis=0)
    step = end - start
    along = np.einsum("nmk,mk->nm", points[:, None] - start[None], step) / np.einsum("mk,mk->m", step, step)
    nearest = start + np.clip(along, 0.0, 1.0)[..., None] * step
    return np.asarray(np.hypot(*(points[:, None] - nearest).transpose(2, 0, 1)).min(axis=1))


def to_see(area: RandomArea, rng: np.random.Generator, count: int = 6_000) -> Array:
    """Points drawn over the area, without holes and keep-out zones."""
    points = rng.uniform(area.outer.min(axis=0), area.outer.max(axis=0), (count, 2))
    keep = inside(points, area.outer)
    for ring in (*area.holes, *area.keep_out):
        keep &= ~inside(points, ring)
    return points[keep]


def seen_by(points: Array, places: Array, ways: Array, half_across_m: float, half_along_m: float) -> Flags:
    """Whether points (N, 2) lie within a frame about any of the photos (P, 2) taken along unit vectors (P, 2)."""
    seen = np.zeros(len(points), bool)
    for place, way in zip(places, ways, strict=True):
        d = points - place
        along, across = d @ way, d @ np.array([-way[1], way[0]])
        seen |= (np.abs(along) <= half_along_m + 1e-6) & (np.abs(across) <= half_across_m + 1e-6)
    return seen


def dense(points: Array, step_m: float = 2.0) -> Array:
    """Points (N, 2) along a polyline."""
    out = [points[:1]]
    for start, end in pairwise(points):
        count = max(int(np.ceil(np.hypot(*(end - start)) / step_m)), 1)
        out.append(start + (np.arange(1, count + 1) / count)[:, None] * (end - start))
    return np.vstack(out)
