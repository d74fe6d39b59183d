"""KML: other programs' placemarks, our ExtendedData, and XML that is out to do harm."""

from __future__ import annotations

import pytest

from lenger_core.errors import InputError
from lenger_core.zone_files import load_zone_file, parse_zone_file
from lenger_core.zones import CircleShape, Datum, HeightLimit, PolygonShape, TimeWindow, ZoneKind

RING = "69.88,42.18{h} 69.89,42.18{h} 69.89,42.19{h} 69.88,42.19{h} 69.88,42.18{h}"
HOLE = "69.884,42.184 69.886,42.184 69.886,42.186 69.884,42.186 69.884,42.184"


def polygon(height="", extra="", hole=""):
    inner = f"<innerBoundaryIs><LinearRing><coordinates>{hole}</coordinates></LinearRing></innerBoundaryIs>"
    return (
        f"<Polygon>{extra}<outerBoundaryIs><LinearRing><coordinates>\n {RING.format(h=height)}\n</coordinates>"
        f"</LinearRing></outerBoundaryIs>{inner if hole else ''}</Polygon>"
    )


def data(**values):
    entries = "".join(f'<Data name="{k}"><value>{v}</value></Data>' for k, v in values.items())
    return f"<ExtendedData>{entries}</ExtendedData>"


def placemark(inner, name="field"):
    return f"<Placemark><name>{name}</name>{inner}</Placemark>"


def kml(inner, namespace=' xmlns="http://www.opengis.net/kml/2.2"'):
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn -->\n<kml{namespace}><Document>{inner}</Document></kml>'


def one(inner, kind=None):
    (zone,) = parse_zone_file(kml(inner), "x.kml", kind).zones.zones
    return zone


def test_a_polygon_with_a_hole_and_our_data():
    zone = one(placemark(data(kind="inclusion", floor="10 agl", ceiling="900.5 AMSL", priority=3) + polygon(hole=HOLE)))
    assert isinstance(zone.shape, PolygonShape)
    assert zone.shape.outer[1] == (42.18, 69.89)
    assert len(zone.shape.holes) == 1
    assert (zone.name, zone.kind, zone.priority) == ("field", ZoneKind.INCLUSION, 3)
    assert zone.floor == HeightLimit(10.0, Datum.AGL)
    assert zone.ceiling == HeightLimit(900.5, Datum.AMSL)


@pytest.mark.parametrize("namespace", ["", ' xmlns="http://earth.google.com/kml/2.1"'])
def test_old_namespaces_and_none(namespace):
    text = kml(placemark(data(kind="exclusion") + polygon()), namespace)
    assert len(parse_zone_file(text, "x").zones.zones) == 1


def test_a_folder_says_the_kind_of_what_is_in_it_and_a_placemark_overrules_it():
    marks = placemark(polygon(), "a") + placemark(data(kind="approach") + polygon(), "b")
    found = parse_zone_file(kml(f"<Folder><name>f</name>{data(kind='exclusion')}{marks}</Folder>"), "x")
    assert [z.kind for z in found.zones.zones] == [ZoneKind.EXCLUSION, ZoneKind.APPROACH]


def test_what_has_no_kind_is_refused_unless_one_is_given():
    with pytest.raises(InputError, match=r"line 3 Placemark 'field' kind: got 'nothing', expected inclusion or"):
        one(placemark(polygon()))
    assert one(placemark(polygon()), ZoneKind.EXCLUSION).kind is ZoneKind.EXCLUSION


@pytest.mark.parametrize(
    ("mode", "height", "ceiling", "note"),
    [
        ("clampToGround", ",120", None, ""),
        ("relativeToGround", ",120", HeightLimit(120.0, Datum.AGL), "without extrude"),
        ("absolute", ",1200", HeightLimit(1200.0, Datum.AMSL), "without extrude"),
        ("relativeToGround", ",0", None, "without a ceiling"),
    ],
)
def test_a_drawn_height_is_the_ceiling(mode, height, ceiling, note):
    extra = f"<altitudeMode>{mode}</altitudeMode>"
    found = parse_zone_file(kml(placemark(polygon(height, extra))), "x", ZoneKind.EXCLUSION)
    assert found.zones.zones[0].ceiling == ceiling
    assert note in " ".join(found.notes)
    extruded = parse_zone_file(kml(placemark(polygon(height, f"<extrude>1</extrude>{extra}"))), "x", ZoneKind.EXCLUSION)
    assert extruded.zones.zones[0].ceiling == ceiling


