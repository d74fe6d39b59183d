"""Seeded noise that is the same on every machine.

Randomness comes from an integer hash of the lattice point (the finaliser of SplitMix64, Steele et al. 2014), and
nothing but + - * / touches it afterwards: these are exactly rounded everywhere, where sin, exp or a summation order are
not.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

_X, _Y = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xD1B54A32D192ED03)
_M1, _M2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S40, _S16 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(40), np.uint64(16)
_LOW24 = np.uint64(0xFFFFFF)
_UNIT = 1.0 / (1 << 23)


@njit(cache=True, nogil=True)
def hashed_pair(x: int, y: int, seed: int) -> tuple[float, float]:
    """Return two numbers in [-1, 1) that belong to a lattice point."""
    z = np.uint64(x) * _X + np.uint64(y) * _Y + np.uint64(seed) * _M1
    z = (z ^ (z >> _S30)) * _M1
    z = (z ^ (z >> _S27)) * _M2
    z = z ^ (z >> _S31)
    return float(z >> _S40) * _UNIT - 1.0, float((z >> _S16) & _LOW24) * _UNIT - 1.0


@njit(cache=True, nogil=True)
def _fade(t: float) -> float:
    return t * t * t * (t * (t * 6.0 - 15.0) + 10.0)


@njit(cache=True, nogil=True)
def gradient_noise(x: float, y: float, seed: int) -> float:
    """Return Perlin's gradient noise (2002 fade), of about -0.7 to 0.7, lattice spacing 1."""
    x0, y0 = math.floor(x), math.floor(y)
    ix, iy = int(x0), int(y0)
    fx, fy = x - x0, y - y0
    ax, ay = hashed_pair(ix, iy, seed)
    bx, by = hashed_pair(ix + 1, iy, seed)
    cx, cy = hashed_pair(ix, iy + 1, seed)
    dx, dy = hashed_pair(ix + 1, iy + 1, seed)
    u, v = _fade(fx), _fade(fy)
    low = (ax * fx + ay * fy) * (1.0 - u) + (bx * (fx - 1.0) + by * fy) * u
    high = (cx * fx + cy * (fy - 1.0)) * (1.0 - u) + (dx * (fx - 1.0) + dy * (fy - 1.0)) * u
    return float(low * (1.0 - v) + high * v)


@njit(cache=True, nogil=True)
def fractal_noise(x: float, y: float, octaves: int, gain: float, seed: int) -> float:
    """Return a sum of octaves of gradient noise, the first of lattice spacing 1, each next of half that."""
    total, amplitude, scale = 0.0, 1.0, 1.0
    for octave in range(octaves):
        total += amplitude * gradient_noise(x * scale, y * scale, seed + octave)
        amplitude *= gain
        scale *= 2.0
    return total


@njit(cache=True, nogil=True)
def wave(turns: float) -> tuple[float, float]:
    """Return a cosine made of parabolas, and its derivative by `turns`: period 1, 1 at 0, -1 at a half, C1."""
    t = turns - math.floor(turns)
    if t < 0.25:
        return 1.0 - 16.0 * t * t, -32.0 * t
    if t < 0.75:
        u = t - 0.5
        return 16.0 * u * u - 1.0, 32.0 * u
    u = t - 1.0
    return 1.0 - 16.0 * u * u, -32.0 * u


@njit(cache=True, nogil=True)
def gullies(x: float, y: float, down_x: float, down_y: float, seed: int) -> tuple[float, float, float]:
    """Return (height, its derivatives by x and y) of ribs and gullies that run along `down`, spacing about 1.

    Stripes across the fall line about scattered pivots, blended where their neighbourhoods meet, which makes them
    branch; height within -1 to 1. (down_x, down_y) is the unit vector down the fall line.
    """
    x0, y0 = math.floor(x), math.floor(y)
    total = total_x = total_y = weights = 0.0
    for j in range(-1, 3):
        for i in range(-1, 3):
            jx, jy = hashed_pair(int(x0) + i, int(y0) + j, seed)
            dx, dy = x - x0 - i - 0.5 * jx, y - y0 - j - 0.5 * jy
            near = 1.0 - (dx * dx + dy * dy) * 0.36
            if near <= 0.0:
                continue
            weight = near * near * near
            value, slope = wave(dy * down_x - dx * down_y)
            total += weight * value
            total_x -= weight * slope * down_y
            total_y += weight * slope * down_x
            weights += weight
    if weights <= 0.0:
        return 0.0, 0.0, 0.0
    return total / weights, total_x / weights, total_y / weights
