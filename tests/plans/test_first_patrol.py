"""The plan and the zones of the first exercise belong together: distances, length and relief under the track."""

from __future__ import annotations

import json

import numpy as np
import pytest
from shapely.geometry import LineString, Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Plan, ReturnHome
from lenger_core.resources import config_path, read_text
from lenger_core.terrain import load_terrain
from lenger_mission.load import load_plan
from lenger_mission.plan_gate.legs_check import leg_lengths_m
from lenger_mission.plan_gate.structure import check_structure

FRAME = LocalFrame(42.1819, 69.8878, 757.0)


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_plan(config_path("plans", "first_patrol.plan"))


@pytest.fixture(scope="module")
def track(plan: Plan) -> LineString:
    home = (plan.home.lat_deg, plan.home.lon_deg)
    places = [home, *((w.lat_deg, w.lon_deg) for w in plan.waypoints), home]
    return LineString([FRAME.to_local(*place, 757.0)[:2] for place in places])


def zones(kind: str) -> list[Polygon]:
    features = json.loads(read_text("zones", "first_patrol.geojson"))["features"]
    rings = [f["geometry"]["coordinates"][0] for f in features if f["properties"]["kind"] == kind]
    return [Polygon([FRAME.to_local(lat, lon, 757.0)[:2] for lon, lat in ring]) for ring in rings]


def test_track_keeps_its_distance_from_fence_and_keep_out(track: LineString) -> None:
    (inclusion,), (keep_out,) = zones("inclusion"), zones("exclusion")
    assert inclusion.contains(track)
    print(f"fence {inclusion.exterior.distance(track):.1f} m, keep-out {keep_out.distance(track):.1f} m")
    assert inclusion.exterior.distance(track) >= 50.0
    assert keep_out.distance(track) >= 60.0
    # The loop goes around the closed area, so that a short cut would cross it.
    assert Polygon(track.coords).contains(keep_out)


def test_length_and_relief(plan: Plan, track: LineString) -> None:
    assert 1_800.0 <= track.length <= 2_300.0
    assert leg_lengths_m(plan).sum() == pytest.approx(track.length, rel=0.005)
    points = np.array([track.interpolate(s).coords[0] for s in np.arange(0.0, track.length, 10.0)])
    heights = load_terrain().heights_amsl_m(*FRAME.to_geodetic_many(points))
    print(f"track {track.length:.0f} m, ground {heights.min():.0f} to {heights.max():.0f} m")
    assert np.ptp(heights) >= 40.0


def test_it_is_flown_sixty_metres_above_ground(plan: Plan) -> None:
    assert check_structure(plan) == [] and plan.notes == ()
    assert 5 <= len(plan.waypoints) <= 7
    assert {(w.height.value_m, w.height.datum) for w in plan.waypoints} == {(60.0, Datum.AGL)}
    assert isinstance(plan.items[-1], ReturnHome)


def test_the_file_reads_as_qgroundcontrol_writes_it() -> None:
    text = read_text("plans", "first_patrol.plan")
    tree = json.loads(text)
    assert text.rstrip("\n") == json.dumps(tree, indent=4, sort_keys=True)
    terrain = load_terrain()
    for item in tree["mission"]["items"]:
        if item["command"] == 16:
            lat, lon, alt = item["params"][4:]
            assert item["AMSLAltAboveTerrain"] == alt == pytest.approx(terrain.height_amsl_m(lat, lon) + 60.0, abs=0.1)
