"""What is known of the day and the place when the complex items of a plan are planned."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees, hypot

from lenger_core.errors import InputError
from lenger_core.plans import Datum, Height, Home
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile

LatLon = tuple[float, float]
_CALM_M_S = 0.2


@dataclass(frozen=True)
class Context:
    """Everything is optional: without terrain and wind a pattern is planned as over flat ground in still air.

    Attributes:
        terrain: the ground.
        wind_en_m_s: where the wind blows to, east and north.
        profile: the vehicle.
        keep_out: outlines (lat_deg, lon_deg) that patterns go around.
        speed_m_s: over the ground where plan and item leave it open.
    """

    terrain: Terrain | None = None
    wind_en_m_s: tuple[float, float] = (0.0, 0.0)
    profile: VehicleProfile | None = None
    keep_out: tuple[tuple[LatLon, ...], ...] = ()
    speed_m_s: float = 10.0

    @property
    def wind_from_deg(self) -> float | None:
        """Where the wind comes from, degrees clockwise from north; None in still air."""
        east, north = self.wind_en_m_s
        return degrees(atan2(-east, -north)) % 360.0 if hypot(east, north) > _CALM_M_S else None

    def ground_amsl_m(self, place: LatLon) -> float | None:
        """Return the height of the ground; None where it is not known."""
        try:
            return None if self.terrain is None else self.terrain.height_amsl_m(*place)
        except InputError:
            return None

    def above_ground_m(self, height: Height, home: Home, place: LatLon) -> float:
        """Return how high a height is above the ground at a place: as a camera sees it.

        A height above home counts as it is where home's or the ground's height is not known, as ground stations do.

        Raises:
            InputError: a height AMSL over ground of unknown height.
        """
        ground = self.ground_amsl_m(place)
        base = home.alt_amsl_m if home.alt_amsl_m is not None else self.ground_amsl_m((home.lat_deg, home.lon_deg))
        if height.datum is Datum.AMSL and ground is None:
            ground = base
        if height.datum is Datum.AGL or (height.datum is Datum.HOME and (ground is None or base is None)):
            return height.value_m
        if ground is None:
            raise InputError("plan", "height", f"{height.value_m:g} m AMSL", "agl or home where no terrain is known")
        return height.amsl_m(ground, base or 0.0) - ground
