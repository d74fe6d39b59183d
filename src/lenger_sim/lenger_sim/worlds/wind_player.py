"""Plays the wind field into Gazebo: what the air does at the vehicle, where and when it is. No Gazebo in here.

Gazebo has one wind for the whole world, so it is given that of the vehicle's place. The system WindEffects takes it
from the topic /world/NAME/wind and smooths it by time constants of its own, which Lenger's worlds set to one step.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Vec3
from lenger_core.wind_field import WindField

PERIOD_NS = 20_000_000
"""50 Hz of simulated time. WindEffects takes the newest of the messages that wait, and the older ones after it: more
than one a step would play backwards."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the vehicle is in the world.

    Attributes:
        t_ns: simulated time.
        position_enu_m: from the world's origin.
    """

    t_ns: int
    position_enu_m: Vec3


class WindPlayer:
    """Turns places of the vehicle into winds.

    Args:
        field: the wind.
        frame: of the world: its z is a height above sea level less the origin's.
        period_ns: least simulated time between two winds.
    """

    def __init__(self, field: WindField, frame: LocalFrame, period_ns: int = PERIOD_NS) -> None:
        self._field, self._frame, self._period_ns = field, frame, period_ns
        self._last_ns: int | None = None

    def on_place(self, place: Place) -> Vec3 | None:
        """Return the wind to publish, ENU in m/s; None where the last one is too new.

        Time that goes back is a world that was reset: it begins anew.
        """
        last = self._last_ns
        if last is not None and 0 <= place.t_ns - last < self._period_ns:
            return None
        self._last_ns = place.t_ns
        lat_deg, lon_deg, alt_m = self._frame.to_geodetic(*place.position_enu_m)
        return self._field.at(lat_deg, lon_deg, alt_m, place.t_ns)


def wind_topic(world: str) -> str:
    """Return the topic that a world's WindEffects listens to."""
    return f"/world/{world}/wind"


def wind_bytes(wind_enu_m_s: Vec3) -> bytes:
    """Return a gz.msgs.Wind in protobuf's wire format: linear_velocity (2) of x, y, z (2, 3, 4); enable_wind (3)."""
    axes = b"".join(
        bytes([field << 3 | 1]) + struct.pack("<d", value) for field, value in zip((2, 3, 4), wind_enu_m_s, strict=True)
    )
    return bytes([2 << 3 | 2, len(axes)]) + axes + bytes([3 << 3, 1])


def wind_text(wind_enu_m_s: Vec3) -> str:
    """Return a gz.msgs.Wind in protobuf's text format, as `gz topic -p` takes it."""
    x, y, z = wind_enu_m_s
    return f"linear_velocity: {{x: {x!r}, y: {y!r}, z: {z!r}}}, enable_wind: true"
