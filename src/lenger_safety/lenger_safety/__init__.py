"""The guard: it keeps the aircraft inside its zones and heights, whatever the mission asks for."""

from __future__ import annotations

from pathlib import Path

from lenger_core.kernel_cache import drop_stale


def _kernel_sources() -> list[Path]:
    """Return every file that this package's kernels are made of."""
    import lenger_core

    here, core = Path(__file__).parent, Path(lenger_core.__file__).parent
    shared = ("zone_kernels.py", "prism_kernels.py", "terrain/raster_kernels.py", "terrain/ellipsoid_kernels.py")
    return [*here.glob("*_kernels.py"), here / "limiter.py", here / "tube.py", *(core / name for name in shared)]


drop_stale(Path(__file__).parent, _kernel_sources())  # before the first kernel is loaded


def warm() -> None:
    """Compile the kernels into numba's cache."""
    from lenger_core import zones
    from lenger_safety import motion, returns, stop_kernels, surroundings, warming

    zones.warm()
    motion.warm()
    surroundings.warm()
    stop_kernels.warm()
    returns.warm()
    warming.fly()
