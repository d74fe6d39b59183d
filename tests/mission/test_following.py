"""Path following and terrain following, measured on the real terrain with a vehicle that answers late."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, isfinite, nan

import numpy as np
import pytest
from point_mass import Flight
from shapely.geometry import LineString, Point

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import ChangeSpeed, Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.resources import config_path
from lenger_core.samples import FusionStatus, Integrity, Odometry
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_mission.load import load_plan
from lenger_mission.preflight import limits_of
from lenger_mission.route import Route
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import Stage

HOME = (42.1819, 69.8878)


@dataclass
class Track:
    """Where the vehicle was while it was under way: (N, 3) east, north, height AMSL; height above ground; speed."""

    points: np.ndarray
    agl_m: np.ndarray
    velocity: np.ndarray
    line: LineString

    @property
    def cross_track_m(self) -> np.ndarray:
        return np.array([self.line.distance(Point(p[:2])) for p in self.points])


def fly(plan: Plan, drift: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Track:
    home = (plan.home.lat_deg, plan.home.lon_deg)
    flight = Flight(drift=drift, home=home)
    flight.step()
    assert flight.core.start(plan, flight.now_ns) is None
    flight.until(Stage.ENROUTE)
    points, agl, velocity = [], [], []
    while flight.stage is Stage.ENROUTE:
        flight.step()
        east, north, up = flight.vehicle.position
        points.append((east, north, up + flight.vehicle.frame.alt_amsl_m))
        lat, lon, alt = flight.vehicle.frame.to_geodetic(east, north, up)
        agl.append(alt - flight.terrain.height_amsl_m(lat, lon))
        velocity.append(flight.vehicle.velocity)
    assert flight.stage is Stage.LANDING, flight.transcript
    places = [home, *((w.lat_deg, w.lon_deg) for w in plan.waypoints), home]
    line = LineString([flight.vehicle.frame.to_local(*place, 757.0)[:2] for place in places])
    return Track(np.array(points), np.array(agl), np.array(velocity), line)


@pytest.mark.parametrize("drift", [(0.0, 0.0, 0.0), (0.8, -0.5, 0.2)])
def test_first_patrol_keeps_its_line_and_its_height(drift: tuple[float, float, float]) -> None:
    track = fly(load_plan(config_path("plans", "first_patrol.plan")), drift)
    cross, height = track.cross_track_m, track.agl_m - 60.0
    print(f"cross-track max {cross.max():.2f} m, rms {np.sqrt((cross**2).mean()):.2f} m; ", end="")
    print(f"height max {np.abs(height).max():.2f} m, rms {np.sqrt((height**2).mean()):.2f} m")
    assert cross.max() < 3.0
    assert np.sqrt((cross**2).mean()) < 0.8
    assert np.abs(height).max() < 3.0
    assert np.sqrt((height**2).mean()) < 0.5


def test_steep_ground_is_followed_by_slowing_down() -> None:
    # In the mountains 14 km to the south-east: up and down slopes of up to a third, at the vehicle's full speed.
    height = Height(value_m=60.0, datum=Datum.AGL)
    frame = LocalFrame(*HOME, 757.0)
    corners = ((9_000.0, -10_000.0), (11_500.0, -10_000.0), (11_500.0, -12_500.0))
    places = [frame.to_geodetic(e, n, 0.0)[:2] for e, n in corners]
    ways = tuple(Waypoint(lat_deg=lat, lon_deg=lon, height=height) for lat, lon in places)
    home = Home(lat_deg=places[0][0], lon_deg=places[0][1])
    items = (Takeoff(height=Height(value_m=60.0, datum=Datum.HOME)), ChangeSpeed(speed_m_s=15.0), *ways, ReturnHome())
    track = fly(Plan(name="ridge", home=home, items=items))
    error = track.agl_m[100:] - 60.0
    ground = track.points[:, 2] - track.agl_m
    speed = np.hypot(track.velocity[:, 0], track.velocity[:, 1])
    print(
        f"relief {np.ptp(ground):.0f} m, height rms {np.sqrt((error**2).mean()):.2f} m, least {track.agl_m.min():.1f} m"
    )
    print(f"speed {speed[100:-200].min():.1f} to {speed.max():.1f} m/s, climb {track.velocity[:, 2].max():.2f} m/s")
    assert np.ptp(ground) > 500.0
    assert np.sqrt((error**2).mean()) < 5.0
    assert track.agl_m.min() > 45.0
    assert track.velocity[:, 2].max() < 3.0
    assert track.velocity[:, 2].min() > -1.5


def test_acceleration_of_the_commands_is_limited() -> None:
    flight = Flight()
    flight.step()
    flight.core.start(load_plan(config_path("plans", "first_patrol.plan")), flight.now_ns)
    flight.until(Stage.ENROUTE)
    previous = flight.step().command.velocity_enu_m_s
    while flight.stage is Stage.ENROUTE:
        output = flight.step()
        if flight.stage is not Stage.ENROUTE:
            break
        now = output.command.velocity_enu_m_s
        assert hypot(now[0] - previous[0], now[1] - previous[1]) <= 0.8 * 3.0 * 0.05 + 1e-9
        assert hypot(now[0], now[1]) <= 15.0
        previous = now


def route_of(plan: Plan) -> Route:
    settings, profile, terrain = MissionSettings(), load_vehicle("quad_2kg"), load_terrain().as_ground()
    frame = LocalFrame(settings.site.lat_deg, settings.site.lon_deg, settings.site.alt_amsl_m)
    return Route(plan, (*HOME, 766.4), frame, terrain, limits_of(settings, profile), profile.cruise_speed_m_s)


def test_profile_follows_the_terrain_model_between_waypoints() -> None:
    route, terrain = route_of(load_plan(config_path("plans", "first_patrol.plan"))), load_terrain().as_ground()
    frame = LocalFrame(*HOME, 757.0)
    for index, leg in enumerate(route.legs[1:], start=1):
        profile = route.profile(index)
        for s in np.linspace(0.0, leg.length_m, 40):
            east, north = leg.start[0] + s * leg.along[0], leg.start[1] + s * leg.along[1]
            lat, lon, _ = frame.to_geodetic(east, north, 0.0)
            assert profile.height(float(s))[0] - terrain.height_amsl_m(lat, lon) == pytest.approx(60.0, abs=0.3)


def test_speed_profile_can_be_braked_and_ends_at_the_corner_speed() -> None:
    route = route_of(load_plan(config_path("plans", "first_patrol.plan")))
    for index, leg in enumerate(route.legs):
        profile, corner = route.profile(index), route.turn(index).speed_m_s
        assert profile.speed(leg.length_m) <= corner + 1e-6
        for a, b in zip(profile.speed2, profile.speed2[1:], strict=False):
            assert a - b <= 2.0 * 0.5 * 3.0 * (profile.s_m[1] - profile.s_m[0]) + 1e-6
    assert route.turn(len(route.legs) - 1).speed_m_s == 0.0


def test_fusion_places_the_vehicle_while_it_is_nominal() -> None:
    flight = Flight()
    flight.step()
    frame, world, now = flight.vehicle.frame, flight.core.world, flight.now_ns
    origin = (42.19, 69.90, 800.0)
    status = FusionStatus(now, Integrity.NOMINAL, "", *origin, *origin, 1.0, 1.0, (0.3, 0.3, 0.3), True)
    odometry = Odometry(now, (10.0, -20.0, 5.0), (1.0, 0.0, 0.0), (1.0, 0, 0, 0), (0, 0, 0), (1, 1, 1), (1, 1, 1))
    flight.core.on_fusion_status(status)
    flight.core.on_odometry(odometry)
    found = world.position(now)
    assert found is not None and found.source == "fusion"
    there = LocalFrame(*origin).to_geodetic(10.0, -20.0, 5.0)
    east, north, up = frame.to_local(*there)
    assert (found.east_m, found.north_m) == pytest.approx((east, north), abs=0.05)
    assert found.alt_amsl_m == pytest.approx(there[2], abs=1e-6) == pytest.approx(up + frame.alt_amsl_m)
    for stale in (now + 400_000_000,):
        later = world.position(stale)
        assert later is not None and later.source == "autopilot"
    flight.core.on_fusion_status(
        FusionStatus(now, Integrity.COASTING, "", *origin, *origin, 9.0, 9.0, (1, 1, 1), False)
    )
    coasting = world.position(now)
    assert coasting is not None and coasting.source == "autopilot"


def test_a_velocity_that_is_no_number_does_not_stay_in_the_commands() -> None:
    flight = Flight()
    flight.step()
    flight.core.start(load_plan(config_path("plans", "first_patrol.plan")), flight.now_ns)
    flight.until(Stage.ENROUTE)
    flight.now_ns += 50_000_000
    broken = replace(flight.vehicle.status(flight.now_ns), velocity_enu_m_s=(nan, 1.0, 0.0))
    flight.core.on_vehicle(broken)
    flight.core.step(flight.now_ns)
    assert all(isfinite(part) for part in flight.step().command.velocity_enu_m_s)
    assert flight.stage is Stage.HOLDING, "as whenever the position is unknown"
