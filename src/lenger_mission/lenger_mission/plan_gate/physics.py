"""The checks of the gate that ask what the vehicle and the day allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lenger_mission.plan_gate.barometer_check import check_barometer
from lenger_mission.plan_gate.battery_check import check_battery
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.daylight_check import check_daylight, skipped_daylight
from lenger_mission.plan_gate.energy_check import check_energy, check_way_home
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.link_check import check_link
from lenger_mission.plan_gate.model import CheckResult, Finding, ranked
from lenger_mission.plan_gate.power_check import check_thrust
from lenger_mission.plan_gate.rates_check import check_rates, check_speed
from lenger_mission.plan_gate.wind_check import check_wind, skipped_wind


def _always(_flight: Flight) -> str:
    return ""


CHECKS: tuple[tuple[str, Callable[[Flight], Iterator[Finding]], Callable[[Flight], str]], ...] = (
    ("energy", check_energy, _always),
    ("way home", check_way_home, _always),
    ("battery", check_battery, _always),
    ("thrust", check_thrust, _always),
    ("rates", check_rates, _always),
    ("speed", check_speed, _always),
    ("wind", check_wind, skipped_wind),
    ("radio link", check_link, _always),
    ("daylight", check_daylight, skipped_daylight),
    ("barometer", check_barometer, _always),
)
"""Name, the check, and why it is not made on a day ("" when it is)."""


def physics_results(course: Course, conditions: Conditions) -> tuple[CheckResult, ...]:
    """Return what each check says of a course on a day, in their order."""
    flight = Flight(course, conditions)
    out = []
    for name, check, skipped in CHECKS:
        reason = skipped(flight)
        out.append(CheckResult(name, () if reason else ranked(check(flight)), reason))
    return tuple(out)
