"""`plan make --split`: nothing of the pattern is lost, every plan passes the gate's energy checks, photos go on."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from shapely.geometry import LineString

from lenger_core.plans import CameraAction, CameraDo, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.terrain import load_terrain, path_clearance
from lenger_mission.gate_command import GateRequest, make_case
from lenger_mission.load import read_any
from lenger_mission.pattern_command import run
from lenger_mission.pattern_request import PatternRequest
from lenger_mission.patterns.plane import plane_about
from lenger_mission.plan_gate.energy_check import check_energy, check_way_home
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Severity

HOME = (42.139, 69.93)
FIELD = [[69.93, 42.14], [69.943, 42.14], [69.943, 42.146], [69.93, 42.146], [69.93, 42.14]]
DAY = {"wind_m_s": 4.0, "wind_from_deg": 230.0}


@pytest.fixture
def asked(tmp_path: Path) -> PatternRequest:
    """A survey with a camera that takes several batteries in the wind."""
    path = tmp_path / "area.geojson"
    area = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [FIELD]}}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [area]}), encoding="utf-8")
    out = tmp_path / "field.plan"
    return PatternRequest("survey", out, area=path, camera="compact_12mp", height_m=80.0, home=HOME, **DAY, split=True)


def flown(plan: Plan, photos: bool = False) -> NDArray[np.float64]:
    """The plan's waypoints in metres; or the (N, 2, 2) legs along which it takes photos."""
    frame = plane_about(*HOME)
    points, on, legs = [], False, []
    for item in plan.items:
        if isinstance(item, Waypoint):
            points.append(np.array(frame.to_local(item.lat_deg, item.lon_deg, 0.0)[:2]))
            if on:
                legs.append((points[-2], points[-1]))
        elif isinstance(item, CameraAction):
            on = item.action is CameraDo.START_DISTANCE
    assert not on, "the camera stops before the way home"
    return np.array(legs if photos else points)


def test_each_plan_is_whole_and_passes_the_gate_s_energy_checks(
    asked: PatternRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(asked) == 0, capsys.readouterr().err
    said = capsys.readouterr().out.splitlines()
    files = sorted(asked.out.parent.glob("field-*.plan"), key=lambda path: int(path.stem.split("-")[1]))
    assert len(files) > 2
    assert not asked.out.exists()
    assert said[0].endswith(f"{len(files)} flights, each from a full battery")
    for path, line in zip(files, said[1:], strict=False):
        case, _ = make_case(str(path), GateRequest(stated=DAY))
        flight = Flight(case.course, case.conditions)
        found = [*check_energy(flight), *check_way_home(flight)]
        assert found and all(finding.severity is not Severity.ERROR for finding in found)
        assert str(path) in line
        assert float(line.split(": ")[1].split(", ")[1].split()[0]) == pytest.approx(flight.used_wh[-1], abs=0.2)
        assert isinstance(case.course.plan.items[0], Takeoff) and isinstance(case.course.plan.items[-1], ReturnHome)
        way = np.array([(w.lat_deg, w.lon_deg, w.height.value_m) for w in case.course.flat.waypoints])
        assert path_clearance(load_terrain().as_ground(), way).sure_clearance_m >= 79.9


def test_together_they_take_the_photos_of_the_whole(asked: PatternRequest) -> None:
    assert run(asked) == 0
    whole = replace(asked, out=asked.out.with_name("whole.waypoints"), split=False)
    assert run(whole) == 0
    parts = [read_any(path) for path in asked.out.parent.glob("field-*.plan")]
    lines = [LineString(leg) for part in parts for leg in flown(part, photos=True)]
    legs = flown(read_any(whole.out), photos=True)
    assert sum(line.length for line in lines) == pytest.approx(sum(LineString(leg).length for leg in legs), rel=1e-3)
    near = [line.buffer(1.0) for line in lines]
    for leg in legs:
        for share in np.linspace(0.0, 1.0, 7):
            point = LineString(leg).interpolate(share, normalized=True)
            assert any(shape.covers(point) for shape in near)


def test_a_pattern_that_one_battery_flies_is_one_file_as_ever(
    asked: PatternRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    small = replace(asked, pattern="orbit", at=HOME, radius_m=80.0, camera="", area=None)
    assert run(small) == 0
    said = capsys.readouterr().out
    assert "one battery flies it" in said and "Wh" in said
    split, alone = small.out.read_bytes(), replace(small, split=False)
    assert run(alone) == 0
    assert alone.out.read_bytes() == split
    assert not list(small.out.parent.glob("field-*.plan"))


def test_searches_without_photos_are_split_where_the_battery_says(asked: PatternRequest) -> None:
    search = replace(asked, pattern="parallel_track", camera="", spacing_m=40.0)
    assert run(search) == 0
    parts = [read_any(path) for path in sorted(asked.out.parent.glob("field-*.plan"))]
    assert len(parts) > 1
    whole = replace(search, out=asked.out.with_name("whole.waypoints"), split=False)
    assert run(whole) == 0
    track = LineString(flown(read_any(whole.out)))
    pieces = [LineString(flown(part)).buffer(1.0) for part in parts]
    for point in np.linspace(0.1, 0.9, 60):
        assert any(piece.covers(track.interpolate(point, normalized=True)) for piece in pieces)
    ends = [(flown(a), flown(b)) for a, b in pairwise(parts)]
    for before, after in ends:
        assert min(np.hypot(*(p - q)) for p in before for q in after if np.hypot(*p) > 60.0) < 1.0, "goes on there"


def test_what_no_battery_reaches_is_refused_and_nothing_is_written(
    asked: PatternRequest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(replace(asked, home=(42.20, 69.93))) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "Wh" in said
    assert not list(asked.out.parent.glob("*.plan"))
