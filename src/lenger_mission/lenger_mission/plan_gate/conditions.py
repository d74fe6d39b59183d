"""The day that a plan is checked for: weather, time, battery, ground station; and what the gate leaves as margins.

Everything has a default, so that a plan can be checked without a forecast; what is then assumed, the report says.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from pydantic import Field, field_validator

from lenger_core.atmosphere import temperature_k
from lenger_core.flight_limits import FLOOR_AGL_M, RETURN_HEIGHT_HOME_M
from lenger_core.settings import Settings

KELVIN = 273.15
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class GroundStation(Settings):
    """Where the other end of the radio link stands."""

    lat_deg: float | None = Field(None, ge=-90.0, le=90.0, description="None: at home")
    lon_deg: float | None = Field(None, ge=-180.0, le=180.0, description="None: at home")
    antenna_agl_m: float = Field(2.0, gt=0.0, le=100.0, description="height of the antenna above the ground")
    frequency_mhz: float = Field(2400.0, ge=30.0, le=10_000.0, description="of the link")


class Margins(Settings):
    """What the gate keeps in hand beside the vehicle profile's own limits."""

    energy_share: float = Field(0.10, ge=0.0, le=1.0, description="added to a predicted energy: what predictions err")
    return_height_home_m: float = Field(
        RETURN_HEIGHT_HOME_M, ge=0.0, le=500.0, description="least height above home on the way home"
    )
    return_clearance_m: float = Field(30.0, ge=0.0, le=500.0, description="above the ground on the way home")
    thrust_to_weight: float = Field(1.3, ge=1.0, le=3.0, description="least, at the height, temperature and charge")
    good_thrust_to_weight: float = Field(1.5, ge=1.0, le=3.0, description="under it a warning")
    wind_share: float = Field(0.67, gt=0.0, le=1.0, description="most mean wind, of the profile's greatest speed")
    gust_sigmas: float = Field(2.5, ge=0.0, le=5.0, description="standard deviations that make a gust")
    clearance_m: float = Field(
        FLOOR_AGL_M, ge=0.0, le=500.0, description="above the ground that a cold barometer may not eat"
    )
    battery_cold_c: float = Field(5.0, ge=-40.0, le=30.0, description="least temperature of the battery at take-off")
    battery_cool_c: float = Field(15.0, ge=-40.0, le=40.0, description="under it a warning")
    battery_hot_c: float = Field(45.0, ge=30.0, le=70.0, description="greatest temperature of the battery at take-off")
    battery_flying_c: float = Field(60.0, ge=40.0, le=80.0, description="greatest temperature of the battery in flight")
    fresnel_share: float = Field(0.6, gt=0.0, le=1.0, description="of the first Fresnel radius that must be clear")
    twilight_min: float = Field(10.0, ge=0.0, le=120.0, description="landing nearer to the end of the light: a warning")


class Conditions(Settings):
    """The day of a flight. Heights AMSL, angles in degrees, wind 10 m above flat ground."""

    wind_m_s: float = Field(0.0, ge=0.0, le=60.0, description="mean wind")
    wind_from_deg: float = Field(0.0, ge=0.0, le=360.0, description="compass direction that it comes from")
    gust_m_s: float | None = Field(None, ge=0.0, le=80.0, description="forecast gusts; None: those of the mean wind")
    temperature_c: float | None = Field(None, ge=-60.0, le=60.0, description="of the air at home; None: standard")
    battery_c: float | None = Field(None, ge=-60.0, le=80.0, description="at take-off; None: kept at 20 degrees")
    battery_charge: float = Field(1.0, gt=0.0, le=1.0, description="state of charge at take-off")
    take_off_utc: datetime | None = Field(None, description="take-off, with its zone; None: daylight is not checked")
    night_allowed: bool = Field(False, description="whether crew and permit allow flying by night")
    lights: bool = Field(False, description="whether anti-collision lights are on, seen three miles away")
    station: GroundStation = Field(default_factory=GroundStation)
    margins: Margins = Field(default_factory=Margins)

    @field_validator("take_off_utc")
    @classmethod
    def _with_its_zone(cls, when: datetime | None) -> datetime | None:
        if when is not None and when.tzinfo is None:
            raise ValueError("expected a time with its zone, as 2026-11-27T09:30:00Z")
        return when

    def isa_offset_k(self, home_amsl_m: float) -> float:
        """Return how much warmer the day is than the standard atmosphere, from the temperature at home."""
        if self.temperature_c is None:
            return 0.0
        return self.temperature_c + KELVIN - temperature_k(home_amsl_m)

    @property
    def battery_k(self) -> float:
        """Temperature of the battery at take-off, kelvin."""
        return KELVIN + (20.0 if self.battery_c is None else self.battery_c)

    def utc_ns(self, t_s: float) -> int | None:
        """Return the instant some seconds after take-off, nanoseconds since 1970; None without a take-off time."""
        if self.take_off_utc is None:
            return None
        since = self.take_off_utc - _EPOCH
        return (since // timedelta(microseconds=1)) * 1000 + round(t_s * 1e9)

    def assumed(self) -> tuple[str, ...]:
        """Return what was assumed for want of a figure, one sentence each."""
        out = []
        if self.wind_m_s == 0.0:
            out.append("still air is assumed")
        if self.temperature_c is None:
            out.append("the standard atmosphere's temperature is assumed")
        if self.battery_c is None:
            out.append("a battery kept at 20 degrees is assumed")
        if self.take_off_utc is None:
            out.append("without a time of take-off daylight is not checked")
        return tuple(out)
