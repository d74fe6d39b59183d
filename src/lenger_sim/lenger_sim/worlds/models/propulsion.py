"""Rotors and motors of a vehicle profile as the constants of Gazebo's plugins, on the air of one height.

The figures are those of the embedded vehicle (rotors.py): static thrust and torque, full speed on a full battery, the
motor's lag. Gazebo's two rotor models say less than blade-element theory; how each is fitted is told where it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, sqrt

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.vehicles import VehicleProfile
from lenger_sim.airframe import airframe_params
from lenger_sim.battery import CELL_FULL_V
from lenger_sim.rotors import LIFT_SLOPE, full_speed_rad_s, power_coefficient
from lenger_sim.settings import VehicleSettings

RPM_RAD_S = 2.0 * pi / 60.0


@dataclass(frozen=True)
class Propulsion:
    """Constants of each rotor.

    Attributes:
        density_kg_m3: of the air.
        thrust_n_s2: static thrust / speed^2.
        torque_m: torque / thrust.
        full_rad_s: static speed on a full battery at full command.
        hover_rad_s: speed that carries the weight.
        lag_s: time constant from a commanded to the real speed about hover. The embedded motor's lag, shortened by the
            load: a propeller that slows down asks less torque.
        drag_n_s2_m: in-plane drag / (speed x velocity across the disc), fitted at hover to the embedded rotor drag,
            which is proportional to thrust.
        motor_gain: torque of the motor / (its no-load speed - its speed), N m s; from speed constant and winding.
        no_load_rad_s: speed of the unloaded motor at full command, full battery.
        spin_kg_m2: inertia about the shaft, which with that gain gives the profile's lag.
    """

    density_kg_m3: float
    thrust_n_s2: float
    torque_m: float
    full_rad_s: float
    hover_rad_s: float
    lag_s: float
    drag_n_s2_m: float
    motor_gain: float
    no_load_rad_s: float
    spin_kg_m2: float


@dataclass(frozen=True)
class Blade:
    """One of two blades of gz-sim's LiftDrag.

    Attributes:
        arm_m: of the centre of pressure from the shaft.
        area_m2: of one blade.
        lift_slope, drag_slope: coefficients per rad of angle of attack.
        angle_rad: angle of attack without inflow.
    """

    arm_m: float
    area_m2: float
    lift_slope: float
    drag_slope: float
    angle_rad: float


def propulsion(profile: VehicleProfile, alt_amsl_m: float, isa_offset_k: float = 0.0) -> Propulsion:
    """Return the rotors' constants in the air at a height, so much warmer than the standard atmosphere.

    Raises:
        InputError: the profile's components do not give the thrust that it promises.
    """
    density, motor = density_kg_m3(alt_amsl_m, isa_offset_k), profile.motor
    params = airframe_params(VehicleSettings(vehicle=profile.name), profile)[0]
    thrust = profile.propeller.thrust_coefficient * density * pi * profile.rotor_radius_m**4
    torque = power_coefficient(profile)[0] * profile.rotor_radius_m / profile.propeller.thrust_coefficient
    hover = sqrt(profile.mass_kg * GRAVITY_M_S2 / profile.rotors / thrust)
    kv = motor.kv_rpm_per_v * RPM_RAD_S
    gain = 1.0 / (kv * kv * motor.resistance_ohm)
    volts = CELL_FULL_V * profile.battery_cells - motor.no_load_a * motor.resistance_ohm
    # d(torque)/d(speed) of the propeller over the motor's gain is how much the load shortens the lag
    load = 2.0 * torque * thrust * hover / gain
    return Propulsion(
        density_kg_m3=density,
        thrust_n_s2=thrust,
        torque_m=torque,
        full_rad_s=full_speed_rad_s(profile, density),
        hover_rad_s=hover,
        lag_s=motor.lag_s / (1.0 + load),
        drag_n_s2_m=float(params["rotor_drag"]) * thrust * hover,
        motor_gain=gain,
        no_load_rad_s=kv * volts,
        spin_kg_m2=motor.lag_s * gain,
    )


def blade(profile: VehicleProfile, p: Propulsion) -> Blade:
    """Return the blades that give LiftDrag the same static thrust and torque, and the same answer to moving air.

    Four conditions, four constants: thrust and torque; the loss of thrust in a climb, dC/dc = -2 s l / (4 l + s) with
    s = solidity x lift slope / 4, l = sqrt(C / 2) the hover inflow and c = climb / tip speed, from blade-element
    thrust C0 - s (l - l0) and momentum theory C = 2 l (l - c) (Leishman, ch. 2 and 3); LiftDrag gets it from its lift
    slope; and the in-plane drag T v d of the embedded rotors, which two blades at arm r with torque / thrust q give
    as T v q / (r^2 w).
    """
    radius, coefficient = profile.rotor_radius_m, profile.propeller.thrust_coefficient
    arm = sqrt(p.torque_m * p.thrust_n_s2 / p.drag_n_s2_m)
    slope, inflow = profile.propeller.solidity * LIFT_SLOPE / 4.0, sqrt(0.5 * coefficient)
    climb = 2.0 * slope * inflow / (4.0 * inflow + slope)
    area = 0.5 * profile.propeller.solidity * pi * radius**2
    lift = climb * pi * radius**3 / (arm * area)
    return Blade(arm, area, lift, lift * p.torque_m / arm, coefficient * radius / (arm * climb))
