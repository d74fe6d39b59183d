"""Which ground a flight has, and how far it is trusted: in simulation the ground itself, elsewhere a model of it."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.terrain import TerrainSettings, dem_files, flight_terrain, load_globe, load_terrain, path_clearance
from lenger_core.terrain.sight import horizons

SITE = (42.1819, 69.8878)
PATH = np.array([[*SITE, 900.0], [42.15, 69.93, 1400.0]])


def write_hgt(folder: Path, height_m: int) -> Path:
    """A tile of level ground around Lenger."""
    path = folder / "N42E069.hgt"
    np.full((1201, 1201), height_m, dtype=">i2").tofile(path)
    return path


def test_there_is_one_terrain_a_process() -> None:
    assert load_terrain() is load_terrain()
    assert load_terrain().synthetic and load_terrain().trust == "model"


def test_a_simulators_ground_has_no_error_and_may_be_synthetic() -> None:
    ground = flight_terrain(TerrainSettings(trust="ground"), *SITE)
    assert ground.height_amsl_m(*SITE) == load_terrain().height_amsl_m(*SITE)
    assert ground.error_m(*SITE) == 0.0 and ground.synthetic
    ground.require_real("hover")
    clear = path_clearance(ground, PATH)
    assert clear.sure_clearance_m == clear.clearance_m


def test_the_real_ground_is_measured_and_wrong_by_its_bound(tmp_path: Path) -> None:
    globe = flight_terrain(TerrainSettings(), *SITE)
    assert not globe.synthetic and globe.error_m(*SITE) >= 15.0
    globe.require_real("hover")
    clear = path_clearance(globe, PATH)
    assert clear.sure_clearance_m <= clear.clearance_m - 15.0
    own = flight_terrain(TerrainSettings(dem=str(write_hgt(tmp_path, 777))), *SITE)
    assert own.height_amsl_m(*SITE) == 777.0 and own.error_m(*SITE) == 16.0 and "N42E069.hgt" in own.name
    with pytest.raises(InputError, match=r"hover: terrain: got .*synthetic.*--dem FILE"):
        load_terrain().require_real("hover")


def test_files_and_folders_of_them_are_joined(tmp_path: Path) -> None:
    one, other = write_hgt(tmp_path, 777), tmp_path / "b.tif"
    other.write_bytes(b"")
    (tmp_path / "notes.txt").write_text("")
    assert dem_files("") == ()
    assert dem_files(str(tmp_path)) == (one, other)
    assert dem_files(os.pathsep.join([str(other), str(one)])) == (other, one)
    (tmp_path / "none").mkdir()
    with pytest.raises(InputError, match=r"DEM: folder: got .*holds \.hgt or \.tif"):
        dem_files(str(tmp_path / "none"))


def test_globes_bound_covers_every_published_summit() -> None:
    globe = load_globe()
    summits = (
        (42.0625, 69.7292, 1768.0),
        (42.081, 70.42, 4236.0),
        (42.0234, 70.0571, 2700.0),
        (42.0625, 70.1208, 2840),
    )
    for lat, lon, height in summits:
        assert height - globe.height_amsl_m(lat, lon) <= globe.error_m(lat, lon)
    assert globe.error_m(42.35, 69.5) < 60.0


def test_the_raised_horizon_is_that_of_ground_raised_by_its_bound() -> None:
    """Against the steepest of many points, ground and bound asked one by one."""
    terrain = load_globe()
    eye = np.array([*SITE, 900.0])
    azimuths = np.array([40.0, 120.0, 200.0])
    plain, _ = horizons(terrain, eye, azimuths, 20_000.0)
    raised, _ = horizons(terrain, eye, azimuths, 20_000.0, raised=True)
    assert (raised >= plain).all() and raised.max() > plain.max() + 0.5
    s = np.arange(10.0, 20_000.0, 5.0)
    for azimuth, elevation in zip(azimuths, raised[0], strict=True):
        lat = SITE[0] + s * np.cos(np.radians(azimuth)) / 111_075.0
        lon = SITE[1] + s * np.sin(np.radians(azimuth)) / (111_320.0 * np.cos(np.radians(0.5 * (lat + SITE[0]))))
        top = terrain.heights_amsl_m(lat, lon) + terrain.errors_m(lat, lon) - 900.0 - s * s / (2 * 4 / 3 * 6.371e6)
        assert elevation == pytest.approx(np.degrees(np.arctan((top / s).max())), abs=0.1)
    ground, _ = horizons(terrain.as_ground(), eye, azimuths, 20_000.0, raised=True)
    np.testing.assert_array_equal(ground, plain)
