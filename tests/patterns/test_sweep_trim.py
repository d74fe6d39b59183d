"""Tips that are left out of lines: never more area than is spared, and the most metres that it buys."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from lenger_mission.patterns.sweep_trim import Region, Span, trimmed

SPACING_M = 10.0


def strips_of(seed: int) -> tuple[list[Region], list[list[Span]]]:
    """Five strips with ends slanted at random."""
    rng = np.random.default_rng(seed)
    strips: list[Region] = []
    for line in range(5):
        y, x = line * SPACING_M, rng.uniform([0.0, 0.0, 80.0, 80.0], [20.0, 20.0, 120.0, 120.0])
        strips.append(shapely.Polygon([(x[0], y), (x[2], y), (x[3], y + SPACING_M), (x[1], y + SPACING_M)]))
    return strips, [[(strip.bounds[0], strip.bounds[2])] for strip in strips]


def lost_m2(strips: list[Region], short: list[list[Span]]) -> float:
    kept = [strip.intersection(shapely.box(a, -1.0, b, 60.0)) for strip, [(a, b)] in zip(strips, short, strict=True)]
    return sum(strip.area - part.area for strip, part in zip(strips, kept, strict=True))


def saved_m(spans: list[list[Span]], short: list[list[Span]]) -> float:
    before, after = (np.array([span for line in each for span in line]) for each in (spans, short))
    return float(np.sum(np.diff(before) - np.diff(after)))


def evenly_cut(strips: list[Region], spans: list[list[Span]], spare_m2: float) -> list[list[Span]]:
    """Each end cut until it has lost its even share, by bisection: the slow and plain way."""

    def end(strip: Region, start: float, inward: float) -> float:
        low, high = 0.0, 1.5 * SPACING_M
        for _ in range(50):
            cut = 0.5 * (low + high)
            tip = shapely.box(*sorted_x(start, start + inward * cut))
            low, high = (cut, high) if strip.intersection(tip).area <= spare_m2 / (2 * len(strips)) else (low, cut)
        return start + inward * low

    return [[(end(s, a, 1.0), end(s, b, -1.0))] for s, [(a, b)] in zip(strips, spans, strict=True)]


def sorted_x(a: float, b: float) -> NDArray[np.float64]:
    return np.array([min(a, b), -1.0, max(a, b), 60.0])


@pytest.mark.parametrize("seed", range(20))
def test_what_is_spared_buys_more_metres_than_shared_evenly(seed: int) -> None:
    strips, spans = strips_of(seed)
    spare = float(np.random.default_rng([seed, 1]).uniform(5.0, 100.0))
    short = trimmed(strips, spans, SPACING_M, spare)
    assert lost_m2(strips, short) <= spare * (1.0 + 1e-9)
    step = 1.5 * SPACING_M / 23
    assert saved_m(spans, short) >= saved_m(spans, evenly_cut(strips, spans, spare)) - step


def test_square_ends_are_not_cut_where_nothing_is_spared() -> None:
    strips: list[Region] = [shapely.box(0.0, 0.0, 100.0, 10.0)]
    assert trimmed(strips, [[(0.0, 100.0)]], SPACING_M, 0.0) == [[(0.0, 100.0)]]
    assert trimmed(strips, [[]], SPACING_M, 5.0) == [[]]
