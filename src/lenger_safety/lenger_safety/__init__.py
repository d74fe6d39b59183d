"""The guard: it keeps the aircraft inside its zones and heights, whatever the mission asks for."""

from __future__ import annotations


def warm() -> None:
    """Compile the kernels into numba's cache."""
    from lenger_core import zones
    from lenger_safety import limiter, surroundings

    zones.warm()
    limiter.warm()
    surroundings.warm()
