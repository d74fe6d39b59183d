"""Settings of nodes and cores: declared once, with type, default, bounds and description, read as one frozen
snapshot."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lenger_core.errors import InputError


class Settings(BaseModel):
    """Base of every settings class. Fields: bool, int, float, str, list of those, or nested Settings (dotted name)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SiteSettings(Settings):
    """Origin of the local frame that the nodes of one flight share."""

    lat_deg: float = Field(42.1819, ge=-90.0, le=90.0, description="latitude of the site, WGS84")
    lon_deg: float = Field(69.8878, ge=-180.0, le=180.0, description="longitude of the site, WGS84")
    alt_amsl_m: float = Field(760.0, ge=-500.0, le=9000.0, description="height of the site above mean sea level")


def input_error(where: str, error: ValidationError) -> InputError:
    """Return the first problem of a pydantic error as one clear line."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    return InputError(where, field, first.get("input"), first["msg"])
