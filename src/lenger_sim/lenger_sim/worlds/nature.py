"""What a place on Earth gives a world: gravity, magnetic field, air, its coordinates and its wind."""

from __future__ import annotations

from math import cos, radians, sin, sqrt
from xml.etree.ElementTree import Element

from lenger_core import atmosphere
from lenger_core.geodesy import WGS84_A_M, WGS84_F
from lenger_sim.magnetic import magnetic_field_enu_t
from lenger_sim.worlds.sdf_text import add, vector
from lenger_sim.worlds.spec import Air

Vec3 = tuple[float, float, float]

_EQUATOR, _K = 9.7803253359, 0.00193185265241
_E2 = WGS84_F * (2.0 - WGS84_F)
_M = 0.00344978650684
"""Normal gravity of WGS84 at the equator, Somigliana's constant, and the ratio of centrifugal force to gravity (NIMA
TR8350.2, table 3.4)."""


def gravity_m_s2(lat_deg: float, height_m: float) -> float:
    """Return normal gravity at a height above the ellipsoid (NIMA TR8350.2, equations 4-1 and 4-3)."""
    sine2 = sin(radians(lat_deg)) ** 2
    surface = _EQUATOR * (1.0 + _K * sine2) / sqrt(1.0 - _E2 * sine2)
    share = height_m / WGS84_A_M
    return surface * (1.0 - 2.0 * share * (1.0 + WGS84_F + _M - 2.0 * WGS84_F * sine2) + 3.0 * share * share)


def wind_enu_m_s(air: Air) -> Vec3:
    """Return where the air moves to, from the direction that it comes from."""
    towards = radians(air.wind_from_deg + 180.0)
    return air.wind_m_s * sin(towards), air.wind_m_s * cos(towards), 0.0


def add_nature(world: Element, lat_deg: float, lon_deg: float, alt_amsl_m: float, air: Air) -> None:
    """Add gravity, magnetic field, atmosphere, spherical coordinates and wind to a world.

    The atmosphere's values are those of the ground under the origin, since Gazebo takes z for the altitude. The
    elevation is above sea level, since PX4 takes the navsat's altitude for that.
    """
    add(world, "gravity", vector((0.0, 0.0, -gravity_m_s2(lat_deg, alt_amsl_m)), 5))
    add(world, "magnetic_field", vector(magnetic_field_enu_t(lat_deg, lon_deg, alt_amsl_m), 9))
    box = add(world, "atmosphere", type="adiabatic")
    add(box, "temperature", f"{atmosphere.temperature_k(alt_amsl_m, air.isa_offset_k):.2f}")
    add(box, "temperature_gradient", f"{-atmosphere.LAPSE_K_PER_M:.4f}")
    add(box, "pressure", f"{atmosphere.pressure_pa(alt_amsl_m):.1f}")
    place = add(world, "spherical_coordinates")
    add(place, "surface_model", "EARTH_WGS84")
    add(place, "world_frame_orientation", "ENU")
    add(place, "latitude_deg", f"{lat_deg:.7f}")
    add(place, "longitude_deg", f"{lon_deg:.7f}")
    add(place, "elevation", f"{alt_amsl_m:.3f}")
    add(place, "heading_deg", "0")
    add(add(world, "wind"), "linear_velocity", vector(wind_enu_m_s(air), 3))
