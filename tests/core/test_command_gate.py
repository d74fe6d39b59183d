"""What the gate refuses, and that it never lets two sources interleave."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.command_gate import CommandGate
from lenger_core.samples import Command, CommandKind

S = 1_000_000_000
FIRST = Command(10 * S, "mission", 1, 0.5, CommandKind.VELOCITY, (1.0, 0.0, 0.0))


def test_accepts_and_forgets_when_the_lifetime_ends() -> None:
    gate = CommandGate()
    assert gate.silent_s(10 * S) == inf
    assert gate.offer(FIRST, 10 * S) is None
    assert gate.current(10 * S + 499_999_999) == FIRST
    assert gate.current(10 * S + 500_000_001) is None
    assert gate.silent_s(11 * S) == 1.0


@pytest.mark.parametrize(
    ("change", "now_s", "publishers", "reason"),
    [
        ({}, 10.6, 1, "stale"),
        ({}, 9.7, 1, "future"),
        ({}, 10.0, 2, "2 publishers"),
        ({"velocity_enu_m_s": (nan, 0.0, 0.0)}, 10.0, 1, "not finite"),
        ({"velocity_enu_m_s": (inf, 0.0, 0.0)}, 10.0, 1, "not finite"),
        ({"kind": CommandKind.TAKEOFF}, 10.0, 1, "takeoff height"),
        ({"kind": CommandKind.GOTO, "lat_deg": 42.0, "lon_deg": 70.0}, 10.0, 1, "is no place"),
        ({"kind": CommandKind.GOTO, "lat_deg": 91.0, "lon_deg": 70.0, "alt_amsl_m": 800.0}, 10.0, 1, "is no place"),
        ({"kind": CommandKind.MISSION, "mission_item": -2}, 10.0, 1, "mission item -2"),
        ({"lifetime_s": nan}, 10.0, 1, "lifetime nan s, expected above 0 and at most 2 s"),
        ({"lifetime_s": inf}, 10.0, 1, "lifetime inf s"),
        ({"lifetime_s": 1e9}, 10.0, 1, "lifetime 1e+09 s"),
        ({"lifetime_s": 0.0}, 10.0, 1, "lifetime 0 s"),
    ],
)
def test_refuses(change: dict[str, object], now_s: float, publishers: int, reason: str) -> None:
    gate = CommandGate()
    refusal = gate.offer(replace(FIRST, **change), int(now_s * S), publishers)  # type: ignore[arg-type]
    assert refusal is not None and reason in refusal
    assert gate.current(int(now_s * S)) is None


def test_refuses_a_second_source_until_the_first_is_silent() -> None:
    gate = CommandGate()
    assert gate.offer(FIRST, 10 * S) is None
    other = replace(FIRST, source="intruder", sequence=99, t_ns=10 * S + 100)
    assert "second source" in str(gate.offer(other, 10 * S + 100))
    later = replace(other, t_ns=11 * S)
    assert gate.offer(later, 11 * S) is None


def test_a_clock_that_steps_back_revives_nothing_and_hides_no_silence() -> None:
    gate = CommandGate()
    assert gate.offer(FIRST, 10 * S) is None
    assert gate.current(5 * S) is None
    assert gate.silent_s(5 * S) == inf
    live = replace(FIRST, t_ns=5 * S, sequence=2)
    assert gate.offer(live, 5 * S) is None
    assert gate.current(5 * S) == live


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 900_000_000)), max_size=30))
def test_what_is_kept_is_always_the_newest_accepted(offers: list[tuple[int, int]]) -> None:
    gate, kept = CommandGate(), None
    for sequence, dt in offers:
        command = replace(FIRST, sequence=sequence, t_ns=10 * S + dt)
        now = 10 * S + dt
        if gate.offer(command, now) is None:
            if kept is not None and -S // 5 <= now - kept.t_ns <= S // 2:
                assert command.sequence > kept.sequence
            kept = command
    assert gate.current(10 * S) in (kept, None) if kept is not None else gate.current(10 * S) is None
