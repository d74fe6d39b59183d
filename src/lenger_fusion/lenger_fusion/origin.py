"""Where the local frame of the estimate lies."""

from __future__ import annotations

from math import isfinite

from lenger_core.geodesy import LocalFrame, distance_m
from lenger_core.samples import GnssFix
from lenger_fusion.settings import FusionSettings


def frame_of(fix: GnssFix, settings: FusionSettings) -> tuple[LocalFrame, bool]:
    """Return the site's frame, or one about the first fix when that is far from the site; and whether it is."""
    site = settings.site
    far = distance_m(site.lat_deg, site.lon_deg, fix.lat_deg, fix.lon_deg) > 1000.0 * settings.site_radius_km
    origin = (fix.lat_deg, fix.lon_deg, fix.alt_amsl_m) if far else (site.lat_deg, site.lon_deg, site.alt_amsl_m)
    # The geoid grid covers the site's area only; elsewhere the receiver's own undulation will do.
    undulation = fix.alt_ellipsoid_m - fix.alt_amsl_m
    return LocalFrame(*origin, (undulation if isfinite(undulation) else 0.0) if far else None), far
