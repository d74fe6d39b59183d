"""Gravity, magnetic field, atmosphere and coordinates: as of the place, and in the units that Gazebo wants."""

from __future__ import annotations

from collections.abc import Iterator
from math import dist, hypot
from xml.etree.ElementTree import Element

from lenger_core import atmosphere
from lenger_sim.magnetic import magnetic_field_enu_t
from lenger_sim.worlds.checks.opened import CheckError, OpenWorld, number, numbers, text_of
from lenger_sim.worlds.nature import gravity_m_s2

FIELD_OFF_T = 5e-7
GRAVITY_OFF = 0.001
COLDEST_K, HOTTEST_K, PRESSURE_OFF_PA = 220.0, 330.0, 200.0


def check(world: OpenWorld) -> Iterator[str]:
    """Coordinates are ENU with heading 0, elevation is the ground's; fields fit the place."""
    place = _child(world.world, "spherical_coordinates")
    for tag, wanted in (("surface_model", "EARTH_WGS84"), ("world_frame_orientation", "ENU")):
        if text_of(place, tag) != wanted:
            yield f"<{tag}> is {text_of(place, tag)}, it must be {wanted}"
    if number(place, "heading_deg") != 0.0:
        yield f"<heading_deg> is {number(place, 'heading_deg'):g}, it must be 0"
    frame = world.ground.frame
    elevation = number(place, "elevation")
    if abs(elevation - frame.alt_amsl_m) > 0.2:
        yield f"<elevation> is {elevation:g}, the ground there is {frame.alt_amsl_m:.2f} m above sea level"
    yield from _fields(world, frame.lat_deg, frame.lon_deg, frame.alt_amsl_m)


def _fields(world: OpenWorld, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> Iterator[str]:
    x, y, z = numbers(text_of(world.world, "gravity"), "<gravity>", 3)
    wanted = gravity_m_s2(lat_deg, alt_amsl_m)
    if hypot(x, y) > GRAVITY_OFF or abs(z + wanted) > GRAVITY_OFF:
        yield f"<gravity> is {x:g} {y:g} {z:g}, it must be 0 0 {-wanted:.4f}"
    field = numbers(text_of(world.world, "magnetic_field"), "<magnetic_field>", 3)
    right = magnetic_field_enu_t(lat_deg, lon_deg, alt_amsl_m)
    if dist(field, right) > FIELD_OFF_T:
        shown = " ".join(f"{value:.3g}" for value in right)
        yield f"<magnetic_field> is {' '.join(map(str, field))}, it must be {shown} (tesla, east north up)"
    air = _child(world.world, "atmosphere")
    kelvin, pascal = number(air, "temperature"), number(air, "pressure")
    if not COLDEST_K <= kelvin <= HOTTEST_K:
        yield f"<temperature> is {kelvin:g}, it must be {COLDEST_K:g} to {HOTTEST_K:g} K"
    if abs(pascal - atmosphere.pressure_pa(alt_amsl_m)) > PRESSURE_OFF_PA:
        yield f"<pressure> is {pascal:g}, at {alt_amsl_m:.0f} m it must be {atmosphere.pressure_pa(alt_amsl_m):.0f} Pa"


def _child(parent: Element, tag: str) -> Element:
    child = parent.find(tag)
    if child is None:
        raise CheckError(f"no <{tag}>")
    return child
