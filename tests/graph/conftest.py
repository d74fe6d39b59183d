"""Flights of the ROS graph; each has a domain of its own, which `lenger fly` picks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graph.flights import Flight


@pytest.fixture
def fly(tmp_path: Path) -> Iterator[Callable[..., Flight]]:
    """A function that starts a flight in a folder of that name; every flight has ended when the test has."""
    flights: list[Flight] = []

    def start(name: str, *words: str, **named: str) -> Flight:
        flights.append(Flight(tmp_path / name, *words, **named))
        return flights[-1]

    yield start
    for flight in flights:
        flight.end()
        assert flight.processes() == {}, "processes left behind"


@pytest.fixture(scope="module")
def hop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flight]:
    """One hop with the whole graph, flown to its end and shared by the tests of a module."""
    flight = Flight(tmp_path_factory.mktemp("hop") / "out", "--speed", "4")
    flight.until_prints("phase takeoff")
    flight.note_maps()
    flight.wait()
    yield flight
    flight.end()
