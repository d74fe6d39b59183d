"""Plan files and formats, the plan gate, and the mission state machine."""

from __future__ import annotations

__all__ = ["warm"]


def warm() -> None:
    """Compile the kernels that plans are made and checked with into numba's cache."""
    from lenger_mission import warming

    warming.plan()
