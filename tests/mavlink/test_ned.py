"""NED and FRD against ENU and FLU: known values, round trips, and agreement of quaternions with vectors."""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.frames import quat_from_euler, quat_rotate, yaw_of
from lenger_mavlink import ned

angles = st.floats(-3.1, 3.1)
vectors = st.tuples(*[st.floats(-100.0, 100.0)] * 3)


def test_known_vectors() -> None:
    assert ned.ned_to_enu((1.0, 2.0, 3.0)) == (2.0, 1.0, -3.0)
    assert ned.frd_to_flu((1.0, 2.0, 3.0)) == (1.0, -2.0, -3.0)


@pytest.mark.parametrize(("north_cw_deg", "east_ccw_deg"), [(0, 90), (90, 0), (180, -90), (-90, 180), (45, 45)])
def test_known_yaws(north_cw_deg: float, east_ccw_deg: float) -> None:
    enu = ned.yaw_ned_to_enu(radians(north_cw_deg))
    assert cos(enu) == pytest.approx(cos(radians(east_ccw_deg)), abs=1e-12)
    assert sin(enu) == pytest.approx(sin(radians(east_ccw_deg)), abs=1e-12)


def test_level_north_in_ned_is_the_identity() -> None:
    w, x, y, z = ned.quat_ned_to_enu((1.0, 0.0, 0.0, 0.0))
    assert (w, x, y, z) == pytest.approx((sqrt(0.5), 0.0, 0.0, sqrt(0.5)))  # nose north: yaw +90 degrees from east
    assert yaw_of((w, x, y, z)) == pytest.approx(pi / 2.0)


@given(angles, st.floats(-1.5, 1.5), angles, vectors)
def test_quaternions_turn_vectors_the_same_way(
    roll: float, pitch: float, yaw: float, body_flu: tuple[float, float, float]
) -> None:
    q_ned = quat_from_euler(roll, pitch, yaw)
    world_ned = quat_rotate(q_ned, ned.flu_to_frd(body_flu))
    world_enu = quat_rotate(ned.quat_ned_to_enu(q_ned), body_flu)
    assert world_enu == pytest.approx(ned.ned_to_enu(world_ned), abs=1e-9)


@given(angles, st.floats(-1.5, 1.5), angles, vectors)
def test_round_trips(roll: float, pitch: float, yaw: float, v: tuple[float, float, float]) -> None:
    q = quat_from_euler(roll, pitch, yaw)
    back = ned.quat_enu_to_ned(ned.quat_ned_to_enu(q))
    sign = 1.0 if sum(a * b for a, b in zip(q, back, strict=True)) > 0 else -1.0
    assert tuple(sign * part for part in back) == pytest.approx(q, abs=1e-12)
    assert ned.enu_to_ned(ned.ned_to_enu(v)) == v
    assert ned.flu_to_frd(ned.frd_to_flu(v)) == v
    assert sin(ned.yaw_enu_to_ned(ned.yaw_ned_to_enu(yaw)) - yaw) == pytest.approx(0.0, abs=1e-12)
