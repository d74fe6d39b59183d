"""Maps of worlds and exercises: what must be on them, by pixels and by names, and what is refused."""

from __future__ import annotations

import re
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from lenger_bringup.commands import app
from lenger_bringup.world_map import symbols
from lenger_bringup.world_map.canvas import Canvas, dashes
from lenger_bringup.world_map.content import FENCE, KEEPOUT, MapContent, Mark
from lenger_bringup.world_map.labels import Room
from lenger_bringup.world_map.panel import Panel
from lenger_bringup.world_map.sheet import EDGE, MAP, TOP, draw_map
from lenger_bringup.world_view import content_of, write_map
from lenger_core.errors import InputError
from lenger_core.terrain import LocalTerrain, lenger_terrain, load_globe
from lenger_sim.worlds.spec import world_names

LAND = lenger_terrain()


class Drawn:
    """A map and every text on it with its box in sheet or panel pixels."""

    def __init__(self, name: str) -> None:
        self.content = content_of(name, LAND)
        self.texts: list[str] = []
        write = Canvas.text
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                Canvas,
                "text",
                lambda c, x, y, text, *a, **k: (self.texts.append(text), write(c, x, y, text, *a, **k))[1],
            )
            self.image = draw_map(self.content)
        self.pixels = np.asarray(self.image, dtype=int)

    def near(self, kind: str, colour: tuple[int, int, int]) -> float:
        """Share of places along the outlines of a kind about which the main map has a colour."""
        panel = Panel(self.content, self.content.box, MAP)
        hits = []
        for shape in self.content.shapes:
            for ring in (ring for rings in shape.polygons for ring in rings if shape.kind == kind):
                for a, b in pairwise(ring):
                    spots = panel.pixels(a + (b - a) * np.linspace(0.05, 0.95, 12)[:, None])
                    for x, y in np.rint(spots).astype(int) + np.array([EDGE, TOP]):
                        patch = self.pixels[y - 2 : y + 3, x - 2 : x + 3]
                        hits.append((np.abs(patch - colour).sum(axis=2) < 60).any())
        return float(np.mean(hits))


@pytest.fixture(scope="module")
def world() -> Drawn:
    return Drawn("lenger_training_field")


@pytest.fixture(scope="module")
def exercise() -> Drawn:
    return Drawn("first_patrol")


def test_the_fence_and_closed_areas_are_drawn_where_they_are(world: Drawn, exercise: Drawn) -> None:
    for drawn in (world, exercise):
        assert drawn.near(FENCE, symbols.GREEN) > 0.6  # dashed: 11 of 16 pixels
        assert drawn.near(KEEPOUT, symbols.RED) > 0.95


def test_a_worlds_things_and_exercises_are_named(world: Drawn) -> None:
    for name in ("tower 55 m", "guyed mast 70 m", "river", "wires", "pad 1–3", "runway", "mine shaft", "training area"):
        assert name in world.texts, name
    assert "Exercise: First patrol" in world.texts and "About the origin" in world.texts
    assert any("Gazebo world lenger_training_field" in text and "wind 3 m/s from 270°" in text for text in world.texts)


def test_an_exercise_shows_its_plan_and_tells_what_to_do(exercise: Drawn) -> None:
    for name in ("take-off", "1", "6", "mine shaft", "training area", "First patrol"):
        assert name in exercise.texts
    assert any(text.startswith("Heights inside the fence: 30 to 120 m") for text in exercise.texts)


def test_every_map_has_what_a_map_needs(world: Drawn, exercise: Drawn) -> None:
    for drawn in (world, exercise):
        assert "N" in drawn.texts and "Legend" in drawn.texts and "Height above sea level" in drawn.texts
        assert any(re.fullmatch(r"[125]0* (m|km)", text) for text in drawn.texts)  # a scale bar
        assert sum(bool(re.fullmatch(r"4\d\.\d+° N", text)) for text in drawn.texts) >= 3
        assert sum(bool(re.fullmatch(r"(69|70)\.\d+° E", text)) for text in drawn.texts) >= 3
        foot = next(text for text in drawn.texts if text.startswith("Ground:"))
        assert "synthetic" in foot and "not for navigation" in foot
        contours = [int(text) for text in drawn.texts if re.fullmatch(r"\d{3,4}", text)]
        assert len(contours) >= 8
        assert drawn.image.width == 2014 and drawn.image.height == pytest.approx(1548, abs=2)


