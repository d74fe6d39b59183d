"""Constraints that contradict each other: people and ground first, then the way back inside, nothing else outward."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lenger_core.samples import CommandKind, GuardLevel
from lenger_safety.settings import GuardSettings


@pytest.fixture
def flight(rig: Any) -> Any:
    def make(**fields: Any) -> Any:
        one = rig(**fields)
        one.step()
        one.agree()
        one.run(0.2)
        return one

    return make


def outward(one: Any) -> float:
    """The greatest commanded speed away from the middle of the square arena, while outside of it."""
    east, north, _ = one.output.command.velocity_enu_m_s
    e, n = one.position[:2]
    return float((east * e + north * n) / max(np.hypot(e, n), 1e-6))


def test_already_outside_only_the_way_back_is_commanded(flight: Any) -> None:
    one = flight()
    one.position[0] = 220.0
    one.run(0.2)
    one.agree()
    for wanted in ((8.0, 0.0, 0.0), (0.0, 5.0, 0.0), (3.0, -3.0, 2.0)):
        one.want(wanted)
        one.run(2.0)
        assert one.output.command.kind is CommandKind.VELOCITY
        assert one.output.command.velocity_enu_m_s[0] < 0.0
    one.want((5.0, 0.0, 0.0))
    one.run(60.0)
    assert one.lowest_margin_m > -21.0  # never further out than at the beginning
    assert one.local.margin(*one.position[:2]).margin_m > 0.0


def test_a_zone_that_appears_around_the_aircraft_is_left_by_the_shortest_way(
    flight: Any, zones: Any, a_feature: Any, a_square: Any
) -> None:
    arena = a_feature("arena", "inclusion", a_square(200.0))
    one = flight(zones=zones(arena))
    one.position[0] = 12.0
    one.core.set_zones(zones(arena, a_feature("pop-up", "exclusion", a_square(30.0))), one.now_ns)
    one.run(0.5)
    assert one.output.status.level is GuardLevel.HOLD
    one.agree()
    one.want((-2.0, 0.0, 0.0))  # across the zone, away from the nearest edge
    one.run(1.0)
    assert one.output.command.velocity_enu_m_s[0] > 0.0
    one.run(60.0)
    one.want((0.0, 0.0, 0.0))
    one.run(20.0)
    assert one.position[0] > 30.0


def test_a_zone_that_appears_at_the_fence_is_left_inwards(
    flight: Any, zones: Any, a_feature: Any, a_square: Any
) -> None:
    """The nearest edge of the new zone lies beyond the fence: out of the zone must not be out of the arena."""
    arena = a_feature("arena", "inclusion", a_square(200.0))
    one = flight(zones=zones(arena))
    one.position[0] = 185.0
    pop_up = a_feature("pop-up", "exclusion", [(150.0, -40.0), (205.0, -40.0), (205.0, 40.0), (150.0, 40.0)])
    one.core.set_zones(zones(arena, pop_up), one.now_ns)
    one.run(0.5)
    one.agree()
    one.want((0.0, 0.0, 0.0))
    furthest = []
    one.run(60.0, lambda r: furthest.append(float(r.position[0])))
    assert max(furthest) < 200.0 - 1.0


def test_ground_beats_ceiling(flight: Any) -> None:
    """Where floor and ceiling leave no room between them, the aircraft is never sent down, towards the ground."""
    settings = GuardSettings(floor_agl_m=60.0, ceiling_agl_m=50.0, approach_radius_m=0.0)
    one = flight(settings=settings, height_agl_m=55.0)
    one.agree()
    for wanted in ((0.0, 0.0, -2.0), (3.0, 0.0, -2.0), (0.0, 0.0, 0.0)):
        one.want(wanted)
        one.run(3.0)
        if one.output.command.kind is CommandKind.VELOCITY:
            assert one.output.command.velocity_enu_m_s[2] >= -1e-6
    one.run(20.0)
    assert one.position[2] - one.ground_m() > 50.0


def test_a_ceiling_is_not_climbed_through_to_leave_a_fence(flight: Any) -> None:
    one = flight(height_agl_m=145.0)
    one.position[0] = 215.0
    one.run(0.2)
    one.agree()
    one.want((4.0, 0.0, 3.0))
    heights = []
    one.run(40.0, lambda r: heights.append(float(r.position[2] - r.ground_m())))
    assert max(heights) < 150.0
    assert one.local.margin(*one.position[:2]).margin_m > 0.0
