"""Simulated time waits for its followers, and forgets those that died."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lenger_sim.pacing import Lead, Pacer

MS = 1_000_000


def turns(lead: Lead, begin_ms: int, count: int) -> int | None:
    """Ask once every 10 ms from `begin_ms` on, and return the last answer."""
    limit = None
    for turn in range(count):
        limit = lead.limit_ns((begin_ms + 10 * turn) * MS)
    return limit


def test_the_slowest_follower_sets_the_limit() -> None:
    lead = Lead(200 * MS, 1000 * MS)
    assert lead.limit_ns(0) is None
    lead.heard("guard", 500 * MS)
    lead.heard("mission", 480 * MS)
    assert lead.limit_ns(0) == 680 * MS
    lead.heard("mission", 600 * MS)
    assert lead.limit_ns(0) == 700 * MS


def test_a_starved_follower_stops_the_clock_until_it_speaks_again() -> None:
    lead = Lead(200 * MS, 1000 * MS)
    lead.heard("autopilot", 500 * MS)
    assert turns(lead, 0, 100) == 700 * MS
    lead.heard("autopilot", 700 * MS)
    assert turns(lead, 1000, 99) == 900 * MS


def test_only_who_stops_the_clock_is_forgotten() -> None:
    """The others were as silent, but because the clock stood: it must not run away from them."""
    lead = Lead(200 * MS, 1000 * MS)
    lead.heard("dead", 500 * MS)
    lead.heard("alive", 680 * MS)
    assert turns(lead, 0, 100) == 700 * MS
    assert turns(lead, 1000, 1) == 880 * MS
    assert turns(lead, 1010, 99) == 880 * MS
    assert turns(lead, 2000, 1) is None


def test_nobody_is_late_when_the_whole_machine_stood_still() -> None:
    lead = Lead(200 * MS, 1000 * MS)
    lead.heard("guard", 500 * MS)
    assert lead.limit_ns(0) == 700 * MS
    assert lead.limit_ns(60_000 * MS) == 700 * MS


def test_time_that_waited_is_lost_and_not_made_up() -> None:
    pacer = Pacer(speed=1.0, catch_up_ns=100 * MS, wall_ns=0, sim_ns=0)
    assert pacer.target_ns(50 * MS, 0, limit_ns=20 * MS) == 20 * MS
    assert pacer.target_ns(60 * MS, 20 * MS, limit_ns=None) == 30 * MS
    assert pacer.lost_ns == 30 * MS


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(-300, 300)), min_size=1, max_size=50), st.floats(0.1, 20.0))
def test_time_never_goes_back_nor_beyond_the_limit(turns: list[tuple[int, int]], speed: float) -> None:
    pacer, wall_ns, sim_ns = Pacer(speed, 100 * MS, 0, 0), 0, 0
    for passed_ms, ahead_ms in turns:
        wall_ns += passed_ms * MS
        limit_ns = sim_ns + ahead_ms * MS
        target_ns = pacer.target_ns(wall_ns, sim_ns, limit_ns)
        assert sim_ns <= target_ns <= max(limit_ns, sim_ns)
        sim_ns = target_ns


def test_who_says_the_same_again_has_not_come_any_further() -> None:
    lead = Lead(200 * MS, 1000 * MS)
    lead.heard("stuck", 500 * MS)
    for turn in range(99):
        lead.heard("stuck", 500 * MS)
        assert lead.limit_ns(10 * turn * MS) == 700 * MS
    assert turns(lead, 990, 10) is None
