"""The judge and the arenas, before they judge a guard."""

from __future__ import annotations

import numpy as np
import pytest
from shapely.geometry import Point, Polygon, box

from guard_flights import report
from guard_flights.arena import Arena, Disc, Room, Volume, random_arena
from guard_flights.ground import mistaken
from guard_flights.stand import SITES, ground
from guard_flights.truth import Track, margins
from lenger_core.geodesy import LocalFrame
from lenger_core.zones import Datum, HeightLimit

FRAME = LocalFrame(*SITES["field"], 760.0)
FENCE = Volume("fence", True, box(-100.0, -100.0, 100.0, 100.0), None, HeightLimit(60.0, Datum.HOME))


def track_at(*places: tuple[float, float, float], ground_m: float = 760.0) -> Track:
    """Return samples at (east, north, AMSL)."""
    data = np.array(places)
    still, never = np.zeros((len(data), 3)), np.zeros(len(data), dtype=bool)
    return Track(np.arange(float(len(data))), data[:, :2], data[:, 2], np.full(len(data), ground_m), still, still,
                 never, never)  # fmt: skip


def judged(volumes: tuple[Volume, ...], *places: tuple[float, float, float]) -> dict[str, list[float]]:
    arena = Arena(FRAME, volumes, ceiling_agl_m=120.0, floor_agl_m=15.0, approach_m=0.0)
    return {kind: found.tolist() for kind, found in margins(track_at(*places), arena).items()}


def test_margins_that_can_be_checked_by_hand() -> None:
    found = judged((FENCE,), (0.0, 0.0, 800.0), (98.0, 0.0, 818.0), (103.0, 0.0, 800.0), (0.0, 0.0, 823.0))
    assert found["fence"] == pytest.approx([100.0, 2.0, -3.0, 100.0])
    assert found["ceiling"] == pytest.approx([20.0, 2.0, 20.0, -3.0])
    assert found["floor"] == pytest.approx([25.0, 43.0, 25.0, 48.0])
    assert found["ground"] == pytest.approx([39.86, 57.86, 39.86, 62.86])


def test_a_keep_out_with_heights_may_be_flown_over_and_under() -> None:
    band = Volume("band", False, Disc((0.0, 0.0), 20.0), HeightLimit(30.0, Datum.HOME), HeightLimit(40.0, Datum.AGL))
    found = judged((FENCE, band), (0.0, 0.0, 803.0), (0.0, 0.0, 785.0), (0.0, 0.0, 798.0), (25.0, 0.0, 795.0))
    assert found["keep_out"] == pytest.approx([3.0, 5.0, -2.0, 5.0], abs=0.01)


def test_a_hole_is_outside() -> None:
    pierced = Polygon(FENCE.polygon().exterior.coords, [box(10.0, -5.0, 20.0, 5.0).exterior.coords])
    assert judged((Volume("fence", True, pierced),), (15.0, 0.0, 800.0), (7.0, 0.0, 800.0))["fence"] == [-5.0, 3.0]


def test_between_two_inclusions_there_is_no_line_where_both_hold() -> None:
    other = Volume("annex", True, box(90.0, -50.0, 200.0, 50.0), None, HeightLimit(40.0, Datum.HOME))
    found = judged((FENCE, other), (95.0, 0.0, 790.0), (150.0, 0.0, 790.0), (150.0, 0.0, 803.0), (95.0, 0.0, 810.0))
    assert found["fence"][0] == pytest.approx(50.0, abs=1.0)
    assert min(found["fence"][1], found["ceiling"][1]) == pytest.approx(10.0)
    assert min(found["fence"][2], found["ceiling"][2]) == pytest.approx(-3.0)
    assert min(found["fence"][3], found["ceiling"][3]) == pytest.approx(5.0)


@pytest.mark.parametrize("site", sorted(SITES))
def test_the_wrong_ground_is_wrong_within_its_bound(site: str) -> None:
    rng = np.random.default_rng(5)
    lat, lon = SITES[site]
    model = mistaken(ground(), lat, lon, 3.0, rng)
    at = lat + rng.uniform(-0.007, 0.007, 4000), lon + rng.uniform(-0.009, 0.009, 4000)
    off = np.abs(model.heights_amsl_m(*at) - ground().heights_amsl_m(*at))
    assert (off <= model.errors_m(*at) + 1e-6).all()
    assert off.max() > 1.5


def test_every_start_is_viable_and_arenas_differ() -> None:
    room = Room(level_m=25.0, up_m=12.0, down_m=12.0, ground_m=3.0, start_m=45.0, agl_m=45.0)
    counts, concave, banded = set(), 0, 0
    for seed in range(60):
        arena = random_arena(np.random.default_rng(seed), FRAME, room, 120.0, (0.0, 0.0))
        found = margins(track_at((0.0, 0.0, 805.0)), arena)
        assert found["fence"][0] >= 25.0
        assert found["keep_out"][0] >= 25.0
        assert found["ceiling"][0] >= 12.0
        assert found["floor"][0] >= 12.0
        outline = arena.volumes[0].polygon()
        counts.add(len(arena.exclusions()))
        concave += outline.area < 0.98 * outline.convex_hull.area
        banded += sum(v.floor is not None or v.ceiling is not None for v in arena.exclusions())
        assert all(not v.polygon().contains(Point(0.0, 0.0)) for v in arena.exclusions())
        arena.zones()
    assert counts >= {1, 20} or len(counts) > 12
    assert concave > 40
    assert banded > 100


def test_the_bound_of_no_failures_is_the_rule_of_three() -> None:
    assert report.upper_bound(0, 2000) == pytest.approx(3.0 / 2000.0, rel=0.01)
    assert report.upper_bound(1, 2000) > report.upper_bound(0, 2000)
