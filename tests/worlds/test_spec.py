"""World files: every wrong field is one clear error, whatever is in the file."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.resources import home
from lenger_core.strict_yaml import parse_yaml
from lenger_sim.worlds.spec import Light, load_world, parse_world, world_names

from .stubs import TINY, tiny


def test_four_worlds_ship_with_what_the_course_needs() -> None:
    assert world_names() == ["lenger_border", "lenger_high", "lenger_night", "lenger_training_field"]
    worlds = {name: load_world(name) for name in world_names()}
    assert worlds["lenger_training_field"].ground.span_m == 8192.0
    assert worlds["lenger_night"].light is Light.NIGHT
    assert all(world.spawns[0].name == "home" for world in worlds.values())
    kinds = {part.kind for world in worlds.values() for part in world.parts}
    assert {"landing_pad", "nist_lane", "runway", "headframe", "rail_track", "border_post", "river", "tree"} <= kinds
    assert {"lattice_mast", "guyed_mast", "obstacle", "moving_target", "target_card", "power_line"} <= kinds


def test_shipped_files_say_who_drew_the_border() -> None:
    text = (home() / "worlds" / "lenger_border.yaml").read_text(encoding="utf-8")
    assert "OpenStreetMap contributors, ODbL" in text


def test_a_world_is_found_by_name_or_path(tmp_path: Path) -> None:
    text = (home() / "worlds" / "lenger_high.yaml").read_text(encoding="utf-8")
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    assert load_world(tmp_path / "mine.yaml").name == "mine"
    with pytest.raises(InputError, match=r"world: got 'nowhere', expected one of lenger_border, .*\.yaml file"):
        load_world("nowhere")
    with pytest.raises(InputError, match="No such file"):
        load_world(tmp_path / "absent.yaml")
    (tmp_path / "Bad-Name.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=r"Bad-Name.yaml: file name: got 'Bad-Name', expected a small letter"):
        load_world(tmp_path / "Bad-Name.yaml")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("ground", "pixels"), 1000, r"ground.pixels: got 1000, expected 2\^n \+ 1: 513, 1025, 2049 or 4097"),
        (("ground", "pixels"), 257, r"ground.pixels: got 257, .*513"),
        (("ground", "cell_m"), 0.0, r"ground.cell_m: got 0.0, .*0.5"),
        (("ground", "height"), 3, r"ground.height: got 3, expected no such field; known: cell_m, pixels, middle_m"),
        (("light",), "dusk", r"light: got 'dusk', .*'day' or 'night'"),
        (("origin", "lat_deg"), "north", r"origin.lat_deg: got 'north', .*number"),
        (("air", "wind_m_s"), 90.0, r"air.wind_m_s: got 90.0, .*40"),
        (("wind",), 3, r"wind: got 3, expected no such field; known: title, origin, ground"),
        (("name",), "x", r"name: got 'x', expected no such field"),
        (("spawns",), [], r"spawns: got \[\], .*1"),
        (("spawns", 0, "name"), "Home!", r"spawns.0.name: got 'Home!', .*pattern"),
        (("parts", 0, "kind"), 7, r"parts.0.kind: got 7, .*string"),
        (("parts", 0, "at_m"), [1.0, 2.0], r"parts.0: got .*exactly one of at_m, .*given: at_m, along_m"),
        (("parts", 0, "along_m"), None, r"parts.0: got .*given: none"),
        (("parts", 0, "name"), "band", r"got 'the whole', expected names that differ: 'band' is twice among parts"),
        (("parts", 0, "flavours"), ["inav"], r"parts.0.flavours: got \['inav'\], expected px4, ardupilot or both"),
        (("parts", 0, "hight"), 1, r"parts.0.hight: got 1, expected no such field; known: kind, name, at_m"),
        (("title",), None, r"title: got None, .*string"),
    ],
)
def test_a_wrong_field_is_one_line(place: tuple[str | int, ...], value: object, message: str) -> None:
    data: Any = copy.deepcopy(TINY)
    at = data
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    with pytest.raises(InputError, match="tiny.yaml: " + message) as caught:
        parse_world(data, "tiny.yaml", "tiny")
    assert "\n" not in str(caught.value)


def test_a_missing_field_and_something_else_than_a_mapping() -> None:
    data = {key: value for key, value in TINY.items() if key != "origin"}
    with pytest.raises(InputError, match=r"w.yaml: origin: got 'nothing', expected this field to be there"):
        parse_world(data, "w.yaml", "w")
    with pytest.raises(InputError, match="expected a mapping with the fields title, origin"):
        parse_world([1], "w.yaml", "w")
    scatter = {"count": 1, "east_m": [5.0, 5.0], "north_m": [0.0, 1.0], "seed": 1}
    with pytest.raises(InputError, match="smaller one first"):
        tiny(parts=[{"kind": "a", "name": "b", "scatter": scatter}])


_SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=8), st.just([]), st.just({})
)
_PLACES = sorted(
    {
        ("title",), ("origin",), ("origin", "lat_deg"), ("ground",), ("ground", "cell_m"), ("ground", "pixels"),
        ("ground", "middle_m"), ("light",), ("sun",), ("air",), ("air", "wind_from_deg"), ("spawns",), ("spawns", 0),
        ("spawns", 0, "at_m"), ("parts",), ("parts", 0), ("parts", 0, "kind"), ("parts", 0, "along_m"),
        ("parts", 0, "every_m"), ("parts", 1, "line_m"), ("parts", 2, "each_m"), ("parts", 2, "number_from"),
        ("parts", 0, "parameters"), ("parts", 0, "scatter"), ("parts", 0, "up_m"), ("more",),
    },
    key=str,
)  # fmt: skip


@given(st.sampled_from(_PLACES), st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=6))
def test_any_value_anywhere_is_a_world_or_one_clear_error(place: tuple[str | int, ...], value: object) -> None:
    data: Any = copy.deepcopy(TINY)
    at = data
    for step in place[:-1]:
        at = at[step]
    at[place[-1]] = value
    try:
        said = str(parse_world(data, "tiny.yaml", "tiny").name)
    except InputError as error:
        said = str(error)
    assert said == "tiny" or (said.startswith("tiny.yaml: ") and "\n" not in said)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_world_or_one_clear_error(raw: bytes) -> None:
    with pytest.raises(InputError):
        parse_world(parse_yaml(raw, "w.yaml"), "w.yaml", "w")
