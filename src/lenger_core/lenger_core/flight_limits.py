"""Heights and distances that the guard keeps in flight and the plan gate asks of a plan beforehand.

Stated once, so that a plan that passes is flown without a hold. Metres; each is the default of a setting.
"""

from __future__ import annotations

FLOOR_AGL_M = 15.0
"""Least height above the ground en route."""

CEILING_AGL_M = 150.0
"""Greatest height above the ground."""

APPROACH_RADIUS_M = 40.0
"""Within this distance of home the floor does not count."""

RETURN_HEIGHT_HOME_M = 60.0
"""Height above home to which the autopilot's own return climbs first."""
