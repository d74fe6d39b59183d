"""The plan model and our own JSON of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from qgc_files import valid

from lenger_core.errors import InputError
from lenger_core.plans import Datum, Height, Plan, Waypoint, from_json, read_plan, to_json, write_plan
from lenger_mission.formats.plan_file import parse_qgc
from lenger_mission.load import plan_from_text

PLAN = parse_qgc(json.dumps(valid()), "sample", "sample.plan")


def test_our_json_round_trips(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    write_plan(PLAN, path)
    assert read_plan(path) == PLAN
    assert [p.name for p in tmp_path.iterdir()] == ["plan.json"]
    head = json.loads(path.read_text())
    assert (head["format"], head["version"]) == ("lenger-plan", 2)


def test_a_plan_that_could_not_be_written_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_plan(PLAN, tmp_path / "plan.json")
    assert not list(tmp_path.iterdir())


@given(
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.floats(-500, 9000),
    st.sampled_from(list(Datum)),
    st.none() | st.floats(0.1, 50),
)
def test_any_waypoint_round_trips(lat: float, lon: float, value: float, datum: Datum, speed: float | None) -> None:
    way = Waypoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=value, datum=datum), speed_m_s=speed)
    plan = Plan(name="w", home=PLAN.home, items=(way,))
    assert from_json(to_json(plan), "w.json") == plan


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format": "other"}, ["format", "'other'", "lenger-plan"]),
        ({"version": 3}, ["version", "3", "1 or 2"]),
        ({"plan": 3}, ["plan", "3"]),
        ({"more": 3}, ["more", "not permitted"]),
    ],
)
def test_a_wrong_file_is_one_clear_line(change: dict[str, object], words: list[str]) -> None:
    text = json.dumps({**json.loads(to_json(PLAN)), **change})
    with pytest.raises(InputError) as caught:
        from_json(text, "p.json")
    line = str(caught.value)
    assert "\n" not in line
    for word in words:
        assert word in line


def test_a_wrong_field_inside_is_named() -> None:
    tree = json.loads(to_json(PLAN))
    tree["plan"]["items"][1]["lat_deg"] = 95.0
    with pytest.raises(InputError, match=r"plan\.items\.1\.waypoint\.lat_deg: got 95\.0"):
        from_json(json.dumps(tree), "p.json")


def test_the_model_is_frozen_and_refuses_nan() -> None:
    with pytest.raises(ValidationError):
        Height(value_m=float("nan"), datum=Datum.AGL)
    with pytest.raises(ValidationError):
        PLAN.items[0].height.value_m = 3.0  # type: ignore[union-attr, misc]


@pytest.mark.parametrize(
    ("datum", "amsl"),
    [(Datum.AGL, 810.0), (Datum.AMSL, 60.0), (Datum.HOME, 826.0)],
)
def test_heights_by_datum(datum: Datum, amsl: float) -> None:
    assert Height(value_m=60.0, datum=datum).amsl_m(750.0, 766.0) == amsl


def test_the_text_of_a_goal_in_either_format() -> None:
    assert plan_from_text(json.dumps(valid()), "sample", "qgc") == PLAN
    assert plan_from_text(to_json(PLAN), "anything", "lenger") == PLAN
    with pytest.raises(InputError, match="plan_format"):
        plan_from_text("{}", "x", "kml")
