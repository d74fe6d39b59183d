"""What the gate predicts with a wrong forecast against what the component-simulated flight draws.

`LENGER_MISSIONS` flies only so many of the campaign's missions; flights are kept in a file (`rows.file_of`).
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from lenger_core.samples import MissionPhase
from mission_flights import rows
from mission_flights.flight import fly
from mission_flights.missions import Mission, mission_of

MISSIONS = 30
MEDIAN_BAR, OPTIMISTIC_BAR = 0.10, 0.15
SAMPLE, SHORT = (101, 102), 0.15
"""Missions of the ordinary suite, short ones: beyond those of the campaign, one of each autopilot."""


def flown(mission: Mission) -> rows.Row:
    """Fly a mission; return what was predicted and used, from arming to the stopped motors on the ground."""
    made = fly(mission.plan, mission.day, mission.seed, mission.autopilot, mission.vehicle, mission.engine)
    return {
        "what": mission.describe(),
        "ended": made.phase.name,
        "detail": made.detail,
        "predicted_wh": mission.predicted_wh,
        "true_day_wh": mission.true_day_wh,
        "used_wh": float(made.used_wh[-1]),
        "predicted_s": mission.case.course.duration_s,
        "flown_s": made.duration_s,
    }


def error_of(row: rows.Row) -> float:
    """Return the error of the prediction over what was used; negative: it was optimistic."""
    return float(row["predicted_wh"] / row["used_wh"] - 1.0)


def told(row: rows.Row) -> str:
    """Return a row of the campaign."""
    return (
        f"{row['seed']:3} {100.0 * error_of(row):+5.1f} %  {row['predicted_wh']:5.1f} of {row['used_wh']:5.1f} Wh "
        f"(with the true day {row['true_day_wh']:.1f}), "
        f"{row['predicted_s']:3.0f} of {row['flown_s']:3.0f} s, {row['ended']}: {row['what']}"
    )


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_short_mission_takes_what_the_gate_predicted(seed: int, tmp_path: Path) -> None:
    row = {"seed": seed, **flown(mission_of(seed, tmp_path, SHORT))}
    print(told(row))
    assert row["ended"] == MissionPhase.DONE.name, row
    # One flight may be further off than the median of many; how optimistic it may be is the same.
    assert -OPTIMISTIC_BAR <= error_of(row) <= 2.0 * MEDIAN_BAR, told(row)


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_thirty_missions_take_what_the_gate_predicted(tmp_path: Path) -> None:
    seeds = range(int(os.environ.get("LENGER_MISSIONS", MISSIONS)))
    found = rows.flown(rows.file_of("energy"), seeds, lambda seed: flown(mission_of(seed, tmp_path)))
    for row in found:
        print(told(row))
    errors = np.array([error_of(row) for row in found])
    print(f"{len(errors)} missions: median error {100.0 * np.median(np.abs(errors)):.1f} %, mean "
          f"{100.0 * errors.mean():+.1f} %, most optimistic {100.0 * errors.min():+.1f} %, most pessimistic "
          f"{100.0 * errors.max():+.1f} %")  # fmt: skip
    assert all(row["ended"] == MissionPhase.DONE.name for row in found)
    assert float(np.median(np.abs(errors))) <= MEDIAN_BAR
    assert float(errors.min()) >= -OPTIMISTIC_BAR
