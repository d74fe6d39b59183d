"""Creeping line search (CS): legs along the minor axis of the area (IAMSAR Manual, volume II, chapter 5).

For an area in which one end is likelier than the other: the search commences at that end and advances along the major
axis, one track spacing with each leg.
"""

from __future__ import annotations

from lenger_mission.patterns.parallel import legs_over, long_axis_deg
from lenger_mission.patterns.plane import Array


def creeping_line(
    area_m: Array,
    spacing_m: float,
    bearing_deg: float | None = None,
    clockwise: bool = True,
    near_m: tuple[float, float] | None = None,
) -> Array:
    """Return the vertices (N, 2), two for each leg, of a creeping line search over an area.

    Over a rectangle L by W: n = ceil(L / S) legs, S' = L / n apart and W - S' long.

    Args:
        area_m: vertices (V, 2) of a polygon, east and north in metres.
        spacing_m: track spacing S, the most between legs.
        bearing_deg: of the first leg; None: across the major axis, from the end that is nearer to `near_m`.
        clockwise: the first turn is to the right.
        near_m: the likeliest place; without it one end is as good as the other.

    Raises:
        InputError: no polygon, or a number out of range.
    """
    axis = (long_axis_deg("creeping line", area_m) + 90.0) % 180.0 if bearing_deg is None else bearing_deg
    return legs_over("creeping line", area_m, spacing_m, axis, bearing_deg is None, clockwise, near_m)
