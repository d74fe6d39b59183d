"""Sensor fusion: an error-state Kalman filter that says how far it can be trusted."""

from __future__ import annotations

from pathlib import Path

from lenger_core.kernel_cache import drop_stale

_HERE = Path(__file__).parent
__all__ = ["warm"]

# Before the first kernel is loaded.
drop_stale(_HERE, [_HERE / f"{name}.py" for name in ("kernels", "quaternion", "update")])


def warm() -> None:
    """Run every compiled kernel once: half a second from the cache on disk, ten seconds the first time."""
    from lenger_fusion import kernels, update

    kernels.warm()
    update.warm()
