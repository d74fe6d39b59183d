"""Zones as fence items: valid lists that both autopilots take, and their room."""

from __future__ import annotations

import math

import pytest

from lenger_bridge.dialects import ARDUCOPTER, PX4
from lenger_bridge.fence import fence_items, fence_problem, outside_items
from lenger_core.zones import BorderShape, CircleShape, CorridorShape, PolygonShape, Zone, ZoneKind, ZoneSet

LAT, LON = 42.18, 69.88


def star(
    count: int, degrees: float, lat: float = LAT, lon: float = LON, teeth: float = 0.1
) -> tuple[tuple[float, float], ...]:
    """A polygon with teeth."""
    reach = [degrees * (1.0 if k % 2 else 1.0 - teeth) for k in range(count)]
    turn = 2.0 * math.pi / count
    return tuple((lat + r * math.sin(k * turn), lon + r * math.cos(k * turn)) for k, r in enumerate(reach))


ZONES = ZoneSet(
    (
        Zone("field", ZoneKind.INCLUSION, PolygonShape(star(40, 0.01), (star(8, 0.001, LAT + 0.004),))),
        Zone("mast", ZoneKind.EXCLUSION, CircleShape(LAT, LON + 0.005, 40.0)),
        Zone("ring", ZoneKind.EXCLUSION, PolygonShape(star(12, 0.002, LAT - 0.004), (star(6, 0.001, LAT - 0.004),))),
        Zone("road", ZoneKind.EXCLUSION, CorridorShape(((LAT - 0.008, LON), (LAT - 0.008, LON + 0.01)), 50.0)),
        Zone("border", ZoneKind.EXCLUSION, BorderShape(((LAT, LON + 0.009), (LAT + 0.1, LON + 0.009)), "right", 20.0)),
    )
)
HOME = (LAT, LON)
LEGAL = (HOME, (LAT - 0.004, LON), (LAT + 0.002, LON))
ILLEGAL = ((LAT, LON + 0.005), (LAT + 0.004, LON), (LAT - 0.0055, LON), (LAT - 0.008, LON + 0.001), (LAT, LON + 0.0092))


@pytest.mark.parametrize("dialect", [PX4, ARDUCOPTER], ids=lambda d: d.name)
def test_the_items_are_a_valid_fence_that_holds_home(dialect) -> None:
    items = fence_items(ZONES, dialect.fence_vertices)
    assert fence_problem(items) == ""
    assert outside_items(items, *HOME) == ""
    if dialect.fence_vertices:
        assert len(items) <= dialect.fence_vertices


def test_with_plenty_of_room_every_zone_is_said() -> None:
    items = fence_items(ZONES)
    assert [outside_items(items, *place) for place in LEGAL] == [""] * len(LEGAL)
    assert all(outside_items(items, *place) for place in ILLEGAL)


def test_in_little_room_nothing_illegal_that_is_said_becomes_legal() -> None:
    simple = ZoneSet((Zone("field", ZoneKind.INCLUSION, PolygonShape(star(400, 0.01, teeth=0.01))), ZONES.zones[1]))
    items = fence_items(simple, ARDUCOPTER.fence_vertices)
    assert 3 < len(items) <= 69
    full = fence_items(simple)
    grid = [(LAT + 0.0005 * i, LON + 0.0005 * k) for i in range(-22, 23) for k in range(-22, 23)]
    now, whole = ([not outside_items(fence, *place) for place in grid] for fence in (items, full))
    assert sum(whole) > 800
    assert not any(a and not b for a, b in zip(now, whole, strict=True))
    assert sum(now) > 0.93 * sum(whole)


def test_no_zones_are_no_items() -> None:
    assert fence_items(ZoneSet()) == ()
