"""Which ground a flight has: the terrain that ships or one's own DEM files, and how far it may be trusted."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from pydantic import Field

from lenger_core.errors import InputError
from lenger_core.settings import Settings
from lenger_core.terrain.detail import lenger_terrain
from lenger_core.terrain.globe import load_globe
from lenger_core.terrain.model import Terrain, Trust

DEM_ENDINGS = (".hgt", ".tif", ".tiff")

AROUND_SITE_M = 15_000.0
"""What lies this near to a site is in memory before a flight begins."""


class TerrainSettings(Settings):
    """The ground of a node. Everybody in one flight is given the same."""

    dem: str = Field("", description="DEM files (.hgt, .tif) or folders of them, joined by ':'; empty: what ships")
    trust: Trust = Field(
        "model",
        description="model: the real ground may differ by the error bound, and synthetic heights above ground are "
        "refused; ground: a simulator flies over this very terrain, so it has no error",
    )


def load_terrain(dem: str = "") -> Terrain:
    """Return the terrain that everybody flies over: simulator, guard, planner and debrief. One a process.

    Args:
        dem: DEM files or folders of them, joined by ':' (os.pathsep); "" is Lenger's terrain, with synthetic detail.

    Raises:
        InputError: a file is no DEM; see `lenger_core.terrain.dem`.
    """
    return _loaded(dem_files(dem))


def flight_terrain(settings: TerrainSettings, lat_deg: float, lon_deg: float) -> Terrain:
    """Return the ground of a node that decides about heights above it, ready around the site.

    In simulation it is what the simulator flies over, without error. Elsewhere it is a measured terrain with its error
    bound: one's own DEM, else GLOBE. Nothing synthetic.

    Raises:
        InputError: a file is no DEM.
    """
    if settings.trust == "ground":
        terrain = load_terrain(settings.dem).as_ground()
    else:
        terrain = load_terrain(settings.dem) if settings.dem else load_globe()
    terrain.prefetch(lat_deg, lon_deg, AROUND_SITE_M)
    return terrain


def dem_files(text: str) -> tuple[Path, ...]:
    """Return the absolute paths of DEM files and of those in folders, joined by ':' (os.pathsep), in the order given.

    Raises:
        InputError: a folder without any.
    """
    found: list[Path] = []
    for part in text.split(os.pathsep):
        path = Path(part).expanduser().absolute()
        if not part:
            continue
        if path.is_dir():
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in DEM_ENDINGS)
            if not inside:
                raise InputError("DEM", "folder", str(path), f"one that holds {' or '.join(DEM_ENDINGS)} files")
            found += inside
        else:
            found.append(path)
    return tuple(found)


@lru_cache(maxsize=2)
def _loaded(files: tuple[Path, ...]) -> Terrain:
    if not files:
        return lenger_terrain()
    from lenger_core.terrain.dem import dem_terrain  # brings GDAL

    return dem_terrain(files)
