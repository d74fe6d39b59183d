"""What the gate asks of a plan is what the guard keeps in flight."""

from __future__ import annotations

import pytest

from lenger_mission.plan_gate.conditions import Margins
from lenger_mission.plan_gate.limits import GateLimits
from lenger_safety.settings import GuardSettings


@pytest.mark.parametrize("name", ["floor_agl_m", "ceiling_agl_m", "approach_radius_m", "return_height_home_m"])
def test_the_gate_and_the_guard_keep_the_same(name: str) -> None:
    assert getattr(GateLimits(), name) == getattr(GuardSettings(), name)


def test_the_way_home_and_a_cold_barometer_are_counted_with_the_same_heights() -> None:
    assert Margins().return_height_home_m == GateLimits().return_height_home_m
    assert Margins().clearance_m == GateLimits().floor_agl_m
