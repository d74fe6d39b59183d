"""Faults that a replay adds to a log (`--inject NAME:T0-T1:...`): the table of them, and how they are written.

An injection is a pure transformer of the stream of records: nothing but records of its window change, later ones are as
they were, and its noise is drawn from a generator seeded by the option's own text, so that the same command gives the
same estimate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np

from lenger_core.errors import InputError
from lenger_fusion.replay import inject_gnss, inject_inertial, inject_other
from lenger_fusion.replay.effects import Argument, Change, Kind, Values
from lenger_fusion.replay.stream import SENSORS, Sample, seconds
from lenger_fusion.replay.window import WINDOW_TEXT, Window, parse_window

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*inject_gnss.KINDS, *inject_inertial.KINDS, *inject_other.KINDS)}
_NUMBER = re.compile(r"([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[-+]?\d{1,2})?)([a-z/0-9]*)", re.ASCII)


@dataclass(frozen=True)
class Injection:
    """One fault of one window."""

    text: str
    kind: Kind
    window: Window
    values: Values

    def change(self) -> Change:
        """Return its function for one pass over a log: record and seconds since the window began to record or None."""
        return self.kind.build(self.values, np.random.default_rng(crc32(self.text.encode())))

    def __str__(self) -> str:
        return self.text


def usage() -> list[tuple[str, str]]:
    """Return how each injection is written and what it does."""
    return [(kind.usage(), kind.does) for kind in KINDS.values()]


def parse_injection(text: str) -> Injection:
    """Return what `--inject` says. Raises InputError that names what would be valid."""
    name, *parts = text.split(":")
    kind = KINDS.get(name)
    if kind is None:
        raise InputError("--inject", "name", name, ", ".join(KINDS))
    if not parts:
        raise InputError("--inject", text, "no window", f"{kind.usage()}, with {WINDOW_TEXT}")
    window = parse_window("--inject", parts[0])
    given: dict[str, float | str] = {}
    for part in parts[1:]:
        key, value = _argument(kind, part)
        if key in given:
            raise InputError("--inject", text, part, f"each part once: {kind.usage()}")
        given[key] = value
    for argument in kind.arguments:
        if argument.name not in given and argument.default is None:
            raise InputError("--inject", text, f"no {argument.name}", kind.usage())
    defaults = {a.name: a.default for a in kind.arguments if a.default is not None}
    words = {"word": kind.words[0]} if kind.words else {}
    return Injection(text, kind, window, Values({**defaults, **words, **given}))


def _argument(kind: Kind, part: str) -> tuple[str, float | str]:
    """Return the name and value of one part after the window, told by its unit."""
    part = part.lower()
    if part and part in kind.words:
        return "word", part
    found = _NUMBER.fullmatch(part) if len(part) < 100 else None
    for argument in kind.arguments:
        if found is not None and found[2] in argument.units:
            return argument.name, argument.checked(part, float(found[1]) * argument.units[found[2]])
    raise InputError("--inject", kind.name, part, kind.usage())


def injected(samples: Iterator[Sample], injections: Sequence[Injection]) -> Iterator[Sample]:
    """Return the samples with the injections' faults, applied in their order."""
    for injection in injections:
        samples = _changed(samples, injection)
    return samples


def _changed(samples: Iterator[Sample], injection: Injection) -> Iterator[Sample]:
    record, window, change = SENSORS[injection.kind.sensor], injection.window, injection.change()
    for sample in samples:
        if type(sample) is not record:
            yield sample
            continue
        t_s = seconds(sample.t_ns)
        changed = change(sample, t_s - window.start_s if window.holds(t_s) else None)
        if changed is not None:
            yield changed


__all__ = ["KINDS", "Argument", "Injection", "injected", "parse_injection", "usage"]
