"""Compiled turns of the filter's attitude, a quaternion wxyz (body FLU to world ENU) at [6:10] of the state."""

from __future__ import annotations

from math import cos, sin, sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

Array = NDArray[np.float64]

SMALL_TURN_RAD2 = 0.01
"""Squared angle below which three terms of a series are as good as sine and cosine."""


@njit(cache=True)
def rotation(x: Array, out: Array) -> None:
    """Write the body-to-world matrix of the state's quaternion to `out` (3, 3)."""
    w, a, b, c = x[6], x[7], x[8], x[9]
    out[0, 0] = 1.0 - 2.0 * (b * b + c * c)
    out[0, 1] = 2.0 * (a * b - w * c)
    out[0, 2] = 2.0 * (a * c + w * b)
    out[1, 0] = 2.0 * (a * b + w * c)
    out[1, 1] = 1.0 - 2.0 * (a * a + c * c)
    out[1, 2] = 2.0 * (b * c - w * a)
    out[2, 0] = 2.0 * (a * c - w * b)
    out[2, 1] = 2.0 * (b * c + w * a)
    out[2, 2] = 1.0 - 2.0 * (a * a + b * b)


@njit(cache=True)
def half_angle(s: float) -> tuple[float, float]:
    """Return cos(a / 2) and sin(a / 2) / a of an angle a, given as its square `s`, to a rounding."""
    if s < SMALL_TURN_RAD2:
        cosine = 1.0 - s / 8.0 * (1.0 - s / 48.0 * (1.0 - s / 120.0))
        return cosine, 0.5 - s / 48.0 * (1.0 - s / 80.0 * (1.0 - s / 168.0))
    angle = sqrt(s)
    return cos(0.5 * angle), sin(0.5 * angle) / angle


@njit(cache=True)
def multiply(x: Array, w: float, i: float, j: float, k: float) -> None:
    """Multiply the state's quaternion on the right by another."""
    a, b, c, d = x[6], x[7], x[8], x[9]
    x[6] = a * w - b * i - c * j - d * k
    x[7] = a * i + b * w + c * k - d * j
    x[8] = a * j - b * k + c * w + d * i
    x[9] = a * k + b * j - c * i + d * w


@njit(cache=True)
def normalise(x: Array) -> None:
    """Make the state's quaternion one of unit length."""
    scale = 1.0 / sqrt(x[6] * x[6] + x[7] * x[7] + x[8] * x[8] + x[9] * x[9])
    for i in range(6, 10):
        x[i] *= scale


@njit(cache=True)
def rotate_by(x: Array, tx: float, ty: float, tz: float) -> None:
    """Multiply the state's quaternion on the right by the rotation vector (body axes, rad) and normalise."""
    w, k = half_angle(tx * tx + ty * ty + tz * tz)
    multiply(x, w, k * tx, k * ty, k * tz)
    normalise(x)
