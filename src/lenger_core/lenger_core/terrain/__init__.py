"""The ground: height and its error bound, slope, sight and clearance; GLOBE, Lenger's detail on it, own DEM files."""

from __future__ import annotations

from lenger_core.terrain.detail import lenger_terrain
from lenger_core.terrain.globe import PLAIN_ERROR_M, load_globe
from lenger_core.terrain.model import Terrain

__all__ = ["PLAIN_ERROR_M", "Terrain", "lenger_terrain", "load_globe", "load_terrain"]


def load_terrain() -> Terrain:
    """Return the terrain that everybody flies over: simulator, guard, planner and debrief."""
    return load_globe()
