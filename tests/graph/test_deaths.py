"""Kill -9 of each process in flight: the table of deaths, a clear report, exit code 1, a readable recording."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable

import pytest

from graph.flights import NODES, Flight, messages

pytestmark = pytest.mark.ros
Fly = Callable[..., Flight]

REPORT = {
    "vehicle": "the simulated aircraft is gone with it",
    "mavros": "(landed|held) by the autopilot's own failsafe",
    "autopilot": r"(landed|held) by the autopilot's own failsafe",
    "guard": r"autopilot_node held in AUTO.LOITER after [01]\.\d s",
    "mission": r"the guard held in AUTO.LOITER after [01]\.\d s",
    "fusion": "the flight went on, the mission ended done",
    "recorder": "the flight went on, the mission ended done",
    "exercise": "the flight went on, the mission ended done",
}


def killed_in_flight(fly: Fly, node: str) -> Flight:
    flight = fly(node, "--speed", "4")
    flight.until_prints("phase enroute")
    os.kill(flight.pid_of(node), signal.SIGKILL)
    assert flight.wait(400.0) == 1, flight.console
    return flight


def check(flight: Flight, node: str) -> None:
    assert re.search(rf"{node} died at \d+\.\d s \(killed by SIGKILL\)", flight.console), flight.console
    assert re.search(rf"{node} died at \d+\.\d s: {REPORT[node]}", flight.console), flight.console
    assert "NOT what" not in flight.console
    assert flight.processes() == {}
    assert messages(flight.out / "flight.mcap") > 100
    result = flight.result()
    assert not result["passed"]
    assert any(d["rule"] == "process_died" and node in d["detail"] for d in result["deductions"])


def test_without_the_guard_the_aircraft_holds(fly: Fly) -> None:
    check(killed_in_flight(fly, "guard"), "guard")


@pytest.mark.slow
@pytest.mark.parametrize("node", [name for name in NODES if name != "guard"])
def test_each_death_ends_as_designed(fly: Fly, node: str) -> None:
    check(killed_in_flight(fly, node), node)


@pytest.mark.slow
def test_a_killed_runner_takes_everything_with_it(fly: Fly, wait_until: Callable[..., None]) -> None:
    flight = fly("runner", "--speed", "4")
    flight.until_prints("phase enroute")
    flight.process.kill()
    flight.process.wait()
    wait_until(lambda: flight.processes() == {}, what="the nodes to end")