def test_points_lines_and_times():
    point = "<Point><coordinates>69.88,42.18</coordinates></Point>"
    span = "<TimeSpan><begin>2026-03-01T00:00:00Z</begin></TimeSpan>"
    zone = one(placemark(span + data(kind="exclusion", radius_m="40") + point))
    assert zone.shape == CircleShape(42.18, 69.88, 40.0)
    assert zone.windows == (TimeWindow(1_772_323_200_000_000_000, None),)
    found = parse_zone_file(kml(placemark(point, "pin") + placemark(polygon())), "x", ZoneKind.INCLUSION)
    assert len(found.zones.zones) == 1
    assert "a Point without radius_m is no zone and is left out: pin" in found.notes


def test_a_multigeometry_is_several_zones_and_equal_names_get_numbers():
    both = placemark(data(kind="exclusion") + f"<MultiGeometry>{polygon()}{polygon()}</MultiGeometry>")
    found = parse_zone_file(kml(both + placemark(data(kind="exclusion") + polygon())), "x")
    assert len({z.name for z in found.zones.zones}) == 3


REFUSED = [
    ("<kml", "line 1 column", "well-formed XML"),
    ("<gpx/>", "the root element: got 'gpx'", "kml"),
    (kml(""), "Placemark", "at least one Polygon"),
    ("<!DOCTYPE kml [<!ENTITY a 'b'>]><kml/>", "<!DOCTYPE", "without a document type"),
    ("<?xml version='1.0'?><!-- a --><!DOCTYPE kml SYSTEM 'file:///etc/passwd'><kml/>", "<!DOCTYPE", "without a doc"),
    (kml(placemark(data(kind="exclusion") + "&undefined;" + polygon())), "line 3", "well-formed XML"),
    ("<kml>" + "<a>" * 5000 + "</a>" * 5000 + "</kml>", "line 1", "well-formed XML"),
    (kml(placemark(data(kind="keep out") + polygon())), "kind: got 'keep out'", "inclusion or exclusion or approach"),
    (kml(placemark(data(kind="exclusion", ceilling="5 agl") + polygon())), "ceilling", "valid fields: kind, floor"),
    (kml(placemark(data(kind="exclusion", ceiling="5 msl") + polygon())), "ceiling: got '5 msl'", "such as 150 agl"),
    (kml(placemark(data(kind="exclusion", ceiling="nan agl") + polygon())), "ceiling: got 'nan'", "a number"),
    (kml(placemark(data(kind="exclusion", priority="1.5") + polygon())), "priority", "whole number"),
    (kml(placemark(data(kind="exclusion", times="today") + polygon())), "times", "2026-03-01T06:30:00Z/.."),
    (kml(placemark(data(kind="exclusion"))), "no geometry", "a Polygon"),
    (
        kml(placemark(data(kind="exclusion") + "<Point><coordinates>69,42</coordinates></Point>")),
        "radius_m",
        "Data in ExtendedData",
    ),
    (
        kml(placemark(data(kind="exclusion") + polygon().replace("69.89,42.19", "69.89;42.19"))),
        "coordinates[2]: got '69.89;42.19'",
        "longitude,latitude",
    ),
    (
        kml(placemark(data(kind="exclusion") + polygon(",1", "<altitudeMode>absolute</altitudeMode>").replace(
            "69.89,42.19,1", "69.89,42.19,9"
        ))),
        "heights from 1 to 9 m",
        "one height for all corners",
    ),
    (
        kml(placemark(data(kind="exclusion") + polygon(",1", "<altitudeMode>sideways</altitudeMode>"))),
        "altitudeMode: got 'sideways'",
        "clampToGround",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("text", "place", "expected"), REFUSED, ids=range(len(REFUSED)))
def test_a_refusal_names_the_line_and_the_placemark(text, place, expected):
    with pytest.raises(InputError) as caught:
        parse_zone_file(text, "bad.kml")
    message = str(caught.value)
    assert message.startswith("bad.kml: ")
    assert place in message
    assert expected in message


def test_an_archive_is_refused(tmp_path):
    path = tmp_path / "zones.kmz"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(InputError, match="unzip"):
        load_zone_file(path)
