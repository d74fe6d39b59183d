"""Zones of every shape, height and time go out in each format and come back: all of them, or as told."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.zone_files import dump_zone_file, load_zone_file, parse_zone_file, save_zone_file
from lenger_core.zones import (
    BorderShape,
    CircleShape,
    CorridorShape,
    Datum,
    HeightLimit,
    PolygonShape,
    TimeWindow,
    Zone,
    ZoneKind,
    ZoneSet,
)

LAT, LON = 42.18, 69.88
NS = 1_772_000_000_000_000_000


def star(radii, lat=LAT, lon=LON, scale=1.0):
    """A polygon that cannot cross itself, about a centre; radii in degrees."""
    step = 2.0 * math.pi / len(radii)
    return tuple(
        (lat + scale * r * math.sin(k * step), lon + scale * r * math.cos(k * step)) for k, r in enumerate(radii)
    )


radii = st.lists(st.floats(0.002, 0.01), min_size=3, max_size=12)
polygons = st.builds(lambda r: PolygonShape(star(r)), radii)
holed = st.builds(
    lambda r: PolygonShape(star(r), (star((0.0005, 0.0004, 0.0005)),)), radii.filter(lambda r: len(r) > 4)
)
positions = st.tuples(st.floats(42.0, 42.3), st.floats(69.7, 70.0))
circles = st.builds(CircleShape, st.floats(42.0, 42.3), st.floats(69.7, 70.0), st.floats(1.0, 50_000.0))
lines = st.lists(positions, min_size=2, max_size=6).filter(
    lambda line: all(math.dist(a, b) > 1e-4 for a, b in pairwise(line))
).map(tuple)  # fmt: skip
corridors = st.builds(CorridorShape, lines, st.floats(1.0, 20_000.0))
borders = st.builds(
    BorderShape,
    st.tuples(positions, positions).filter(lambda line: math.dist(*line) > 1e-4),
    st.sampled_from(("left", "right")),
    st.floats(0.0, 20_000.0),
)
limits = st.none() | st.builds(HeightLimit, st.floats(-1000.0, 20_000.0), st.sampled_from(Datum))
moments = st.integers(-(10**18), 4 * 10**18)
windows = st.builds(
    lambda start, length, open_end: TimeWindow(start, None if open_end else start + length),
    moments,
    st.integers(1, 10**17),
    st.booleans(),
) | st.builds(TimeWindow, st.none(), moments)
names = st.text(st.characters(categories=("L", "N", "P", "S")), min_size=1, max_size=80)


@st.composite
def zones_of(draw, shapes=polygons | holed | circles | corridors | borders):
    made = []
    for name in draw(st.lists(names, min_size=1, max_size=5, unique=True)):
        floor, ceiling = draw(limits), draw(limits)
        if floor and ceiling and floor.datum is ceiling.datum and floor.height_m >= ceiling.height_m:
            floor = None
        kind, priority = draw(st.sampled_from(ZoneKind)), draw(st.integers(-1000, 1000))
        times = tuple(draw(st.lists(windows, max_size=3)))
        made.append(Zone(name, kind, draw(shapes), floor, ceiling, priority, times))
    return ZoneSet(tuple(made))


@pytest.mark.parametrize("file_format", ["geojson", "kml"])
@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_geojson_and_kml_say_everything_exactly(file_format, data):
    zones = data.draw(zones_of())
    text, _ = dump_zone_file(zones, file_format)
    found = parse_zone_file(text, "again")
    assert found.format == file_format
    assert found.zones == zones


@given(shapes=st.lists(polygons | circles, min_size=1, max_size=4))
@settings(max_examples=80, deadline=None)
def test_a_plan_keeps_exclusions_at_full_height_exactly(shapes):
    zones = ZoneSet(tuple(Zone(str(k), ZoneKind.EXCLUSION, s) for k, s in enumerate(shapes)))
    found = parse_zone_file(dump_zone_file(zones, "plan")[0], "again")
    assert found.format == "plan"
    key = str
    assert sorted((z.shape for z in found.zones.zones), key=key) == sorted(shapes, key=key)
    assert {z.kind for z in found.zones.zones} == {ZoneKind.EXCLUSION}


@given(
    shapes=st.lists(polygons | holed | circles, min_size=1, max_size=4),
    priority=st.sampled_from((10, 20, 30)),
    top=st.none() | st.integers(1, 20_000),
    datum=st.sampled_from((Datum.AGL, Datum.AMSL, Datum.ELLIPSOID)),
)
@settings(max_examples=80, deadline=None)
def test_ed269_keeps_exclusions_with_whole_heights_exactly(shapes, priority, top, datum):
    ceiling = None if top is None else HeightLimit(float(top), datum)
    times = (TimeWindow(NS, NS + 10**15),)
    made = [Zone(f"zone {k}", ZoneKind.EXCLUSION, s, None, ceiling, priority, times) for k, s in enumerate(shapes)]
    text, notes = dump_zone_file(ZoneSet(tuple(made)), "ed269")
    assert notes == ()
    assert parse_zone_file(text, "again").zones == ZoneSet(tuple(made))


def test_what_a_format_cannot_say_is_told_by_name():
    field = PolygonShape(star((0.01,) * 5))
    every = (
        Zone("field", ZoneKind.INCLUSION, field, None, HeightLimit(150.0, Datum.AGL)),
        Zone("pad", ZoneKind.APPROACH, CircleShape(LAT, LON, 30.0)),
        Zone("low wall", ZoneKind.EXCLUSION, CircleShape(LAT, LON, 30.0), None, HeightLimit(20.5, Datum.HOME)),
        Zone("range", ZoneKind.EXCLUSION, CircleShape(LAT, LON, 60.0), priority=7, windows=(TimeWindow(NS, None),)),
        Zone("border", ZoneKind.EXCLUSION, BorderShape(((42.2, 69.8), (42.2, 69.9)), "left", 500.0)),
        Zone("road", ZoneKind.EXCLUSION, CorridorShape(((42.1, 69.8), (42.2, 69.9)), 100.0)),
    )
    plan = " ".join(dump_zone_file(ZoneSet(every), "plan")[1])
    for name in ("field", "pad", "low wall", "range"):
        assert name in plan
    text, notes = dump_zone_file(ZoneSet(every), "ed269")
    told = " ".join(notes)
    for name in ("field", "pad", "low wall", "range", "border", "road"):
        assert name in told
    assert [z.name for z in parse_zone_file(text, "again").zones.zones] == ["range", "road"]


def test_no_zones_are_zones_only_where_the_file_says_so():
    text = ZoneSet().to_geojson()
    assert parse_zone_file(text, "again").zones == ZoneSet()
    assert '"no_zones": true' in text


@pytest.mark.parametrize("ending", [".geojson", ".kml", ".plan", ".json", ".KML"])
def test_files_are_written_by_ending_and_read_by_content(ending, tmp_path):
    zones = ZoneSet((Zone("pit", ZoneKind.EXCLUSION, PolygonShape(star((0.01,) * 5)), priority=30),))
    path = tmp_path / f"zones{ending}"
    save_zone_file(zones, path)
    renamed = path.rename(tmp_path / "zones.txt")
    assert load_zone_file(renamed).zones.zones[0].shape == zones.zones[0].shape
