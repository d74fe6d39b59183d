"""Shapes that are no shapes: each is refused or put right, and either way it is said why."""

from __future__ import annotations

import json

import pytest

from lenger_core.errors import InputError
from lenger_core.zone_files import parse_zone_file
from lenger_core.zones import PolygonShape

SQUARE = [[69.88, 42.18], [69.89, 42.18], [69.89, 42.19], [69.88, 42.19]]


def geojson(geometry, **properties):
    features = [
        {"type": "Feature", "geometry": geometry, "properties": {"name": "z", "kind": "exclusion", **properties}}
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def ring_of(*corners):
    return {"type": "Polygon", "coordinates": [[*corners, corners[0]]]}


def line_of(*points):
    return {"type": "LineString", "coordinates": [list(p) for p in points]}


BOWTIE = ring_of(SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3])
REFUSED = [
    (geojson(BOWTIE), "self-intersection at 42.185000, 69.885000", "does not cross itself"),
    (geojson(ring_of(*SQUARE[:2])), "3 elements", "4 to"),
    (geojson(ring_of(SQUARE[0], SQUARE[1], SQUARE[0])), "without an inside", "at least 3"),
    (geojson(ring_of([0, 0], [1e-6, 0], [0, 1e-6])), "m2", "an area of at least 1 m2"),
    (geojson(ring_of([179.9, 1], [-179.9, 1], [-179.9, 2])), "359.8 degrees apart", "split there"),
    (geojson(ring_of([10, 1], [14, 1], [14, 2])), "longitudes 4 degrees apart", "at most 3"),
    (geojson(ring_of([42.18, 95.0], *SQUARE[1:])), "got 95.0", "latitude and longitude look swapped"),
    (geojson(ring_of([181.0, 42.0], *SQUARE[1:])), "got 181.0", "-180 to 180"),
    (geojson({"type": "Polygon", "coordinates": [SQUARE]}), "coordinates[0][3]", "closed ring"),
    (
        geojson(
            {"type": "Polygon", "coordinates": [[*SQUARE, SQUARE[0]], [[60, 40], [60.1, 40], [60, 40.1], [60, 40]]]}
        ),
        "hole lies outside",
        "holes inside",
    ),
    (geojson({"type": "MultiPolygon", "coordinates": []}), "0 elements", "1 to 1000"),
    (
        geojson({"type": "Point", "coordinates": [179.9999, 0]}, radius_m=500),
        "500 m about 0.000000, 179.999900",
        "not 180",
    ),
    (geojson(line_of((69.8, 42.1), (69.9, 42.1))), "neither", "width_m"),
    (geojson(line_of((69.8, 42.1), (69.9, 42.1)), width_m=50, beyond="left"), "both", "beyond"),
    (geojson(line_of((69.8, 42.1), (69.8, 42.1)), width_m=50), "1 different points", "at least 2"),
    (geojson(line_of((69.8, 42.1), (69.9, 42.1)), width_m=0.5), "got 0.5", "from 1 to 20000"),
    (geojson(line_of((69.8, 42.1), (69.9, 42.1)), beyond="up"), "got 'up'", "'left' or 'right'"),
    (
        geojson(line_of((69.8, 42.1), (69.9, 42.1), (69.9, 42.2), (69.85, 42.0)), beyond="left"),
        "crosses itself",
        "border that does not",
    ),
    (
        geojson(line_of((69.8, 42.1), (69.9, 42.1), (69.9, 42.2), (69.8, 42.15)), beyond="left"),
        "crosses itself",
        "simple line",
    ),
    (geojson(ring_of(*SQUARE), times=[{"start": "2026-01-01", "end": None}]), "2026-01-01", "time zone"),
    (geojson(ring_of(*SQUARE), times=[{"start": "2026-02-30T00:00:00Z"}]), "2026-02-30", "calendar"),
    (
        geojson(ring_of(*SQUARE), times=[{"start": "2026-02-02T00:00:00Z", "end": "2026-02-01T00:00:00Z"}]),
        "2026-02-01",
        "after the start 2026-02-02",
    ),
    (geojson(ring_of(*SQUARE), times=[{"from": None}]), "times[0].from", "valid fields: start, end"),
    (geojson(ring_of(*SQUARE), name="a\nb"), "got 'a\\nb'", "printable"),
]


