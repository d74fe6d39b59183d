"""The geoFence of QGroundControl's .plan files."""

from __future__ import annotations

import json

import pytest

from lenger_core.errors import InputError
from lenger_core.zone_files import parse_zone_file
from lenger_core.zones import CircleShape, PolygonShape, ZoneKind

from .trees import changed

PLAN = {
    "fileType": "Plan",
    "version": 1,
    "groundStation": "QGroundControl",
    "mission": {"version": 2, "items": [{"type": "SimpleItem"}], "plannedHomePosition": [42.18, 69.88, 750]},
    "geoFence": {
        "version": 2,
        "breachReturn": [42.18, 69.88, 50],
        "polygons": [
            {"polygon": [[42.17, 69.87], [42.17, 69.89], [42.19, 69.89]], "inclusion": True, "version": 1},
            {"polygon": [[42.175, 69.875], [42.175, 69.88], [42.18, 69.88]], "inclusion": False, "version": 1},
        ],
        "circles": [{"circle": {"center": [42.18, 69.88], "radius": 30.5}, "inclusion": False, "version": 1}],
    },
    "rallyPoints": {"version": 2, "points": [[42.18, 69.88, 50]]},
}


def test_polygons_and_circles_become_zones_and_the_rest_is_told():
    found = parse_zone_file(json.dumps(PLAN), "field.plan")
    field, pit, mast = found.zones.zones
    assert [z.name for z in found.zones.zones] == ["polygon 1", "polygon 2", "circle 1"]
    assert (field.kind, pit.kind, mast.kind) == (ZoneKind.INCLUSION, ZoneKind.EXCLUSION, ZoneKind.EXCLUSION)
    assert field.shape == PolygonShape(((42.17, 69.87), (42.17, 69.89), (42.19, 69.89)))
    assert mast.shape == CircleShape(42.18, 69.88, 30.5)
    notes = " | ".join(found.notes)
    assert "breachReturn" in notes and "1 items" in notes and "1 rally points" in notes


@pytest.mark.parametrize(
    ("text", "place", "expected"),
    [
        (changed(PLAN, "fileType", "Mission"), "fileType: got 'Mission'", "'Plan'"),
        (changed(PLAN, "geoFence", KeyError), "geoFence", "a value"),
        (changed(PLAN, "geoFence", "version", 1), "geoFence.version: got 1", "2"),
        (changed(PLAN, "geoFence", {"version": 2, "polygons": [], "circles": []}), "geoFence", "at least one polygon"),
        (changed(PLAN, "geoFence", "polygons", 0, "polygon", [[1, 2]]), "polygons[0].polygon", "3 to"),
        (changed(PLAN, "geoFence", "polygons", 0, "polygon", 0, [142.17, 69.87]), "polygon[0].lat", "look swapped"),
        (
            changed(PLAN, "geoFence", "polygons", 1, "inclusion", "no"),
            "polygons[1].inclusion: got 'no'",
            "true or false",
        ),
        (changed(PLAN, "geoFence", "circles", 0, "circle", "radius", -1), "circle.radius: got -1", "from 1"),
    ],
)
def test_a_refusal_names_the_field(text, place, expected):
    with pytest.raises(InputError) as caught:
        parse_zone_file(text, "bad.plan")
    assert place in str(caught.value)
    assert expected in str(caught.value)
