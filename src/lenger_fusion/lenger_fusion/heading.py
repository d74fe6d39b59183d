"""Where magnetic north lies: the World Magnetic Model through pygeomag."""

from __future__ import annotations

from math import radians

from pygeomag import GeoMag


def declination_rad(lat_deg: float, lon_deg: float, alt_amsl_m: float, year: float) -> float:
    """Return the magnetic declination (positive: magnetic north lies east of true north).

    Outside the model's years its secular variation is extrapolated: some tenths of a degree over ten years.
    """
    result = GeoMag().calculate(lat_deg, lon_deg, alt_amsl_m / 1000.0, year, allow_date_outside_lifespan=True)
    return radians(float(result.d))
