"""Whatever a `.plan`, a `.mission` or one of our own files holds: a plan, or an InputError of one line; and what was
read can be written and read again."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from mutated_texts import MAX_MEMORY_MB, QUICK, SAMPLE_CASES, campaign, memory_mb, read_or_refused, texts
from plan_files import fenced, flown_lines, mission_planner, samples

from lenger_core.errors import InputError
from lenger_core.plans import from_json, to_json
from lenger_mission.expand import flyable
from lenger_mission.formats.plan_file import parse_qgc, to_qgc

PLANS = [json.dumps(tree) for _, tree in samples()] + [json.dumps(mission_planner())]
OWN = [to_json(parse_qgc(text, "seed", "seed.plan")) for text in PLANS]


def of_qgc(text: str) -> None:
    """Read a `.plan`; what it means survives our JSON and its own."""
    plan = parse_qgc(text, "fuzz", "fuzz.plan")
    assert from_json(to_json(plan), "own.json") == plan
    read_or_refused(lambda _: flyable(plan, "fuzz.plan"), text)
    again = parse_qgc(to_qgc(plan)[0], "fuzz", "again.plan")
    assert again.items == plan.items
    assert (again.fence_polygons, again.fence_circles, again.rally) == (
        plan.fence_polygons,
        plan.fence_circles,
        plan.rally,
    )


def of_own(text: str) -> None:
    """Read our own JSON; it can be written as a `.plan` unless an item cannot be planned."""
    plan = from_json(text, "fuzz.json")
    assert from_json(to_json(plan), "own.json") == plan
    parse_qgc(to_qgc(plan)[0], "fuzz", "again.plan")


@settings(max_examples=SAMPLE_CASES, deadline=None, suppress_health_check=QUICK, derandomize=True)
@given(texts(PLANS, json_too=True))
def test_sample_of_broken_plans(text: str) -> None:
    read_or_refused(of_qgc, text)


@settings(max_examples=SAMPLE_CASES, deadline=None, suppress_health_check=QUICK, derandomize=True)
@given(texts(OWN, json_too=True))
def test_sample_of_broken_files_of_our_own(text: str) -> None:
    read_or_refused(of_own, text)


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_campaign_of_broken_plans() -> None:
    campaign(of_qgc, texts(PLANS, json_too=True), ".plan")


@pytest.mark.campaign
@pytest.mark.timeout(0)
def test_campaign_of_broken_files_of_our_own() -> None:
    campaign(of_own, texts(OWN, json_too=True), "our own JSON")


@pytest.mark.parametrize(
    "text",
    [
        '{"fileType":"Plan","version":1,"mission":{"version":2,"items":[' + '{"a":0},' * 25_000 + "0]}}",
        '{"a":' * 25_000,
        json.dumps(fenced([{"type": "ComplexItem", "polygon": [[42.0, 69.0]] * 25_000}])),
    ],
    ids=["items", "depth", "vertices"],
)
def test_large_files_cost_little(text: str) -> None:
    assert memory_mb(lambda t: parse_qgc(t, "large", "large.plan"), text) < MAX_MEMORY_MB / 10


def test_a_plan_too_long_for_its_own_words_says_so() -> None:
    items, _ = flown_lines(1, 3, 50.0)
    many = [{**items[n % len(items)], "doJumpId": n + 1, "remark": "x" * 8_000} for n in range(400)]
    plan = parse_qgc(json.dumps(fenced(many)), "long", "long.plan")
    assert any("too long to keep" in note for note in plan.notes)
    assert from_json(to_json(plan), "own.json") == plan


def test_a_file_in_pieces_is_refused_by_one_line() -> None:
    whole = PLANS[0]
    for end in range(0, len(whole), 97):
        with pytest.raises(InputError):
            parse_qgc(whole[:end], "cut", "cut.plan")
