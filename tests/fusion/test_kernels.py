"""Laws of the filter's arithmetic: kernels against plain numpy, Jacobians against differences, sound covariances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lenger_fusion import kernels, measurements, reference, update
from lenger_fusion.measurements import Measurement

Array = NDArray[np.float64]
seeds = st.integers(0, 2**32 - 1)

GNSS_STD_M = 1.5
DECLINATION = 0.1


def random_state(rng: np.random.Generator) -> tuple[Array, Array]:
    x = rng.normal(size=kernels.NX) * 3.0
    x[6:10] /= np.linalg.norm(x[6:10])
    x[10:16] *= 0.02
    half = rng.normal(size=(kernels.NE, kernels.NE)) * rng.uniform(0.01, 1.0, kernels.NE)
    return x, half @ half.T + 1e-6 * np.eye(kernels.NE)


def random_imu(rng: np.random.Generator) -> Array:
    return np.concatenate([rng.normal(size=3), rng.normal(size=3) * 4.0 + (0.0, 0.0, 9.8)])


def assert_covariance(p: Array) -> None:
    assert np.array_equal(p, p.T) or np.abs(p - p.T).max() < 1e-12 * np.abs(p).max()
    assert np.linalg.eigvalsh(p).min() > -1e-12 * np.abs(p).max()


@given(seeds, st.floats(0.001, 0.02))
def test_predict_equals_the_reference(seed: int, dt: float) -> None:
    rng = np.random.default_rng(seed)
    x, p = random_state(rng)
    imu, noise = random_imu(rng), rng.uniform(0.01, 1.0, kernels.NOISES)
    expected_x, expected_p = reference.predict(x, p, imu, dt, noise)
    kernels.predict(x, p, imu, dt, noise, np.zeros((12, 3)))
    assert np.abs(x - expected_x).max() < 1e-12
    # The kernel turns attitude errors by second-order terms only.
    turn = float(np.linalg.norm(imu[:3] - x[10:13])) * dt
    assert np.abs(p - expected_p).max() < (1e-12 + turn**3 + turn**2 * dt * 10.0) * np.abs(expected_p).max()
    assert_covariance(p)


@given(seeds)
def test_the_transition_equals_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, _ = random_state(rng)
    imu, dt, step = random_imu(rng), 0.005, 1e-6

    def after(error: Array) -> Array:
        moved = reference.propagate(reference.add_error(x, error), imu, dt)
        return reference.error_between(moved, reference.propagate(x, imu, dt))

    numeric = np.stack([(after(step * e) - after(-step * e)) / (2.0 * step) for e in np.eye(kernels.NE)], axis=1)
    # Left out of the Jacobian, on purpose: what a gyro bias does to velocity and to turning within the step, order dt2.
    size = float(np.linalg.norm(imu[3:] - x[13:16]) + np.linalg.norm(imu[:3] - x[10:13]))
    assert np.abs(numeric - reference.jacobian(x, imu, dt)).max() < size * dt * dt + 1e-7


@given(seeds, st.integers(1, 6))
def test_fuse_equals_the_reference_in_joseph_form(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    x, p = random_state(rng)
    h, residual, variance = (
        rng.normal(size=(rows, kernels.NE)),
        rng.normal(size=rows) * 0.1,
        rng.uniform(0.1, 2.0, rows),
    )
    expected_x, expected_p, expected_nis = reference.fuse(x, p, h, residual, variance, 1e9)
    before = np.diag(p).copy()
    nis = update.fuse(x, p, h, residual, variance, 1e9, np.zeros((16, kernels.NE)))
    assert nis == pytest.approx(expected_nis, rel=1e-9)
    assert np.abs(x - expected_x).max() < 1e-9
    assert np.abs(p - expected_p).max() < 1e-9 * np.abs(expected_p).max()
    assert (np.diag(p) <= before + 1e-12).all()
    assert_covariance(p)


@given(seeds)
def test_fuse_about_an_axis_equals_the_reference_and_leaves_the_rest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, p = random_state(rng)
    h, axis = rng.normal(size=kernels.NE), rng.normal(size=3)
    axis /= np.linalg.norm(axis)
    start = x.copy()
    expected_x, expected_p, expected_nis = reference.fuse_about(x, p, h, 0.05, 0.3, axis, 1e9)
    nis = update.fuse_about(x, p, h, 0.05, 0.3, axis, 1e9, np.zeros((3, kernels.NE)))
    assert nis == pytest.approx(expected_nis, rel=1e-9)
    assert np.abs(x - expected_x).max() < 1e-12
    assert np.abs(p - expected_p).max() < 1e-10 * np.abs(expected_p).max()
    assert_covariance(p)
    moved = reference.error_between(x, start)
    assert np.abs(moved[:6]).max() == np.abs(moved[12:]).max() == 0.0
    assert np.linalg.norm(np.cross(moved[6:9], axis)) < 1e-9


@pytest.mark.parametrize("residual", [np.nan, np.inf, 1e6])
def test_what_the_gate_refuses_changes_nothing(residual: float) -> None:
    x, p = random_state(np.random.default_rng(1))
    kept_x, kept_p = x.copy(), p.copy()
    h = np.eye(kernels.NE)[:2]
    nis = update.fuse(x, p, h, np.array([0.0, residual]), np.ones(2), 25.0, np.zeros((16, kernels.NE)))
    assert not nis <= 25.0
    nis = update.fuse_about(x, p, h[0], residual, 1.0, np.array([0.0, 0.0, 1.0]), 25.0, np.zeros((3, kernels.NE)))
    assert not nis <= 25.0
    assert np.array_equal(x, kept_x) and np.array_equal(p, kept_p)


def _measurements(rng: np.random.Generator, x: Array) -> list[Measurement]:
    """Return one of each sensor, consistent with `x`: the residual at `x` itself is zero."""
    rotation = np.empty((3, 3))
    kernels.rotation(x, rotation)
    field = rotation.T @ np.array([np.sin(DECLINATION), np.cos(DECLINATION), -1.9]) * 25e-6
    rate = (float(x[10]), float(x[11]), float(x[12]))
    x[3:6] = 0.0
    return [
        measurements.gnss_position(0, float(x[0]), float(x[1]), GNSS_STD_M),
        measurements.gnss_height(0, float(x[2]), GNSS_STD_M),
        measurements.barometer(0, float(x[2] + x[16]), 0.5),
        measurements.magnetic_heading(0, (field[0], field[1], field[2]), DECLINATION, 0.1, 0.0),
        measurements.rest(0, rate, 0.1, 0.01),
    ]


@given(seeds)
def test_every_measurement_jacobian_equals_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, p = random_state(rng)
    step = 1e-6
    for measurement in _measurements(rng, x):
        rows = measurement.linearise(x, p, 0.0)
        assert rows is not None
        assert np.abs(rows.residual).max() < 1e-9
        for column in range(kernels.NE):
            error = np.zeros(kernels.NE)
            error[column] = step
            # A state that lies below the truth by `error` must show a residual of h times it.
            low, high = (measurement.linearise(reference.add_error(x, s * error), p, 0.0) for s in (-1.0, 1.0))
            assert low is not None and high is not None
            numeric = (low.residual - high.residual) / (2.0 * step)
            assert np.abs(numeric - rows.h[:, column]).max() < 1e-5, measurement.sensor


def test_a_long_flight_without_measurements_keeps_a_covariance() -> None:
    rng = np.random.default_rng(5)
    x, p = random_state(rng)
    work = np.zeros((12, 3))
    for _ in range(20_000):
        kernels.predict(x, p, random_imu(rng) * 0.1, 0.01, np.full(kernels.NOISES, 0.01), work)
    assert np.isfinite(x).all()
    assert abs(np.linalg.norm(x[6:10]) - 1.0) < 1e-12
    assert_covariance(p)
