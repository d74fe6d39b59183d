"""How long the worlds take to build: from nothing, from a kept terrain, and a second time.

python benchmarks/world_build.py [WORLD ...]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from lenger_core.terrain import Terrain, lenger_terrain
from lenger_sim.worlds.builder import build_world
from lenger_sim.worlds.models import part_of
from lenger_sim.worlds.spec import load_world, world_names


def timed(name: str, terrain: Terrain, folder: Path) -> tuple[float, float, int]:
    """Return (seconds, seconds of processor, files written) of a build."""
    start, used = time.perf_counter(), time.process_time()
    built = build_world(load_world(name), terrain, folder, part_of)
    return time.perf_counter() - start, time.process_time() - used, len(built.written)


def main() -> None:
    """Print a table."""
    print(f"{'world':24}{'from nothing':>24}{'terrain kept':>24}{'again':>24}")
    for name in sys.argv[1:] or world_names():
        with tempfile.TemporaryDirectory() as place:
            cache, out = Path(place) / "terrain", Path(place) / "worlds"
            cells = [timed(name, lenger_terrain(cache), out)]
            cells.append(timed(name, lenger_terrain(cache), Path(place) / "other"))
            cells.append(timed(name, lenger_terrain(cache), out))
            size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file()) / 1e6
        shown = "".join(f"{wall:8.1f} s ({cpu:4.1f}) {files:4} f" for wall, cpu, files in cells)
        print(f"{name:24}{shown}   {size:.1f} MB")


if __name__ == "__main__":
    main()
