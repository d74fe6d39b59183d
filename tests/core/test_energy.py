"""Energy of flight against momentum theory and against what the simulated airframe draws."""

from __future__ import annotations

from math import nan, pi, sqrt

import numpy as np
import pytest

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.energy import capacity_share, power_w, usable_wh
from lenger_core.vehicles import load_vehicle

AIRFRAMES = ("quad_2kg", "hexa_7kg")


@pytest.mark.parametrize("name", AIRFRAMES)
@pytest.mark.parametrize("alt_amsl_m", [0.0, 760.0, 2000.0, 3500.0])
def test_hover_is_momentum_theory_with_the_profiles_figure_of_merit(name: str, alt_amsl_m: float) -> None:
    profile = load_vehicle(name)
    density, area = density_kg_m3(alt_amsl_m), profile.rotors * pi * profile.rotor_radius_m**2
    weight = profile.mass_kg * GRAVITY_M_S2
    expected = weight**1.5 / (profile.figure_of_merit * sqrt(2.0 * density * area)) + profile.avionics_w
    assert float(power_w(profile, density, 0.0, 0.0)) == pytest.approx(expected, rel=0.08)


@pytest.mark.parametrize("name", AIRFRAMES)
def test_the_power_curve_has_its_shape(name: str) -> None:
    profile, density = load_vehicle(name), density_kg_m3(760.0)
    speeds = np.linspace(0.0, 20.0, 81)
    power = power_w(profile, density, speeds, 0.0)
    bottom = int(np.argmin(power))
    assert 4.0 < speeds[bottom] < 12.0, "induced power falls before drag rises"
    assert (np.diff(power[: bottom + 1]) < 0.0).all() and (np.diff(power[bottom:]) > 0.0).all()
    assert (power_w(profile, density, speeds, 3.0) > power).all()
    assert power_w(profile, density, speeds, -2.0) == pytest.approx(power), "a descent is not counted on"


def test_climbing_takes_at_least_the_weight_lifted() -> None:
    profile, density = load_vehicle("quad_2kg"), density_kg_m3(760.0)
    extra = float(power_w(profile, density, 0.0, 3.0) - power_w(profile, density, 0.0, 0.0))
    assert 0.4 * profile.mass_kg * GRAVITY_M_S2 * 3.0 < extra < 2.0 * profile.mass_kg * GRAVITY_M_S2 * 3.0


def test_usable_energy() -> None:
    profile = load_vehicle("quad_2kg")
    assert usable_wh(profile, 1.0) == pytest.approx(profile.battery_wh * (1.0 - profile.battery_reserve))
    assert usable_wh(profile, profile.battery_reserve) == 0.0
    assert usable_wh(profile, 0.1) == 0.0
    assert np.isnan(usable_wh(profile, nan))
    cold = usable_wh(profile, 1.0, 255.15)
    assert cold == pytest.approx(profile.battery_wh * (0.5 - profile.battery_reserve))
    assert capacity_share(300.15) == 1.0
