"""The guard over a model of the ground keeps off by its error bound; over a simulator's ground it need not."""

from __future__ import annotations

import pytest

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import load_globe, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import ZoneSet
from lenger_safety.estimate import Estimate
from lenger_safety.guard import GuardCore
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor


def test_a_real_guard_refuses_heights_above_invented_ground() -> None:
    profile = load_vehicle("quad_2kg")
    with pytest.raises(InputError, match=r"^guard, heights above ground: terrain: got .*synthetic"):
        GuardCore(GuardSettings(), profile, ZoneSet(), load_terrain())
    GuardCore(GuardSettings(), profile, ZoneSet(), load_terrain().as_ground())
    GuardCore(GuardSettings(), profile, ZoneSet(), load_globe())


def test_the_bound_narrows_floor_and_ceiling() -> None:
    frame = LocalFrame(42.1819, 69.8878, 757.0)
    up = load_globe().height_amsl_m(42.1819, 69.8878) - 757.0 + 80.0
    estimate = Estimate("autopilot", (0.0, 0.0, up), (0.0, 0.0, 0.0), 1.0, 1.0, 0.0)
    settings, zones = GuardSettings(), ZoneSet().in_frame(frame)
    exact, unsure = (
        Surveyor(settings, zones, terrain, 50.0).survey(estimate, None, None, floor=True)
        for terrain in (load_globe().as_ground(), load_globe())
    )
    bound = load_globe().error_m(42.1819, 69.8878)
    assert bound > 20.0
    assert exact.ceiling_m - unsure.ceiling_m == pytest.approx(bound, rel=0.01)
    assert exact.floor_m - unsure.floor_m == pytest.approx(bound, rel=0.01)
