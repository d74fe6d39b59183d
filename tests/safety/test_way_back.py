"""The guard flies home by itself: when, by which way, what stops it, and what it does where there is none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import dist, hypot, nan
from typing import Any

import numpy as np
import pytest

from lenger_core.samples import Authority, CommandKind, GuardLevel, Vec3
from lenger_safety.way_back import Asked, WayBack

HEIGHT = 63.0
VELOCITY, HOLD, LAND = CommandKind.VELOCITY, CommandKind.HOLD, CommandKind.LAND


@dataclass(frozen=True)
class Way:
    """A plan that is given."""

    waypoints: tuple[Vec3, ...]
    length_m: float = 200.0
    energy_wh: float = 4.0
    target: str = "home"


class Given:
    """A planner whose answer is given."""

    def __init__(self, plan: Way | None, no_way: str = "", landing: Way | None = None, usable_wh: float = nan) -> None:
        self.plan, self.no_way, self.landing, self.usable_wh = plan, no_way, landing, usable_wh
        self.asked: list[Asked] = []
        self.worked = 0

    def ask(self, asked: Asked) -> None:
        self.asked.append(asked)

    def work(self) -> None:
        self.worked += 1


class Straight:
    """Flies from waypoint to waypoint."""

    def __init__(self, plan: Way) -> None:
        self.left = list(plan.waypoints)

    def velocity(self, position_m: Vec3, _velocity: Vec3, _dt: float) -> Vec3:
        while len(self.left) > 1 and hypot(*(np.array(self.left[0][:2]) - np.array(position_m[:2]))) < 3.0:
            self.left.pop(0)
        away = np.array(self.left[0]) - np.array(position_m)
        speed = min(4.0, 0.5 * float(np.linalg.norm(away)))
        e, n, u = speed * away / max(float(np.linalg.norm(away)), 1e-6)
        return float(e), float(n), float(u)


AROUND = Way(((120.0, 0.0, HEIGHT), (60.0, 90.0, HEIGHT), (0.0, 0.0, HEIGHT)))


@pytest.fixture
def flight(rig: Any, zones: Any, a_feature: Any, a_square: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """An aircraft 120 m east of home, behind a wall, whose planner gives the answer of the test."""

    def make(planner: Given, **fields: Any) -> Any:
        monkeypatch.setattr("lenger_safety.guard.way_back", lambda *a: WayBack(planner, Straight, a[-1]))
        arena = a_feature("arena", "inclusion", a_square(200.0))
        wall = a_feature("wall", "exclusion", [(50.0, -60.0), (70.0, -60.0), (70.0, 60.0), (50.0, 60.0)])
        position = np.array([120.0, 0.0, HEIGHT])
        one = rig(zones=zones(arena, wall), position=position, **fields)
        one.step()
        one.agree()
        one.run(0.2)
        one.events.clear()
        return one

    return make


def test_an_illegal_native_return_becomes_the_guards_own_way_and_ends_in_a_landing(flight: Any) -> None:
    planner = Given(AROUND)
    one = flight(planner)
    one.wanted = CommandKind.RETURN
    output = one.run(0.2)
    assert output.status.level is GuardLevel.RETURN
    assert output.command.kind is VELOCITY
    assert "breaks zone wall" in output.status.reason
    assert "the guard flies the safe path" in output.status.reason
    seen = []
    one.run(90.0, lambda r: seen.append(r.local.margin(*r.position[:2]).margin_m))
    assert min(seen) > 3.0
    assert one.output.command.kind is LAND
    assert one.output.status.level is GuardLevel.LAND
    assert hypot(*one.position[:2]) < 3.0
    kinds = [kind for kind, _ in one.events if kind in ("guard_return", "guard_land", "guard_hold", "guard_clear")]
    assert kinds == ["guard_return", "guard_land"]
    one.landed = one.armed = True
    one.armed = False
    assert one.run(1.0).status.level is GuardLevel.NOMINAL
    assert one.output.status.latched


def test_a_legal_native_return_stays_the_autopilots(flight: Any) -> None:
    one = flight(Given(AROUND))
    one.position[:2] = -100.0, 0.0
    one.run(0.2)
    one.agree()
    one.wanted = CommandKind.RETURN
    assert one.run(0.5).command.kind is CommandKind.RETURN


def test_no_native_return_and_no_way_is_a_refusal(flight: Any) -> None:
    one = flight(Given(None, no_way="walled in"))
    one.wanted = CommandKind.RETURN
    output = one.run(0.5)
    assert (output.command.kind, output.status.level) == (HOLD, GuardLevel.HOLD)
    assert "breaks zone wall" in output.status.reason
    assert output.status.return_reason == "walled in"


def test_a_newer_consent_or_a_pilot_stops_the_return_and_an_older_one_does_not(flight: Any) -> None:
    one = flight(Given(AROUND))
    one.wanted = CommandKind.RETURN
    one.run(1.0)
    one.want((0.0, 1.0, 0.0))
    assert one.run(1.0).status.level is GuardLevel.RETURN
    one.agree()
    output = one.run(0.2)
    assert output.command.velocity_enu_m_s == (0.0, 1.0, 0.0)
    one.wanted = CommandKind.RETURN
    assert one.run(1.0).status.level is GuardLevel.RETURN
    one.authority = Authority.EXTERNAL
    assert one.run(0.2).command.kind is CommandKind.NONE
    one.authority = Authority.LENGER
    assert one.run(0.5).command.kind is HOLD  # it does not go on by itself


def test_a_silent_mission_does_not_stop_the_return(flight: Any) -> None:
    one = flight(Given(AROUND))
    one.wanted = CommandKind.RETURN
    one.run(1.0)
    one.mission_alive = False
    one.run(3.0)
    assert one.output.status.level is GuardLevel.RETURN
    assert one.output.command.kind is VELOCITY


def test_low_energy_returns_and_a_consent_overrules_it(flight: Any) -> None:
    planner = Given(AROUND, usable_wh=10.0)
    one = flight(planner)
    one.want((0.0, 0.0, 0.0))
    one.run(5.0)
    assert one.output.status.level is GuardLevel.NOMINAL
    assert one.output.status.return_energy_margin_wh == pytest.approx(6.0)
    planner.usable_wh = 4.8
    one.run(5.0)
    assert one.output.status.level is GuardLevel.RETURN
    assert "Wh usable" in one.output.status.reason
    one.agree()
    assert one.run(0.5).status.level <= GuardLevel.WARN
    planner.usable_wh = 3.0  # now home is out of reach: a higher rung than the one that was overruled
    one.run(5.0)
    assert one.output.command.kind is LAND


def test_a_way_that_is_lost_holds(flight: Any) -> None:
    planner = Given(AROUND)
    one = flight(planner)
    one.wanted = CommandKind.RETURN
    one.run(1.0)
    planner.plan, planner.no_way = None, "walled in"
    output = one.run(0.2)
    assert (output.command.kind, output.status.level) == (HOLD, GuardLevel.HOLD)
    assert "way lost" in output.status.reason


def test_where_low_energy_finds_no_way_it_lands_at_the_best_place(flight: Any) -> None:
    planner = Given(AROUND, usable_wh=4.8)
    one = flight(planner)
    one.want((0.0, 0.0, 0.0))
    one.run(4.0)
    assert one.output.status.level is GuardLevel.RETURN
    place = Way(((120.0, 0.0, HEIGHT), (150.0, 30.0, HEIGHT)), target="a field")
    planner.usable_wh, planner.landing = 3.0, place
    one.run(4.0)
    assert one.output.status.level is GuardLevel.LAND
    assert one.output.command.kind is VELOCITY  # on the way there
    planner.plan = None
    one.run(40.0)
    assert one.output.command.kind is LAND, (one.position, one.velocity, one.output.command.velocity_enu_m_s)
    assert dist(one.position[:2], (150.0, 30.0)) < 3.0


def test_the_way_is_replanned_from_where_the_aircraft_is(flight: Any) -> None:
    planner = Given(AROUND)
    one = flight(planner)
    one.want((0.0, 2.0, 0.0))
    one.run(10.0)
    assert planner.worked >= 200
    norths = [asked.position_m[1] for asked in planner.asked]
    assert len(norths) >= 5
    assert norths == sorted(norths)


def test_an_own_way_at_a_zone_is_limited_as_the_missions_velocity_is(flight: Any) -> None:
    through = Way(((120.0, 0.0, HEIGHT), (0.0, 0.0, HEIGHT)))
    one = flight(Given(through))
    one.wanted = CommandKind.RETURN
    one.run(40.0)
    assert one.lowest_margin_m > 0.5
    assert one.output.command.kind in (VELOCITY, HOLD)


def test_a_shove_on_the_way_brakes_and_goes_on(flight: Any) -> None:
    one = flight(Given(AROUND))
    one.wanted = CommandKind.RETURN
    one.run(1.0)
    one.velocity[0] = -14.0
    one.position[0] = 92.0
    kinds = []
    one.run(6.0, lambda r: kinds.append(r.output.command.kind))
    assert HOLD in kinds
    assert one.output.command.kind is VELOCITY
    assert one.output.status.level is GuardLevel.RETURN


def test_an_estimate_that_is_lost_on_the_way_stops_it(flight: Any) -> None:
    one = flight(Given(AROUND))
    one.wanted = CommandKind.RETURN
    one.run(1.0)
    one.vehicle_alive = False
    assert one.run(1.0).command.kind is HOLD
    status = one.status()
    one.status = lambda: replace(status, t_ns=one.now_ns)
    one.vehicle_alive = True
    assert one.run(1.0).command.kind is VELOCITY


def test_with_the_planner_itself_the_way_leads_around_the_wall(
    rig: Any, zones: Any, a_feature: Any, a_square: Any
) -> None:
    arena = a_feature("arena", "inclusion", a_square(200.0))
    wall = a_feature("wall", "exclusion", [(50.0, -60.0), (70.0, -60.0), (70.0, 60.0), (50.0, 60.0)])
    one = rig(zones=zones(arena, wall), position=np.array([120.0, 0.0, HEIGHT]))
    one.step()
    one.agree()
    one.want((0.0, 0.0, 0.0))
    one.run(3.0)
    assert one.output.status.return_available
    assert 170.0 < one.output.status.return_length_m < 190.0
    assert one.output.status.return_energy_margin_wh > 0.0
    one.wanted = CommandKind.RETURN
    one.run(60.0)
    assert one.lowest_margin_m > 2.0
    assert one.output.command.kind is LAND
    assert hypot(*one.position[:2]) < 3.0


def test_with_the_planner_itself_a_pilot_walled_in_is_told_early(
    rig: Any, zones: Any, a_feature: Any, a_square: Any
) -> None:
    ring = a_feature("ring", "exclusion", a_square(60.0, 120.0, 0.0))
    outline = a_square(40.0, 120.0, 0.0)
    ring["geometry"]["coordinates"].append(a_feature("hole", "exclusion", outline)["geometry"]["coordinates"][0])
    one = rig(
        zones=zones(a_feature("arena", "inclusion", a_square(200.0)), ring), position=np.array([120.0, 0.0, 63.0])
    )
    one.step()
    one.agree()
    one.want((0.0, 0.0, 0.0))
    one.run(4.0)
    assert not one.output.status.return_available
    assert "no way" in one.output.status.return_reason
    assert one.output.status.level is GuardLevel.WARN
    one.wanted = CommandKind.RETURN
    assert one.run(1.0).command.kind is HOLD
