"""Footprints against the pinhole by hand, against a plane cut the other way round, and over a valley."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.grid import LatLonGrid
from lenger_core.terrain import LocalTerrain, Terrain
from lenger_mission.patterns.camera import load_camera
from lenger_mission.patterns.footprint import footprint_on_ground, footprint_on_slope, frame_rays
from lenger_mission.patterns.ground_line import Following
from lenger_mission.patterns.survey import SurveyRequest, camera_lines
from lenger_mission.patterns.survey_area import area_en
from lenger_mission.patterns.survey_ground import survey_over_ground

Array = NDArray[np.float64]

CAMERA = load_camera("compact_12mp")
LAT, LON = 42.2, 69.9
STEP_DEG = 2e-4
EAST_M, NORTH_M = 82_600.0, 111_070.0


def ground(slope: float, valley: bool = False, error_m: float = 0.0) -> LocalTerrain:
    """Ground that rises to the east by a slope; as a valley it rises to both sides of a line through the origin."""
    nodes = np.arange(-60, 61) * STEP_DEG
    east = nodes * EAST_M
    row = 800.0 + slope * (np.abs(east) if valley else east)
    heights, error = (
        LatLonGrid("test", values, LAT + float(nodes[0]), LON + float(nodes[0]), STEP_DEG, STEP_DEG)
        for values in (np.tile(row, (len(nodes), 1)), np.full((len(nodes), len(nodes)), error_m))
    )
    return LocalTerrain(Terrain("test", False, heights, error), LocalFrame(LAT, LON, 800.0))


def test_straight_down_it_is_the_frame() -> None:
    wide, high = CAMERA.frame_m(100.0)
    corners = footprint_on_slope(frame_rays(CAMERA, 0.0), 100.0)
    assert corners == pytest.approx(0.5 * np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]]))
    turned = footprint_on_slope(frame_rays(CAMERA, 90.0), 100.0)
    assert turned == pytest.approx(np.column_stack([corners[:, 1], -corners[:, 0]]))


def test_a_tilted_frame_reaches_from_edge_to_edge_of_its_angle() -> None:
    half = np.arctan(CAMERA.half_tangents[1])
    tilted = footprint_on_slope(frame_rays(CAMERA, 0.0, 40.0), 100.0)
    tilt = np.radians(40.0)
    assert tilted[:, 1].min() == pytest.approx(100.0 * np.tan(tilt - half))
    assert tilted[:, 1].max() == pytest.approx(100.0 * np.tan(tilt + half))


def test_a_frame_above_the_horizon_is_refused() -> None:
    with pytest.raises(InputError, match="ground"):
        footprint_on_slope(frame_rays(CAMERA, 0.0, 70.0), 100.0)


@pytest.mark.parametrize("slope", [0.0, 0.3, -0.4])
def test_terrain_that_is_a_plane_gives_the_plane_s_footprint(slope: float) -> None:
    rays = frame_rays(CAMERA, 30.0, 15.0, per_side=3)
    on_plane = footprint_on_slope(rays, 80.0, (slope, 0.0))
    found = footprint_on_ground(rays, np.array([0.0, 0.0, 80.0]), ground(slope))
    assert found == pytest.approx(on_plane, abs=0.5)


def test_over_a_valley_lines_move_together_until_all_is_seen() -> None:
    height_m = 60.0
    lines = camera_lines(CAMERA, height_m, 0.0, 0.3)
    area = area_en(np.array([[-250.0, -150.0], [250.0, -150.0], [250.0, 150.0], [-250.0, 150.0]]))
    terrain = ground(0.45, valley=True, error_m=3.0)
    made = survey_over_ground(
        SurveyRequest(area, lines, bearing_deg=0.0), CAMERA, terrain, Following(height_m, room_m=3.0)
    )
    assert made.coverage >= 0.98
    assert made.spacing_m <= lines.spacing_m
    assert share_of_photos(made.track.points_m, made.track.photo, terrain) >= 0.98
    clear = dense3(made.track.points_m)
    above = clear[:, 2] - terrain.heights_m(clear[:, :2]) - terrain.frame.alt_amsl_m
    assert above.min() >= height_m + 3.0 - 0.01, "the height wanted, above the ground and its error bound"


def dense3(points: Array) -> Array:
    share = np.linspace(0.0, 1.0, 60)[:, None]
    return np.vstack([a + share * (b - a) for a, b in pairwise(points)])


def share_of_photos(points: Array, photo: NDArray[np.bool_], terrain: LocalTerrain) -> float:
    """What points of the ground are inside some frame, seen through the lens from places 4 m apart."""
    rng = np.random.default_rng(5)
    sites = rng.uniform([-250.0, -150.0], [250.0, 150.0], (1_500, 2))
    sites = np.column_stack([sites, terrain.heights_m(sites) + terrain.frame.alt_amsl_m])
    seen = np.zeros(len(sites), bool)
    for a, b in zip(points[:-1][photo], points[1:][photo], strict=True):
        east, north, _ = b - a
        heading = float(np.degrees(np.arctan2(east, north)))
        corners = frame_rays(CAMERA, heading)  # all end one below the camera
        right, ahead = corners[1] - corners[0], corners[2] - corners[1]
        for at in np.linspace(0.0, 1.0, max(int(np.hypot(east, north) / 4.0), 2)):
            rays = sites - (a + at * (b - a))
            rays = rays / -rays[:, 2:]
            u = (rays - corners[0]) @ right / (right @ right)
            v = (rays - corners[0]) @ ahead / (ahead @ ahead)
            seen |= (u >= 0.0) & (u <= 1.0) & (v >= 0.0) & (v <= 1.0)
    return float(seen.mean())
