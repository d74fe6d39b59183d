"""Areas, lines and points of KML and GeoJSON: read, refused with a reason, and the same after writing and reading."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutated_texts import MAX_MEMORY_MB, QUICK, SAMPLE_CASES, campaign, memory_mb, read_or_refused, texts

from lenger_core.errors import InputError
from lenger_core.plans import Datum
from lenger_mission.formats.areas import AreaFeature, Kind, load_areas, parse_areas, text_of_areas

SQUARE = ((42.18, 69.88), (42.18, 69.89), (42.19, 69.89), (42.19, 69.88))
HOLE = ((42.184, 69.884), (42.184, 69.886), (42.186, 69.886))
LINE = ((42.1, 69.9), (42.11, 69.95), (42.105, 70.0))
FEATURES = (
    AreaFeature("field <A&B>", Kind.AREA, (SQUARE, HOLE)),
    AreaFeature("border", Kind.LINE, (LINE,)),
    AreaFeature("track", Kind.LINE, (LINE,), (60.0, 61.5, 60.0), Datum.AGL),
    AreaFeature("datum", Kind.POINT, (((42.2, 69.9),),)),
    AreaFeature("", Kind.POINT, (((42.2, 69.9),),), (812.25,), Datum.AMSL),
)
GOOD = {ending: text_of_areas("t", FEATURES, ending) for ending in (".kml", ".geojson")}


def read(text: str) -> object:
    return parse_areas(text, "map")


def geojson(geometry: Any, **properties: Any) -> str:
    return json.dumps({"type": "Feature", "properties": properties, "geometry": geometry})


def kml(geometry: str, name: str = "n") -> str:
    return f"<kml><Document><Placemark><name>{name}</name>{geometry}</Placemark></Document></kml>"


@pytest.mark.parametrize("ending", GOOD)
def test_what_is_written_is_read_back(ending: str, tmp_path: Path) -> None:
    path = tmp_path / f"map{ending}"
    path.write_text(GOOD[ending], encoding="utf-8")
    found = load_areas(path)
    assert found.features == FEATURES
    assert found.notes == ()


@pytest.mark.parametrize("ending", GOOD)
@given(st.data())
@settings(max_examples=30)
def test_any_line_is_read_back_exactly(ending: str, data: st.DataObject) -> None:
    near = st.floats(-0.5, 0.5, allow_nan=False)
    steps = data.draw(st.lists(st.tuples(near, near), min_size=2, max_size=20))
    # Points in one place are one point: each step goes at least a metre north.
    line = tuple((42.0 + k * 1e-5 + 1e-6 * lat, 69.0 + lon) for k, (lat, lon) in enumerate(steps))
    heights = tuple(data.draw(st.lists(st.floats(-400, 8_000), min_size=len(line), max_size=len(line))))
    feature = AreaFeature("a", Kind.LINE, (line,), heights, data.draw(st.sampled_from([Datum.AGL, Datum.AMSL])))
    assert parse_areas(text_of_areas("t", (feature,), ending), "map").features == (feature,)


def test_geojson_of_every_shape_and_wrapping() -> None:
    ring = [[lon, lat] for lat, lon in (*SQUARE, SQUARE[0])]
    far = [[lon + 1.0, lat] for lon, lat in ring]
    line = [[lon, lat] for lat, lon in LINE]
    assert parse_areas(json.dumps({"type": "Polygon", "coordinates": [ring]}), "m").features[0].outline == SQUARE
    many = parse_areas(geojson({"type": "MultiPolygon", "coordinates": [[ring], [far]]}, Name="two"), "m")
    assert [(f.name, f.kind) for f in many.features] == [("two", Kind.AREA)] * 2
    parts = [{"type": "LineString", "coordinates": line}, {"type": "MultiPoint", "coordinates": line}]
    nested = {"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": parts}]}
    found = parse_areas(geojson(nested, id=7), "m")
    assert [f.kind for f in found.features] == [Kind.LINE, Kind.POINT, Kind.POINT, Kind.POINT]
    assert found.features[0].name == "7"


def test_a_third_number_in_geojson_is_told_and_not_read() -> None:
    found = parse_areas(geojson({"type": "Point", "coordinates": [69.9, 42.2, 800.0]}), "m")
    assert found.features[0].heights_m is None
    assert "third number" in found.notes[0]


def test_kml_of_a_map_program() -> None:
    """Folders, styles, a MultiGeometry, a ring as a line, and heights that the altitude mode does not use."""
    ring = " ".join(f"{lon},{lat},0" for lat, lon in (*SQUARE, SQUARE[0]))
    line = "\n".join(f"{lon},{lat},12" for lat, lon in LINE)
    text = f"""<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Style id="s"/><Folder>
      <Placemark><name>both</name><MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>{ring}
      </coordinates></LinearRing></outerBoundaryIs></Polygon><LineString><coordinates>{line}</coordinates></LineString>
      </MultiGeometry></Placemark><NetworkLink/></Folder><Placemark><name>no</name></Placemark></Document></kml>"""
    found = parse_areas(text, "m")
    assert [(f.name, f.kind, f.heights_m) for f in found.features] == [
        ("both", Kind.AREA, None),
        ("both", Kind.LINE, None),
    ]
    assert found.features[0].outline == SQUARE
    told = " ".join(found.notes)
    assert "NetworkLink is not read" in told and "left out" in told and "clampToGround" in told


def test_doubled_points_of_a_line_go_and_its_heights_with_them() -> None:
    told = "69.9,42.1,10 69.9,42.1,20 69.95,42.1,30"
    mode = "<altitudeMode>absolute</altitudeMode>"
    found = parse_areas(kml(f"<LineString>{mode}<coordinates>{told}</coordinates></LineString>"), "m")
    assert found.features[0].outline == ((42.1, 69.9), (42.1, 69.95))
    assert found.features[0].heights_m is None
    assert any("heights" in note for note in found.notes)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "an empty file"),
        ("{}", "type: got 'nothing'"),
        (json.dumps({"type": "FeatureCollection", "features": []}), "features: got '0 elements'"),
        (json.dumps({"type": "Topology"}), "type: got 'Topology', expected 'FeatureCollection'"),
        (geojson(None), "features: got 'none', expected at least one polygon, line or point"),
        (geojson({"type": "Point", "coordinates": [42.2, 169.9]}), "latitude and longitude look swapped"),
        (geojson({"type": "Point", "coordinates": ["69", 42]}), "geometry.coordinates[0]: got '69', expected a number"),
        (geojson({"type": "LineString", "coordinates": [[69, 42], [69, 42]]}), "1 different points"),
        (
            geojson({"type": "Polygon", "coordinates": [[[69, 42], [69.1, 42], [69.1, 42.1], [69, 42.1]]]}, name="x"),
            "expected a closed ring",
        ),
        (
            geojson({"type": "Polygon", "coordinates": [[[69, 42], [69.1, 42.1], [69.1, 42], [69, 42.1], [69, 42]]]}),
            "expected an outline that does not cross itself",
        ),
        (geojson({"type": "Point", "coordinates": [69, 42]}, heights_m=[1, 2], datum="agl"), "heights_m: got"),
        (geojson({"type": "Point", "coordinates": [69, 42]}, heights_m=[1], datum="home"), "datum: got 'home'"),
        ("<kml/>", "features: got 'none'"),
        ("<gpx/>", "the root element: got 'gpx', expected kml"),
        ("<!DOCTYPE a><kml/>", "expected KML without a document type"),
        (kml("<Point><coordinates>69.9</coordinates></Point>"), "got '69.9', expected longitude,latitude"),
        (kml("<Point><coordinates>69,42 70,42</coordinates></Point>"), "got '2 positions', expected 1"),
        (kml("<Polygon/>"), "outerBoundaryIs: got '0 rings'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line(text: str, line: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_areas(text, "map.x")
    assert line in str(caught.value)
    assert str(caught.value).startswith("map.x: ")


def test_the_one_asked_for_or_a_list_of_what_there_is() -> None:
    found = parse_areas(GOOD[".kml"], "map.kml")
    assert found.the_one(Kind.AREA) is found.features[0]
    assert found.the_one(Kind.LINE, "track").datum is Datum.AGL
    with pytest.raises(InputError, match="got '2 of that kind', expected one line; its lines: 'border', 'track'"):
        found.the_one(Kind.LINE)
    with pytest.raises(InputError, match="expected one area named 'x'; its areas: 'field <A&B>'"):
        found.the_one(Kind.AREA, "x")


def test_kmz_and_missing_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unzip it"):
        load_areas(tmp_path / "a.kmz")
    with pytest.raises(InputError, match="a readable file"):
        load_areas(tmp_path / "none.kml")


@pytest.mark.parametrize(
    "text",
    [
        geojson({"type": "LineString", "coordinates": [[69, 42]] * 60_000}),
        geojson({"type": "MultiPoint", "coordinates": [[69, 42]] * 21_000}),
        "[" * 240_000,
        '{"type":"GeometryCollection","geometries":[' * 20_000,
        kml("<MultiGeometry/>" * 40_000),
        "<kml>" + "<Folder>" * 500_000,
        kml("<LineString><coordinates>" + "69,42 " * 200_000 + "</coordinates></LineString>"),
        kml("<Point><coordinates>69,42</coordinates></Point>" * 21_000),
        "<kml>" + "<Placemark/>" * 600_000 + "</kml>",
    ],
    ids=["line", "points", "brackets", "collections", "geometries", "folders", "positions", "marks", "empty"],
)
def test_huge_files_cost_little(text: str) -> None:
    assert memory_mb(read, text) < 0.5 * MAX_MEMORY_MB


@pytest.mark.parametrize("ending", GOOD)
def test_sample_of_broken_maps(ending: str) -> None:
    @settings(max_examples=SAMPLE_CASES, suppress_health_check=QUICK, database=None)
    @given(texts([GOOD[ending]], ending == ".geojson"))
    def run(text: str) -> None:
        read_or_refused(read, text)

    run()


@pytest.mark.campaign
@pytest.mark.timeout(0)
@pytest.mark.parametrize("ending", GOOD)
def test_campaign_of_broken_maps(ending: str) -> None:
    campaign(read, texts([GOOD[ending]], ending == ".geojson"), f"areas {ending}")
