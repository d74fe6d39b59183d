"""Our airframes as Gazebo models, from the same profile as the embedded vehicle."""

from __future__ import annotations

from math import pi
from typing import Literal
from xml.etree.ElementTree import Element

import numpy as np
from pydantic import Field, field_validator

from lenger_core.vehicles import VehicleProfile, load_vehicle, vehicle_names
from lenger_sim.worlds.models.autopilot_plugins import add_ardupilot, add_drag, add_motor_models
from lenger_sim.worlds.models.body import ROTOR_UP_M, Body, Lump, body
from lenger_sim.worlds.models.mesh import Paint, Point
from lenger_sim.worlds.models.parameters import Parameters
from lenger_sim.worlds.models.propulsion import propulsion
from lenger_sim.worlds.models.solid import (
    DARK,
    NO_TURN,
    ORANGE,
    STEEL,
    material,
    number,
    numbers,
    pose,
    rotation,
)
from lenger_sim.worlds.models.vehicle_sensors import RANGEFINDER_TOPIC, add_base_sensors, add_camera, add_rangefinder
from lenger_sim.worlds.parts import Part
from lenger_sim.worlds.sdf_text import add

FOOT_R_M, LEG_R_M = 0.015, 0.007
DISC_M = 0.012
DECK_M = 0.04
CALM = 1e16


class Vehicle(Parameters):
    """One aircraft. Its origin is on the ground between its feet, its nose is +x."""

    profile: str = Field("quad_2kg", description="profile in config/vehicles")
    alt_amsl_m: float = Field(
        757.0, ge=-400.0, le=6000.0, description="height of the world's z = 0 above sea level: air density, barometer"
    )
    isa_offset_k: float = Field(
        0.0, ge=-60.0, le=40.0, description="air temperature above the standard atmosphere, for the density"
    )
    camera: Literal["day", "thermal", "none"] = Field("day", description="what looks straight down")

    @field_validator("profile")
    @classmethod
    def _ships(cls, profile: str) -> str:
        if profile not in vehicle_names():
            raise ValueError(f"one of {', '.join(vehicle_names())}")
        return profile


def vehicle(name: str, p: Vehicle, flavour: str) -> Part:
    """Return the aircraft for PX4 (gz_bridge) or ArduPilot (its Gazebo plugin over JSON).

    Links, sensors and topics have the names that the autopilot looks for. Wind reaches the rotors and the body's drag
    by themselves; the force of Gazebo's WindEffects (mass times wind speed) must be scaled to 0 in a world that has it,
    or the wind is counted twice.
    """
    profile = load_vehicle(p.profile)
    constants = propulsion(profile, p.alt_amsl_m, p.isa_offset_k)
    lidar_at = (0.0, 0.0, -0.03)
    shares = body(profile, constants, lidar_at)
    model = Element("model", {"name": name})
    up = profile.landing_gear.height_m
    base = _link(model, "base_link", (0.0, 0.0, up), NO_TURN, shares.base)
    add(base, "enable_wind", "true")
    _shape(base, profile)
    add_base_sensors(base, flavour, p.alt_amsl_m)
    if p.camera != "none":
        add_camera(base, p.camera)
    for i, lump in enumerate(shares.rotors):
        _rotor(model, i, lump, up, profile)
    topic = RANGEFINDER_TOPIC.format(name=name) if flavour == "ardupilot" else ""
    _rangefinder(model, shares, up, lidar_at, topic)
    if flavour == "px4":
        add_motor_models(model, profile, constants)
    else:
        add_ardupilot(model, profile, constants, topic)
    add_drag(model, profile, constants)
    return Part(model, profile.arm_length_m + profile.rotor_radius_m, up + max(ROTOR_UP_M + DISC_M, 2.0 * DECK_M))


def _link(model: Element, name: str, at: Point, turn: Point, lump: Lump) -> Element:
    """Add a link at a pose in the model; the lump is given in the body's frame, whose origin is base_link's."""
    link = add(model, "link", name=name)
    pose(link, at, turn)
    inertial = add(link, "inertial")
    here = lump.centre_m if name == "base_link" else np.zeros(3)
    pose(inertial, (float(here[0]), float(here[1]), float(here[2])))
    add(inertial, "mass", number(lump.mass_kg))
    matrix = rotation(turn).T @ lump.inertia_kg_m2 @ rotation(turn)
    inertia = add(inertial, "inertia")
    for tag, row, column in (("ixx", 0, 0), ("ixy", 0, 1), ("ixz", 0, 2), ("iyy", 1, 1), ("iyz", 1, 2), ("izz", 2, 2)):
        add(inertia, tag, f"{round(float(matrix[row, column]), 15) + 0.0:.9g}")
    return link


