"""Ways home over the Lenger terrain and among many zones: legal to an independent eye, hardly longer than exact."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_safety.returns.route import dense

from .oracles import ExactGraph, faults, faults_on_the_way_in
from .scenes import HPL_M, Scene, places_out_of, points_in, scene

CAMPAIGN_SCENES, POINTS_A_SCENE = 100, 100
KEPT_M = 2.5
"""What a way keeps off by beyond the protection level."""


def fly_all(seed: int, count: int) -> tuple[int, Counter[str]]:
    """Ask from `count` random points, one in five of them out of the legal space.

    Return the ways found and the reasons of the others.
    """
    made = scene(seed)
    rng = np.random.default_rng(1000 + seed)
    found, reasons = 0, Counter[str]()
    places = np.vstack((points_in(made.free, rng, count - count // 5), places_out_of(made.free, rng, count // 5)))
    for east, north in places:
        up = made.ground_m(east, north) + float(rng.uniform(22.0, 138.0))
        answer = made.ask((float(east), float(north), up))
        if answer.plan is None:
            assert answer.no_way
            reasons[answer.no_way.rstrip("0123456789. m")] += 1
            continue
        first = answer.plan.way_in
        bad = faults(made, answer.plan.waypoints[first:])
        bad += faults_on_the_way_in(made, answer.plan.waypoints[: first + 1])
        assert not bad, f"seed {seed} from {east:.1f}, {north:.1f}, {up:.1f}: {bad[:4]}"
        assert np.hypot(*np.subtract(answer.plan.waypoints[-1][:2], made.home[:2])) < 1.0
        found += 1
    return found, reasons


@pytest.mark.parametrize("seed", [0, 1, 4])
def test_no_way_crosses_a_zone_or_comes_too_low(seed: int) -> None:
    found, reasons = fly_all(seed, 25)
    assert found >= 20, reasons


@pytest.mark.campaign
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("part", [0, 1])
def test_ten_thousand_points(part: int) -> None:
    found, reasons = 0, Counter[str]()
    for seed in range(part, CAMPAIGN_SCENES, 2):
        ways, others = fly_all(seed, POINTS_A_SCENE)
        found, reasons = found + ways, reasons + others
        print(f"scene {seed}: {ways} ways of {POINTS_A_SCENE}, so far {found}, none: {dict(others)}", flush=True)
    total = CAMPAIGN_SCENES // 2 * POINTS_A_SCENE
    print(
        f"{found} ways of {total} points, 0 illegal: less than {300.0 / found:.3f} % at 95 %; without a way: {reasons}"
    )
    assert found > 0.9 * total


def ratios(seed: int, count: int) -> list[float]:
    """Return our length over the exact one from random points over flat ground."""
    made = scene(seed, flat=True)
    exact = ExactGraph(made.free, HPL_M + KEPT_M, (0.0, 0.0))
    rng = np.random.default_rng(seed)
    out = []
    for east, north in points_in(made.free.buffer(-KEPT_M), rng, count):
        plan = made.ask((float(east), float(north), 60.0)).plan
        best = exact.length_m((float(east), float(north)))
        assert (plan is None) == (best == np.inf), (seed, east, north, made.planner.no_way)
        if plan is not None and best > 1.0:
            out.append(plan.length_m / best)
    return out


@pytest.mark.parametrize("seed", [2])
def test_a_way_is_hardly_longer_than_the_exact_one(seed: int) -> None:
    found = ratios(seed, 15)
    assert min(found) > 0.99 and max(found) <= 1.05


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_lengths_against_the_exact_graph() -> None:
    found = [ratio for seed in range(100, 130) for ratio in ratios(seed, 30)]
    print(f"{len(found)} ways: length over exact median {np.median(found):.4f}, greatest {max(found):.4f}")
    assert max(found) <= 1.05


def small(seed: int = 3) -> Scene:
    return scene(seed, flat=True, keep_outs=6, radius_m=600.0)


def test_any_slicing_gives_the_same_way() -> None:
    one, other = small(), small()
    points = points_in(one.free, np.random.default_rng(5), 6)
    plans = [one.ask((float(e), float(n), 60.0)).plan for e, n in points]
    for k, (e, n) in enumerate(points):
        for _ in range(3):  # asked again in the middle of the work
            other.ask((float(e), float(n), 60.0))
        assert other.planner.plan == plans[k]


@given(st.lists(st.tuples(*[st.floats(-5e3, 5e3)] * 2), min_size=2, max_size=6), st.floats(0.5, 200.0))
@settings(max_examples=60, deadline=None)
def test_a_way_that_is_cut_into_pieces_keeps_its_corners(path: list[tuple[float, float]], spacing_m: float) -> None:
    """To the last bit: `in_the_air` knows a corner by that, and cuts one that it does not know."""
    points = dense(np.array(path), spacing_m)
    assert {tuple(corner) for corner in path} <= {tuple(point) for point in points.tolist()}
    assert np.hypot(*np.diff(points, axis=0).T).max() <= spacing_m * 1.000001
