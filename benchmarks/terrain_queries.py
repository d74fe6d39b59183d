"""Cost of terrain questions: `.venv/bin/python benchmarks/terrain_queries.py [heights] [rays]`.

On Lenger's terrain at 1 arc second over 60 x 60 km: heights at random points and lines of sight of 10 km (exact, with
the bulge, the Fresnel zone and the error bound), beside the same heights as a plain array asked through
`scipy.ndimage.map_coordinates(order=1)` (rays sampled every 30 m: less than we answer) and as a GeoTIFF through
rasterio's `sample` (nearest pixel; a small share, scaled). Best of five of this thread's processor time, in turn.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from rasterio.io import MemoryFile
from rasterio.transform import from_origin
from scipy.ndimage import map_coordinates

from lenger_core.geodesy import destination
from lenger_core.terrain import Terrain, lenger_terrain, lines_of_sight

Array = NDArray[np.float64]

SITE = (42.1819, 69.8878)
NORTH, WEST, ROWS, COLS = 42.4525, 69.5247, 1945, 2615
STEP = 1.0 / 3600.0
RAY_M, SAMPLE_M = 10_000.0, 30.0


def seconds(call: Callable[[], object], times: int = 5) -> float:
    """Return the least processor time of a call in this thread."""
    best = np.inf
    for _ in range(times):
        start = time.thread_time()
        call()
        best = min(best, time.thread_time() - start)
    return float(best)


def plain_array(terrain: Terrain) -> NDArray[np.float32]:
    """Return the same ground as an array, its nodes between ours, as anybody would keep it."""
    lat, lon = NORTH - np.arange(ROWS) * STEP, WEST + np.arange(COLS) * STEP
    return terrain.heights_amsl_m(lat[:, None], lon[None, :]).astype(np.float32)


def heights(terrain: Terrain, array: NDArray[np.float32], count: int) -> None:
    """Print the cost of heights at random points."""
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(NORTH - 0.54, NORTH - 1e-3, count), rng.uniform(WEST + 1e-3, WEST + 0.726, count)

    def by_scipy() -> Array:
        return np.asarray(map_coordinates(array, [(NORTH - lat) / STEP, (lon - WEST) / STEP], order=1))

    ours, scipys = seconds(lambda: terrain.heights_amsl_m(lat, lon)), seconds(by_scipy)
    share = max(1, count // 100)
    profile = {"height": ROWS, "width": COLS, "count": 1, "dtype": "float32", "crs": "EPSG:4326"}
    place = from_origin(WEST - STEP / 2, NORTH + STEP / 2, STEP, STEP)
    with MemoryFile() as memory:
        with memory.open(driver="GTiff", transform=place, tiled=True, **profile) as file:
            file.write(array, 1)
        with memory.open() as file:
            points = list(zip(lon[:share], lat[:share], strict=True))
            rasterios = seconds(lambda: list(file.sample(points)), 1) * count / share
    off = np.abs(terrain.heights_amsl_m(lat, lon) - by_scipy())
    print(
        f"{count} heights          ours {ours:7.3f} s   scipy {scipys:7.3f} s ({scipys / ours:4.1f} times ours)   "
        f"rasterio {rasterios:7.1f} s ({rasterios / ours:4.0f} times)   they differ by {np.percentile(off, 99):.2f} m"
    )


def rays(terrain: Terrain, array: NDArray[np.float32], count: int) -> None:
    """Print the cost of lines of sight between masts of 30 m."""
    rng = np.random.default_rng(2)
    start = np.column_stack([rng.uniform(42.03, 42.33, count), rng.uniform(69.66, 70.11, count)])
    stop = np.array([destination(a, b, c, RAY_M) for (a, b), c in zip(start, rng.uniform(0, 360, count), strict=True)])
    one, other = (np.column_stack([p, terrain.heights_amsl_m(p[:, 0], p[:, 1]) + 30.0]) for p in (start, stop))

    def by_scipy() -> Array:
        share = np.linspace(0.0, 1.0, round(RAY_M / SAMPLE_M) + 1)
        row = (NORTH - (one[:, :1] + (other[:, :1] - one[:, :1]) * share)) / STEP
        col = ((one[:, 1:2] + (other[:, 1:2] - one[:, 1:2]) * share) - WEST) / STEP
        ground = map_coordinates(array, [row.ravel(), col.ravel()], order=1).reshape(row.shape)
        bulge = share * (1 - share) * RAY_M * RAY_M / (2 * 4 / 3 * 6.374e6)
        return np.asarray((one[:, 2:] + (other[:, 2:] - one[:, 2:]) * share - bulge - ground).min(axis=1))

    sight = lines_of_sight(terrain, one, other)
    ours, scipys = seconds(lambda: lines_of_sight(terrain, one, other)), seconds(by_scipy)
    agree = (sight.visible == (by_scipy() > 0)).mean()
    print(
        f"{count} lines of sight    ours {ours:7.3f} s   scipy {scipys:7.3f} s ({scipys / ours:4.1f} times ours)   "
        f"{sight.visible.mean():.0%} visible, same answer in {agree:.2%}"
    )


def main() -> int:
    """Print one line a question, and the memory."""
    counts = [int(text) for text in sys.argv[1:3]]
    terrain = lenger_terrain()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    terrain.prefetch(*SITE, 30_000.0)
    print(
        f"60 x 60 km at 1 arc second ready after {time.perf_counter() - start:.1f} s "
        f"(made once, then read from the cache)"
    )
    assert terrain.raster is not None
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"memory: {terrain.raster.memory_bytes / 1e6:.0f} MB of heights; process {before / 1024:.0f} MB before, "
        f"{after / 1024:.0f} MB at its peak"
    )
    array = plain_array(terrain)
    heights(terrain, array, counts[0] if counts else 1_000_000)
    rays(terrain, array, counts[1] if len(counts) > 1 else 10_000)
    return 0


if __name__ == "__main__":
    sys.exit(main())
