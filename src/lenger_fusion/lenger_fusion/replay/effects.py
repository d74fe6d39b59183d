"""What injections are made of: their written form, and the changes that several sensors share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import cos, radians, sin
from typing import Any

import numpy as np

from lenger_core.errors import InputError
from lenger_core.samples import Vec3

Record = Any
"""A record of the injection's sensor."""
Change = Callable[[Record, "float | None"], "Record | None"]
"""Takes a record and the seconds since its window began, None outside of it; returns what comes instead of it."""

METRES = {"m": 1.0, "km": 1000.0}
METRES_PER_SECOND = {"m/s": 1.0, "km/h": 1.0 / 3.6}
DEGREES = {"deg": 1.0}
RATE = {"rad/s": 1.0, "deg/s": radians(1.0)}
FORCE = {"m/s2": 1.0, "g": 9.80665}
SECONDS = {"s": 1.0}
TIMES = {"x": 1.0}
TESLA = {"ut": 1e-6}
AXES = ("x", "y", "z")


@dataclass(frozen=True)
class Argument:
    """A number of an injection, told from the others by its unit.

    Attributes:
        name: what it is.
        units: each unit that it may have, with its size in SI.
        low, high: bounds, in SI.
        example: as it is written in the table.
        default: in SI; None: it must be given.
    """

    name: str
    units: Mapping[str, float]
    low: float
    high: float
    example: str
    default: float | None = None

    def checked(self, text: str, value: float) -> float:
        """Return the value when it lies in the bounds. Raises InputError."""
        if not self.low <= value <= self.high:
            unit, size = next(iter(self.units.items()))
            bounds = f"{self.low / size:g} to {self.high / size:g} {unit}"
            raise InputError("--inject", self.name, text, bounds)
        return value


class Values(dict[str, "float | str"]):
    """What an option says: numbers in SI by argument name, and "word"."""

    def number(self, name: str) -> float:
        """Return a number."""
        return float(self[name])

    @property
    def word(self) -> str:
        """The word: an axis or a manner."""
        return str(self["word"])


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        name, sensor: of the option and of `stream.SENSORS`.
        does: a line for the table.
        build: returns the change for one pass.
        arguments: its numbers.
        words: what it may say besides; the first is the default, "" the default that is not written.
    """

    name: str
    sensor: str
    does: str
    build: Callable[[Values, np.random.Generator], Change]
    arguments: tuple[Argument, ...] = ()
    words: tuple[str, ...] = ()

    def usage(self) -> str:
        """Return how it is written."""
        parts = [f":{a.example}" if a.default is None else f"[:{a.example}]" for a in self.arguments]
        words = "|".join(word for word in self.words if word)
        return f"{self.name}:T0-T1{''.join(parts)}{f'[:{words}]' if words else ''}"


def each(change: Callable[[Record, float], Record]) -> Change:
    """Return a change that has no business outside of its window."""

    def within(record: Record, since_s: float | None) -> Record:
        return record if since_s is None else change(record, since_s)

    return within


def frozen(*fields: str) -> Callable[[Values, np.random.Generator], Change]:
    """Return the builder of a sensor that repeats its last reading; its stamps go on."""

    def build(_values: Values, _rng: np.random.Generator) -> Change:
        last: dict[str, Any] = {}

        def change(record: Record, since_s: float | None) -> Record:
            if since_s is None or not last:
                last.update({name: getattr(record, name) for name in fields})
                return record
            return replace(record, **last)

        return change

    return build


def added(field: str, argument: str) -> Callable[[Values, np.random.Generator], Change]:
    """Return the builder that adds a number to a field."""

    def build(values: Values, _rng: np.random.Generator) -> Change:
        size = values.number(argument)
        return each(lambda record, _t: replace(record, **{field: getattr(record, field) + size}))

    return build


def on_axis(vector: tuple[float, ...], axis: str, size: float) -> tuple[float, ...]:
    """Return the vector with `size` added on one axis."""
    k = AXES.index(axis)
    return (*vector[:k], vector[k] + size, *vector[k + 1 :])


def noisy(vector: tuple[float, ...], std: float, rng: np.random.Generator) -> tuple[float, ...]:
    """Return the vector with white noise on each component."""
    return tuple(v + n for v, n in zip(vector, (std * rng.standard_normal(len(vector))).tolist(), strict=True))


def toward(bearing_deg: float, size: float) -> Vec3:
    """Return east, north and zero of a length along a bearing, clockwise from north."""
    return size * sin(radians(bearing_deg)), size * cos(radians(bearing_deg)), 0.0
