"""Every row of the ladder's table is reached by the guard itself, in flights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lenger_core.samples import Authority, CommandKind, GuardLevel
from lenger_safety import ladder
from lenger_safety.rungs import TABLE, Situation, State, advance
from lenger_safety.way_back import WayBack

HEIGHT = 63.0


class Way:
    """A way to a place above home."""

    waypoints = ((120.0, 0.0, HEIGHT), (60.0, 90.0, HEIGHT), (0.0, 0.0, HEIGHT))
    length_m, energy_wh, target = 230.0, 4.0, "home"


class Given:
    """A planner whose answer is given."""

    def __init__(self) -> None:
        self.plan: Any = Way()
        self.landing: Any = None
        self.no_way, self.usable_wh = "", float("nan")

    def ask(self, _asked: Any) -> None:
        """The answer is known."""

    def work(self) -> None:
        """The answer is known."""


class Home:
    """Flies straight home: the wall of the test is not in its way any more."""

    def __init__(self, plan: Any) -> None:
        self.end = np.array(plan.waypoints[-1])

    def velocity(self, position_m: Any, _velocity: Any, _dt: float) -> Any:
        away = self.end - np.array(position_m)
        e, n, u = away / max(1.0, float(np.linalg.norm(away))) * 3.0
        return float(e), float(n), float(u)


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, State, State]]:
    rows: list[tuple[str, State, State]] = []

    def recorded(state: State, now: Situation) -> tuple[State, str]:
        after, row = advance(state, now)
        rows.append((row, state, after))
        return after, row

    monkeypatch.setattr(ladder, "advance", recorded)
    return rows


@pytest.fixture
def flight(rig: Any, zones: Any, a_feature: Any, a_square: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def make(planner: Given) -> Any:
        monkeypatch.setattr("lenger_safety.guard.way_back", lambda *a: WayBack(planner, Home, a[-1]))
        wall = a_feature("wall", "exclusion", [(50.0, -60.0), (70.0, -60.0), (70.0, 60.0), (50.0, 60.0)])
        arena = a_feature("arena", "inclusion", a_square(200.0))
        return rig(zones=zones(arena, wall), position=np.array([120.0, 0.0, HEIGHT]), armed=False, landed=True)

    return make


def test_every_row_is_reached_in_flight(flight: Callable[..., Any], walked: list[tuple[str, State, State]]) -> None:
    planner = Given()
    one = flight(planner)
    one.run(0.2)  # on the ground
    one.agree()
    one.run(0.2)  # released on the ground
    one.armed, one.landed = True, False
    one.want((0.0, 4.0, 0.0))
    one.run(0.5)  # passes
    one.authority = Authority.EXTERNAL
    one.run(0.5)  # in other hands
    one.authority = Authority.LENGER
    one.run(0.5)  # hold
    one.agree()
    one.run(0.5)  # released
    one.wanted = CommandKind.RETURN
    one.run(1.0)  # return, goes on returning
    planner.plan, planner.no_way = None, "walled in"
    one.run(0.5)  # way lost
    planner.plan, planner.no_way = Way(), ""
    one.position[:2] = 1.0, 1.0
    one.want((0.0, 0.0, 0.0))
    one.agree()
    one.run(0.5)
    planner.usable_wh = 4.8
    one.run(8.0)  # return by low energy, and arrived
    one.run(1.0)  # goes on landing
    assert one.output.command.kind is CommandKind.LAND
    one.agree()
    one.run(0.5)  # released, the cause is overruled
    assert one.output.status.level < GuardLevel.HOLD
    planner.usable_wh = 3.0
    one.run(8.0)  # land: home is out of reach
    assert one.output.command.kind is CommandKind.LAND
    reached = {row for row, _, _ in walked}
    assert {row.name for row in TABLE} - reached == {"no way back"}


def test_an_urgent_return_that_loses_its_way_lands(
    flight: Callable[..., Any], walked: list[tuple[str, State, State]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row that is left: a cause asks for RETURN, and there is no way any more."""
    from lenger_safety.supervision.facts import Cause
    from lenger_safety.supervision.supervisor import Supervisor

    planner = Given()
    one = flight(planner)
    one.agree()
    one.run(0.2)
    one.armed, one.landed = True, False
    one.want((0.0, 0.0, 0.0))
    one.run(0.5)
    cause = Cause("pilot_link", GuardLevel.RETURN, "the pilot's radio is lost", lasting=False)
    monkeypatch.setattr(Supervisor, "update", lambda *_: (cause,))
    assert one.run(1.0).status.level is GuardLevel.RETURN
    planner.plan, planner.no_way = None, "walled in"
    assert one.run(0.5).command.kind is CommandKind.LAND
    assert "no way back" in {row for row, _, _ in walked}
