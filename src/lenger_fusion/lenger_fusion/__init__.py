"""Sensor fusion: an error-state Kalman filter that says how far it can be trusted."""

from lenger_fusion import kernels, update

__all__ = ["warm"]


def warm() -> None:
    """Run every compiled kernel once: half a second from the cache on disk, ten seconds the first time."""
    kernels.warm()
    update.warm()
