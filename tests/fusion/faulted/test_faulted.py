"""The campaign of flights with seeded faults, a small sample of it, and the judge itself."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

import numpy as np
import pytest

from fusion.faulted import report
from fusion.faulted.campaign import OUT, WORKERS, run
from fusion.faulted.faults import CLASSES
from fusion.faulted.flights import Plan, fly
from fusion.faulted.judge import Track, judged, missed
from lenger_core.samples import GnssFix
from lenger_fusion.replay.stream import Sample

FLIGHTS = 1000
MISSED_AT_MOST, HPL_AT_MOST_M, AVAILABLE_AT_LEAST = 1, 8.0, 0.95


def track(over_s: float, said_after_s: float, up: bool = False) -> Track:
    """Return 20 s with a fault at 10 s: errors beyond the level for `over_s`, flagged after `said_after_s`."""
    made = Track()
    made.add_nothing(0.0)
    for tenth in range(1, 200):
        t_s = tenth / 10.0
        error = 9.0 if 10.0 <= t_s < 10.0 + over_s else 1.0
        made.add(t_s, 1.0 if up else error, error if up else 1.0, 5.0, 6.0, t_s >= 10.0 + said_after_s)
    return made


@pytest.mark.parametrize("up", [False, True])
def test_an_error_beyond_its_level_that_nobody_tells_is_missed(up: bool) -> None:
    row = judged(track(4.0, 3.0, up), 10.0)
    assert missed(row)
    assert row["unflagged_s"] == pytest.approx(2.9) and row["first_s"] == pytest.approx(0.0)
    assert (row["excess_v_m"], row["excess_h_m"]) == ((3.0, 0.0) if up else (0.0, 4.0))
    assert row["flag_s"] == pytest.approx(3.0) and row["beyond_flagged_s"] == pytest.approx(1.0)


def test_an_error_that_is_told_or_short_or_none_is_not_missed() -> None:
    assert not missed(judged(track(4.0, 0.5), 10.0))
    assert not missed(judged(track(0.9, 5.0), 10.0))
    assert not missed(judged(track(0.0, 99.0), 10.0))
    assert judged(track(0.0, 99.0), 10.0)["flag_s"] is None


def test_without_an_estimate_nothing_is_available_and_nothing_missed() -> None:
    made = track(0.0, 99.0)
    for tenth in range(200, 300):
        made.add_nothing(tenth / 10.0)
    row = judged(made, 10.0)
    assert row["available"] == pytest.approx(199 / 299, abs=1e-3) and row["available_nominal"] == 1.0
    assert not missed(row)


def test_the_bound_on_the_rate_is_that_of_clopper_and_pearson() -> None:
    assert report.upper_bound(0, 1000) == pytest.approx(0.00299, abs=1e-5)
    assert report.upper_bound(1, 1000) == pytest.approx(0.00474, abs=1e-5)
    assert report.upper_bound(5, 5) == 1.0


@lru_cache(maxsize=1)
def clean() -> list[Sample]:
    """Return a flight in order with every sensor aboard."""
    aided = next(seed for seed, kind in enumerate(CLASSES) if kind.aided)
    return Plan(aided).flight_samples()


@pytest.mark.parametrize("seed", range(len(CLASSES)))
def test_every_class_has_a_fault_that_changes_samples_of_its_window_alone(seed: int) -> None:
    plan = Plan(seed)
    fault, span = plan.fault, plan.fault.span
    assert 30.0 < span.start_s < span.end_s < plan.duration_s - 5.0
    assert fault.text == Plan(seed).fault.text
    touched = [sample.t_ns for sample in set(clean()) ^ set(fault.change(clean()))]
    assert bool(touched) is (plan.kind.name != "nominal")
    start_ns, end_ns = plan.window_ns()
    assert all(start_ns <= t_ns <= end_ns for t_ns in touched)


def test_a_receiver_errs_as_much_as_it_says() -> None:
    ratios = []
    for seed in range(0, 4 * len(CLASSES), len(CLASSES)):
        plan = Plan(seed)
        fixes = [s for s in plan.flight_samples() if isinstance(s, GnssFix)]
        for fix in fixes[::60]:
            truth = plan.flight.truth(fix.t_ns - 120_000_000)
            east, north, up = plan.flight.frame.to_local(fix.lat_deg, fix.lon_deg, fix.alt_amsl_m) - truth[:3]
            ratios.append((east / fix.h_acc_m, north / fix.h_acc_m, up / fix.v_acc_m))
    assert 0.7 < np.std(ratios) < 1.3


@pytest.mark.parametrize("name", ["nominal", "gnss step", "jamming"])
def test_a_sample_of_the_campaign_is_bounded_or_told(name: str) -> None:
    seed = [kind.name for kind in CLASSES].index(name)
    row = fly(seed)
    assert not missed(row), row
    assert row["hpl_m"] < HPL_AT_MOST_M and row["available_nominal"] == 1.0
    assert row["flagged_before_s"] == 0.0
    assert (row["flag_s"] is None) is (name == "nominal")


@pytest.mark.campaign
@pytest.mark.timeout(36_000)
def test_a_thousand_faulted_flights_are_bounded_or_told(tmp_path: Path) -> None:
    """Rows are kept in the file that LENGER_FAULTED_ROWS names, and a broken-off campaign goes on with them."""
    out = Path(os.environ.get(OUT, tmp_path / "rows.jsonl"))
    rows = run(range(FLIGHTS), out, int(os.environ.get(WORKERS, "1")))
    print("\n" + report.table(rows))
    assert len(rows) == FLIGHTS
    must = report.counted(rows)
    assert sum(missed(row) for row in must) <= MISSED_AT_MOST
    assert report.median_hpl_m(rows) <= HPL_AT_MOST_M
    assert report.availability(rows, "available_nominal") >= AVAILABLE_AT_LEAST
    assert report.availability(must) >= AVAILABLE_AT_LEAST
