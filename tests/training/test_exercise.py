"""Exercise files: the shipped course is valid, and anything else is one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.resources import config_path, home
from lenger_core.strict_yaml import MAX_BYTES, parse_yaml
from lenger_training.exercise import list_exercises, load_exercise, parse_exercise

FIRST_PATROL = config_path("exercises", "first_patrol.yaml").read_text(encoding="utf-8")


def valid() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(FIRST_PATROL)
    return data


def parse(data: object) -> object:
    return parse_exercise(data, "exercise.yaml", "x", Path("."))


def test_every_shipped_exercise_loads_with_its_files() -> None:
    course = list_exercises()
    assert "first_patrol" in [e.name for e in course]
    for exercise in course:
        assert exercise.plan_path.is_file() and exercise.zones_path.is_file()


def test_first_patrol_by_name_and_by_path_are_the_same() -> None:
    by_path = load_exercise(config_path("exercises", "first_patrol.yaml"))
    assert by_path == load_exercise("first_patrol")


def test_unknown_name_lists_the_valid_ones() -> None:
    with pytest.raises(InputError, match=r"first_patrl.*one of: .*first_patrol"):
        load_exercise("first_patrl")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"phase": "advanced"}, ["phase", "advanced", "navigation"]),
        ({"seed": -1}, ["seed", "-1", "greater than or equal to 0"]),
        ({"seed": True}, ["seed"]),
        ({"site": {"lat_deg": 95.0, "lon_deg": 69.0, "alt_amsl_m": 0.0}}, ["site.lat_deg", "95.0", "89"]),
        ({"weather": {"wind_mean_m_s": float("nan")}}, ["weather.wind_mean_m_s", "nan", "finite"]),
        ({"colour": "red"}, ["colour", "known", "briefing"]),
        ({"name": "other"}, ["name", "no such field"]),
        ({"plan": "../../etc/passwd"}, ["plan", "without '..'"]),
        ({"plan": "/etc/passwd"}, ["plan", "relative path"]),
        ({"rubric": [{"rule": "style", "points": 3}]}, ["rubric.0", "style", "cross_track"]),
        ({"rubric": [{"rule": "cross_track", "points": 3}]}, ["rubric.0.cross_track.tolerance_m", "nothing"]),
        ({"rubric": []}, ["rubric", "at least 1"]),
        ({"title": ""}, ["title", "at least 1 character"]),
    ],
)
def test_a_wrong_field_is_named_with_its_value_and_what_would_be_valid(
    change: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(InputError) as caught:
        parse({**valid(), **change})
    for word in words:
        assert word in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("field", ["title", "site", "plan", "rubric", "seed"])
def test_a_missing_field_is_named(field: str) -> None:
    data = valid()
    del data[field]
    with pytest.raises(InputError, match=field):
        parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [1]\nb: *x\n",
        "a: !!python/object/apply:os.system ['true']\n",
        "a: 1\na: 2\n",
        "? [1, 2]\n: 3\n",
        "[" * 5000,
        "a: [\n",
        "a: \x00\n",
        "\tb: 1",
        "- " * 30 + "x",
        "x" * (MAX_BYTES + 1),
    ],
)
def test_yaml_that_is_more_than_plain_data_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        load_exercise(path)
    assert "\n" not in str(caught.value) and "x.yaml" in str(caught.value)


def test_a_bomb_costs_nothing(tmp_path: Path) -> None:
    """The billion laughs: nine levels of nine aliases."""
    lines = ["a0: &a0 [x]"] + [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 9)}]" for k in range(1, 10)]
    path = tmp_path / "bomb.yaml"
    path.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(InputError, match="aliases"):
        load_exercise(path)


def test_words_stay_words() -> None:
    assert parse_yaml(b"a: yes\nb: 2024-13-45\nc: 0o17\nd: 1:30\ne: 1.5e3\nf: null\ng: true\nh: 12\ni: 010", "x") == {
        "a": "yes",
        "b": "2024-13-45",
        "c": "0o17",
        "d": "1:30",
        "e": 1500.0,
        "f": None,
        "g": True,
        "h": 12,
        "i": "010",
    }


_JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_fuzzed_fields_are_accepted_or_one_clear_line(data: st.DataObject) -> None:
    fields = valid()
    for field in data.draw(st.lists(st.sampled_from([*fields, "extra"]), min_size=1, max_size=3)):
        fields[field] = data.draw(_JUNK)
    _one_line(lambda: parse(fields))


def _mutated(data: st.DataObject) -> bytes:
    raw = bytearray(FIRST_PATROL.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 4))] = data.draw(st.binary(max_size=4))
    return bytes(raw)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_fuzzed_text_is_accepted_or_one_clear_line(data: st.DataObject) -> None:
    raw = _mutated(data)
    _one_line(lambda: parse(parse_yaml(raw, "exercise.yaml")))


@pytest.mark.campaign
@settings(max_examples=10_000, deadline=None)
@given(st.data())
def test_fuzzed_text_campaign(data: st.DataObject) -> None:
    raw = _mutated(data)
    _one_line(lambda: parse(parse_yaml(raw, "exercise.yaml")))


@pytest.mark.campaign
@settings(max_examples=10_000, deadline=None)
@given(st.binary(max_size=400))
def test_fuzzed_bytes_campaign(raw: bytes) -> None:
    _one_line(lambda: parse(parse_yaml(raw, "exercise.yaml")))


def _one_line(action: Any) -> None:
    try:
        action()
    except InputError as error:
        text = str(error)
    else:
        return
    assert "\n" not in text and len(text) < 800


def test_the_exercise_in_the_documentation_is_valid() -> None:
    page = (home() / "docs" / "exercises.md").read_text(encoding="utf-8")
    text = page.split("```yaml\n")[1].split("```")[0]
    assert len(text.splitlines()) < 40
    assert parse_exercise(parse_yaml(text.encode(), "docs"), "docs", "hop", Path(".")).title == "Hop to the pump house"