def test_the_border_is_drawn_and_credited() -> None:
    content = content_of("lenger_border", LAND)
    assert "OpenStreetMap" in content.credit
    line = next(line for line in content.lines if line.kind == "border")
    panel = Panel(content, content.box, 500)
    picture = np.asarray(panel.draw(), dtype=int)
    inside = [(x, y) for x, y in np.rint(panel.pixels(line.points)).astype(int) if 3 < x < 497 and 3 < y < 497]
    assert len(inside) > 10
    violet = [
        (np.abs(picture[y - 4 : y + 5, x - 4 : x + 5] - symbols.VIOLET).sum(axis=2) < 90).any() for x, y in inside
    ]
    assert np.mean(violet) > 0.9


@pytest.mark.parametrize("name", world_names())
def test_every_world_that_ships_has_a_map(name: str) -> None:
    content = content_of(name, LAND)
    picture = Panel(content, content.box, 300, [box for _, box in content.insets]).draw()
    assert picture.size == (300, 300)
    assert np.asarray(picture).std() > 10


def test_the_same_map_has_the_same_bytes(tmp_path: Path) -> None:
    content = replace(content_of("lenger_high", LAND), insets=())
    pictures = []
    for _ in range(2):
        buffer = BytesIO()
        Panel(content, content.box, 400).draw().save(buffer, format="png")
        pictures.append(buffer.getvalue())
    assert pictures[0] == pictures[1]


def test_the_command_writes_a_png(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lenger_bringup.world_view.draw_map", lambda content: Image.new("RGB", (40, 30), (1, 2, 3)))
    done = CliRunner().invoke(app, ["world", "view", "first_patrol", "-o", str(tmp_path / "map.png")])
    assert done.exit_code == 0 and "40 x 30 pixels" in done.output
    assert Image.open(tmp_path / "map.png").size == (40, 30)
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]


@pytest.mark.parametrize(
    ("name", "out", "expected"),
    [
        ("moon", "map.png", "lenger_training_field.*first_patrol"),
        ("first_patrol", "map.jpg", r"ends in \.png"),
        ("first_patrol", "nowhere/map.png", "a folder that is there"),
        ("missing.yaml", "map.png", "missing.yaml"),
    ],
)
def test_what_cannot_be_drawn_is_one_clear_error(name: str, out: str, expected: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=expected) as error:
        write_map(name, LAND, tmp_path / out)
    assert error.value.exit_code == 2
    assert not list(tmp_path.iterdir())


def test_a_world_beyond_the_terrain_is_refused() -> None:
    content = content_of("lenger_high", load_globe())
    with pytest.raises(InputError):
        Panel(content, (-900_000.0, -900_000.0, 900_000.0, 900_000.0), 50)


def test_names_find_room_or_are_left_out() -> None:
    room = Room(200, 100)
    spots = [room.beside(100.0, 50.0, 9.0, 40.0, 14.0) for _ in range(12)]
    placed = [spot for spot in spots if spot is not None]
    assert 4 <= len(placed) < 12
    for i, (x, y) in enumerate(placed):
        assert abs(x - 100.0) > 20.0 or abs(y - 50.0) > 7.0
        for u, v in placed[:i]:
            assert abs(x - u) >= 40.0 or abs(y - v) >= 14.0
    room = Room(200, 100)
    room.take_line(np.array([(100.0, 50.0), (200.0, 50.0)]), 5.0)
    found = room.beside(100.0, 50.0, 5.0, 40.0, 14.0)
    assert found is not None and found[0] < 100.0


def test_dashes_have_their_lengths() -> None:
    line = np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 15.0)])
    pieces = dashes(line, (6.0, 4.0))
    lengths = [np.hypot(*np.diff(piece, axis=0).T).sum() for piece in pieces]
    assert lengths == pytest.approx([6.0, 6.0, 5.0])
    assert pieces[1][0] == pytest.approx((10.0, 0.0))


def test_the_scale_bar_avoids_marks_and_grid_lines_are_where_they_say() -> None:
    content = content_of("first_patrol", load_globe())
    bare = MapContent(
        "t", "s", content.land, content.box, marks=(Mark("mast", content.box[0] + 60.0, content.box[1] + 20.0),)
    )
    panel = Panel(bare, bare.box, 400)
    assert panel.bar_at(150.0, 50.0) == 250.0
    assert Panel(replace(bare, marks=()), bare.box, 400).bar_at(150.0, 50.0) == 0.0
    line = next(line for line in panel.grid() if line.is_latitude)
    north = bare.box[3] - line.at * panel.spacing[0]
    lat, _ = LocalTerrain(load_globe(), content.land.frame).geodetic(np.array([(0.0, north)]))
    assert lat[0] == pytest.approx(float(line.name.split("°")[0]), abs=2e-6)
