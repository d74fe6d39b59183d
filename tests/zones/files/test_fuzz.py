"""Whatever a zone file holds, it is read or refused with one line, in a time that its size bounds."""

from __future__ import annotations

import copy
import json
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.zone_files import dump_zone_file, load_zone_file, parse_zone_file
from lenger_core.zone_files.edits import edit_zones
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

SQUARE = ((42.18, 69.88), (42.18, 69.89), (42.19, 69.89), (42.19, 69.88))
HOLE = ((42.184, 69.884), (42.184, 69.886), (42.186, 69.886))
ZONES = ZoneSet(
    (
        Zone("field", ZoneKind.INCLUSION, PolygonShape(SQUARE, (HOLE,)), None, HeightLimit(120.0, Datum.AGL)),
        Zone("mast", ZoneKind.EXCLUSION, CircleShape(42.187, 69.887, 30.0), priority=10),
        Zone("pit", ZoneKind.EXCLUSION, PolygonShape(HOLE), None, None, 30, (TimeWindow(0, 10**18),)),
        Zone("road", ZoneKind.EXCLUSION, CorridorShape(SQUARE[:2], 20.0), HeightLimit(5.0, Datum.AMSL), None, 20),
        Zone("border", ZoneKind.EXCLUSION, BorderShape(SQUARE[1:3], "right", 100.0)),
    )
)
SCHEDULE = [{"day": ["MON"], "startTime": "08:00Z", "endTime": "09:00+01:00"}]
FORMATS = ("geojson", "ed269", "plan", "kml")
TEXTS = {name: dump_zone_file(ZONES, name)[0] for name in FORMATS}
TREES = {name: json.loads(TEXTS[name]) for name in FORMATS if name != "kml"}
TREES["ed269"]["features"][1]["applicability"][0]["schedule"] = SCHEDULE

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
) | st.sampled_from([10**400, -0.0, 5e-324, 1e308, "2026-01-01T00:00:00Z", "24:00Z", [], {}, [[]], "\ud800", "\x00"])
xml_words = st.text(max_size=8) | st.sampled_from(
    ["nan", "inf", "-1e999", "1_0", "<a/>", "<!-- -->", "<![CDATA[x]]>", "&amp;", "&#0;", "&x;", "]]>", "<!DOCTYPE a>",
     "0,0", "none", "..", "agl", "; ", "69.8,42.1,5", "\ud800", "\x00", "9" * 400]
)  # fmt: skip


def paths_of(node, prefix=()):
    yield prefix
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield from paths_of(value, (*prefix, key))


PATHS = [(name, path) for name, tree in TREES.items() for path in paths_of(tree) if path]
XML_WORDS = [match.span() for match in re.finditer(r"[^<>\s\"=/]+", TEXTS["kml"])]


def reads_or_refuses(text):
    message = refusal_of(lambda: parse_zone_file(text, "fuzz"))
    if message is not None:
        assert message.startswith("fuzz")
        assert message.isprintable()
        return
    found = parse_zone_file(text, "fuzz")
    assert all("\n" not in note for note in found.notes)
    assert parse_zone_file(found.zones.to_geojson(), "again").zones == found.zones


def refusal_of(read):
    """The line with which it is refused; None: it is read. Any other error fails the test."""
    try:
        read()
    except InputError as error:
        return str(error)
    return None


def replaced(name, path, value):
    tree = copy.deepcopy(TREES[name])
    node = tree
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return json.dumps(tree)


def damaged(text, data):
    at = data.draw(st.integers(0, len(text)))
    return text[:at] + data.draw(st.text(max_size=4)) + text[at + data.draw(st.integers(0, 6)) :]


def test_the_seeds_themselves_are_read():
    for name in FORMATS:
        assert parse_zone_file(TEXTS[name], name).format == name
    assert parse_zone_file(json.dumps(TREES["ed269"]), "x").zones.zones


@given(st.sampled_from(PATHS), json_values)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_value_anywhere(place, value):
    reads_or_refuses(replaced(*place, value))


@given(st.sampled_from(XML_WORDS), xml_words)
@settings(max_examples=200, deadline=None)
def test_any_word_anywhere_in_kml(span, word):
    reads_or_refuses(TEXTS["kml"][: span[0]] + word + TEXTS["kml"][span[1] :])


@given(st.sampled_from(FORMATS), st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_text(name, data):
    reads_or_refuses(damaged(TEXTS[name], data))


@given(st.sampled_from(FORMATS), st.binary(max_size=6), st.integers(0, 4000))
@settings(max_examples=150, deadline=None)
def test_damaged_bytes(tmp_path_factory, name, junk, at):
    raw = TEXTS[name].encode()
    path = tmp_path_factory.getbasetemp() / "fuzz.bin"
    path.write_bytes(raw[:at] + junk + raw[at + len(junk) :])
    refusal = refusal_of(lambda: load_zone_file(path))
    assert refusal is None or refusal.startswith(str(path))


@given(st.sampled_from(("", "replace", "merge", "withdraw")), st.text(max_size=40) | json_values.map(json.dumps))
@settings(max_examples=150, deadline=None)
def test_any_edit_is_done_or_refused(operation, text):
    refusal = refusal_of(lambda: edit_zones(ZONES, operation, text))
    assert refusal is None or refusal.startswith("guard/set_zones")


@pytest.mark.parametrize(
    "text",
    [
        "<kml>" + "<Folder>" * 100_000,
        "<kml a='" + "x" * 1_000_000,
        "<" * 1_000_000,
        "<?" * 500_000,
        "<!--" * 500_000,
        "[" * 1_000_000,
        '{"features":' * 100_000,
        '{"type": "FeatureCollection", "features": [' + "0," * 1_000_000,
        "9" * 1_000_000,
        '"' + "\\u0000" * 100_000,
        "x" * 9_000_000,
        "<kml>" + " " * 9_000_000,
    ],
    ids=range(12),
)
def test_large_nonsense_is_refused(text):
    with pytest.raises(InputError):
        parse_zone_file(text, "fuzz")


@pytest.mark.campaign
@pytest.mark.timeout(3600)
@given(st.data())
@settings(max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
def test_fuzz_campaign(data):
    if data.draw(st.booleans()):
        text = replaced(*data.draw(st.sampled_from(PATHS)), data.draw(json_values))
    else:
        start, end = data.draw(st.sampled_from(XML_WORDS))
        text = TEXTS["kml"][:start] + data.draw(xml_words) + TEXTS["kml"][end:]
    reads_or_refuses(damaged(text, data) if data.draw(st.booleans()) else text)
