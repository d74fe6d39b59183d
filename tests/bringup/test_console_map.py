"""The map beside the live figures: ground, fence and aircraft where they are, and none where there is no room."""

from __future__ import annotations

import io

import numpy as np
import pytest
from rich.console import Console

from lenger_bringup.console_map import COLUMNS, ConsoleMap, console_map
from lenger_bringup.flight_picture import FlightPicture
from lenger_bringup.live import Progress
from lenger_bringup.world_map.content import MapContent, exercise_content
from lenger_core.samples import SimTruth
from lenger_core.terrain import lenger_terrain
from lenger_training.exercise import load_exercise

EXERCISE = load_exercise("first_patrol")
GREEN, RED, AIRCRAFT = (19, 99, 61), (179, 38, 30), (255, 0, 100)


@pytest.fixture(scope="module")
def content() -> MapContent:
    return exercise_content(EXERCISE, lenger_terrain())


def terminal(width: int = 120, colours: str = "truecolor") -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=width, height=40, color_system=colours)  # type: ignore[arg-type]


def pixels(ground: ConsoleMap, lat: float, lon: float) -> np.ndarray:
    """(rows, COLUMNS, 3) colours, two rows a letter."""
    upper, lower, rows = [], [], []
    for segment in ground.at(lat, lon).segments:
        if segment.style is None:
            rows += [upper, lower]
            upper, lower = [], []
        else:
            assert segment.text == "▀" and segment.style.color and segment.style.bgcolor
            upper.append(tuple(segment.style.color.get_truecolor()))
            lower.append(tuple(segment.style.bgcolor.get_truecolor()))
    return np.array(rows)


def test_fence_closed_area_and_aircraft_are_where_they_are(content: MapContent) -> None:
    ground = ConsoleMap(content)
    picture = pixels(ground, 42.1800, 69.8900)
    assert picture.shape == (COLUMNS, COLUMNS, 3)
    assert 60 < (picture == GREEN).all(axis=2).sum() < 200
    assert 8 < (picture == RED).all(axis=2).sum() < 60
    ((row, col),) = np.argwhere((picture == AIRCRAFT).all(axis=2))
    west, south, east, north = content.box
    x, y, _ = content.land.frame.to_local(42.1800, 69.8900, 757.0)
    assert (col, row) == (int((x - west) / (east - west) * COLUMNS), int((north - y) / (north - south) * COLUMNS))
    assert picture.std(axis=(0, 1)).min() > 10


def test_it_leaves_a_trail_and_off_the_map_it_is_not_shown(content: MapContent) -> None:
    ground = ConsoleMap(content)
    first = pixels(ground, 42.1800, 69.8900)
    second = pixels(ground, 42.1790, 69.8910)
    assert (second == AIRCRAFT).all(axis=2).sum() == 1
    ((row, col),) = np.argwhere((first == AIRCRAFT).all(axis=2))
    assert tuple(second[row, col]) not in (AIRCRAFT, tuple(pixels(ConsoleMap(content), 1.0, 1.0)[row, col]))
    for lat, lon in ((10.0, 10.0), (float("nan"), 69.0)):
        assert not (pixels(ground, lat, lon) == AIRCRAFT).all(axis=2).any()


def test_there_is_none_where_the_terminal_has_no_room_or_colours() -> None:
    terrain = lenger_terrain()
    assert console_map(EXERCISE, terrain, terminal()) is not None
    assert console_map(EXERCISE, terrain, terminal(width=80)) is None
    assert console_map(EXERCISE, terrain, terminal(colours="256")) is None
    assert console_map(EXERCISE, terrain, Console(file=io.StringIO())) is None


def test_the_live_view_shows_it_beside_the_figures(content: MapContent) -> None:
    console, picture = terminal(), FlightPicture()
    with Progress(console, "First patrol", lambda: 5.0, ConsoleMap(content)) as progress:
        progress.show(picture)
        east = (0.0, 0.0, 0.0)
        picture.on_truth(
            SimTruth(1, 42.18, 69.89, 800.0, 40.0, east, (1.0, 0.0, 0.0, 0.0), east, 1.0, False, False), 1.0
        )
        progress._last_s = 0.0
        progress.show(picture)
    shown = console.file.getvalue()  # type: ignore[attr-defined]
    assert "height above ground" in shown and "38;2;255;0;100" in shown.replace("48;2;255;0;100", "38;2;255;0;100")
