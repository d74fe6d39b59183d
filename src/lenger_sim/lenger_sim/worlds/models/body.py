"""How an airframe's mass is shared out over the links of its Gazebo model, so that the whole is the embedded body."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.vehicles import VehicleProfile
from lenger_sim.worlds.models.propulsion import Propulsion

Array = NDArray[np.float64]
ROTOR_UP_M = 0.05
"""Of the rotors' plane above the centre of gravity, as the embedded vehicle's contact points have it."""
LIDAR_KG, LIDAR_M = 0.001, 0.02
"""Of the link that only carries the rangefinder's beam: as little as a physics engine takes."""
MASS_TOLERANCE = 0.01


@dataclass(frozen=True)
class Lump:
    """A rigid part: mass, centre of gravity in the body's frame (FLU about the whole's centre), inertia about it."""

    mass_kg: float
    centre_m: Array
    inertia_kg_m2: Array

    def about_origin(self) -> Array:
        """Return its inertia about the body's origin (Steiner)."""
        r = self.centre_m
        shifted: Array = self.inertia_kg_m2 + self.mass_kg * (np.dot(r, r) * np.eye(3) - np.outer(r, r))
        return shifted


@dataclass(frozen=True)
class Body:
    """The links' masses: they add up to the airframe's mass and inertia about its centre of gravity."""

    base: Lump
    rotors: tuple[Lump, ...]
    lidar: Lump


def airframe_inertia(profile: VehicleProfile) -> tuple[float, Array]:
    """Return mass and inertia (kg m^2, about FLU axes) of the embedded vehicle's body, from its JSBSim file.

    Raises:
        InputError: the file lacks them, has other units, or its mass is not the profile's.
    """
    path = config_path("vehicles", "jsbsim", profile.name, f"{profile.name}.xml")
    balance = ElementTree.parse(path).getroot().find("mass_balance")
    values = {}
    for field, unit in (("ixx", "KG*M2"), ("iyy", "KG*M2"), ("izz", "KG*M2"), ("emptywt", "KG")):
        element = None if balance is None else balance.find(field)
        if element is None or element.text is None or element.get("unit") != unit:
            raise InputError(
                path.name, field, "nothing" if element is None else element.get("unit"), f"a value in {unit}"
            )
        values[field] = float(element.text)
    if abs(values["emptywt"] - profile.mass_kg) > MASS_TOLERANCE * profile.mass_kg:
        raise InputError(path.name, "emptywt", values["emptywt"], f"{profile.mass_kg} kg, as in the profile")
    return values["emptywt"], np.diag([values["ixx"], values["iyy"], values["izz"]])


def body(profile: VehicleProfile, p: Propulsion, lidar_at: Sequence[float]) -> Body:
    """Return the shares.

    A rotor is the thin rod over the disc's diameter that has its inertia about the shaft, taken as a disc, for the rod
    turns; its mass follows from that inertia.

    Raises:
        InputError: the rotors' share leaves no possible body.
    """
    mass, inertia = airframe_inertia(profile)
    spin = p.spin_kg_m2
    rotor_kg = 3.0 * spin / profile.rotor_radius_m**2
    disc = np.diag([0.505 * spin, 0.505 * spin, spin])
    rotors = tuple(
        Lump(rotor_kg, np.array((profile.arm_length_m * f, profile.arm_length_m * left, ROTOR_UP_M)), disc)
        for f, left in (rotor.forward_left for rotor in profile.rotor_layout)
    )
    lidar = Lump(LIDAR_KG, np.array(lidar_at), LIDAR_KG * LIDAR_M**2 / 6.0 * np.eye(3))
    others = (*rotors, lidar)
    base_kg = mass - sum(part.mass_kg for part in others)
    centre = -np.asarray(sum(part.mass_kg * part.centre_m for part in others)) / base_kg
    left_over = inertia - sum(part.about_origin() for part in others)
    base = Lump(base_kg, centre, left_over - base_kg * (np.dot(centre, centre) * np.eye(3) - np.outer(centre, centre)))
    principal = np.linalg.eigvalsh(base.inertia_kg_m2)
    if base_kg <= 0.0 or principal[0] <= 0.0 or principal[2] >= principal[0] + principal[1]:
        raise InputError(
            f"{profile.name}.yaml", "motor.lag_s", profile.motor.lag_s, "rotors that leave the body a possible inertia"
        )
    return Body(base, rotors, lidar)
