"""Pacing and datagrams, without a clock; and the command line's arguments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_sim.pacing import Pacer
from lenger_sim.ports import datagrams
from lenger_sim.standalone import DEFAULT_LINKS, links_of, run, settings_of

S = 1_000_000_000


def test_simulated_time_follows_the_wall_at_speed() -> None:
    pacer = Pacer(3.0, S // 10, 0, 0)
    sim = 0
    for wall in range(0, 2 * S, S // 100):
        sim = pacer.target_ns(wall, sim)
    assert sim == pytest.approx(3 * 1.99 * S, rel=1e-6)
    assert pacer.lost_ns == 0


def test_a_slow_machine_slows_time_and_never_jumps() -> None:
    pacer = Pacer(1.0, S // 10, 0, 0)
    sim = pacer.target_ns(5 * S, 0)  # five seconds asleep
    assert sim == S // 10
    assert pacer.lost_ns == 5 * S - S // 10
    assert pacer.target_ns(5 * S + S // 50, sim) == sim + S // 50  # and goes on from there, without catching up


def test_cycles_are_short_but_not_busy() -> None:
    assert [Pacer(speed, S, 0, 0).cycle_s for speed in (1.0, 3.0, 50.0)] == [0.010, 0.004, 0.004]


@given(st.lists(st.binary(min_size=1, max_size=280), max_size=40))
def test_datagrams_hold_whole_frames_in_order(frames: list[bytes]) -> None:
    out = datagrams(frames, 700)
    assert b"".join(out) == b"".join(frames)
    assert all(len(datagram) <= 700 for datagram in out)


def test_links_of_the_command_line() -> None:
    assert links_of("") == DEFAULT_LINKS["px4"]
    assert links_of("", "ardupilot") == DEFAULT_LINKS["ardupilot"]
    assert links_of("tcp://:5760") == "tcp-l://:5760"
    assert links_of("udp://10.0.0.1:14550") == "udp://:0@10.0.0.1:14550"
    assert links_of("udp://:1@h:2, udp://g:3") == "udp://:1@h:2,udp://:0@g:3"


@pytest.mark.parametrize("home", ["42", "north,east", "95,70", "nan,70"])
def test_bad_homes_are_one_clear_line(home: str) -> None:
    with pytest.raises(InputError, match="home"):
        settings_of("", 1.0, home, 1, "quad_2kg")


def test_home_off_the_terrain_and_foreign_flavours() -> None:
    with pytest.raises(InputError):
        run(mavlink="udp://127.0.0.1:14999", home="10.0,10.0")
    with pytest.raises(InputError, match="px4"):
        run(autopilot="inav")
    with pytest.raises(InputError, match="quad_2kg"):
        run(mavlink="udp://127.0.0.1:14999", vehicle="zeppelin")
