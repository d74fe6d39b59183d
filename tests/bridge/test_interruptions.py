"""Motion that was interrupted stays interrupted: late modes, refusals, stalls, and clocks that step."""

from __future__ import annotations

from lenger_bridge import requests as r
from lenger_bridge.latch import Latch
from lenger_core.samples import Command, CommandKind

from .fake_mavros import SECOND
from .test_autopilot import flying_bench

NONE, HOLD, VELOCITY = CommandKind.NONE, CommandKind.HOLD, CommandKind.VELOCITY
EAST = (4.0, 0.0, 0.0)


def test_a_refused_hold_mode_is_asked_for_once() -> None:
    bench, consent = flying_bench("offboard")
    bench.fcu.refuses[r.SetMode] = "the autopilot answered DENIED"
    asked = len(bench.requests())
    bench.run(3.0, HOLD, consent)
    assert bench.requests()[asked:] == ["SetMode AUTO.LOITER"]
    assert "DENIED" in bench.status.reason


def test_a_guard_that_dies_while_offboard_is_under_way_is_answered_with_hold() -> None:
    bench, consent = flying_bench("holding")
    bench.fcu.ignores_modes = {"OFFBOARD", "AUTO.LOITER"}
    asked = len(bench.requests())
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST, until=lambda: "ask SetMode OFFBOARD" in bench.log)
    bench.run(0.8)
    assert bench.requests()[asked:] == ["SetMode OFFBOARD", "SetMode AUTO.LOITER"]
    bench.fcu.mode = "OFFBOARD"
    bench.run(0.3)
    bench.fcu.mode = "AUTO.LOITER"
    bench.run(4.0)
    assert bench.requests()[asked:] == ["SetMode OFFBOARD", "SetMode AUTO.LOITER"]
    assert not any(line.startswith(("mode_lost", "mode_failed")) for line in bench.log), "both modes were ours"
    assert "no guard command" in bench.status.reason


def test_a_failure_while_offboard_is_under_way_asks_for_hold() -> None:
    bench, consent = flying_bench("holding")
    bench.fcu.refuses[r.SetMode] = "no answer"
    asked = len(bench.requests())
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode OFFBOARD", "SetMode AUTO.LOITER"]


def test_a_stream_that_stalled_does_not_go_on_without_consent() -> None:
    bench, consent = flying_bench("offboard")
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.now_ns += 6 * SECOND // 10
    bench.command(VELOCITY, consent, velocity_enu_m_s=EAST)
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode AUTO.LOITER"]
    assert len(bench.setpoints) == sent
    assert "stream_ended: the setpoint stream stalled" in bench.log
    bench.run(2.0, VELOCITY, bench.consent(), velocity_enu_m_s=EAST)
    assert bench.status.mode == "OFFBOARD"


def consented(consent_ns: int) -> Command:
    return Command(0, "guard", 1, 0.5, HOLD, consent_ns=consent_ns)


def test_a_consent_seen_before_the_latch_closed_never_opens_it() -> None:
    latch = Latch()
    latch.close(10 * SECOND, "started")
    assert latch.offer(consented(20 * SECOND), 20 * SECOND)
    latch.close(15 * SECOND, "the clock stepped back")
    assert not latch.offer(consented(20 * SECOND), 20 * SECOND)
    assert latch.offer(consented(21 * SECOND), 21 * SECOND)


def test_a_consent_of_the_future_is_refused_for_good() -> None:
    latch = Latch()
    latch.close(10 * SECOND, "started")
    assert not latch.offer(consented(12 * SECOND), 11 * SECOND)
    assert not latch.offer(consented(12 * SECOND), 13 * SECOND), "nothing moves because time passed"
    assert latch.offer(consented(14 * SECOND), 14 * SECOND - SECOND // 10)
