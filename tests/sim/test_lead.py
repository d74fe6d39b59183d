"""Simulated time waits for its followers, and forgets those that died."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lenger_sim.pacing import Lead, Pacer

MS = 1_000_000


def test_the_slowest_follower_sets_the_limit_until_it_is_forgotten() -> None:
    lead = Lead(200 * MS, 1000 * MS)
    assert lead.limit_ns(0) is None
    lead.heard("guard", 500 * MS, 0)
    lead.heard("mission", 480 * MS, 600 * MS)
    assert lead.limit_ns(900 * MS) == 680 * MS
    lead.heard("guard", 900 * MS, 950 * MS)
    assert lead.limit_ns(1599 * MS) == 680 * MS
    assert lead.limit_ns(1600 * MS) == 1100 * MS
    assert lead.limit_ns(1950 * MS) is None


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
