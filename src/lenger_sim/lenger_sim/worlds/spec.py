"""World files: where a Gazebo world lies, its ground, light and air, and what stands in it."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from lenger_core.errors import InputError
from lenger_core.resources import home
from lenger_core.strict_yaml import read_yaml

NAME = re.compile(r"^[a-z][a-z0-9_]{0,47}$")
MOST_PIXELS = 4097
MOST_PARTS = 2000
WAYS = ("at_m", "at_deg", "each_m", "along_m", "along_deg", "line_m", "line_deg", "scatter")
"""The fields of a part that say where."""

Metres = Annotated[float, Field(ge=-50_000.0, le=50_000.0)]
Point = Annotated[tuple[Metres, Metres], Field(strict=False)]
Name = Annotated[str, Field(pattern=NAME.pattern)]
Degrees = Annotated[
    tuple[Annotated[float, Field(ge=-89.0, le=89.0)], Annotated[float, Field(ge=-180.0, le=180.0)]],
    Field(strict=False),
]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Light(str, Enum):
    """What lights the world."""

    DAY = "day"
    NIGHT = "night"


class Origin(_Model):
    """The place of the world's x, y and z of 0: WGS84, on the ground."""

    lat_deg: float = Field(ge=-89.0, le=89.0)
    lon_deg: float = Field(ge=-180.0, le=180.0)


class Ground(_Model):
    """The heightmap: a square of pixels 2^n + 1 a side, its middle at `middle_m` (east, north of the origin)."""

    cell_m: float = Field(ge=0.5, le=50.0)
    pixels: int = Field(ge=513, le=MOST_PIXELS)
    middle_m: Point = (0.0, 0.0)

    @field_validator("pixels")
    @classmethod
    def _fits_gazebo(cls, value: int) -> int:
        if (value - 1) & (value - 2):
            raise ValueError("2^n + 1: 513, 1025, 2049 or 4097")
        return value

    @property
    def span_m(self) -> float:
        """From the first pixel to the last, one way."""
        return (self.pixels - 1) * self.cell_m


class Air(_Model):
    """The steady wind of the world file and its temperature."""

    wind_m_s: float = Field(0.0, ge=0.0, le=40.0)
    wind_from_deg: float = Field(0.0, ge=0.0, le=360.0)
    isa_offset_k: float = Field(0.0, ge=-60.0, le=40.0)


class Sun(_Model):
    """Where the light comes from; the moon's at night."""

    azimuth_deg: float = Field(150.0, ge=0.0, le=360.0)
    elevation_deg: float = Field(50.0, ge=5.0, le=90.0)


class Scatter(_Model):
    """Places drawn at random within a rectangle, at least `apart_m` from each other; the same seed, the same places."""

    count: int = Field(ge=1, le=500)
    east_m: Point
    north_m: Point
    apart_m: float = Field(2.0, ge=0.0, le=1000.0)
    seed: int = Field(ge=0, le=2**31 - 1)

    @field_validator("east_m", "north_m")
    @classmethod
    def _ascends(cls, value: tuple[float, float]) -> tuple[float, float]:
        if not value[0] < value[1]:
            raise ValueError("two numbers, the smaller one first")
        return value


