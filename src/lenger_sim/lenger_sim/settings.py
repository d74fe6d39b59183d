"""Settings of the embedded vehicle: where it stands, the day's air, and how it is reached."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lenger_core.settings import Settings, SiteSettings


class VehicleSettings(Settings):
    """What `VehicleCore` needs."""

    autopilot: Literal["px4", "ardupilot"] = Field("px4", description="flavour of the autopilot")
    vehicle: str = Field("quad_2kg", description="profile in config/vehicles")
    prepared: bool = Field(
        False, description="failsafe parameters as the profile demands them; false: the autopilot's own defaults"
    )
    home_lat_deg: float = Field(42.1819, ge=-90.0, le=90.0, description="latitude of the start, WGS84")
    home_lon_deg: float = Field(69.8878, ge=-180.0, le=180.0, description="longitude of the start, WGS84")
    home_heading_deg: float = Field(0.0, ge=0.0, le=360.0, description="compass heading of the nose at the start")
    seed: int = Field(1, ge=0, description="seed of every random stream")
    wind_m_s: float = Field(0.0, ge=0.0, le=40.0, description="mean wind 10 m above ground")
    wind_from_deg: float = Field(0.0, ge=0.0, le=360.0, description="compass direction that the wind comes from")
    turbulence: float = Field(
        1.0, ge=0.0, le=3.0, description="factor on the Dryden gusts that belong to the mean wind"
    )
    isa_offset_k: float = Field(0.0, ge=-60.0, le=40.0, description="air temperature above the standard atmosphere")
    daylight: float = Field(1.0, ge=0.0, le=1.0, description="light for the optical flow camera: 1 day, 0 night")
    battery_deg_c: float = Field(
        20.0, ge=-40.0, le=60.0, description="temperature of the battery at the start, degrees Celsius"
    )
    dem: str = Field("", description="DEM files or folders of them, joined by ':'; empty: the terrain that ships")
    battery_start: float = Field(1.0, gt=0.0, le=1.0, description="state of charge at the start")
    system_id: int = Field(1, ge=1, le=255, description="MAVLink system id")


class VehicleNodeSettings(VehicleSettings):
    """What the vehicle node needs besides."""

    mavlink: str = Field(
        "udp://127.0.0.1:14580@127.0.0.1:14540", description="MAVLink link: bound address @ where the vehicle sends to"
    )
    streams: str = Field(
        "companion",
        pattern=r"^(companion|onboard|ground)(,(companion|onboard|ground))*$",
        description="default streams of each link, by commas: companion (our own stack), onboard, ground",
    )
    speed: float = Field(1.0, gt=0.0, le=100.0, description="simulated seconds per second")
    lead_ms: float = Field(
        200.0, ge=50.0, le=10000.0, description="simulated time runs at most this far ahead of the slowest node"
    )
    catch_up_ms: float = Field(
        100.0, ge=4.0, le=1000.0, description="longest stretch that is made up; beyond it simulated time runs slower"
    )


class TruthNodeSettings(Settings):
    """What the node needs that tells the truth of a flight in Gazebo."""

    vehicle: str = Field("quad_2kg", description="profile in config/vehicles")
    origin: SiteSettings = Field(default_factory=SiteSettings, description="where the world's x, y and z of 0 are")
    dem: str = Field("", description="DEM files or folders of them, joined by ':'; empty: the terrain that ships")
    seed: int = Field(1, ge=0, description="of the gusts: the flight's")
    wind_m_s: float = Field(0.0, ge=0.0, le=40.0, description="mean wind 10 m above ground, as it is played")
    wind_from_deg: float = Field(0.0, ge=0.0, le=360.0, description="compass direction that it comes from")
    turbulence: float = Field(1.0, ge=0.0, le=3.0, description="factor on its gusts")
