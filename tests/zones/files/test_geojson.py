"""Zone files: what is read, what is refused, and in which words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.zones import CircleShape, Datum, PolygonShape, ZoneKind, load_zones, parse_zones

from .trees import changed

SQUARE = [[69.88, 42.18], [69.89, 42.18], [69.89, 42.19], [69.88, 42.19], [69.88, 42.18]]
HOLE = [[69.884, 42.184], [69.886, 42.184], [69.886, 42.186], [69.884, 42.186], [69.884, 42.184]]
GOOD = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Polygon", "coordinates": [SQUARE, HOLE]},
            "properties": {
                "name": "field",
                "kind": "inclusion",
                "floor": None,
                "ceiling": {"height_m": 120, "datum": "agl"},
                "priority": 2,
            },
        },
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [69.887, 42.187]},
            "properties": {"name": "mast", "kind": "exclusion", "radius_m": 30.0},
        },
    ],
}


def test_a_good_file_says_what_it_means():
    zones = parse_zones(json.dumps(GOOD), "good.geojson")
    field, mast = zones.zones
    assert field.kind is ZoneKind.INCLUSION
    assert isinstance(field.shape, PolygonShape)
    assert field.shape.outer[0] == (42.18, 69.88)
    assert len(field.shape.outer) == 4
    assert len(field.shape.holes) == 1
    assert field.ceiling is not None
    assert (field.ceiling.height_m, field.ceiling.datum) == (120.0, Datum.AGL)
    assert mast.shape == CircleShape(42.187, 69.887, 30.0)
    assert (mast.floor, mast.ceiling, mast.priority) == (None, None, 0)


def test_written_zones_are_read_back_the_same():
    zones = parse_zones(json.dumps(GOOD), "good.geojson")
    assert parse_zones(zones.to_geojson(), "again") == zones


def test_the_files_that_ship_are_valid():
    paths = sorted(config_path("zones").glob("*.geojson"))
    assert paths
    for path in paths:
        zones = load_zones(path)
        assert parse_zones(zones.to_geojson(), "again") == zones


P = ("features", 0, "properties")
G = ("features", 0, "geometry")
REFUSED = [
    (("type", "Feature"), "type", "'FeatureCollection'"),
    (("features", []), "features", "1 to 1000 elements"),
    (
        (*P, "kind", "inclusive"),
        "features[0].properties.kind: got 'inclusive'",
        "'inclusion' or 'exclusion' or 'approach'",
    ),
    ((*P, "kind", KeyError), "features[0].properties.kind", "the key is missing"),
    ((*P, "name", ""), "features[0].properties.name", "at least 1"),
    ((*P, "name", 7), "features[0].properties.name: got 7", "a text"),
    ((*P, "ceilling", None), "features[0].properties.ceilling", "valid fields: name, kind, floor, ceiling, priority"),
    (
        (*P, "ceiling", {"height_m": 1, "datum": "msl"}),
        "properties.ceiling.datum: got 'msl'",
        "'amsl' or 'agl' or 'ellipsoid' or 'home'",
    ),
    ((*P, "ceiling", {"height_m": 1, "dat": "agl"}), "properties.ceiling.dat", "valid fields: height_m, datum"),
    ((*P, "ceiling", {"height_m": 90000, "datum": "agl"}), "height_m: got 90000", "20000"),
    ((*P, "ceiling", {"height_m": "5", "datum": "agl"}), "height_m: got '5'", "number"),
    ((*P, "floor", {"height_m": 120, "datum": "agl"}), "'field' properties.floor.height_m: got 120", "ceiling"),
    ((*P, "radius_m", 5.0), "'field' properties.radius_m", "only on a Point"),
    ((*P, "priority", True), "properties.priority", "a number from -1000 to 1000"),
    ((*P, "name", "mast"), "features[1].properties.name: got 'mast'", "no other zone"),
    ((*G, "type", "Multi"), "features[0].geometry.type", "'Polygon' or 'MultiPolygon' or 'Point' or 'LineString'"),
    ((*G, "coordinates", []), "geometry.coordinates", "1 to"),
    ((*G, "coordinates", [SQUARE[:3]]), "geometry.coordinates[0]", "4 to"),
    ((*G, "coordinates", [SQUARE[:4]]), "'field' geometry.coordinates[0][3]", "closed ring"),
    ((*G, "coordinates", [[*SQUARE[:2], [69.89, 95.0], *SQUARE[3:]]]), "coordinates[0][2].lat: got 95.0", "89"),
    ((*G, "coordinates", [[*SQUARE[:2], [369.89, 42.0], *SQUARE[3:]]]), "coordinates[0][2].lon: got 369.89", "180"),
    ((*G, "coordinates", [[*SQUARE[:2], [69.8, 42.1, 5], *SQUARE[3:]]]), "coordinates[0][2]", "heights belong"),
    (
        (*G, "coordinates", [[SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3], SQUARE[0]]]),
        "self-intersection",
        "cross itself",
    ),
    ((*G, "coordinates", [[SQUARE[0]] * 5]), "1 different corners", "at least 3"),
    ((*G, "coordinates", [[[1.0, 1.0], [1.000001, 1.0], [1.0, 1.000001], [1.0, 1.0]]]), "m2", "area"),
    (
        (*G, "coordinates", [[[-179.9, 1], [179.9, 1], [179.9, 2], [-179.9, 2], [-179.9, 1]]]),
        "degrees apart",
        "antimeridian",
    ),
    ((*G, "coordinates", [SQUARE, [[c[0] + 1, c[1]] for c in HOLE]]), "hole", "holes inside"),
    (("features", 1, "properties", "radius_m", KeyError), "'mast' properties.radius_m", "1 to 100000"),
    (("features", 1, "properties", "radius_m", 0.1), "properties.radius_m: got 0.1", "1"),
    (("features", 1, "geometry", "coordinates", [1]), "'mast' geometry.coordinates", "[longitude, latitude]"),
    (("features", 1, 5), "features[1]", "an object"),
]


@pytest.mark.parametrize(("change", "place", "expected"), REFUSED, ids=range(len(REFUSED)))
def test_a_refusal_names_the_place_and_what_would_be_valid(change, place, expected):
    with pytest.raises(InputError) as caught:
        parse_zones(changed(GOOD, *change), "bad.geojson")
    message = str(caught.value)
    assert message.startswith("bad.geojson: ")
    assert place in message
    assert expected in message
    assert "\n" not in message


TEXTS = [
    "",
    "{",
    "[]",
    "null",
    "7",
    "[" * 100_000,
    '{"type": NaN}',
    "1" * 5000,
    '{"type": "FeatureCollection"}',
    "\x00",
    '{"type": 1, "type": 2}',
]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_text_that_is_no_zone_file_is_refused(text):
    with pytest.raises(InputError, match=r"^bad\.geojson"):
        parse_zones(text, "bad.geojson")


def test_files_that_cannot_be_read_are_refused(tmp_path: Path):
    binary = tmp_path / "binary.geojson"
    binary.write_bytes(b"\xff\xfe{")
    for path in (tmp_path / "absent.geojson", tmp_path, binary):
        with pytest.raises(InputError, match=str(path)):
            load_zones(path)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _paths(node, prefix=()):
    yield prefix
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from _paths(value, (*prefix, key))


PATHS = [p for p in _paths(GOOD) if p]


def _parses_or_refuses(text):
    try:
        zones = parse_zones(text, "fuzz").zones
    except InputError as error:
        zones, message = None, str(error)
    assert zones or message.startswith("fuzz")


@given(st.sampled_from(PATHS), json_values)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_anywhere_is_read_or_refused(path, value):
    _parses_or_refuses(changed(GOOD, *path, value))


@given(st.text(max_size=60) | json_values.map(lambda v: json.dumps(v)))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_refused(text):
    _parses_or_refuses(text)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_damaged_file_is_read_or_refused(data):
    text = json.dumps(GOOD)
    at = data.draw(st.integers(0, len(text) - 1))
    drop = data.draw(st.integers(0, 5))
    _parses_or_refuses(text[:at] + data.draw(st.text(max_size=4)) + text[at + drop :])


@pytest.mark.campaign
@given(st.sampled_from(PATHS), json_values, st.integers(0, 400), st.text(max_size=3))
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_fuzz_campaign(path, value, at, insert):
    text = changed(GOOD, *path, value)
    _parses_or_refuses(text)
    _parses_or_refuses(text[:at] + insert + text[at:])
