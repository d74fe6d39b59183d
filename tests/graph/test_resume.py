"""Real processes, killed with SIGKILL in flight and started again: after consent the mission goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lenger_interfaces.action import ExecuteMission

from graph.stack import COMPANION, Operator, Stack
from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint, to_json
from lenger_core.resources import config_path
from lenger_core.samples import MissionPhase

pytestmark = pytest.mark.ros

HOME = (42.1819, 69.8878)
UP = Height(value_m=30.0, datum=Datum.HOME)
PLACES = ((42.1814, 69.8878), (42.1814, 69.8888), (42.1819, 69.8894), (42.1825, 69.8888), (42.1825, 69.8878))
PLAN = Plan(
    name="round",
    home=Home(lat_deg=HOME[0], lon_deg=HOME[1]),
    items=(Takeoff(height=UP), *(Waypoint(lat_deg=lat, lon_deg=lon, height=UP) for lat, lon in PLACES), ReturnHome()),
    cruise_speed_m_s=6.0,
)
DONE = ExecuteMission.Result.DONE


@pytest.fixture
def operator(ros_domain: int) -> Iterator[Operator]:
    made = Operator()
    yield made
    made.close()


def reached(operator: Operator) -> list[str]:
    return [event.detail for event in operator.events if event.kind == "waypoint_reached"]


@pytest.mark.parametrize(
    ("engine", "dies"),
    [
        pytest.param("streamed", ("mission",), marks=pytest.mark.campaign, id="mission"),
        pytest.param("uploaded", COMPANION, marks=pytest.mark.slow, id="companion"),
    ],
)
def test_a_killed_mission_goes_on_after_consent(
    engine: str, dies: tuple[str, ...], operator: Operator, tmp_path: Path
) -> None:
    stack = Stack(tmp_path, engine=engine, autopilot="px4", plan_gate="off", speed="2.0", floor_agl_m="5.0")
    try:
        operator.until_ready()
        operator.execute(plan_name="round", plan=to_json(PLAN), plan_format="lenger")
        operator.until(lambda: "waypoint 2" in reached(operator), 120.0, "waypoint 2")
        stack.kill(*dies)
        operator.rest(4.0)
        stack.start(*dies)
        operator.rest(15.0)  # the graph counts the publishers of the dead for some ten seconds, and the guard takes one
        anew = Operator()  # the old one may still take the dead server for the one that is there
        try:
            anew.until(lambda: anew.status is not None, 60.0, "mission_node")
            anew.rest(2.0)  # a resume before the autopilot is heard is refused
            result = anew.result(anew.execute(resume=True), 240.0)
        finally:
            anew.close()
        operator.rest(1.0)
        assert (result.outcome, result.waypoints_reached) == (DONE, len(PLACES)), result.message
        assert operator.status is not None and operator.status.phase is MissionPhase.DONE
        told = reached(operator)
        assert len(set(told)) == len(told) and told[-1] == f"waypoint {len(PLACES)}", told
    finally:
        stack.close()


@pytest.mark.slow
def test_an_operator_pauses_and_skips(operator: Operator, tmp_path: Path) -> None:
    zones = str(config_path("zones", "first_patrol.geojson"))  # ArduCopter does not arm with an empty fence
    given = {"autopilot": "ardupilot", "zones": zones, "plan_gate": "off", "speed": "2.0", "floor_agl_m": "5.0"}
    stack = Stack(tmp_path, engine="uploaded", **given)
    try:
        operator.until_ready()
        handle = operator.execute(plan_name="round", plan=to_json(PLAN), plan_format="lenger")
        operator.until(lambda: "waypoint 1" in reached(operator), 120.0, "waypoint 1")
        assert operator.ask("pause").success
        operator.until(lambda: operator.vehicle is not None and operator.vehicle.mode == "BRAKE", 30.0, "BRAKE")
        assert not operator.ask("pause").success
        assert operator.ask("resume").success
        operator.until(lambda: operator.status is not None and operator.status.item == 3, 60.0, "item 3")
        assert operator.ask("skip").success
        result = operator.result(handle, 240.0)
        assert result.outcome == DONE, result.message
        assert reached(operator) == [f"waypoint {n}" for n in (1, 2, 4, 5)]
    finally:
        stack.close()
