"""`plan make`: every pattern to a file that reads back, over the ground; what is wrong is said in one line."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenger_core.plans import Complex, Datum, Orbit, Plan, Search, Survey, Waypoint, read_plan
from lenger_core.terrain import load_terrain, path_clearance
from lenger_mission.load import read_any
from lenger_mission.pattern_command import run
from lenger_mission.pattern_request import PATTERNS, PatternRequest

AT = (42.15, 69.95)
SQUARE = [[69.945, 42.148], [69.955, 42.148], [69.955, 42.154], [69.945, 42.154], [69.945, 42.148]]
SURVEYS = ("survey", "corridor", "perimeter")
ARGUMENTS: dict[str, dict[str, Any]] = {
    "survey": {"spacing_m": 120.0, "feature": "field"},
    "corridor": {"width_m": 200.0, "spacing_m": 100.0, "feature": "line"},
    "perimeter": {"feature": "field"},
    "expanding_square": {"at": AT, "spacing_m": 150.0, "radius_m": 500.0, "wind_from_deg": 45.0},
    "sector": {"at": AT, "radius_m": 500.0},
    "creeping_line": {"camera": "compact_12mp", "feature": "field"},
    "parallel_track": {"spacing_m": 150.0, "feature": "field"},
    "orbit": {"at": AT, "radius_m": 80.0, "rings": 2, "climb_m": 20.0, "spacing_m": 40.0},
}


@pytest.fixture
def area(tmp_path: Path) -> Path:
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": kind, "coordinates": coordinates}}
        for name, kind, coordinates in (
            ("field", "Polygon", [SQUARE]),
            ("yard", "Polygon", [SQUARE]),
            ("line", "LineString", SQUARE[:3]),
        )
    ]
    path = tmp_path / "area.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def _request(pattern: str, out: Path, path: Path, **fields: Any) -> PatternRequest:
    about = {"height_m": 60.0, "area": path, "home": (42.149, 69.949), **ARGUMENTS[pattern], **fields}
    return PatternRequest(pattern, out, **about)


def _least_m(plan: Plan) -> float:
    assert all(w.height.datum is Datum.AMSL for w in plan.waypoints)
    path = np.array([(w.lat_deg, w.lon_deg, w.height.value_m) for w in plan.waypoints])
    return path_clearance(load_terrain().as_ground(), path).sure_clearance_m


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_flies_above_the_ground_in_a_plan_that_reads_back(
    pattern: str, tmp_path: Path, area: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / f"{pattern}.json"
    assert run(_request(pattern, out, area, flat=True)) == 0, capsys.readouterr().err
    plan = read_plan(out)
    assert [item.type for item in (plan.items[0], plan.items[-1])] == ["takeoff", "return"]
    assert _least_m(plan) >= 60.0
    said = capsys.readouterr().out
    assert str(out) in said and "least height above the ground" in said


@pytest.mark.parametrize("pattern", ["sector", "orbit"])
@pytest.mark.parametrize("ending", [".plan", ".waypoints"])
def test_formats_of_ground_stations_get_waypoints_above_sea_level(
    pattern: str, ending: str, tmp_path: Path, area: Path
) -> None:
    out = tmp_path / f"found{ending}"
    assert run(_request(pattern, out, area)) == 0
    plan = read_any(out)
    assert not any(isinstance(item, Complex) for item in plan.items)
    assert _least_m(plan) >= 59.9  # a file may round its degrees


def test_our_own_file_keeps_the_pattern_itself(tmp_path: Path, area: Path) -> None:
    kinds = {"survey": Survey, "parallel_track": Search, "orbit": Orbit}
    for pattern, kind in kinds.items():
        out = tmp_path / f"{pattern}.json"
        assert run(_request(pattern, out, area, speed_m_s=7.0)) == 0
        plan = read_plan(out)
        found = [item for item in plan.items if isinstance(item, kind)]
        assert len(found) == (2 if pattern == "orbit" else 1)
        assert found[0].speed_m_s == 7.0


def test_rings_grow_wider_higher_or_both(tmp_path: Path, area: Path) -> None:
    out = tmp_path / "o.json"
    assert run(_request("orbit", out, area, rings=3)) == 0
    rings = [(i.radii_m[0], i.heights[0].value_m) for i in read_plan(out).items if isinstance(i, Orbit)]
    assert rings == [(80.0, 60.0), (120.0, 80.0), (160.0, 100.0)]


def _zones(path: Path, *zones: tuple[str, str, float, float, float]) -> tuple[Path, ...]:
    """Write a file of square zones: name, kind, latitude and longitude of the middle, half a side in degrees."""
    features = []
    for name, kind, lat, lon, half in zones:
        ring = [[lon + e * half, lat + n * half] for e, n in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
        about = {"type": "Feature", "properties": {"name": name, "kind": kind}}
        features.append({**about, "geometry": {"type": "Polygon", "coordinates": [ring]}})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return (path,)


@pytest.mark.parametrize("pattern", [p for p in PATTERNS if p != "survey"])
def test_a_pattern_through_a_zone_is_refused_by_the_zone_s_name_and_nothing_is_written(
    pattern: str, tmp_path: Path, area: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, way = tmp_path / "o.json", tmp_path / "free.json"
    assert run(_request(pattern, way, area, flat=True)) == 0
    places = [(i.lat_deg, i.lon_deg) for i in read_plan(way).items if isinstance(i, Waypoint)]
    lat, lon = places[len(places) // 2]
    zones = _zones(tmp_path / "z.geojson", ("farm", "exclusion", lat, lon, 2e-4))
    capsys.readouterr()
    assert run(_request(pattern, out, area, zones=zones)) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert "'farm'" in said and "--zones" in said
    assert not out.exists()


def test_a_pattern_within_its_zones_is_written_and_one_that_leaves_them_is_not(
    tmp_path: Path, area: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.json"
    wide = _zones(
        tmp_path / "wide.geojson", ("range", "inclusion", *AT, 0.02), ("farm", "exclusion", 42.16, 69.96, 1e-3)
    )
    assert run(_request("orbit", out, area, zones=wide)) == 0, capsys.readouterr().err
    out.unlink()
    tight = _zones(tmp_path / "tight.geojson", ("yard", "inclusion", *AT, 8e-4))
    assert run(_request("orbit", out, area, zones=tight)) == 2
    assert "leaves the zone 'yard'" in capsys.readouterr().err
    assert not out.exists()


def test_a_survey_says_where_its_ways_out_and_home_are_not_legal(
    tmp_path: Path, area: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zones = _zones(tmp_path / "z.geojson", ("gate", "exclusion", 42.1475, 69.944, 3e-4))
    assert run(_request("survey", tmp_path / "s.json", area, zones=zones, home=(42.1475, 69.944))) == 0
    assert "note: the plan enters the zone 'gate'" in capsys.readouterr().out


def test_a_survey_keeps_out_of_exclusion_zones(tmp_path: Path, area: Path) -> None:
    ring = [[69.949, 42.15], [69.951, 42.15], [69.951, 42.152], [69.949, 42.152], [69.949, 42.15]]
    zone = {
        "type": "Feature",
        "properties": {"name": "farm", "kind": "exclusion"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    zones, out = tmp_path / "zones.geojson", tmp_path / "s.json"
    zones.write_text(json.dumps({"type": "FeatureCollection", "features": [zone]}), encoding="utf-8")
    assert run(_request("survey", out, area, zones=(zones,), home=(42.1475, 69.944))) == 0
    way = [(i.lat_deg, i.lon_deg) for i in read_plan(out).items if isinstance(i, Waypoint)]
    # From the first line's start to the last one's end: the ways out and home are no part of the survey.
    lines = [i for i, (lat, lon) in enumerate(way) if 42.148 <= lat <= 42.154 and 69.945 <= lon <= 69.955]
    flown = way[lines[0] : lines[-1] + 1]
    dense = np.concatenate([np.linspace(a, b, 60) for a, b in pairwise(flown)])
    inside = (dense[:, 0] > 42.1501) & (dense[:, 0] < 42.1519) & (dense[:, 1] > 69.9491) & (dense[:, 1] < 69.9509)
    assert not inside.any()


@pytest.mark.parametrize(
    ("pattern", "fields", "named"),
    [
        ("sector", {"at": None}, "--at"),
        ("sector", {"radius_m": None}, "--radius"),
        ("sector", {"height_m": None}, "--height"),
        ("sector", {"height_m": -5.0}, "--height"),
        ("sector", {"datum": "sea"}, "--datum"),
        ("sector", {"speed_m_s": 99.0}, "--speed"),
        ("sector", {"vehicle": "zeppelin"}, "zeppelin"),
        ("sector", {"trust": "hope"}, "--trust"),
        ("sector", {"wind_m_s": -1.0}, "--wind"),
        ("sector", {"at": (95.0, 0.0)}, "--at"),
        ("sector", {"at": (10.0, 10.0), "home": None}, "position"),
        ("expanding_square", {"spacing_m": None}, "--spacing"),
        ("parallel_track", {"area": None}, "--area"),
        ("parallel_track", {"feature": ""}, "features"),
        ("parallel_track", {"spacing_m": None, "camera": "pinhole"}, "camera"),
        ("survey", {"spacing_m": None}, "--camera"),
        ("survey", {"side_overlap": 1.5}, "side_overlap"),
        ("orbit", {"rings": 0}, "--rings"),
        ("orbit", {"turns": 0.0}, "turns"),
        ("perimeter", {"turns": 0.0}, "laps"),
        ("orbit", {"rings": 3, "spacing_m": None, "climb_m": None}, "--rings"),
        ("orbit", {"zones": (Path("z.geojson"),)}, "z.geojson"),
    ],
)
def test_what_is_missing_or_wrong_is_named_in_one_line_and_nothing_is_written(
    pattern: str, fields: dict[str, Any], named: str, tmp_path: Path, area: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "o.json"
    assert run(_request(pattern, out, area, **fields)) == 2
    said = capsys.readouterr().err
    assert len(said.splitlines()) == 1
    assert named in said
    assert not out.exists()


def test_an_unknown_pattern_or_ending_is_refused(
    tmp_path: Path, area: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(PatternRequest("spiral", tmp_path / "o.json", height_m=60.0)) == 2
    assert "expanding_square" in capsys.readouterr().err
    assert run(_request("sector", tmp_path / "o.docx", area)) == 2
    assert "file ending" in capsys.readouterr().err
