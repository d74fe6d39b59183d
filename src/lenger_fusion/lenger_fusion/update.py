"""Compiled arithmetic of the filter's measurement update; layouts as in `lenger_fusion.kernels`."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_fusion.kernels import NE, NX
from lenger_fusion.quaternion import rotate_by

Array = NDArray[np.float64]


@njit(cache=True)
def _cholesky(s: Array, m: int) -> bool:
    """Factor the leading (m, m) of `s` in place into its lower triangle; return whether it was positive definite."""
    for i in range(m):
        for j in range(i + 1):
            total = s[i, j]
            for k in range(j):
                total -= s[i, k] * s[j, k]
            if i == j:
                if not total > 1e-12:
                    return False
                s[i, i] = sqrt(total)
            else:
                s[i, j] = total / s[j, j]
    return True


@njit(cache=True)
def inject(x: Array, dx: Array) -> None:
    """Add an error state (23) to the nominal state."""
    for i in range(6):
        x[i] += dx[i]
    rotate_by(x, dx[6], dx[7], dx[8])
    for i in range(9, NE):
        x[1 + i] += dx[i]


@njit(cache=True)
def _project(p: Array, h: Array, variance: Array, hp: Array, s: Array) -> None:
    """Write H P to `hp` (m, 23) and the lower triangle of the innovation covariance to `s` (m, m)."""
    m = variance.shape[0]
    for i in range(m):
        for c in range(NE):
            total = 0.0
            for k in range(NE):
                if h[i, k] != 0.0:
                    total += h[i, k] * p[k, c]
            hp[i, c] = total
        for j in range(i + 1):
            total = variance[i] if i == j else 0.0
            for k in range(NE):
                total += hp[i, k] * h[j, k]
            s[i, j] = total


@njit(cache=True)
def _whiten(root: Array, u: Array, z: Array) -> float:
    """Solve L u' = u and L z' = z in place for the lower triangle L `root` (m, m); return z'z'."""
    m = root.shape[0]
    nis = 0.0
    for i in range(m):
        for k in range(i):
            z[i] -= root[i, k] * z[k]
            for c in range(NE):
                u[i, c] -= root[i, k] * u[k, c]
        z[i] /= root[i, i]
        for c in range(NE):
            u[i, c] /= root[i, i]
        nis += z[i] * z[i]
    return float(nis)


@njit(cache=True)
def fuse(x: Array, p: Array, h: Array, residual: Array, variance: Array, gate: float, work: Array) -> float:
    """Fuse one measurement of m rows at once; return its normalised innovation squared (NIS), NaN when not usable.

    Args:
        x, p: state (24,) and covariance (23, 23), changed in place.
        h: (m, 23) Jacobian of the measurement by the error state.
        residual: (m,) measured minus predicted.
        variance: (m,) of the independent measurement errors.
        gate: nothing is changed when the NIS is above this.
        work: (m + 2, 23) work space.
    """
    m = residual.shape[0]
    u, z, dx = work[:m], work[m, :m], work[m + 1]
    root = np.empty((m, m))
    _project(p, h, variance, u, root)
    if not _cholesky(root, m):
        return np.nan
    z[:] = residual
    # With S = L L': u = L^-1 H P and z = L^-1 r give NIS = z'z, dx = u'z and P - u'u.
    nis = float(_whiten(root, u, z))
    if not nis <= gate:
        return nis
    dx[:] = 0.0
    for i in range(m):
        for c in range(NE):
            dx[c] += u[i, c] * z[i]
    _shrink(p, u, m)
    inject(x, dx)
    return nis


@njit(cache=True)
def _shrink(p: Array, u: Array, m: int) -> None:
    """Subtract u'u from `p`, keeping it symmetric and its variances above a floor."""
    for r in range(NE):
        for c in range(r + 1):
            total = 0.5 * (p[r, c] + p[c, r])
            for i in range(m):
                total -= u[i, r] * u[i, c]
            p[r, c] = total
            p[c, r] = total
        if p[r, r] < 1e-12:
            p[r, r] = 1e-12


@njit(cache=True)
def fuse_about(
    x: Array, p: Array, h: Array, residual: float, variance: float, axis: Array, gate: float, work: Array
) -> float:
    """Fuse one row, but correct only the turn about `axis` (3, body, unit) and the gyro bias about it; return the NIS.

    All other states are considered (Schmidt): their uncertainty and their correlation with the measurement are booked,
    they themselves stay. The Joseph form holds for this gain, which is not the optimal one. `work` is (3, 23).
    """
    hp, gain, dx = work[0], work[1], work[2]
    s = variance
    for c in range(NE):
        total = 0.0
        for k in range(NE):
            total += h[k] * p[k, c]
        hp[c] = total
    for k in range(NE):
        s += hp[k] * h[k]
    if not s > 1e-12:
        return np.nan
    nis = residual * residual / s
    if not nis <= gate:
        return nis
    gain[:] = 0.0
    for block in (6, 9):
        along = (hp[block] * axis[0] + hp[block + 1] * axis[1] + hp[block + 2] * axis[2]) / s
        for i in range(3):
            gain[block + i] = along * axis[i]
    for r in range(NE):
        for c in range(r + 1):
            value = p[r, c] - gain[r] * hp[c] - hp[r] * gain[c] + gain[r] * s * gain[c]
            p[r, c] = value
            p[c, r] = value
    for c in range(NE):
        dx[c] = gain[c] * residual
    inject(x, dx)
    return nis


def warm() -> None:
    """Run every kernel of the update once."""
    x, p, h = np.zeros(NX), np.eye(NE), np.zeros((2, NE))
    x[6] = h[0, 0] = h[1, 1] = 1.0
    fuse(x, p, h, np.zeros(2), np.ones(2), 25.0, np.zeros((4, NE)))
    fuse_about(x, p, h[0], 0.0, 1.0, np.array([0.0, 0.0, 1.0]), 25.0, np.zeros((3, NE)))