def _shape(base: Element, profile: VehicleProfile) -> None:
    """Add what is seen of the body and collided with: deck, arms, nose, legs and feet."""
    gear, arm = profile.landing_gear, profile.arm_length_m
    deck = (0.9 * arm, 0.5 * arm, 2.0 * DECK_M)
    _both(base, "deck", "box", deck, (0.0, 0.0, 0.0), NO_TURN, DARK)
    _seen(base, "nose", "box", (0.2 * arm, 0.3 * arm, DECK_M), (0.4 * arm, 0.0, DECK_M * 0.9), NO_TURN, ORANGE)
    for i, rotor in enumerate(profile.rotor_layout):
        forward, left = rotor.forward_left
        turn = (0.0, 0.5 * pi, float(np.arctan2(left, forward)))
        middle = (0.5 * arm * forward, 0.5 * arm * left, 0.0)
        _both(base, f"arm_{i}", "cylinder", (0.03 * arm + 0.004, arm), middle, turn, STEEL)
        motor, at = (0.06 * arm + 0.005, ROTOR_UP_M), (arm * forward, arm * left, 0.5 * ROTOR_UP_M)
        _seen(base, f"motor_{i}", "cylinder", motor, at, NO_TURN, DARK)
    for i, (x, y) in enumerate([(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)]):
        foot = (x * gear.half_length_m, y * gear.half_width_m)
        _both(base, f"foot_{i}", "sphere", (FOOT_R_M,), (*foot, FOOT_R_M - gear.height_m), NO_TURN, DARK)
        leg = gear.height_m - FOOT_R_M
        _seen(base, f"leg_{i}", "cylinder", (LEG_R_M, leg), (*foot, -0.5 * leg), NO_TURN, DARK)


def _rotor(model: Element, i: int, lump: Lump, up: float, profile: VehicleProfile) -> None:
    x, y, z = lump.centre_m.tolist()
    link = _link(model, f"rotor_{i}", (x, y, z + up), NO_TURN, lump)
    radius = profile.rotor_radius_m
    _seen(link, "blades", "box", (2.0 * radius, 0.12 * radius, 0.006), (0.0, 0.0, 0.0), NO_TURN, STEEL)
    _shaped(link, "disc", "collision", "cylinder", (radius, DISC_M), (0.0, 0.0, 0.0), NO_TURN)
    joint = add(model, "joint", name=f"rotor_{i}_joint", type="revolute")
    add(joint, "parent", "base_link")
    add(joint, "child", f"rotor_{i}")
    axis = add(joint, "axis")
    add(axis, "xyz", "0 0 1")
    limit = add(axis, "limit")
    add(limit, "lower", number(-CALM))
    add(limit, "upper", number(CALM))


def _rangefinder(model: Element, shares: Body, up: float, at: Point, topic: str) -> None:
    # the beam is the link's x axis, turned down; PX4 takes the sensor's own roll of half a turn for "downward"
    link = _link(model, "lidar_sensor_link", (at[0], at[1], at[2] + up), (0.0, 0.5 * pi, 0.0), shares.lidar)
    add_rangefinder(link, topic)
    joint = add(model, "joint", name="lidar_sensor_joint", type="fixed")
    add(joint, "parent", "base_link")
    add(joint, "child", "lidar_sensor_link")


def _both(link: Element, name: str, form: str, size: tuple[float, ...], at: Point, turn: Point, colour: Point) -> None:
    _seen(link, name, form, size, at, turn, colour)
    _shaped(link, name, "collision", form, size, at, turn)


def _seen(link: Element, name: str, form: str, size: tuple[float, ...], at: Point, turn: Point, colour: Point) -> None:
    material(_shaped(link, name, "visual", form, size, at, turn), Paint(colour))


def _shaped(link: Element, name: str, kind: str, form: str, size: tuple[float, ...], at: Point, turn: Point) -> Element:
    element = add(link, kind, name=f"{name}_{kind}")
    pose(element, at, turn)
    shape = add(add(element, "geometry"), form)
    if form == "box":
        add(shape, "size", numbers(*size))
    else:
        add(shape, "radius", number(size[0]))
        if form == "cylinder":
            add(shape, "length", number(size[1]))
    return element
