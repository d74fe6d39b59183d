"""Search items of a plan: the right pattern at the right place on Earth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.geodesy import bearing_deg, destination, distance_m
from lenger_core.plans import Datum, Height, Search, SearchKind
from lenger_mission.patterns.plane import Array
from lenger_mission.patterns.search import search_line
from lenger_mission.patterns.sector import sector_search
from lenger_mission.patterns.square import expanding_square

DATUM = (42.15, 69.95)
HEIGHT = Height(value_m=60.0, datum=Datum.AGL)
AREA = tuple(
    destination(*destination(*DATUM, 90.0, east), 0.0, north)
    for east, north in ((-1000.0, -300.0), (1000.0, -300.0), (1000.0, 300.0), (-1000.0, 300.0))
)
"""2 km east to west, 600 m north to south."""


def _search(kind: SearchKind, **fields: Any) -> Search:
    return Search(kind=kind, height=HEIGHT, **fields)


def _about_datum(kind: SearchKind, **fields: Any) -> Search:
    return _search(kind, lat_deg=DATUM[0], lon_deg=DATUM[1], **fields)


def _legs(line: Array) -> list[tuple[float, float]]:
    """Length and bearing of each leg by the geodesic."""
    pairs = list(zip(line[:-1].tolist(), line[1:].tolist(), strict=True))
    return [(distance_m(*a, *b), bearing_deg(*a, *b)) for a, b in pairs]


def test_an_expanding_square_begins_at_the_datum_into_the_wind() -> None:
    item = _about_datum(SearchKind.EXPANDING_SQUARE, leg_spacing_m=200.0, radius_m=900.0)
    line = search_line(item, wind_from_deg=230.0)
    plane = expanding_square(200.0, 900.0, 230.0)
    assert line[0] == pytest.approx(DATUM, abs=1e-9)
    wanted = np.hypot(*np.diff(plane, axis=0).T)
    assert [length for length, _ in _legs(line)] == pytest.approx(wanted, rel=1e-4)
    assert _legs(line)[0][1] == pytest.approx(230.0, abs=0.02)
    north = search_line(item)
    assert min(_legs(north)[0][1], 360.0 - _legs(north)[0][1]) < 0.02
    own = search_line(item.model_copy(update={"bearing_deg": 10.0, "clockwise": False}), wind_from_deg=230.0)
    assert [bearing for _, bearing in _legs(own)[:2]] == pytest.approx([10.0, 280.0], abs=0.05)


def test_a_sector_search_has_six_sectors_or_as_many_as_the_spacing_wants() -> None:
    item = _about_datum(SearchKind.SECTOR, radius_m=800.0)
    six, ten = search_line(item), search_line(item.model_copy(update={"leg_spacing_m": 500.0}))
    assert len(six) == len(sector_search(800.0)) == 8
    assert len(ten) == 12
    assert six[[0, -1]] == pytest.approx(np.array([DATUM, DATUM]), abs=1e-9)


def test_searches_over_an_area_lie_along_or_across_it_and_begin_at_the_right_end() -> None:
    parallel = search_line(_search(SearchKind.PARALLEL_TRACK, area=AREA, leg_spacing_m=101.0))
    creeping = search_line(_search(SearchKind.CREEPING_LINE, area=AREA, leg_spacing_m=101.0))
    assert (len(parallel), len(creeping)) == (12, 40)
    assert _legs(parallel)[0][0] == pytest.approx(1900.0, rel=1e-3)
    assert _legs(creeping)[0][0] == pytest.approx(500.0, rel=1e-3)
    west, east = destination(*DATUM, 270.0, 3000.0), destination(*DATUM, 90.0, 900.0)
    item = _search(SearchKind.CREEPING_LINE, area=AREA, leg_spacing_m=100.0)
    assert search_line(item, near_deg=west)[0, 1] < DATUM[1]
    likely = item.model_copy(update={"lat_deg": east[0], "lon_deg": east[1]})
    assert search_line(likely, near_deg=west)[0, 1] > DATUM[1]


def test_what_cannot_be_laid_is_refused_by_name() -> None:
    with pytest.raises(InputError, match="spacing_m"):
        search_line(_about_datum(SearchKind.EXPANDING_SQUARE, leg_spacing_m=0.5, radius_m=100.0))
    crossed = (AREA[0], AREA[2], AREA[1], AREA[3])
    with pytest.raises(InputError, match="area"):
        search_line(_search(SearchKind.PARALLEL_TRACK, area=crossed, leg_spacing_m=50.0))
