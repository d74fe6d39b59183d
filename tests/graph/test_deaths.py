"""Kill -9 of each process in flight: the table of deaths, a clear report, exit code 1, a readable recording."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from math import hypot

import pytest

from graph.flights import NODES, Flight, messages
from lenger_training.recording import read_flight

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

OBSERVERS = ("recorder", "exercise")
"""Their death changes nothing in the air; the ordinary suite kills them in lockstep."""

LAST_WORDS = {
    "mavros": "mavros/imu/data_raw",
    "autopilot": "vehicle/status",
    "guard": "guard/command",
    "mission": "mission/command",
}
"""The busiest topic of each process whose death stops the aircraft: its last message is the moment of death."""


def check_it_stopped_in_time(flight: Flight, topic: str) -> None:
    """The reaction comes within 2 s of simulated time; then the aircraft brakes at about 3 m/s^2 and stays."""
    recording = read_flight(flight.out / "flight.mcap")
    died_ns = recording.of(topic)[-1].t_ns
    speeds = [(t.t_ns, hypot(*t.velocity_enu_m_s[:2])) for t in recording.of("sim/truth") if t.t_ns >= died_ns]
    moving = [t_ns for t_ns, speed in speeds if speed > 1.0]
    stopped_s = (moving[-1] - died_ns) / 1e9 if moving else 0.0
    assert stopped_s <= 2.0 + speeds[0][1] / 2.0 + 0.5, f"moved for {stopped_s:.1f} s from {speeds[0][1]:.1f} m/s"
    assert (speeds[-1][0] - died_ns) / 1e9 > stopped_s, "the recording ends before the aircraft stood"


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
    if node in LAST_WORDS:
        check_it_stopped_in_time(flight, LAST_WORDS[node])
    result = flight.result()
    assert not result["passed"]
    assert any(d["rule"] == "process_died" and node in d["detail"] for d in result["deductions"])


def test_without_the_guard_the_aircraft_holds(fly: Fly) -> None:
    check(killed_in_flight(fly, "guard"), "guard")


@pytest.mark.parametrize(
    "node",
    [
        pytest.param(name, marks=pytest.mark.campaign if name in OBSERVERS else pytest.mark.slow)
        for name in NODES
        if name != "guard"
    ],
)
def test_each_death_ends_as_designed(fly: Fly, node: str) -> None:
    check(killed_in_flight(fly, node), node)


@pytest.mark.slow
def test_a_killed_runner_takes_everything_with_it(fly: Fly, wait_until: Callable[..., None]) -> None:
    flight = fly("runner", "--speed", "4")
    flight.until_prints("phase enroute")
    flight.process.kill()
    flight.process.wait()
    wait_until(lambda: flight.processes() == {}, what="the nodes to end")
