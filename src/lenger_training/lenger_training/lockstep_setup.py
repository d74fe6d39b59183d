"""What a lockstep flight flies, and the settings it gives each core: those that the exercise stack gives the nodes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lenger_bridge.settings import AutopilotSettings
from lenger_core.plans import Plan
from lenger_core.settings import SiteSettings
from lenger_core.terrain import Terrain, TerrainSettings, flight_terrain
from lenger_core.vehicles import VehicleProfile, load_vehicle
from lenger_core.zones import ZoneSet, load_zones
from lenger_fusion.settings import FusionSettings
from lenger_mission.settings import MissionSettings
from lenger_safety.settings import GuardSettings
from lenger_sim.settings import VehicleSettings
from lenger_training.exercise import Exercise

Engine = Literal["uploaded", "streamed"]


@dataclass(frozen=True)
class Setup:
    """What is flown."""

    exercise: Exercise
    plan: Plan
    seed: int
    autopilot: str
    profile: VehicleProfile
    zones: ZoneSet
    site: SiteSettings
    dem: str
    ground: Terrain
    """What it flies over, and so what guard and mission know of it: there is no error between them."""
    engine: Engine = "streamed"
    """Who flies the plan: what is graded is flown by setpoints, unless somebody wants it otherwise."""

    @staticmethod
    def of(
        exercise: Exercise, plan: Plan, seed: int, autopilot: str, dem: str = "", engine: Engine = "streamed"
    ) -> Setup:
        """Return the setup of a flight.

        Raises:
            InputError: no such vehicle, invalid zones, or files that are no DEM.
        """
        site = SiteSettings(**exercise.site.model_dump())
        zones = load_zones(exercise.zones_path)
        ground = flight_terrain(TerrainSettings(dem=dem, trust="ground"), site.lat_deg, site.lon_deg)
        profile = load_vehicle(exercise.vehicle)
        return Setup(exercise, plan, seed, autopilot, profile, zones, site, dem, ground, engine)

    @property
    def trusted(self) -> TerrainSettings:
        """The terrain as a parameter of guard and mission."""
        return TerrainSettings(dem=self.dem, trust="ground")

    def vehicle_settings(self) -> VehicleSettings:
        """Return the settings of the embedded vehicle."""
        weather = self.exercise.weather
        return VehicleSettings(
            autopilot="ardupilot" if self.autopilot == "ardupilot" else "px4",
            vehicle=self.exercise.vehicle,
            prepared=True,
            dem=self.dem,
            home_lat_deg=self.site.lat_deg,
            home_lon_deg=self.site.lon_deg,
            seed=self.seed,
            wind_m_s=weather.wind_mean_m_s,
            wind_from_deg=weather.wind_from_deg,
            turbulence=weather.turbulence,
            isa_offset_k=weather.isa_offset_k,
        )

    def autopilot_settings(self) -> AutopilotSettings:
        """Return the settings of autopilot_node."""
        return AutopilotSettings.model_validate(
            {
                "autopilot": self.autopilot,
                "vehicle": self.exercise.vehicle,
                "fence_file": str(self.exercise.zones_path),
            }
        )

    def guard_settings(self) -> GuardSettings:
        """Return the settings of guard_node."""
        limits = self.exercise.limits
        return GuardSettings(
            site=self.site,
            vehicle=self.exercise.vehicle,
            zones=str(self.exercise.zones_path),
            floor_agl_m=limits.floor_agl_m,
            ceiling_agl_m=limits.ceiling_agl_m,
            terrain=self.trusted,
        )

    def mission_settings(self) -> MissionSettings:
        """Return the settings of mission_node."""
        return MissionSettings(
            site=self.site,
            vehicle=self.exercise.vehicle,
            terrain=self.trusted,
            engine=self.engine,
            zones=str(self.exercise.zones_path),
            plan_gate="warn",
        )

    def fusion_settings(self) -> FusionSettings:
        """Return the settings of fusion_node."""
        return FusionSettings(site=self.site)
