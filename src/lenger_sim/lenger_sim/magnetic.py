"""The Earth's magnetic field of the simulation, embedded and in Gazebo."""

from __future__ import annotations

from math import cos, radians, sin

from pygeomag import GeoMag

MAG_YEAR = 2026.5
"""The magnetic model is evaluated for one date, so that a seed means the same flight on any day."""


def magnetic_field_enu_t(lat_deg: float, lon_deg: float, alt_m: float) -> tuple[float, float, float]:
    """Return the field of the World Magnetic Model (WMM2025, pygeomag), tesla, ENU."""
    model = GeoMag(coefficients_file="wmm/WMM_2025.COF")
    result = model.calculate(glat=lat_deg, glon=lon_deg, alt=alt_m / 1000.0, time=MAG_YEAR)
    total, dip, declination = result.f * 1e-9, radians(result.i), radians(result.d)
    flat = total * cos(dip)
    return flat * sin(declination), flat * cos(declination), -total * sin(dip)
