"""Ctrl-C at any moment: exit code 130, no process left, no half-written file, and a line that says what was saved."""

from __future__ import annotations

import json
import random
import signal
import threading
from collections.abc import Callable

import pytest

from graph.flights import Flight, messages

pytestmark = pytest.mark.ros
Fly = Callable[..., Flight]


def check(flight: Flight) -> None:
    assert flight.wait(60.0) == 130, flight.console
    assert flight.processes() == {}
    assert "Traceback" not in flight.console
    for path in flight.out.iterdir():
        assert not path.name.startswith("."), f"half-written: {path.name}"
    for path in flight.out.glob("*.json"):
        json.loads(path.read_text())
    recording = flight.out / "flight.mcap"
    if recording.exists() and (flight.out / "result.json").exists():
        messages(recording)


def test_ctrl_c_in_flight_saves_what_was_flown(fly: Fly) -> None:
    flight = fly("enroute", "--speed", "4")
    flight.until_prints("phase enroute")
    flight.process.send_signal(signal.SIGINT)
    check(flight)
    assert "interrupted at" in flight.console
    assert "saved in" in flight.console
    assert (flight.out / "result.json").exists()


def test_ctrl_c_during_start_up_leaves_nothing(fly: Fly) -> None:
    flight = fly("start")
    flight.until(lambda: len(flight.processes()) >= 1, 60.0, "the first process")
    flight.process.send_signal(signal.SIGINT)
    check(flight)
    assert "interrupted before take-off" in flight.console


def test_ctrl_c_in_lockstep_leaves_a_recording_that_can_be_graded(fly: Fly) -> None:
    flight = fly("lockstep", "--lockstep")
    flight.until_prints("enroute")
    flight.process.send_signal(signal.SIGINT)
    check(flight)
    assert messages(flight.out / "flight.mcap") > 1000
    assert "saved in" in flight.console


@pytest.mark.parametrize(
    "seed", [pytest.param(s, marks=pytest.mark.slow if s < 4 else pytest.mark.campaign) for s in range(12)]
)
def test_ctrl_c_at_a_random_moment(fly: Fly, seed: int) -> None:
    flight = fly("random", "--speed", "5")
    flight.until(lambda: bool(flight.processes()), 60.0, "the first process")
    moment_s = random.Random(seed).uniform(0.0, 25.0)
    threading.Event().wait(moment_s)  # the moment is what is tested
    ended = flight.process.poll() is not None
    flight.process.send_signal(signal.SIGINT)
    if ended or flight.process.wait(60.0) == 0:
        assert flight.processes() == {}  # it was over before the interrupt came
    else:
        check(flight)


@pytest.mark.slow
def test_an_impatient_person_is_obeyed(fly: Fly) -> None:
    flight = fly("twice", "--speed", "4")
    flight.until_prints("phase takeoff")
    for _ in range(3):
        flight.process.send_signal(signal.SIGINT)
    assert flight.wait(30.0) == 130
    assert flight.processes() == {}
    assert "Traceback" not in flight.console
