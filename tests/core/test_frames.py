"""Rotations by their laws."""

from __future__ import annotations

from math import cos, pi, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core import frames as f

angles = st.floats(-3.0, 3.0)
small = st.floats(-1.5, 1.5)
vectors = st.tuples(*[st.floats(-100.0, 100.0)] * 3)


@given(angles, small, angles)
def test_euler_round_trip(roll: float, pitch: float, yaw: float) -> None:
    assert f.euler_from_quat(f.quat_from_euler(roll, pitch, yaw)) == pytest.approx((roll, pitch, yaw), abs=1e-6)


@given(angles, small, angles, vectors)
def test_rotation_keeps_length_and_inverts(
    roll: float, pitch: float, yaw: float, v: tuple[float, float, float]
) -> None:
    q = f.quat_from_euler(roll, pitch, yaw)
    out = f.quat_rotate(q, v)
    assert sqrt(sum(c * c for c in out)) == pytest.approx(sqrt(sum(c * c for c in v)), abs=1e-9)
    assert f.quat_rotate_inverse(q, out) == pytest.approx(v, abs=1e-9)


@given(angles, angles, vectors)
def test_product_applies_the_right_factor_first(a: float, b: float, v: tuple[float, float, float]) -> None:
    qa, qb = f.quat_from_euler(a, 0, 0), f.quat_from_euler(0, 0, b)
    assert f.quat_rotate(f.quat_multiply(qa, qb), v) == pytest.approx(f.quat_rotate(qa, f.quat_rotate(qb, v)), abs=1e-9)


def test_yaw_zero_is_east_and_counter_clockwise() -> None:
    assert f.quat_rotate(f.quat_from_yaw(0.0), (1.0, 0.0, 0.0)) == pytest.approx((1.0, 0.0, 0.0))
    assert f.quat_rotate(f.quat_from_yaw(pi / 2), (1.0, 0.0, 0.0)) == pytest.approx((0.0, 1.0, 0.0), abs=1e-12)
    assert f.yaw_of(f.quat_from_yaw(2.0)) == pytest.approx(2.0)


def test_positive_pitch_is_nose_down() -> None:
    assert f.quat_rotate(f.quat_from_euler(0, 0.3, 0), (1.0, 0.0, 0.0)) == pytest.approx((cos(0.3), 0.0, -sin(0.3)))


@given(st.floats(-1e4, 1e4))
def test_wrap(angle: float) -> None:
    wrapped = f.wrap_pi(angle)
    assert -pi < wrapped <= pi
    assert cos(wrapped) == pytest.approx(cos(angle), abs=1e-7)
    assert sin(wrapped) == pytest.approx(sin(angle), abs=1e-7)
