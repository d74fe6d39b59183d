"""One flight, one ground: simulator, guard, mission and debrief over the same DEM file, and named in what is kept."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.samples import MissionPhase
from lenger_training.flight_folder import rescore
from lenger_training.lockstep import fly_lockstep
from lenger_training.recording import read_flight
from training.hop import hop_exercise, hop_plan

LEVEL_M = 812


@pytest.fixture
def dem(tmp_path: Path) -> Path:
    """Level ground, 52 m above that of the terrain that ships: nobody can mistake one for the other."""
    path = tmp_path / "N42E069.hgt"
    np.full((1201, 1201), LEVEL_M, dtype=">i2").tofile(path)
    return path


def test_simulator_guard_mission_and_debrief_share_the_ground(tmp_path: Path, dem: Path) -> None:
    (tmp_path / "hop").mkdir()
    exercise = hop_exercise(tmp_path / "hop")
    outcome = fly_lockstep(exercise, hop_plan(), 3, tmp_path / "out", dem=str(dem))
    assert outcome.result.passed, outcome.result.deductions
    recording = read_flight(outcome.folder / "flight.mcap")
    truths = recording.of("sim/truth")
    for truth in truths[::20]:
        assert truth.height_agl_m == pytest.approx(truth.alt_amsl_m - LEVEL_M, abs=0.2)
    # The guard's ceiling lies above the same ground, without an error bound; its margin holds the protection level.
    guard = {s.t_ns // 10**9: s for s in recording.of("guard/status")}
    high = max(truths, key=lambda truth: truth.height_agl_m)
    ceiling = guard[high.t_ns // 10**9].ceiling_margin_m + high.height_agl_m
    assert exercise.limits.ceiling_agl_m - 15.0 < ceiling <= exercise.limits.ceiling_agl_m + 1.0
    assert any(s.phase is MissionPhase.DONE for s in recording.of("mission/status"))
    # The plan's heights above ground were flown above it, and are graded above it.
    assert outcome.result.metrics.max_height_error_m is not None
    assert outcome.result.metrics.max_height_error_m < 5.0
    kept = json.loads((outcome.folder / "result.json").read_text())["terrain"]
    assert kept == {"name": "DEM N42E069.hgt", "synthetic": False, "error_bound_m": 16.0}
    assert "DEM N42E069.hgt" in (outcome.folder / "debrief.html").read_text()
    assert rescore(outcome.folder) == outcome.result
    sheet = outcome.folder / "exercise.json"
    sheet.write_text(sheet.read_text().replace(str(dem), str(dem.with_name("N43E069.hgt"))))
    with pytest.raises(InputError, match=r"N43E069\.hgt: got 'no such file'"):
        rescore(outcome.folder)


def test_without_files_the_invented_detail_is_said(tmp_path: Path) -> None:
    outcome = fly_lockstep(hop_exercise(tmp_path), hop_plan(), 3, tmp_path / "out", until_s=3.0)
    ground = outcome.result.terrain
    assert ground.synthetic and "synthetic" in ground.name and ground.error_bound_m is not None
    assert ground.error_bound_m >= 20.0
    assert "partly invented" in (outcome.folder / "debrief.html").read_text()
