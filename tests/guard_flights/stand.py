"""Where a flight stands before a scenario takes over, and the settings that its parts get."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lenger_bridge.settings import AutopilotSettings
from lenger_core.geodesy import LocalFrame
from lenger_core.settings import SiteSettings
from lenger_core.terrain import Terrain, TerrainSettings, flight_terrain
from lenger_core.vehicles import VehicleProfile, load_vehicle
from lenger_core.zones import CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_fusion.settings import FusionSettings
from lenger_mission.settings import MissionSettings
from lenger_safety.settings import GuardSettings
from lenger_sim.settings import VehicleSettings

NOON_UTC_S = 1_782_021_600.0
"""2026-06-21 06:00 UTC: broad day at Lenger."""
VEHICLE = "quad_2kg"
SITES = {"field": (42.1819, 69.8878), "foothills": (42.15, 70.0), "mountain": (42.0531, 70.1957)}
FENCE_M = 3000.0
"""Radius of the autopilot's own fence: so far that it helps in no flight."""
BASE_SEED = 11


@lru_cache(maxsize=1)
def ground() -> Terrain:
    """Return the ground that is flown over."""
    return flight_terrain(TerrainSettings(trust="ground"), *SITES["field"])


def square(lat_deg: float, lon_deg: float, half_m: float) -> PolygonShape:
    """Return a square about a place."""
    frame = LocalFrame(lat_deg, lon_deg, 0.0)
    corners = ((-half_m, -half_m), (half_m, -half_m), (half_m, half_m), (-half_m, half_m))
    return PolygonShape(tuple(frame.to_geodetic(e, n, 0.0)[:2] for e, n in corners))


@lru_cache(maxsize=1)
def profile() -> VehicleProfile:
    """Return the airframe that is flown."""
    return load_vehicle(VEHICLE)


@dataclass(frozen=True)
class Stand:
    """A flight before a scenario takes over.

    Attributes:
        autopilot: flavour.
        site: one of SITES.
        agl_m: height above home at which it hovers, 0: on the ground, ready.
        own_half_m: half the side of the autopilot's own square fence; 0: a circle so wide that it helps in no flight.
    """

    autopilot: str
    site: str
    agl_m: float
    own_half_m: float = 0.0


@dataclass
class StandSetup:
    """What the parts of a lockstep flight ask a setup for."""

    stand: Stand
    seed: int = BASE_SEED

    def __post_init__(self) -> None:
        self.autopilot = self.stand.autopilot
        self.profile, self.ground = profile(), ground()
        lat, lon = SITES[self.stand.site]
        self.site = SiteSettings(lat_deg=lat, lon_deg=lon, alt_amsl_m=round(self.ground.height_amsl_m(lat, lon), 1))
        half = self.stand.own_half_m
        shape = square(lat, lon, half) if half > 0.0 else CircleShape(lat, lon, FENCE_M)
        self.zones = ZoneSet((Zone("own fence", ZoneKind.INCLUSION, shape),))

    def vehicle_settings(self) -> VehicleSettings:
        """Return the vehicle's: still air."""
        return VehicleSettings.model_validate(
            {
                "autopilot": self.autopilot,
                "vehicle": VEHICLE,
                "prepared": True,
                "home_lat_deg": self.site.lat_deg,
                "home_lon_deg": self.site.lon_deg,
                "seed": self.seed,
            }
        )

    def autopilot_settings(self) -> AutopilotSettings:
        """Return autopilot_node's."""
        return AutopilotSettings.model_validate({"autopilot": self.autopilot, "vehicle": VEHICLE})

    def fusion_settings(self) -> FusionSettings:
        """Return fusion_node's."""
        return FusionSettings(site=self.site)

    def mission_settings(self) -> MissionSettings:
        """Return mission_node's."""
        terrain = TerrainSettings(trust="ground")
        return MissionSettings(site=self.site, vehicle=VEHICLE, terrain=terrain, engine="streamed", plan_gate="off")

    def guard_settings(self, **changes: Any) -> GuardSettings:
        """Return guard_node's, with the changes of a scenario."""
        fields = {"site": self.site, "vehicle": VEHICLE, "utc_at_zero_s": NOON_UTC_S, **changes}
        return GuardSettings.model_validate({k: v for k, v in fields.items() if k in GuardSettings.model_fields})
