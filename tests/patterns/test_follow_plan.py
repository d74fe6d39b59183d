"""A plan over the ground: clearance of what is flown, and everything else in its place."""

from __future__ import annotations

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.plans import (
    CameraAction,
    CameraDo,
    Datum,
    Height,
    Home,
    Land,
    Loiter,
    Orbit,
    Plan,
    PlanItem,
    ReturnHome,
    Search,
    SearchKind,
    Simple,
    Takeoff,
    Waypoint,
)
from lenger_core.terrain import Terrain, load_terrain
from lenger_mission.patterns.follow_plan import follow_plan
from lenger_mission.patterns.leg_clearance import least_clearances_m
from lenger_mission.patterns.orbit import orbit_track
from lenger_mission.patterns.plane import Array
from lenger_mission.patterns.search import search_line


def _agl(value: float) -> Height:
    return Height(value_m=value, datum=Datum.AGL)


def _amsl(value: float) -> Height:
    return Height(value_m=value, datum=Datum.AMSL)


def _to(lat: float, lon: float, height: Height, heading: float | None = None) -> Waypoint:
    return Waypoint(lat_deg=lat, lon_deg=lon, height=height, heading_deg=heading)


def _plan(home: tuple[float, float], *items: PlanItem) -> Plan:
    return Plan(name="test", home=Home(lat_deg=home[0], lon_deg=home[1]), items=items)


def _path(plan: Plan, terrain: Terrain) -> Array:
    """What is flown, from the top of the take-off on: (N, 3)."""
    home = plan.home.lat_deg, plan.home.lon_deg
    path: list[tuple[float, float, float]] = []
    for item in plan.items:
        if isinstance(item, Takeoff):
            path.append((*home, item.height.amsl_m(terrain.height_amsl_m(*home), 0.0)))
        elif isinstance(item, Waypoint | Loiter):
            assert item.height.datum is Datum.AMSL
            path.append((item.lat_deg, item.lon_deg, item.height.value_m))
        elif isinstance(item, ReturnHome):
            path.append((*home, path[-1][2]))
    return np.array(path)


def _pattern(rng: np.random.Generator, lat: float, lon: float, height: float) -> list[Simple]:
    """A search or an orbit at a place, as waypoints above the ground."""
    kind = int(rng.integers(0, 5))
    if kind == 4:
        heights = (_agl(height), _agl(height + 25.0), _agl(height))
        orbit = Orbit(
            lat_deg=lat, lon_deg=lon, radii_m=(80.0, 160.0), heights=heights, turns=float(rng.uniform(0.5, 2))
        )
        track = orbit_track(orbit)
        assert track.heading_deg is not None
        noses = [round(float(h), 1) for h in track.heading_deg]
        return [_to(*p, h, n) for p, h, n in zip(track.points_deg.tolist(), track.heights, noses, strict=True)]
    area = tuple((lat + a * 0.004, lon + b * 0.008) for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1)))
    search = Search(
        kind=tuple(SearchKind)[kind],
        height=_agl(height),
        lat_deg=lat,
        lon_deg=lon,
        area=area,
        leg_spacing_m=150.0,
        radius_m=float(rng.uniform(300.0, 700.0)),
        bearing_deg=float(rng.uniform(0.0, 360.0)),
    )
    return [_to(*p, _agl(height)) for p in search_line(search).tolist()]


def _flown_clearance_m(seed: int, box: tuple[float, float, float, float]) -> float:
    """Lay one random pattern and return its least clearance above the wanted one, way out and home included."""
    rng = np.random.default_rng(seed)
    terrain = load_terrain() if seed % 2 else load_terrain().as_ground()
    south, north, west, east = box
    lat, lon = rng.uniform((south, west), (north, east)).tolist()
    height, home = float(rng.uniform(25.0, 120.0)), (lat + float(rng.uniform(-0.01, 0.01)), lon - 0.006)
    plan = _plan(home, Takeoff(height=_agl(10.0)), *_pattern(rng, lat, lon, height), ReturnHome())
    followed = follow_plan(plan, terrain)
    kept, wanted = iter(followed.waypoints), plan.waypoints
    assert all(any((k.lat_deg, k.lon_deg) == (w.lat_deg, w.lon_deg) for k in kept) for w in wanted)  # in order
    path = _path(followed, terrain)[1:]  # the climb to the first height is on the spot
    return float(least_clearances_m(terrain, path).min()) - height