class PartSpec(_Model):
    """One thing, or the same thing at several places, on the ground: exactly one of the fields in WAYS says where.

    `_m` are metres east and north of the origin, `_deg` latitude and longitude. `along` puts one at every `every_m` of
    a line; `line` is for one thing that follows a line over the ground (river, rails, wires), bent every `every_m`.
    With `number_from` each instance is a model of its own, which gets its number as a parameter.
    """

    kind: str = Field(pattern=NAME.pattern)
    name: Name
    at_m: Point | None = None
    at_deg: Degrees | None = None
    each_m: tuple[Point, ...] | None = Field(None, min_length=1, max_length=500, strict=False)
    along_m: tuple[Point, ...] | None = Field(None, min_length=2, max_length=200, strict=False)
    along_deg: tuple[Degrees, ...] | None = Field(None, min_length=2, max_length=200, strict=False)
    line_m: tuple[Point, ...] | None = Field(None, min_length=2, max_length=200, strict=False)
    line_deg: tuple[Degrees, ...] | None = Field(None, min_length=2, max_length=200, strict=False)
    every_m: float = Field(100.0, ge=1.0, le=10_000.0)
    scatter: Scatter | None = None
    number_from: int | None = Field(None, ge=0, le=9999)
    heading_deg: float = Field(90.0, ge=-360.0, le=360.0)
    up_m: float = Field(0.0, ge=-50.0, le=500.0)
    flavours: tuple[str, ...] = Field(("px4", "ardupilot"), min_length=1, max_length=2, strict=False)
    parameters: dict[str, Any] = Field(default_factory=dict)

    @field_validator("flavours")
    @classmethod
    def _known_flavours(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if set(value) - {"px4", "ardupilot"}:
            raise ValueError("px4, ardupilot or both")
        return value

    @model_validator(mode="after")
    def _one_place(self) -> PartSpec:
        given = [way for way in WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            raise ValueError(f"exactly one of {', '.join(WAYS)}; given: {', '.join(given) or 'none'}")
        return self


class Spawn(_Model):
    """Where a vehicle may start: a named pose above the ground."""

    name: Name
    at_m: Point
    heading_deg: float = Field(90.0, ge=-360.0, le=360.0)
    above_ground_m: float = Field(0.25, ge=0.0, le=100.0)


class WorldSpec(_Model):
    """One world; `name` comes from the file's place, the rest from its text."""

    name: Name
    title: str = Field(min_length=1, max_length=200)
    origin: Origin
    ground: Ground
    light: Annotated[Light, Field(strict=False)] = Light.DAY
    sun: Sun = Sun()
    air: Air = Air()
    spawns: tuple[Spawn, ...] = Field(min_length=1, max_length=50, strict=False)
    parts: tuple[PartSpec, ...] = Field((), max_length=MOST_PARTS, strict=False)

    @model_validator(mode="after")
    def _names_differ(self) -> WorldSpec:
        for field, names in (("spawns", [s.name for s in self.spawns]), ("parts", [p.name for p in self.parts])):
            twice = {name for name in names if names.count(name) > 1}
            if twice:
                raise ValueError(f"names that differ: {min(twice)!r} is twice among {field}")
        return self


def world_names() -> list[str]:
    """Return the names of the worlds that ship."""
    return sorted(path.stem for path in (home() / "worlds").glob("*.yaml"))


def load_world(name_or_path: str | Path) -> WorldSpec:
    """Return the world called so in worlds/, or the one in the YAML file at that path.

    Raises:
        InputError: no such world (names the valid ones), or a file that is not a valid world.
    """
    text = str(name_or_path)
    if not text.endswith((".yaml", ".yml")):
        path = home() / "worlds" / f"{text}.yaml"
        if not NAME.match(text) or not path.is_file():
            raise InputError("world", "", text, "one of " + ", ".join(world_names()) + ", or the path of a .yaml file")
    else:
        path = Path(text)
    return parse_world(read_yaml(path), str(path), path.stem)


def parse_world(data: object, where: str, name: str) -> WorldSpec:
    """Return the world in plain data, such as a parsed YAML file.

    Raises:
        InputError: naming the field, its value, and what would be valid.
    """
    known = ", ".join(field for field in WorldSpec.model_fields if field != "name")
    if not isinstance(data, dict):
        raise InputError(where, "", data, "a mapping with the fields " + known)
    if not NAME.match(name):
        raise InputError(where, "file name", name, "a small letter, then small letters, digits and _, at most 48")
    if "name" in data:
        raise InputError(where, "name", data["name"], "no such field: the file's own name is used")
    try:
        return WorldSpec.model_validate({**data, "name": name})
    except ValidationError as error:
        raise _input_error(error, where) from error


def _input_error(error: ValidationError, where: str) -> InputError:
    """The first problem, in one line: pydantic's own text spans several."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    if first["type"] == "missing":
        return InputError(where, field, "nothing", "this field to be there")
    expected = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        expected = "no such field; known: " + ", ".join(_fields_at(first["loc"][:-1]))
    value = first["input"]
    return InputError(where, field, "the whole" if isinstance(value, dict) and not field else value, expected)


def _fields_at(place: tuple[int | str, ...]) -> list[str]:
    """The fields of the model at a place of the file."""
    at: dict[str, type[BaseModel]] = {
        "origin": Origin,
        "ground": Ground,
        "air": Air,
        "sun": Sun,
        "spawns": Spawn,
        "parts": PartSpec,
        "scatter": Scatter,
    }
    words = [part for part in place if isinstance(part, str)]
    model = at.get(words[-1], WorldSpec) if words else WorldSpec
    return [field for field in model.model_fields if model is not WorldSpec or field != "name"]
