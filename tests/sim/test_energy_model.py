"""The planner's energy model against what the component-simulated aircraft draws in flight, with gusts and control."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.vehicles import VehicleProfile


@pytest.mark.parametrize(("speed", "wind"), [(0.0, 0.0), (8.0, 0.0), (0.0, 8.0), (8.0, 6.0)])
def test_power_in_flight(make_rig: Callable[..., Any], profile: VehicleProfile, speed: float, wind: float) -> None:
    rig = make_rig(seed=3, wind_m_s=wind, wind_from_deg=90.0, turbulence=0.5)
    rig.take_off(30.0)
    rig.fly_offboard(speed, 0.0, 0.0, 8.0)  # against the wind, to the east
    before = rig.core.truth()
    rig.fly_offboard(speed, 0.0, 0.0, 20.0)
    after = rig.core.truth()
    drawn = (after.energy_used_wh - before.energy_used_wh) * 3600.0 / 20.0
    air = speed - 0.5 * (before.wind_enu_m_s[0] + after.wind_enu_m_s[0])
    predicted = float(power_w(profile, density_kg_m3(before.alt_amsl_m), air, 0.0))
    print(f"speed {speed} m/s, wind {wind} m/s: drawn {drawn:.0f} W, predicted {predicted:.0f} W")
    assert predicted == pytest.approx(drawn, rel=0.12)
