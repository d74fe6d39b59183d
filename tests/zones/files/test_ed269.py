"""EUROCAE ED-269: what becomes a zone, when it is in force, and what is told."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest

from lenger_core.errors import InputError
from lenger_core.zone_files import parse_zone_file
from lenger_core.zones import CircleShape, Datum, HeightLimit, ZoneKind

from .trees import changed_tree

RING = [[7.10, 46.10], [7.12, 46.10], [7.12, 46.12], [7.10, 46.12], [7.10, 46.10]]
ZONE = {
    "identifier": "TST0001",
    "country": "CHE",
    "name": "Test heliport",
    "type": "COMMON",
    "restriction": "REQ_AUTHORISATION",
    "restrictionConditions": "ask before flying",
    "region": 0,
    "reason": ["AIR_TRAFFIC"],
    "otherReasonInfo": "",
    "regulationExemption": "NO",
    "uSpaceClass": "",
    "message": "call the tower",
    "applicability": [{"permanent": "YES"}],
    "zoneAuthority": [{"name": "tower", "purpose": "AUTHORIZATION", "intervalBefore": "PT2H"}],
    "geometry": [
        {
            "uomDimensions": "M",
            "lowerLimit": 0,
            "lowerVerticalReference": "AGL",
            "upperLimit": 150,
            "upperVerticalReference": "AMSL",
            "horizontalProjection": {"type": "Polygon", "coordinates": [RING]},
        }
    ],
}
HEIGHT = ("geometry", 0)


def parsed(zones):
    return parse_zone_file(json.dumps({"title": "national", "description": "", "features": zones}), "zones.json")


def changed(*path_and_value):
    return changed_tree(ZONE, *path_and_value)


def utc_ns(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone.utc).timestamp()) * 10**9


def test_a_national_publication_is_read_and_what_is_for_people_is_told():
    found = parsed([ZONE])
    (zone,) = found.zones.zones
    assert found.format == "ed269"
    assert (zone.name, zone.kind, zone.priority) == ("Test heliport", ZoneKind.EXCLUSION, 20)
    assert zone.floor is None  # on the ground
    assert zone.ceiling == HeightLimit(150.0, Datum.AMSL)
    assert zone.windows == ()
    notes = " | ".join(found.notes)
    assert "REQ_AUTHORISATION cannot be judged here: kept out of: Test heliport" in notes
    assert "its message is for people" in notes and "its restrictionConditions is for people" in notes


@pytest.mark.parametrize("wrap", [lambda z: z, lambda z: {"UASZoneList": z}, lambda z: {"UASZoneVersion": z}])
def test_a_bare_list_is_read_too(wrap):
    assert len(parse_zone_file(json.dumps(wrap([ZONE])), "x").zones.zones) == 1


def test_feet_and_datums():
    circle = {"type": "Circle", "center": [7.1, 46.1], "radius": 1000}
    zone = changed(*HEIGHT, "horizontalProjection", circle)
    zone["geometry"][0] |= {
        "uomDimensions": "FT", "lowerLimit": 100, "upperLimit": 400, "upperVerticalReference": "WGS84"
    }  # fmt: skip
    (found,) = parsed([zone]).zones.zones
    assert isinstance(found.shape, CircleShape)
    assert found.shape.radius_m == pytest.approx(304.8)
    assert found.floor == HeightLimit(pytest.approx(30.48), Datum.AGL)
    assert found.ceiling == HeightLimit(pytest.approx(121.92), Datum.ELLIPSOID)


def test_several_volumes_and_equal_names_are_zones_of_their_own():
    twice = changed("geometry", [*ZONE["geometry"], *ZONE["geometry"]])
    found = parsed([twice, ZONE])
    assert [z.name for z in found.zones.zones] == ["Test heliport", "Test heliport (2)", "Test heliport (3)"]
    assert any("names that another zone has" in note for note in found.notes)


def test_no_restriction_is_left_out_and_told():
    found = parsed([changed("restriction", "NO_RESTRICTION"), changed("restriction", "PROHIBITED")])
    assert [z.priority for z in found.zones.zones] == [30]
    assert any("NO_RESTRICTION" in note for note in found.notes)


def test_a_schedule_with_an_end_is_written_out():
    daily = [{"day": ["MON", "FRI"], "startTime": "22:00Z", "endTime": "02:00Z"}]
    period = {
        "permanent": "NO",
        "startDateTime": "2026-03-02T00:00:00Z",  # a Monday
        "endDateTime": "2026-03-09T00:00:00Z",
        "schedule": daily,
    }
    (zone,) = parsed([changed("applicability", [period])]).zones.zones
    spans = [(w.start_utc_ns, w.end_utc_ns) for w in zone.windows]
    assert spans == [
        (utc_ns("2026-03-02T22:00"), utc_ns("2026-03-03T02:00")),
        (utc_ns("2026-03-06T22:00"), utc_ns("2026-03-07T02:00")),
    ]


def test_schedules_against_an_hour_by_hour_look():
    daily = [
        {"day": ["MON", "TUE", "WED"], "startTime": "07:00:00.00+01:00", "endTime": "19:30:00.00+01:00"},
        {"day": ["ANY"], "startTime": "23:30+05:30", "endTime": "01:00+05:30"},
    ]
    start, end = utc_ns("2026-02-27T10:00"), utc_ns("2026-03-20T10:00")
    period = {
        "permanent": "NO",
        "startDateTime": "2026-02-27T11:00:00+01:00",
        "endDateTime": "2026-03-20T10:00:00Z",
        "schedule": daily,
    }
    (zone,) = parsed([changed("applicability", [period])]).zones.zones

    def wanted(t):
        def at(offset_min):
            return divmod(t // 10**9 // 60 + offset_min, 1440)

        day, minute = at(60)
        first = (day + 3) % 7 in (0, 1, 2) and 7 * 60 <= minute < 19 * 60 + 30
        _, minute = at(330)
        return start <= t < end and (first or minute >= 23 * 60 + 30 or minute < 60)

    step = 15 * 60 * 10**9
    moments = range(start - 20 * step, end + 20 * step, step)
    assert [zone.in_force(t) for t in moments] == [wanted(t) for t in moments]
    assert sum(wanted(t) for t in moments) > 100


@pytest.mark.parametrize(
    ("period", "note"),
    [
        (
            {"permanent": "YES", "schedule": [{"day": ["ANY"], "startTime": "08:00Z", "endTime": "09:00Z"}]},
            "all the time",
        ),
        (
            {
                "permanent": "NO",
                "startDateTime": "2026-01-01T00:00:00Z",
                "schedule": [{"day": ["SUN"], "startTime": "08:00Z", "endTime": "09:00Z"}],
            },
            "more than 400 days",
        ),
        (
            {
                "permanent": "NO",
                "startDateTime": "2026-01-01T00:00:00Z",
                "endDateTime": "2026-01-09T00:00:00Z",
                "schedule": [{"day": ["SUN"], "startTime": "08:00", "endTime": "09:00"}],
            },
            "without a time zone",
        ),
    ],
)
def test_times_that_cannot_be_kept_make_the_zone_stricter_and_are_told(period, note):
    found = parsed([changed("applicability", [period])])
    (zone,) = found.zones.zones
    assert zone.in_force(utc_ns("2026-01-05T12:00"))
    assert any(note in told for told in found.notes)


def test_a_schedule_that_never_comes_leaves_the_zone_out():
    period = {
        "permanent": "NO",
        "startDateTime": "2026-03-02T00:00:00Z",
        "endDateTime": "2026-03-04T00:00:00Z",
        "schedule": [{"day": ["SAT"], "startTime": "08:00Z", "endTime": "09:00Z"}],
    }
    found = parsed([changed("applicability", [period]), ZONE])
    assert len(found.zones.zones) == 1
    assert any("no day of its schedule" in note for note in found.notes)


@pytest.mark.parametrize(
    ("zone", "place", "expected"),
    [
        (changed("identifier", KeyError), "features[0].identifier", "a value"),
        (changed("restriction", "FORBIDDEN"), "features[0].restriction: got 'FORBIDDEN'", "'PROHIBITED'"),
        (changed("geometry", []), "features[0].geometry", "1 to 100"),
        (changed(*HEIGHT, "uomDimensions", "KM"), "uomDimensions: got 'KM'", "'M' or 'FT'"),
        (changed(*HEIGHT, "upperVerticalReference", "FL"), "upperVerticalReference: got 'FL'", "'AGL' or 'AMSL'"),
        (changed(*HEIGHT, "lowerLimit", "0"), "lowerLimit: got '0'", "a number"),
        (changed(*HEIGHT, "horizontalProjection", "type", "Point"), "type: got 'Point'", "'Polygon' or 'Circle'"),
        (changed("applicability", [{"permanent": "NO"}]), "applicability[0]", "startDateTime"),
        (changed("applicability", [{"permanent": "MAYBE"}]), "permanent: got 'MAYBE'", "'YES' or 'NO'"),
        (
            changed("applicability", [{"permanent": "NO", "startDateTime": "2026-01-01T00:00:00"}]),
            "startDateTime",
            "time zone",
        ),
        (
            changed("applicability", [{"permanent": "YES", "schedule": [{"day": ["XXX"], "startTime": ""}]}]),
            "day[0]: got 'XXX'",
            "'MON'",
        ),
        (
            changed(
                "applicability",
                [{"permanent": "YES", "schedule": [{"day": ["ANY"], "startTime": "25:00Z", "endTime": "26:00Z"}]}],
            ),
            "startTime: got '25:00Z'",
            "00:00 to 24:00",
        ),
    ],
)  # fmt: skip
def test_a_refusal_names_the_place(zone, place, expected):
    with pytest.raises(InputError) as caught:
        parsed([zone])
    assert str(caught.value).startswith("zones.json: ")
    assert place in str(caught.value)
    assert expected in str(caught.value)
