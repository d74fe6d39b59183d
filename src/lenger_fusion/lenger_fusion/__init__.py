"""Sensor fusion: an error-state Kalman filter that says how far it can be trusted."""

from lenger_fusion.kernels import warm

__all__ = ["warm"]
