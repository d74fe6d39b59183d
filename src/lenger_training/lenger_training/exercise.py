"""Exercise files: what is flown, where, in what weather, and how it is graded."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.strict_yaml import read_yaml
from lenger_training.rubric import Rule

_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$")

Text = Annotated[str, Field(min_length=1, max_length=4000)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Phase(str, Enum):
    """The six phases of the course, in the order they are flown."""

    BASIC = "basic"
    NAVIGATION = "navigation"
    PATROL = "patrol"
    MOUNTAIN = "mountain"
    NIGHT = "night"
    EMERGENCY = "emergency"


class Site(_Model):
    """Take-off point, and origin of every local frame of the flight."""

    lat_deg: float = Field(ge=-89.0, le=89.0)
    lon_deg: float = Field(ge=-180.0, le=180.0)
    alt_amsl_m: float = Field(ge=-500.0, le=6000.0)


class Weather(_Model):
    """The air of the flight: steady wind, turbulence, temperature."""

    wind_mean_m_s: float = Field(0.0, ge=0.0, le=40.0)
    wind_from_deg: float = Field(0.0, ge=0.0, le=360.0)
    turbulence: float = Field(1.0, ge=0.0, le=3.0)
    isa_offset_k: float = Field(0.0, ge=-60.0, le=40.0)


class Limits(_Model):
    """Height limits that the guard enforces everywhere inside the fence."""

    floor_agl_m: float = Field(15.0, ge=0.0, le=500.0)
    ceiling_agl_m: float = Field(150.0, gt=0.0, le=3000.0)


class Exercise(_Model):
    """One graded exercise. `name` and `folder` come from the file's place, the rest from its text."""

    name: str = Field(pattern=_NAME.pattern)
    folder: Path
    title: Text
    phase: Annotated[Phase, Field(strict=False)]
    goal: Text
    briefing: Text
    vehicle: str = Field(pattern=r"^[a-z0-9_]{1,64}$")
    site: Site
    weather: Weather = Weather()
    seed: int = Field(ge=0, le=2**31 - 1)
    plan: str
    zones: str
    limits: Limits = Limits()
    time_limit_s: float = Field(gt=0.0, le=7200.0)
    min_route_m: float | None = Field(None, gt=0.0, le=100_000.0)
    waypoint_radius_m: float = Field(10.0, gt=0.0, le=500.0)
    pass_mark: float = Field(70.0, ge=0.0, le=100.0)
    rubric: tuple[Rule, ...] = Field(min_length=1, max_length=40, strict=False)

    @field_validator("plan", "zones")
    @classmethod
    def _stays_inside(cls, value: str) -> str:
        path = PurePosixPath(value)
        if (
            not value
            or path.is_absolute()
            or ".." in path.parts
            or "\\" in value
            or "\x00" in value
            or len(value) > 200
        ):
            raise ValueError("a relative path without '..'")
        return value

    @property
    def plan_path(self) -> Path:
        """The exercise's own plan file."""
        return self._resolve("plan", self.plan)

    @property
    def zones_path(self) -> Path:
        """The exercise's zones file."""
        return self._resolve("zones", self.zones)

    def _resolve(self, field: str, value: str) -> Path:
        """A file beside the exercise comes before one of the same name in config/."""
        for root in (self.folder, config_path()):
            if (root / value).is_file():
                return root / value
        raise InputError(f"exercise {self.name}", field, value, "a file beside the exercise file or in config/")


def load_exercise(name_or_path: str | Path) -> Exercise:
    """Return the exercise called so in config/exercises, or the one in the YAML file at that path.

    Raises:
        InputError: no such exercise (names the valid ones), or a file that is not a valid exercise.
    """
    text = str(name_or_path)
    if _NAME.match(text):
        path = config_path("exercises") / f"{text}.yaml"
        if not path.is_file():
            raise InputError("exercise", "", text, "one of: " + ", ".join(_names()))
    else:
        path = Path(text)
    return _read_exercise(path)


def list_exercises() -> list[Exercise]:
    """Return the course: every exercise in config/exercises, by phase, then name.

    Raises:
        InputError: one of the files is not a valid exercise.
    """
    order = list(Phase)
    return sorted((load_exercise(name) for name in _names()), key=lambda e: (order.index(e.phase), e.name))


def parse_exercise(data: object, where: str, name: str, folder: Path) -> Exercise:
    """Return the exercise in plain data, such as a parsed YAML file.

    Raises:
        InputError: naming the field, its value, and what would be valid.
    """
    if not isinstance(data, dict):
        raise InputError(where, "", data, "a mapping with the fields " + ", ".join(_file_fields()))
    if extra := {"name", "folder"} & set(data):
        raise InputError(where, min(extra), data[min(extra)], "no such field: the file's own name and folder are used")
    try:
        return Exercise.model_validate({**data, "name": name, "folder": folder})
    except ValidationError as error:
        raise _input_error(error, where) from error


def _names() -> list[str]:
    return sorted(path.stem for path in config_path("exercises").glob("*.yaml"))


def _read_exercise(path: Path) -> Exercise:
    if not _NAME.match(path.stem):
        raise InputError(str(path), "file name", path.stem, "letters, digits, '_' and '-', at most 64")
    return parse_exercise(read_yaml(path), str(path), path.stem, path.parent)


def _file_fields() -> list[str]:
    return [field for field in Exercise.model_fields if field not in ("name", "folder")]


def _input_error(error: ValidationError, where: str) -> InputError:
    """The first problem, in one line: pydantic's own text spans several."""
    first = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    expected = {
        "missing": "this field to be there",
        "extra_forbidden": "no such field; known: " + ", ".join(_file_fields())
        if len(first["loc"]) == 1
        else "no such field",
    }.get(first["type"], first["msg"].removeprefix("Value error, "))
    value = "nothing" if first["type"] == "missing" else first["input"]
    return InputError(where, field, value, expected)
