"""What a world is made of besides its ground: known values and laws."""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_sim.worlds import lights, nature, placing, textures
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.sdf_text import pose, vector
from lenger_sim.worlds.spec import Air, Light, PartSpec, Scatter, Sun
from lenger_sim.worlds.world import ground_note, plain


@pytest.mark.parametrize(
    ("lat", "height", "gravity"),
    [(0.0, 0.0, 9.7803253), (90.0, 0.0, 9.8321849), (45.0, 0.0, 9.8061977), (45.0, 1000.0, 9.8031120)],
)
def test_gravity_is_that_of_wgs84(lat: float, height: float, gravity: float) -> None:
    assert nature.gravity_m_s2(lat, height) == pytest.approx(gravity, abs=1e-6)


def test_the_field_is_in_tesla_east_north_up() -> None:
    """The sheet for Lenger: declination +5.95, inclination 62.70 degrees, 54,413 nT."""
    world = Element("world")
    nature.add_nature(world, 42.1819, 69.8878, 757.0, Air(wind_m_s=5.0, wind_from_deg=270.0, isa_offset_k=10.0))
    east, north, up = (float(v) for v in (world.findtext("magnetic_field") or "").split())
    assert np.linalg.norm([east, north, up]) == pytest.approx(54_413e-9, abs=60e-9)
    assert np.degrees(np.arctan2(east, north)) == pytest.approx(5.95, abs=0.05)
    assert np.degrees(np.arctan2(-up, hypot(east, north))) == pytest.approx(62.70, abs=0.05)
    assert world.findtext("atmosphere/temperature") == "293.23"
    assert float(world.findtext("atmosphere/pressure") or 0) == pytest.approx(92_560.0, abs=20.0)
    assert world.findtext("wind/linear_velocity") == "5 0 0"
    assert world.findtext("spherical_coordinates/elevation") == "757.000"


@given(st.floats(0.0, 360.0), st.floats(0.0, 40.0))
def test_wind_goes_away_from_where_it_comes_from(from_deg: float, speed: float) -> None:
    east, north, up = nature.wind_enu_m_s(Air(wind_m_s=speed, wind_from_deg=from_deg))
    assert hypot(east, north) == pytest.approx(speed, abs=1e-9) and up == 0.0
    back = np.array([np.sin(np.radians(from_deg)), np.cos(np.radians(from_deg))])
    assert np.dot([east, north], back) == pytest.approx(-speed, abs=1e-9)


def test_light_comes_down_from_the_sun() -> None:
    assert lights.direction(Sun(azimuth_deg=90.0, elevation_deg=30.0)) == pytest.approx((-0.8660, 0.0, -0.5), abs=1e-4)
    assert lights.direction(Sun(azimuth_deg=180.0, elevation_deg=60.0)) == pytest.approx((0.0, 0.5, -0.8660), abs=1e-4)


@pytest.mark.parametrize("light", Light)
def test_day_and_night_have_one_directional_light(light: Light) -> None:
    world = Element("world")
    lights.add_light(world, light, Sun())
    (body,) = world.findall("light")
    brightness = max(float(v) for v in (body.findtext("diffuse") or "").split()[:3])
    assert body.get("type") == "directional"
    assert (brightness < 0.1) == (light is Light.NIGHT)
    assert (body.findtext("cast_shadows") == "false") == (light is Light.NIGHT)
    assert (world.find("scene/sky") is None) == (light is Light.NIGHT)


def part(**where: object) -> PartSpec:
    return PartSpec.model_validate({"kind": "thing", "name": "thing", **where})


def test_parts_stand_on_the_ground_and_face_where_they_are_told(globe: Terrain) -> None:
    ground = SiteGround.at(globe, 42.1819, 69.8878)
    (one,) = placing.places(part(at_m=(300.0, -200.0), heading_deg=0.0, up_m=1.5), ground)
    assert (one.name, one.east_m, one.north_m) == ("thing", 300.0, -200.0)
    assert one.up_m == pytest.approx(ground.height_m(300.0, -200.0) + 1.5)
    assert one.yaw_rad == pytest.approx(np.pi / 2)  # north
    many = placing.places(part(each_m=((0.0, 0.0), (5.0, 5.0))), ground)
    assert [p.name for p in many] == ["thing_1", "thing_2"] and many[0].yaw_rad == pytest.approx(0.0)  # east
    lat, lon, _ = ground.frame.to_geodetic(700.0, 400.0, ground.height_m(700.0, 400.0))
    (there,) = placing.places(part(at_deg=(lat, lon)), ground)
    assert (there.east_m, there.north_m) == pytest.approx((700.0, 400.0), abs=1e-3)
    with pytest.raises(InputError, match="latitude"):
        placing.places(part(at_deg=(10.0, 10.0)), ground)


