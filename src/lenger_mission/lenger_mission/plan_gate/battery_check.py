"""The battery's temperature, at take-off and in flight."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lenger_mission.plan_gate.conditions import KELVIN
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, warning

_C = "degrees C"


def check_battery(flight: Flight) -> Iterator[Finding]:
    """Yield `battery_cold`, `battery_cool` or `battery_hot` at take-off, and `battery_cools` or `battery_overheats` in
    flight."""
    margins, start = flight.conditions.margins, round(flight.conditions.battery_k - KELVIN, 1)
    cold, cool, hot = margins.battery_cold_c, margins.battery_cool_c, margins.battery_hot_c
    said = f"The battery is at {start:g} degrees C"
    if start < cold:
        yield error("battery_cold", 0, start, cold, _C, f"{said}: below {cold:g} its voltage breaks down under load.")
    elif start < cool:
        yield warning("battery_cool", 0, start, cool, _C, f"{said}: warm it to {cool:g} or more before take-off.")
    if start > hot:
        yield error("battery_hot", 0, start, hot, _C, f"{said}: let it cool to {hot:g} or less before take-off.")
    yield from _in_flight(flight, start)


def _in_flight(flight: Flight, start: float) -> Iterator[Finding]:
    celsius, items = flight.battery.temperature_k - KELVIN, flight.course.item
    cold, most = flight.conditions.margins.battery_cold_c, flight.conditions.margins.battery_flying_c
    low, high = round(float(celsius.min()), 1), round(float(celsius.max()), 1)
    if low < cold <= start:
        item = int(items[int(np.argmax(celsius < cold))])
        sentence = f"At item {item} the battery has cooled to {cold:g} degrees C, later to {low:g}."
        yield error("battery_cools", item, low, cold, _C, sentence)
    if high > most:
        item = int(items[int(np.argmax(celsius > most))])
        sentence = f"At item {item} the battery has warmed to {most:g} degrees C, later to {high:g}."
        yield error("battery_overheats", item, high, most, _C, sentence)
