"""`lenger fly` with the whole ROS graph: outcome, files, parity with the lockstep flight, two at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graph.flights import Flight, messages

pytestmark = pytest.mark.ros
Fly = Callable[..., Flight]

FILES = {"result.json", "debrief.html", "flight.mcap", "plan.json", "exercise.json", "log"}


def test_a_hop_passes_and_leaves_every_file(hop: Flight) -> None:
    assert hop.process.returncode == 0, hop.console
    assert {path.name for path in hop.out.iterdir()} == FILES
    result = hop.result()
    assert result["passed"]
    assert result["score"] >= 90
    assert result["metrics"]["max_fence_violation_m"] == 0
    assert result["metrics"]["waypoints_reached"] == 2
    assert result["host"]["kind"] == "ros"
    assert messages(hop.out / "flight.mcap") > 1000


def test_the_console_tells_the_flight(hop: Flight) -> None:
    for words in ("phase takeoff", "phase enroute", "waypoint 1 of 2", "phase landing", "score", "saved in"):
        assert words in hop.console
    assert hop.processes() == {}


def test_no_process_shares_memory_with_another(hop: Flight) -> None:
    """A killed process would stop the others in the middle of a publication (`benchmarks/reader_death.py`)."""
    assert {"vehicle", "guard", "recorder"} <= set(hop.maps)
    assert not [name for name, text in hop.maps.items() if "/dev/shm/fast" in text]


def events(result: dict[str, Any], kinds: str) -> list[str]:
    return [event["kind"] for event in result["events"] if event["kind"].startswith(kinds)]


def compare(ros: dict[str, Any], lockstep: dict[str, Any]) -> None:
    """Both hosts agree: waypoint times within 5 %, the same deductions, the same guard events."""
    times = [result["metrics"]["waypoint_times_s"] for result in (ros, lockstep)]
    assert times[0] == pytest.approx(times[1], rel=0.05)
    rules = [[(d["rule"], d["points"]) for d in result["deductions"]] for result in (ros, lockstep)]
    assert rules[0] == rules[1]
    assert events(ros, "guard_") == events(lockstep, "guard_")
    assert ros["passed"] == lockstep["passed"]


def test_the_autopilot_flies_an_uploaded_hop(fly: Fly) -> None:
    flight = fly("uploaded", "--engine", "uploaded", "--speed", "4")
    assert flight.wait(400.0) == 0, flight.console
    result = flight.result()
    assert result["passed"] and result["metrics"]["waypoints_reached"] == 2
    told = [event["kind"] for event in result["events"]]
    for kind in ("mission_uploading", "uploaded", "mission_item_asked", "mission_done"):
        assert kind in told, told


def test_both_hosts_agree_on_the_hop(fly: Fly) -> None:
    """At the speed of life: at four times that, 50 ms of a process are 0.2 s of the flight, and 0.6 m of overshoot."""
    ros, lockstep = fly("ros", "--speed", "1"), fly("lockstep", "--lockstep")
    assert lockstep.wait() == 0, lockstep.console
    assert ros.wait() == 0, ros.console
    compare(ros.result(), lockstep.result())


@pytest.mark.campaign
def test_both_hosts_agree_on_first_patrol(fly: Fly) -> None:
    ros, lockstep = (
        fly("ros", "--speed", "3", exercise="first_patrol"),
        fly("lock", "--lockstep", exercise="first_patrol"),
    )
    assert lockstep.wait(600.0) == 0, lockstep.console
    assert ros.wait(900.0) == 0, ros.console
    compare(ros.result(), lockstep.result())


@pytest.mark.slow
def test_two_flights_at_once_do_not_meet(fly: Fly) -> None:
    pair = [fly("one", "--speed", "2"), fly("two", "--speed", "2", "--seed", "6")]
    assert [flight.wait(400.0) for flight in pair] == [0, 0], "\n".join(flight.console for flight in pair)
    assert [flight.result()["seed"] for flight in pair] == [5, 6]


@pytest.mark.parametrize(
    "node",
    [
        pytest.param("guard", marks=pytest.mark.slow),
        *(pytest.param(node, marks=pytest.mark.campaign) for node in ("mavros", "autopilot", "mission")),
    ],
)
def test_a_starved_node_slows_the_flight_and_does_not_end_it(fly: Fly, node: str) -> None:
    """Each of these stops the aircraft when it is silent in simulated time; so that time must wait for it."""
    flight = fly(node, "--speed", "2")
    flight.until_prints("phase enroute")
    flight.starve(node, 2.5)
    assert flight.wait(400.0) == 0, flight.console
    assert "latched" not in flight.console.partition("phase enroute")[2], flight.console


@pytest.mark.parametrize("host", ["--speed=4", "--lockstep"])
def test_a_broken_plan_is_refused_before_anything_starts(fly: Fly, tmp_path: Path, host: str) -> None:
    plan = tmp_path / "broken.plan"
    plan.write_text('{"fileType": "Plan", "mission": {"items": [')
    flight = fly("refused", "--plan", str(plan), host)
    assert flight.wait(60.0) == 2
    assert flight.console.count("\n") == 1
    assert "broken.plan" in flight.console
    assert list(flight.out.iterdir()) == []
