"""What a kind of model can be told: typed, bounded, and refused with one clear line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from lenger_core.errors import InputError
from lenger_core.settings import Settings

FURTHEST_M = 50_000.0
Metres = Annotated[float, Field(ge=-FURTHEST_M, le=FURTHEST_M)]
Place = Annotated[tuple[Metres, Metres, Metres], Field(strict=False)]
"""x, y, z in the model's frame, m."""
P = TypeVar("P", bound="Parameters")


class Parameters(Settings):
    """Base of every kind's parameters."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


def read(spec: type[P], where: str, given: Mapping[str, object]) -> P:
    """Return the parameters of a model.

    Raises:
        InputError: naming the field, its value and what would be valid.
    """
    fields = spec.model_fields
    for field, value in given.items():
        if field not in fields:
            known = f"one of the parameters {', '.join(fields)}" if fields else "no parameters at all"
            raise InputError(where, str(field), value, known)
    try:
        return spec.model_validate(dict(given))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        expected = first["msg"].removeprefix("Value error, ")
        name = str(first["loc"][0]) if first["loc"] else ""
        if name in fields and fields[name].description:
            expected += f" ({fields[name].description})"
        value = "nothing" if first["type"] == "missing" else first["input"]
        raise InputError(where, place, value if place else "this combination", expected) from error