def test_patterns_keep_their_height_above_the_ground() -> None:
    least = [_flown_clearance_m(seed, (42.05, 42.30, 69.75, 70.10)) for seed in range(8)]
    print(f"\n8 patterns: {min(least):.3f} m above the wanted height at least")
    assert min(least) >= 0.0


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_patterns_keep_their_height_above_the_ground_anywhere() -> None:
    least = [_flown_clearance_m(seed, (41.75, 42.60, 69.35, 70.45)) for seed in range(500, 1000)]
    print(f"\n500 patterns: {min(least):.3f} m above the wanted height at least")
    assert min(least) >= 0.0


def test_camera_headings_speeds_and_other_heights_stay_where_they_are() -> None:
    terrain = load_terrain().as_ground()
    photo = CameraAction(action=CameraDo.PHOTO)
    first = _to(42.17, 69.89, _agl(60.0), 350.0).model_copy(update={"speed_m_s": 6.0})
    plan = _plan(
        (42.18, 69.88),
        Takeoff(height=_agl(60.0)),
        photo,
        first,
        photo,
        _to(42.15, 69.93, _agl(60.0), 20.0),
        _to(42.15, 69.94, _amsl(1500.0)),
        photo,
        ReturnHome(),
    )
    items = follow_plan(plan, terrain).items
    places = {(w.lat_deg, w.lon_deg): i for i, w in enumerate(items) if isinstance(w, Waypoint)}
    at = [places[(w.lat_deg, w.lon_deg)] for w in plan.waypoints]
    assert items[0] == Takeoff(height=Height(value_m=60.0, datum=Datum.HOME))
    assert isinstance(items[1], CameraAction)
    assert isinstance(items[at[0] + 1], CameraAction)
    assert items[-3:] == plan.items[-3:]  # above sea level: nothing to follow, also on the way home
    legs = [[i for i in items[a + 1 : b + 1] if isinstance(i, Waypoint)] for a, b in ((1, at[0]), (at[0], at[1]))]
    on_the_way = next(i for i in legs[0] if i.lat_deg != plan.home.lat_deg)
    assert on_the_way.speed_m_s == 6.0  # from the start of the leg on, after the climb to its height
    noses = [i.heading_deg for i in legs[1]]
    assert all(n is not None for n in noses) and noses[-1] == 20.0
    turned = [(n - 350.0) % 360.0 for n in noses if n is not None]
    assert turned == sorted(turned) and turned[-1] == 30.0  # the short way round


def test_the_way_home_and_to_a_landing_place_is_over_the_ground_too() -> None:
    terrain = load_terrain().as_ground()
    home = (42.08, 70.02)
    over = (42.06, 70.08)
    for last in (ReturnHome(), Land(lat_deg=home[0], lon_deg=home[1])):
        plan = _plan(home, Takeoff(height=_agl(50.0)), _to(*over, _agl(50.0)), last)
        items = follow_plan(plan, terrain).items
        assert items[-1] == last
        assert isinstance(items[-2], Waypoint) and (items[-2].lat_deg, items[-2].lon_deg) == home
        way = np.array([(i.lat_deg, i.lon_deg, i.height.value_m) for i in items if isinstance(i, Waypoint)])
        assert least_clearances_m(terrain, way).min() >= 50.0


def test_circles_of_a_loiter_clear_the_highest_ground_under_them() -> None:
    terrain = load_terrain().as_ground()
    lat, lon = 42.06, 70.08
    loiter = Loiter(lat_deg=lat, lon_deg=lon, height=_agl(40.0), turns=2.0, radius_m=150.0)
    items = follow_plan(_plan((42.07, 70.06), Takeoff(height=_agl(40.0)), loiter), terrain).items
    found = next(i for i in items if isinstance(i, Loiter))
    angles = np.linspace(0.0, 2.0 * np.pi, 90)
    ring = terrain.heights_amsl_m(lat + 150.0 * np.cos(angles) / 111_080.0, lon + 150.0 * np.sin(angles) / 82_800.0)
    assert found.height.value_m - ring.max() >= 39.0
    assert found.turns == 2.0


def test_plans_that_are_not_flat_or_leave_the_terrain_are_refused() -> None:
    orbit = Orbit(lat_deg=42.18, lon_deg=69.88, radii_m=(50.0,), heights=(_agl(50.0),))
    with pytest.raises(InputError, match="Orbit"):
        follow_plan(_plan((42.18, 69.88), orbit), load_terrain())
    with pytest.raises(InputError, match="position"):
        follow_plan(_plan((42.18, 69.88), _to(43.9, 69.9, _agl(50.0))), load_terrain())
