"""Whatever a file holds: a plan, or an InputError of one line. Nothing else, and never for long."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st
from qgc_files import valid

from lenger_core.errors import InputError
from lenger_core.plans import Plan, from_json, to_json
from lenger_mission.formats.plan_file import parse_qgc
from lenger_mission.load import plan_from_text
from lenger_mission.plan_gate.structure import require

CAMPAIGN_CASES = 10_000
SAMPLE_CASES = 200
QUICK = [HealthCheck.too_slow, HealthCheck.data_too_large]

SEEDS = (json.dumps(valid()), to_json(parse_qgc(json.dumps(valid()), "seed", "seed.plan")))

ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.sampled_from([0, -1, 1, 2, 3, 16, 20, 21, 22, 90, 95, 178, 1e308, float("nan"), float("inf"), float("-inf")]),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["Plan", "SimpleItem", "ComplexItem", "waypoint", "agl", "\ud800", "\x00", "1", ""]),
    st.just([]),
    st.just({}),
    st.lists(st.floats(-200, 200), max_size=8),
    st.recursive(
        st.integers(), lambda c: st.lists(c, max_size=3) | st.dictionaries(st.text(max_size=3), c, max_size=3)
    ),
)


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in the tree."""
    keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [path, *(deeper for key in keys for deeper in places(node[key], (*path, key)))]


@st.composite
def mutated_json(draw: st.DrawFn) -> str:
    """A valid plan with values replaced, deleted, doubled or moved."""
    tree = {"root": json.loads(draw(st.sampled_from(SEEDS)))}
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from(places(tree)[1:]))
        node: Any = tree
        for key in path[:-1]:
            node = node[key]
        action = draw(st.sampled_from(["replace", "replace", "delete", "copy", "repeat"]))
        if action == "delete" and len(path) > 1:
            del node[path[-1]]
        elif action == "copy":
            other: Any = tree
            for key in draw(st.sampled_from(places(tree)[1:])):
                other = other[key]
            node[path[-1]] = json.loads(json.dumps(other))
        elif action == "repeat" and isinstance(node, list):
            node.extend([node[path[-1]]] * draw(st.integers(1, 50)))
        else:
            node[path[-1]] = draw(ODD)
    return json.dumps(tree["root"])


@st.composite
def mutated_bytes(draw: st.DrawFn) -> str:
    """The text of a valid plan with pieces overwritten, cut out or doubled."""
    raw = bytearray(draw(st.sampled_from(SEEDS)).encode())
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, max(len(raw) - 1, 0)))
        end = min(len(raw), start + draw(st.integers(0, 40)))
        piece = draw(st.binary(max_size=12) | st.sampled_from([b"{", b"]", b'"', b",", b"NaN", b"1e999", b"\\u", b"-"]))
        raw[start:end] = draw(st.sampled_from([piece, b"", bytes(raw[start:end]) * 2]))
    return raw.decode("utf-8", draw(st.sampled_from(["replace", "surrogateescape"])))


TEXTS = st.one_of(mutated_json(), mutated_bytes(), st.text(max_size=200))


def check(text: str) -> str:
    """Read the text in both formats; return what came out."""
    found = []
    for read in (
        lambda: require(parse_qgc(text, "fuzz", "fuzz.plan"), "fuzz.plan"),
        lambda: require(from_json(text, "fuzz.json"), "fuzz.json"),
        lambda: plan_from_text(text, "fuzz", "qgc"),
    ):
        try:
            assert isinstance(read(), Plan)
            found.append("plan")
        except InputError as error:
            line = str(error)
            assert line.isprintable() and len(line) < 1_000, line
            found.append("refused")
    return found[0]


@settings(max_examples=SAMPLE_CASES, deadline=None, suppress_health_check=QUICK, derandomize=True)
@given(TEXTS)
def test_sample_of_mutated_plans(text: str) -> None:
    check(text)


@pytest.mark.campaign
def test_campaign_of_mutated_plans() -> None:
    count = {"plan": 0, "refused": 0}

    @seed(20260718)
    @settings(max_examples=CAMPAIGN_CASES, deadline=None, suppress_health_check=QUICK, database=None)
    @given(TEXTS)
    def run(text: str) -> None:
        count[check(text)] += 1

    run()
    total = sum(count.values())
    bound = 3.0 / total
    print(f"seed 20260718: {total} cases, {count['plan']} plans, {count['refused']} refused, 0 failures")
    print(f"shows fewer than {bound:.3%} failures per case at 95 %")
    assert total >= CAMPAIGN_CASES
    assert count["plan"] > 0.02 * total
