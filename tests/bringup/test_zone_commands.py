"""`lenger zones`: what is printed, what is written, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lenger_bringup.commands import app
from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.zone_files import load_zone_file
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

FIRST = config_path("zones", "first_patrol.geojson")
SQUARE = ((42.17, 69.87), (42.17, 69.89), (42.19, 69.89), (42.19, 69.87))
HOLE = ((42.18, 69.88), (42.181, 69.88), (42.18, 69.881))
BORDER = BorderShape(SQUARE[1:3], "right", 500.0)
ZONES = ZoneSet(
    (
        Zone("field [bold]", ZoneKind.INCLUSION, PolygonShape(SQUARE, (HOLE,))),
        Zone("low", ZoneKind.EXCLUSION, CircleShape(42.175, 69.875, 30.5), None, HeightLimit(20.0, Datum.AGL)),
        Zone("road", ZoneKind.EXCLUSION, CorridorShape(SQUARE[:2], 40.0), windows=(TimeWindow(0, None),) * 3),
        Zone("state", ZoneKind.EXCLUSION, BORDER, HeightLimit(5.0, Datum.AMSL), None, 9),
    )
)  # fmt: skip


def run(*words: object) -> str:
    """Return what a command prints; its refusals are raised."""
    ended = CliRunner().invoke(app, ["zones", *map(str, words)], catch_exceptions=False)
    assert ended.exit_code == 0
    return ended.output


def test_check_prints_every_zone_and_the_fence(tmp_path: Path) -> None:
    path = tmp_path / "some.geojson"
    path.write_text(ZONES.to_geojson(), encoding="utf-8")
    text = run("check", path, FIRST)
    lines = {line.split("  ")[0]: " ".join(line.split()) for line in text.splitlines()}
    assert lines["field [bold]"].startswith("field [bold] inclusion polygon, 1 holes 7 3.6")
    assert lines["low"] == "low exclusion circle 30.5 m 1 0.002922 to 20 m agl 0 always"
    assert "corridor 40 m wide 2 0.06" in lines["road"]
    assert lines["road"].endswith("1970-01-01T00:00:00Z/.. and 2 more")
    assert "right of a border, 500 m before it 2 without end from 5 m amsl 9 always" in lines["state"]
    assert "fence: 2 polygons and 0 circles, 7 items of 69" in text
    assert "left to the guard" in text
    assert "training area" in text


def test_check_says_when_a_fence_has_no_room(tmp_path: Path) -> None:
    text = run("check", FIRST, "--vertices", 4)
    assert "the autopilot's fence cannot hold these zones" in text
    assert "inclusions that 4 vertices can say within 25 m" in text
    assert "15 items with plenty of room" in run("check", FIRST, "--vertices", 0)


@pytest.mark.parametrize("ending", ["geojson", "kml", "plan", "json"])
def test_convert_writes_by_ending_and_tells_what_is_lost(ending: str, tmp_path: Path) -> None:
    out = tmp_path / f"out.{ending}"
    text = run("convert", FIRST, out)
    found = load_zone_file(out)
    assert found.zones.zones
    if ending in ("geojson", "kml"):
        assert found.zones == load_zone_file(FIRST).zones
        assert "note" not in text
    else:
        assert "note: " in text and "training area" in text
    assert f"{out}" in text


def test_kind_is_for_placemarks_that_say_none(tmp_path: Path) -> None:
    path = tmp_path / "drawn.kml"
    ring = "69,42 69.1,42 69.1,42.1 69,42"
    path.write_text(
        "<kml><Placemark><name>a</name><Polygon><outerBoundaryIs><LinearRing><coordinates>"
        f"{ring}</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark></kml>",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="kind: got 'nothing'"):
        run("check", path)
    assert "exclusion" in run("check", path, "--kind", "exclusion")
    with pytest.raises(InputError, match="--kind: got 'wall', expected inclusion or exclusion or approach"):
        run("check", path, "--kind", "wall")


def test_nothing_is_written_or_printed_where_anything_is_wrong(tmp_path: Path) -> None:
    bad = tmp_path / "bad.geojson"
    tree = json.loads(FIRST.read_text(encoding="utf-8"))
    tree["features"][0]["properties"]["kind"] = "wall"
    bad.write_text(json.dumps(tree), encoding="utf-8")
    out = tmp_path / "out.kml"
    with pytest.raises(InputError, match="kind: got 'wall'"):
        run("convert", bad, out)
    assert not out.exists()
    with pytest.raises(InputError, match=r"ending: got '\.shp'"):
        run("convert", FIRST, tmp_path / "out.shp")
    with pytest.raises(InputError, match="a place to write to"):
        run("convert", FIRST, tmp_path / "no" / "out.kml")