def test_a_line_is_bent_over_the_ground(globe: Terrain) -> None:
    ground = SiteGround.at(globe, 42.1819, 69.8878)
    river = part(line_m=((100.0, 0.0), (100.0, 95.0), (300.0, 95.0)), every_m=25.0)
    points = placing.line_points(river, ground)
    assert points[0] == (0.0, 0.0, 0.0) and points[-1][:2] == (200.0, 95.0) and (0.0, 95.0) in [p[:2] for p in points]
    for east, north, up in points:
        wanted = ground.height_m(100.0 + east, north) - ground.height_m(100.0, 0.0)
        assert up == pytest.approx(wanted, abs=1e-3)
    (start,) = placing.places(river, ground)
    assert (start.east_m, start.north_m, start.yaw_rad) == (100.0, 0.0, 0.0)


@given(st.lists(st.tuples(st.floats(-999, 999), st.floats(-999, 999)), min_size=2, max_size=6), st.floats(5.0, 300.0))
def test_steps_along_a_line_are_even_and_never_too_long(line: list[tuple[float, float]], step: float) -> None:
    length = sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(line))
    spots = placing.every(line, step)
    assert spots[0] == line[0] and len(spots) == pytest.approx(length // step + 1, abs=1)
    bends = placing.bent(line, step)
    steps = [hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(bends)]
    assert max(steps) <= step * (1 + 1e-9) and sum(steps) == pytest.approx(length, abs=1e-6)


def test_scattered_places_keep_apart_and_stay_where_they_are() -> None:
    scatter = Scatter(count=60, east_m=(-100.0, 100.0), north_m=(50.0, 150.0), apart_m=8.0, seed=5)
    spots = np.array(placing.scattered(scatter, "tree"))
    gaps = np.hypot(*(spots[:, None] - spots[None, :]).transpose(2, 0, 1)) + np.eye(60) * 99
    assert gaps.min() >= 8.0 and np.abs(spots[:, 0]).max() <= 100.0
    np.testing.assert_array_equal(spots, placing.scattered(scatter, "tree"))
    with pytest.raises(InputError, match=r"part tree: scatter.apart_m: got 50.0, expected room for 60 places"):
        placing.scattered(scatter.model_copy(update={"apart_m": 50.0}), "tree")


@pytest.mark.parametrize("texture", [texture for _, texture in textures.LAYERS], ids=lambda t: t.name)
def test_ground_pictures_tile_are_small_and_the_same_each_time(texture: textures.Texture) -> None:
    files = textures.files(texture)
    assert set(files) == set(textures.file_names(texture)) and sum(map(len, files.values())) < 1_400_000
    textures.files.cache_clear()
    assert textures.files(texture) == files
    field = textures.noise(np.random.default_rng(texture.seed), texture.grain, 2.0)
    inside = np.abs(np.diff(field, axis=1)).mean()
    assert np.abs(field[:, 0] - field[:, -1]).mean() < 1.5 * inside  # no seam


def test_kinds_of_ground_follow_the_height() -> None:
    names = lambda low, high: [texture.name for _, texture in textures.layers_between(low, high)]  # noqa: E731
    assert names(690.0, 912.0) == ["steppe"]
    assert names(1900.0, 2900.0) == ["meadow", "scree"]
    assert names(500.0, 4200.0) == ["steppe", "meadow", "scree", "rock"]
    assert len(names(-100.0, 9000.0)) <= textures.MOST_TEXTURES


def test_numbers_are_short_and_have_no_minus_before_a_zero() -> None:
    assert vector((0.0, -0.00001, 1.5, -2.25)) == "0 0 1.5 -2.25"
    assert pose(1.0, 2.0, 3.123456, 0.5) == "1 2 3.1235 0 0 0.5"


def test_any_title_fits_in_a_comment() -> None:
    assert plain("a --> b -- c\n---") == "a -> b - c"
    assert ground_note("<!-- x. Ground: GLOBE 1.0 -->") == "GLOBE 1.0"
    assert ground_note("<sdf/>") == ""
