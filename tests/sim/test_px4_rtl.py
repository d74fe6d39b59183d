"""PX4's return on its own: where to, how high, and its stages."""

from __future__ import annotations

from typing import Any

import pytest

from lenger_mavlink.params import ParamServer
from lenger_sim.px4.params import defaults
from lenger_sim.px4.rtl import Return, RtlStage

HOME, RALLY, LANDING = (0.0, 0.0, 10.0), (80.0, 0.0, 20.0), (0.0, 60.0, 10.0)
S = 1_000_000_000


def returning(position: tuple[float, float, float], rally: Any = (), landing: Any = None, **params: float) -> Return:
    rtl = Return(ParamServer({**defaults(), **params}))
    rtl.start(position, HOME, rally, landing)
    return rtl


def fly(rtl: Return, position: tuple[float, float, float], seconds: float = 200.0) -> tuple[list[RtlStage], float]:
    """Follow it as a point; return the stages in their order and the greatest height."""
    east, north, up = position
    stages, highest = [rtl.stage], up
    for tick in range(round(seconds * 10)):
        aim = rtl.step(tick * S // 10, (east, north, up))
        if rtl.stage is not stages[-1]:
            stages.append(rtl.stage)
        if aim.place is not None:
            east += min(max(aim.place[0] - east, -0.5), 0.5)
            north += min(max(aim.place[1] - north, -0.5), 0.5)
        up += -0.1 if aim.lands else 0.1 * min(max(aim.climb_m_s, -1.5), 3.0)
        highest = max(highest, up)
        if up <= 0.0:
            break
    return stages, highest


def test_far_away_it_climbs_to_the_return_height_and_lands_at_home() -> None:
    stages, highest = fly(returning((100.0, 0.0, 20.0)), (100.0, 0.0, 20.0))
    assert stages == [RtlStage.CLIMB, RtlStage.RETURN, RtlStage.LAND]
    assert highest == pytest.approx(40.0, abs=1.0)  # RTL_RETURN_ALT 30 above home


@pytest.mark.parametrize(("distance", "up", "expected"), [(8.0, 15.0, 18.0), (8.0, 30.0, 30.0), (1.0, 11.0, 12.0)])
def test_near_home_the_cone_limits_the_climb(distance: float, up: float, expected: float) -> None:
    """45 degrees: 8 m away 8 m above home, within the acceptance radius twice the distance; never a descent."""
    _, highest = fly(returning((distance, 0.0, up), RTL_MIN_DIST=10.0), (distance, 0.0, up))
    assert highest == pytest.approx(expected, abs=1.0)
    _, full = fly(returning((distance, 0.0, up), RTL_CONE_ANG=0), (distance, 0.0, up))
    assert full == pytest.approx(40.0, abs=1.0)


@pytest.mark.parametrize(("delay", "stages"), [(5.0, 5), (-1.0, 4)])
def test_a_delay_waits_at_the_descent_height(delay: float, stages: int) -> None:
    seen, _ = fly(returning((50.0, 0.0, 20.0), RTL_LAND_DELAY=delay), (50.0, 0.0, 20.0))
    every = [RtlStage.CLIMB, RtlStage.RETURN, RtlStage.DESCEND, RtlStage.HOLD, RtlStage.LAND]
    assert seen == every[:stages]  # a negative delay waits for ever


@pytest.mark.parametrize(
    ("kind", "position", "expected"),
    [
        (0, (70.0, 0.0, 30.0), RALLY),
        (0, (10.0, 0.0, 30.0), HOME),
        (0, (0.0, 58.0, 30.0), HOME),  # a landing does not count
        (1, (0.0, 58.0, 30.0), LANDING),
        (1, (1.0, 1.0, 30.0), LANDING),  # nor does home, where there is something else
        (3, (1.0, 1.0, 30.0), HOME),
        (3, (0.0, 58.0, 30.0), LANDING),
    ],
)
def test_where_to_by_type(kind: int, position: Any, expected: Any) -> None:
    assert returning(position, [RALLY], LANDING, RTL_TYPE=kind).destination == expected


def test_without_a_home_it_lands_here() -> None:
    rtl = Return(ParamServer(defaults()))
    rtl.start((5.0, 5.0, 20.0), None, (), None)
    aim = rtl.step(0, (5.0, 5.0, 20.0))
    assert aim.lands and aim.place is None
    assert rtl.announcement() == "RTL: landing here"
