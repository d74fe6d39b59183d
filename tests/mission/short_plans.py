"""A short plan for the tests of missions, and a flight that has begun it."""

from __future__ import annotations

from point_mass import Flight

from lenger_core.plans import Datum, Height, Home, Plan, PlanItem, ReturnHome, Takeoff, Waypoint

HOME = Home(lat_deg=42.1819, lon_deg=69.8878)


def agl(value: float) -> Height:
    return Height(value_m=value, datum=Datum.AGL)


def short_plan(last: PlanItem | None = None, hold_s: float = 0.0) -> Plan:
    items = (
        Takeoff(height=Height(value_m=20.0, datum=Datum.HOME)),
        Waypoint(lat_deg=42.1812, lon_deg=69.8878, height=agl(20.0), hold_s=hold_s),
        Waypoint(lat_deg=42.1812, lon_deg=69.8886, height=agl(30.0)),
        last or ReturnHome(),
    )
    return Plan(name="short", home=HOME, items=items)


def begin(plan: Plan | None = None, **kwargs: tuple[float, float, float]) -> Flight:
    flight = Flight(**kwargs)
    flight.step()
    assert flight.core.start(plan or short_plan(), flight.now_ns) is None
    return flight
