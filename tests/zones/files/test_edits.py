"""Zones edited in flight: added, changed and withdrawn by name, all of an edit or nothing of it."""

from __future__ import annotations

import json

import pytest

from lenger_core.errors import InputError
from lenger_core.zone_files.edits import edit_zones
from lenger_core.zones import CircleShape, Zone, ZoneKind, ZoneSet


def circle(name, radius_m=100.0, kind=ZoneKind.EXCLUSION):
    return Zone(name, kind, CircleShape(42.18, 69.88, radius_m))


FIELD = circle("field", 900.0, ZoneKind.INCLUSION)
NOW = ZoneSet((FIELD, circle("mast"), circle("pit")))


def text_of(*zones):
    return ZoneSet(zones).to_geojson()


@pytest.mark.parametrize("operation", ["", "replace"])
def test_replace_takes_the_place_of_all(operation):
    edit = edit_zones(NOW, operation, text_of(circle("mast", 50.0), circle("new")))
    assert edit.zones == ZoneSet((circle("mast", 50.0), circle("new")))
    assert (edit.added, edit.changed, edit.withdrawn) == (("new",), ("mast",), ("field", "pit"))
    assert edit.said() == "added: new; changed: mast; withdrawn: field, pit"


def test_merge_changes_in_place_and_adds_at_the_end():
    edit = edit_zones(NOW, "merge", text_of(circle("new"), circle("mast", 50.0)))
    assert edit.zones == ZoneSet((FIELD, circle("mast", 50.0), circle("pit"), circle("new")))
    assert edit_zones(NOW, "merge", text_of(circle("pit"))).said() == "nothing changed"


@pytest.mark.parametrize("text", ['["mast", "pit"]', '["pit","mast","pit"]'])
def test_withdraw_takes_names(text):
    edit = edit_zones(NOW, "withdraw", text)
    assert edit.zones == ZoneSet((FIELD,))
    assert set(edit.withdrawn) == {"mast", "pit"}
    assert edit_zones(NOW, "withdraw", " pit ").zones == ZoneSet((FIELD, circle("mast")))


@pytest.mark.parametrize(
    ("operation", "text", "expected"),
    [
        ("delete", "[]", "operation: got 'delete', expected replace or merge or withdraw"),
        ("withdraw", '["pit", "shaft"]', "name: got 'shaft', expected a zone in force: field, mast, pit"),
        ("withdraw", '["pit", 7]', "names"),
        ("withdraw", "[]", "names"),
        ("withdraw", "[", "a JSON list of names"),
        ("withdraw", "[" * 100_000, "a JSON list of names"),
        ("withdraw", '["field"]', "no inclusion left"),
        ("merge", text_of(circle("field", 900.0)), "no inclusion left"),
        ("merge", text_of(*(circle(f"z{k}") for k in range(998))), "1001 zones"),
        ("merge", text_of(circle("ok")).replace('"exclusion"', '"inclusive"'), "features[0].properties.kind"),
        ("merge", "{", "JSON"),
        ("replace", '{"type": "FeatureCollection", "features": []}', "0 elements"),
    ],
)
def test_all_or_nothing(operation, text, expected):
    before = NOW.to_geojson()
    with pytest.raises(InputError) as caught:
        edit_zones(NOW, operation, text)
    assert str(caught.value).startswith("guard/set_zones: ")
    assert expected in str(caught.value)
    assert NOW.to_geojson() == before


def test_a_replacement_may_say_that_there_are_no_zones():
    text = json.dumps({"type": "FeatureCollection", "features": [], "no_zones": True})
    assert edit_zones(NOW, "replace", text).zones == ZoneSet()
