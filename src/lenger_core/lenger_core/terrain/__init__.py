"""The ground: height and its error bound, slope, sight and clearance; GLOBE, Lenger's detail on it, own DEM files.

Own files: `lenger_core.terrain.dem`, imported only where wanted, since it brings GDAL.
"""

from __future__ import annotations

from lenger_core.terrain.detail import detail_is_made, lenger_terrain
from lenger_core.terrain.globe import PLAIN_ERROR_M, load_globe
from lenger_core.terrain.load import AROUND_SITE_M, TerrainSettings, dem_files, flight_terrain, load_terrain
from lenger_core.terrain.local import LocalTerrain
from lenger_core.terrain.model import Terrain, Trust
from lenger_core.terrain.sight import PathClearance, Sight, horizons, lines_of_sight, path_clearance
from lenger_core.terrain.warming import warm

__all__ = [
    "AROUND_SITE_M",
    "PLAIN_ERROR_M",
    "LocalTerrain",
    "PathClearance",
    "Sight",
    "Terrain",
    "TerrainSettings",
    "Trust",
    "dem_files",
    "detail_is_made",
    "flight_terrain",
    "horizons",
    "lenger_terrain",
    "lines_of_sight",
    "load_globe",
    "load_terrain",
    "path_clearance",
    "warm",
]
