"""The background of a debrief's map: of the ground it claims, small, and with labels off the drawing."""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain, lenger_terrain, load_globe
from lenger_training.relief import Relief, View, relief_of

RIDGE = LocalFrame(42.0625, 70.1208, 2800.0)
VIEW = View(-4500.0, -3600.0, 4500.0, 3600.0)


def drawn(terrain: Terrain, view: View = VIEW, *busy: list[np.ndarray]) -> Relief:
    relief = relief_of(terrain, RIDGE, view, *busy)
    assert relief is not None
    return relief


@pytest.mark.parametrize("terrain", [load_globe(), lenger_terrain()], ids=["globe", "fine"])
def test_the_roughest_ground_makes_a_small_jpeg_of_the_views_shape(terrain: Terrain) -> None:
    relief = drawn(terrain)
    raw = base64.b64decode(relief.jpeg)
    picture = Image.open(BytesIO(raw))
    assert picture.format == "JPEG" and picture.size[1] / picture.size[0] == pytest.approx(0.8, abs=0.002)
    assert len(raw) < 250_000
    assert np.asarray(picture.convert("L"), dtype=float).std() > 15.0
    assert relief.source == terrain.name and drawn(terrain) == relief


def test_labels_tell_the_height_of_the_ground_under_them() -> None:
    terrain = lenger_terrain()
    relief = drawn(terrain)
    assert len(relief.labels) >= 8
    for label in relief.labels:
        assert VIEW.west < label.east < VIEW.east and VIEW.south < label.north < VIEW.north
        lat, lon, _ = RIDGE.to_geodetic(label.east, label.north, 0.0)
        assert terrain.height_amsl_m(lat, lon) == pytest.approx(label.height_m, abs=0.15 * relief.step_m)


def test_labels_stay_off_lines_and_areas() -> None:
    line = np.array([(-4500.0, -2000.0), (4500.0, -2000.0)])
    area = np.array([(-4500.0, 0.0), (4500.0, 0.0), (4500.0, 3600.0), (-4500.0, 3600.0)])
    relief = drawn(lenger_terrain(), VIEW, [line], [area])
    assert relief.labels
    assert all(label.north < 0.0 and abs(label.north + 2000.0) > 100.0 for label in relief.labels)


def test_beyond_the_terrain_there_is_no_relief() -> None:
    assert relief_of(load_globe(), RIDGE, View(0.0, 0.0, 900_000.0, 500_000.0)) is None
