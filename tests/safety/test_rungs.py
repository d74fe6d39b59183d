"""An exhaustive walk of the ladder: all states in all situations, and what must hold of every one of them."""

from __future__ import annotations

from collections import deque
from itertools import product
from pathlib import Path

import pytest

from lenger_core.samples import GuardLevel
from lenger_safety.rungs import (
    HOLD,
    LAND,
    LIMIT,
    NOMINAL,
    RETURN,
    TABLE,
    WARN,
    Situation,
    State,
    advance,
    table_markdown,
)

BOTH = (False, True)
SITUATIONS = [
    Situation(flying, external, demand, consent, way, arrived, cleared)
    for flying, external, demand, consent, way, arrived, cleared in product(
        BOTH, BOTH, GuardLevel, BOTH, BOTH, BOTH, BOTH
    )
    if not (external and consent)  # who has a newer consent takes the aircraft back
]
STARTS = (State(NOMINAL, False), *(State(rung, True) for rung in (NOMINAL, WARN, LIMIT)))
"""Open after the first consent; latched at a start, and from outside on any rung when somebody else takes over."""


def reachable() -> set[State]:
    seen, queue = set(STARTS), deque(STARTS)
    while queue:
        state = queue.popleft()
        for now in SITUATIONS:
            after, _ = advance(state, now)
            if after not in seen:
                seen.add(after)
                queue.append(after)
    return seen


REACHABLE = reachable()
WALK = [(state, now, *advance(state, now)) for state in REACHABLE for now in SITUATIONS]
IN_FLIGHT = [step for step in WALK if step[1].flying and not step[1].external]


def test_all_rungs_are_reached_and_the_guarding_ones_are_always_latched():
    assert {state.rung for state in REACHABLE} == set(GuardLevel)
    assert all(state.latched for state in REACHABLE if state.rung >= HOLD)
    assert len(REACHABLE) == 9  # NOMINAL, WARN, LIMIT open or latched, HOLD, RETURN, LAND latched


def test_every_row_leads_somewhere():
    assert {row for *_, row in WALK} == {row.name for row in TABLE}


def test_the_next_state_depends_on_nothing_but_state_and_situation():
    for state, now, after, row in WALK:
        assert advance(state, now) == (after, row)


def test_what_is_demanded_in_flight_is_met_at_once():
    for _, now, after, _ in IN_FLIGHT:
        if now.demand >= HOLD:
            assert after.rung >= now.demand
            assert after.latched


def test_nothing_resumes_without_a_newer_consent():
    for state, now, after, _ in WALK:
        if state.latched and not after.latched:
            assert now.consent
            assert now.demand <= LIMIT or not now.flying
        if state.latched and now.flying and not now.external and not now.consent:
            assert after.rung >= HOLD


def test_a_consent_opens_every_latch_when_nothing_stands_against_it():
    for state in REACHABLE:
        after, _ = advance(state, Situation(consent=True))
        assert after == State(NOMINAL, False)


def test_in_other_hands_the_guard_only_warns_and_stays_latched():
    for _, now, after, _ in WALK:
        if now.external and now.flying:
            assert after.rung <= WARN
            assert after.latched


def test_land_is_left_upwards_in_the_air_only_by_a_consent_or_other_hands():
    for state, now, after, _ in WALK:
        if state.rung is LAND and now.flying and not now.external and not now.consent:
            assert after.rung is LAND


def test_a_rung_falls_in_flight_only_for_a_reason():
    for state, now, after, row in IN_FLIGHT:
        if after.rung < state.rung:
            lost = row == "way lost" and (state.rung, after.rung) == (RETURN, HOLD) and not now.way
            assert now.consent or lost or (now.cleared and state.rung <= LIMIT)


def test_a_return_never_begins_nor_goes_on_without_a_way():
    for _, now, after, _ in IN_FLIGHT:
        if not now.way:
            assert after.rung is not RETURN
        if after.rung is RETURN:
            assert not (now.arrived and now.demand is RETURN)


def test_no_state_lacks_an_exit_to_a_safer_rung():
    """From each rung each safer one is one step away, without any consent; and the ground ends them all."""
    for state in REACHABLE:
        for rung in (HOLD, RETURN, LAND):
            if rung > state.rung:
                assert advance(state, Situation(demand=rung))[0].rung is rung
        after, _ = advance(state, Situation(flying=False))
        assert after == State(NOMINAL, state.latched)
    assert advance(State(RETURN, True), Situation(arrived=True))[0].rung is LAND
    assert advance(State(RETURN, True), Situation(way=False))[0].rung is HOLD
    assert advance(State(RETURN, True), Situation(way=False, demand=RETURN))[0].rung is LAND


def test_the_ladder_comes_to_rest():
    """In an unchanged situation (a consent opens once) no state flaps: at most two more steps, then it stays."""
    for state, now, _, _ in WALK:
        once = Situation(now.flying, now.external, now.demand, False, now.way, now.arrived, now.cleared)
        after, _ = advance(state, now)
        settled = advance(advance(after, once)[0], once)[0]
        assert advance(settled, once)[0] == settled


def test_a_rung_between_nominal_and_limit_falls_only_when_cleared():
    kept, _ = advance(State(LIMIT, False), Situation(demand=WARN, cleared=False))
    assert kept == State(LIMIT, False)
    fallen, _ = advance(State(LIMIT, False), Situation(demand=WARN, cleared=True))
    assert fallen == State(WARN, False)


def test_a_situation_outside_the_table_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("lenger_safety.rungs.TABLE", TABLE[:2])
    with pytest.raises(LookupError, match="no row"):
        advance(State(), Situation())


def test_the_documentation_shows_this_very_table():
    text = (Path(__file__).parents[2] / "docs" / "guard.md").read_text(encoding="utf-8")
    assert table_markdown() in text
