"""The grader's reading of zones: by hand, and against the guard's own margins, which come from other code."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.geodesy import LocalFrame
from lenger_core.zones import (
    CorridorShape,
    Datum,
    HeightLimit,
    PolygonShape,
    TimeWindow,
    Zone,
    ZoneKind,
    ZoneSet,
)
from lenger_training.fence_violation import fence_violation
from lenger_training.track import Track

FRAME = LocalFrame(42.1819, 69.8878, 757.0)
GROUND_M = 760.0
IN, OUT, APPROACH = ZoneKind.INCLUSION, ZoneKind.EXCLUSION, ZoneKind.APPROACH


def ring(outline):
    return tuple(FRAME.to_geodetic(e, n, 0.0)[:2] for e, n in outline)


def box(west, south, east, north):
    return PolygonShape(ring([(west, south), (east, south), (east, north), (west, north)]))


def agl(height):
    return HeightLimit(height, Datum.AGL)


def violation(zones, points, en_route=True, utc_ns=None, t_s=None):
    """Points are (east, north, height over the ground)."""
    east, north, height = np.array(points, dtype=float).T
    n = len(east)
    t = np.arange(n, dtype=float) if t_s is None else np.array(t_s, dtype=float)
    flying = np.ones(n, dtype=bool)
    track = Track(t, np.column_stack((east, north)), GROUND_M + height, height, np.zeros(n), flying, "truth")
    return fence_violation(track, ZoneSet(zones).in_frame(FRAME), GROUND_M, np.full(n, en_route), utc_ns)


STEPS = (
    Zone("west", IN, box(-100, -50, 0, 50), None, agl(100)),
    Zone("east", IN, box(0, -50, 100, 50), agl(40), agl(60)),
)


def test_within_the_union_at_a_common_height_nothing_is_violated():
    found = violation(STEPS, [(-0.001, 0, 50), (0.0, 0, 50), (0.001, 0, 50), (30, 0, 70), (30, 0, 36), (104, 0, 50)])
    assert found == pytest.approx([0, 0, 0, 10, 4, 4], abs=0.02)


def test_floors_count_en_route_only_and_agl_floors_not_in_an_approach():
    pad = Zone("pad", APPROACH, box(40, -10, 60, 10), None, agl(50))
    assert violation((*STEPS, pad), [(50, 0, 5), (70, 0, 5)]) == pytest.approx([0, 35], abs=0.02)
    assert violation(STEPS, [(50, 0, 5)], en_route=False) == pytest.approx([0], abs=0.02)


def test_an_exclusion_counts_by_the_smallest_way_out_and_in_its_window_only():
    corridor = CorridorShape(ring([(-50, 0), (50, 0)]), 20.0)
    road = Zone("road", OUT, corridor, None, agl(30), windows=(TimeWindow(10_000_000_000, 20_000_000_000),))
    points = [(0, 0, 27), (0, 4, 10), (0, 0, 33), (0, 12, 10)]
    assert violation((road,), points) == pytest.approx([3, 6, 0, 0], abs=0.06)
    timed = violation((road,), [(0, 0, 27)] * 4, utc_ns=5_000_000_000, t_s=[0, 4.9, 5, 15])
    assert timed == pytest.approx([0, 0, 3, 0], abs=0.06)


def test_the_heights_above_the_ellipsoid_are_taken_off_the_geoid():
    lid = HeightLimit(GROUND_M + FRAME.undulation_m + 80.0, Datum.ELLIPSOID)
    assert violation((Zone("a", IN, box(-90, -90, 90, 90), None, lid),), [(0, 0, 85)]) == pytest.approx([5], abs=0.05)


boxes = st.tuples(st.integers(-6, 2), st.integers(-6, 2), st.integers(1, 8), st.integers(1, 8)).map(
    lambda b: box(20 * b[0], 20 * b[1], 20 * (b[0] + b[2]), 20 * (b[1] + b[3]))
)
bands = st.sampled_from([(None, None), (None, 40), (20, None), (20, 70), (40, 90)])


@given(
    st.lists(st.tuples(boxes, bands), min_size=1, max_size=4),
    st.lists(st.tuples(boxes, bands), max_size=2),
    st.integers(0, 2**31),
)
@settings(max_examples=80, deadline=None)
def test_it_agrees_with_the_margins_on_what_is_legal(inclusions, exclusions, seed):
    zones = tuple(
        Zone(f"{kind.value} {i}", kind, shape, *(None if h is None else agl(h) for h in band))
        for kind, drawn in ((IN, inclusions), (OUT, exclusions))
        for i, (shape, band) in enumerate(drawn)
    )
    points = np.random.default_rng(seed).uniform((-150, -150, 0), (200, 200, 110), (40, 3))
    found = violation(zones, points)
    local = ZoneSet(zones).in_frame(FRAME)
    places = points + np.array((0.0, 0.0, GROUND_M - FRAME.alt_amsl_m))
    columns = local.columns(places, np.full(40, GROUND_M), np.zeros(40), GROUND_M)
    margin = local.margins_3d(places, np.zeros((40, 2)), columns).margin_m
    clear = np.abs(margin) > 0.03
    assert ((found > 0.0) == (margin < 0.0))[clear].all()
    assert (found[clear] <= np.maximum(0.0, -margin[clear]) + 1e-6).all()
