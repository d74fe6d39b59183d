"""The ground: height and its error bound, slope, sight and clearance; GLOBE, Lenger's detail on it, own DEM files."""

from __future__ import annotations

from lenger_core.terrain.globe import PLAIN_ERROR_M, Terrain, load_terrain

__all__ = ["PLAIN_ERROR_M", "Terrain", "load_terrain"]