@pytest.mark.parametrize(("text", "found", "expected"), REFUSED, ids=range(len(REFUSED)))
def test_it_is_refused_with_a_reason(text, found, expected):
    with pytest.raises(InputError) as caught:
        parse_zone_file(text, "bad.geojson")
    message = str(caught.value)
    assert message.startswith("bad.geojson: features[0]")
    assert found in message
    assert expected in message


def shape_and_notes(*corners):
    found = parse_zone_file(geojson(ring_of(*corners)), "x")
    shape = found.zones.zones[0].shape
    assert isinstance(shape, PolygonShape)
    return {(lon, lat) for lat, lon in shape.outer}, " ".join(found.notes)


CORNERS = {tuple(c) for c in SQUARE}


def test_double_corners_are_left_out_and_told():
    corners, notes = shape_and_notes(SQUARE[0], SQUARE[1], SQUARE[1], SQUARE[2], [69.89, 42.19000000001], SQUARE[3])
    assert corners == CORNERS
    assert "2 corners in the place of the one before" in notes


@pytest.mark.parametrize("start", range(6))
def test_a_spike_is_cut_off_wherever_the_ring_begins(start):
    ring = [SQUARE[0], [69.885, 42.18], [69.885, 42.17], [69.885, 42.18], SQUARE[1], SQUARE[2], SQUARE[3]]
    corners, notes = shape_and_notes(*ring[start:], *ring[:start])
    assert CORNERS <= corners <= CORNERS | {(69.885, 42.18)}
    assert "spikes without an inside were cut off" in notes


def test_a_spike_of_many_corners_is_cut_off_in_linear_time():
    out = [[69.885, 42.18 - 1e-6 * k] for k in range(15_000)]
    corners, _ = shape_and_notes(SQUARE[0], *out, *reversed(out), SQUARE[1], SQUARE[2], SQUARE[3])
    assert corners >= CORNERS
    assert len(corners) <= 5


def test_the_direction_of_a_ring_means_nothing():
    forward, notes = shape_and_notes(*SQUARE)
    backward, more = shape_and_notes(*reversed(SQUARE))
    assert forward == backward
    assert notes == more == ""


def test_the_parts_of_a_multipolygon_are_zones():
    other = [[lon + 0.1, lat] for lon, lat in SQUARE]
    geometry = {"type": "MultiPolygon", "coordinates": [[[*r, r[0]]] for r in (SQUARE, other)]}
    found = parse_zone_file(geojson(geometry), "x")
    assert [z.name for z in found.zones.zones] == ["z (1)", "z (2)"]
    assert "2 polygons are zones of their own" in found.notes[0]


def test_a_swap_of_latitude_and_longitude_is_seen_from_the_others():
    tree = json.loads(geojson(ring_of(*SQUARE)))
    swapped = json.loads(geojson(ring_of(*([lat, lon] for lon, lat in SQUARE))))["features"][0]
    swapped["properties"]["name"] = "odd one"
    far = json.loads(geojson(ring_of(*([lon + 5.0, lat] for lon, lat in SQUARE))))["features"][0]
    far["properties"]["name"] = "far"
    near = json.loads(geojson(ring_of(*([lon + 0.1, lat] for lon, lat in SQUARE))))["features"][0]
    near["properties"]["name"] = "near"
    tree["features"] += [swapped, near, far]
    notes = parse_zone_file(json.dumps(tree), "x").notes
    assert len(notes) == 2
    assert "'odd one'" in notes[0] and "with latitude and longitude swapped it would lie 0 km" in notes[0]
    assert "'far' lies 4" in notes[1] and "swapped" not in notes[1]
