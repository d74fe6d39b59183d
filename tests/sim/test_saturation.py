"""What the mixer gives up when the motors cannot give all: yaw, then lift, never the moments that keep it upright."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.vehicles import load_vehicle, rotor_effects
from lenger_sim.control import _mix, control_params, mixer, scale_thrust
from lenger_sim.layout import CONTROL, record

AIRFRAMES = ("quad_2kg", "hexa_7kg")


@njit(cache=False)
def _share(control: Any, params: Any, thrust: float, torque: Any) -> None:
    _mix(control[0], params[0], thrust, torque)


def mixed(name: str, lift_weights: float, share: tuple[float, float, float], density: float) -> tuple[Any, Any, float]:
    """The moments and the lift that come of what is asked for, and the most a rotor gives (N).

    `share` is of the greatest roll and pitch moment that all rotors give between off and full, and of as much yaw.
    """
    profile = load_vehicle(name)
    params, control = control_params(profile, (0.1, 0.1, 0.2)), record(CONTROL)
    weight = profile.mass_kg * GRAVITY_M_S2
    scale_thrust(params, profile.thrust_to_weight * weight, density, 1.0)
    most = float(params[0]["max_thrust_n"]) / profile.rotors
    per_unit = mixer(profile)
    spans = np.ptp(per_unit[:, :2], axis=0)
    torque = np.array([*(most / spans * share[:2]), share[2] * most / np.abs(per_unit[:, 2]).max()])
    _share(control, params, lift_weights * weight, torque)
    thrusts = most * np.square(control[0]["motors"][: profile.rotors])
    effects = rotor_effects(profile)
    return torque[:2], effects[:2] @ thrusts, float(thrusts.sum()) / weight


shares = st.floats(-0.45, 0.45)


@pytest.mark.parametrize("name", AIRFRAMES)
@given(st.floats(0.3, 5.0), shares, shares, st.floats(-0.5, 0.5), st.floats(0.75, 1.225))
@settings(max_examples=60, deadline=None)
def test_roll_and_pitch_come_whole_whatever_lift_and_yaw_are_asked_for(
    name: str, lift: float, roll: float, pitch: float, yaw: float, density: float
) -> None:
    asked, given_moments, lifted = mixed(name, lift, (roll, pitch, 0.0), density)
    scale = load_vehicle(name).mass_kg * GRAVITY_M_S2 * load_vehicle(name).arm_length_m
    assert given_moments == pytest.approx(asked, abs=0.01 * scale)
    if yaw != 0.0:
        _, turned, lifted_turning = mixed(name, lift, (roll, pitch, yaw), density)
        assert turned == pytest.approx(asked, abs=0.06 * scale), "yaw has only what is left over"
        assert lifted_turning == pytest.approx(lifted, abs=0.1)


@pytest.mark.parametrize("name", AIRFRAMES)
def test_at_full_thrust_lift_makes_room_for_the_moments(name: str) -> None:
    _, _, level = mixed(name, 9.0, (0.0, 0.0, 0.0), 0.8)
    _, _, rolling = mixed(name, 9.0, (0.4, 0.0, 0.0), 0.8)
    assert level == pytest.approx(load_vehicle(name).thrust_to_weight * 0.8 / 1.225, rel=1e-3)
    assert rolling < 0.9 * level
