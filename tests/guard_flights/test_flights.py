"""Hostile and legal flights: a small sample here, and the campaigns under their mark.

The campaigns keep their flights in files (LENGER_GUARD_FLIGHTS, default the system's temporary folder) and go on there
when they are started again on the same sources; flights of other sources do not count.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest

from guard_flights import campaign, hostile, legal, report

HOSTILE, LEGAL = 2000, 500
SAMPLE = (3, 8, 10, 13, 15, 22)
"""All of the level field, so that two take-offs do for all six; 22 flies an uploaded mission."""
LEGAL_SAMPLE = (2, 13)
STOP_BAR_M = 3.0
LOST_BAR = 0.02


def flights_file(kind: str) -> Path:
    """Return the file of a campaign."""
    return Path(os.environ.get("LENGER_GUARD_FLIGHTS", tempfile.gettempdir())) / f"guard-{kind}.jsonl"


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_hostile_flight_does_not_breach(seed: int) -> None:
    row = hostile.fly(seed)
    assert "error" not in row, row["error"]
    assert min(row["least_m"].values()) > 0.0, (hostile.describe(seed), row)
    assert row["moved_m"] > 5.0


@pytest.mark.parametrize("seed", LEGAL_SAMPLE)
def test_a_legal_flight_is_left_alone(seed: int) -> None:
    row = legal.fly(seed)
    assert "error" not in row, row["error"]
    assert not row["trouble"], legal.describe(seed)


def test_flights_of_other_sources_do_not_count(tmp_path: Path) -> None:
    file = tmp_path / "flights.jsonl"
    rows = [{"seed": 1, "tree": campaign.tree()}, {"seed": 2, "tree": "another"}, {"seed": 3}]
    file.write_text("\n".join(map(json.dumps, rows)) + '\n{"seed": 4, "tr', encoding="utf-8")
    assert sorted(campaign.rows_of(file)) == [1]


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_no_hostile_flight_breaches() -> None:
    rows = campaign.run("hostile", range(HOSTILE), flights_file("hostile"))
    print(report.hostile(rows))
    assert not report.errors(rows)
    assert not report.breaches(rows)
    stops = np.array(report.stops(rows))
    assert len(stops) > 0.05 * HOSTILE
    assert np.median(stops[:, 0] - stops[:, 1]) <= STOP_BAR_M


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_no_legal_flight_is_disturbed() -> None:
    rows = campaign.run("legal", range(LEGAL), flights_file("legal"))
    print(report.legal(rows))
    assert not report.errors(rows)
    assert not report.disturbed(rows)
    assert float(np.mean([row["lost_share"] for row in rows])) < LOST_BAR
