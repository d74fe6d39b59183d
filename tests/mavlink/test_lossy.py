"""The bad radio: every fault does what it says, and a seed decides everything."""

from __future__ import annotations

import pytest

from lenger_core.errors import InputError
from lenger_mavlink.lossy import LossyPipe, LossyProfile

S = 1_000_000_000
MS = 1_000_000


def run(profile: LossyProfile, seed: int = 0, count: int = 2000, period_ns: int = 10 * MS) -> list[tuple[int, int]]:
    """Return (arrival in ns, number) of datagrams sent every period."""
    pipe, out = LossyPipe(profile, seed), []
    for step in range(count + 1000):
        now = step * period_ns
        if step < count:
            pipe.push(step.to_bytes(4, "big"), now)
        out += [(now, int.from_bytes(data, "big")) for data in pipe.pop(now)]
    return out


def test_a_good_radio_passes_everything_at_once() -> None:
    assert run(LossyProfile()) == [(n * 10 * MS, n) for n in range(2000)]


def test_delay_and_jitter_keep_the_order() -> None:
    got = run(LossyProfile(delay_s=0.2, jitter_s=0.1))
    assert [n for _, n in got] == list(range(2000))
    waits = [arrived - n * 10 * MS for arrived, n in got]
    assert 200 * MS <= min(waits) < 220 * MS
    assert 280 * MS < max(waits) <= 310 * MS


@pytest.mark.parametrize("fraction", [0.1, 0.5, 1.0])
def test_loss(fraction: float) -> None:
    got = run(LossyProfile(loss=fraction))
    assert len(got) == pytest.approx(2000 * (1.0 - fraction), abs=3.0 * (2000 * fraction * (1.0 - fraction)) ** 0.5)


def test_duplicates_reordering_and_corruption() -> None:
    twice = run(LossyProfile(duplicate=0.2))
    assert len(twice) == pytest.approx(2400, abs=54)
    assert {n for _, n in twice} == set(range(2000))
    mixed = [n for _, n in run(LossyProfile(reorder=0.2))]
    assert sorted(mixed) == list(range(2000))
    assert mixed != sorted(mixed)
    changed = [n for _, n in run(LossyProfile(corrupt=0.2))]
    assert sum(n != index for index, n in enumerate(changed)) == pytest.approx(400, abs=54)


def test_a_seed_decides_everything() -> None:
    bad = LossyProfile(0.1, 0.1, 0.1, 0.1, 0.1, 0.1)
    assert run(bad, 7) == run(bad, 7)
    assert run(bad, 7) != run(bad, 8)


def test_faults_end() -> None:
    pipe = LossyPipe()
    pipe.set_loss(1.0, 1 * S)
    pipe.set_delay(0.5, 3 * S)
    for now in (0, 2 * S, 4 * S):
        pipe.push(bytes([now // S]), now)
    assert pipe.pop(2 * S) == []
    assert pipe.pop(2 * S + 500 * MS) == [b"\x02"]
    assert pipe.pop(4 * S) == [b"\x04"]
    assert (pipe.pushed, pipe.lost) == (3, 1)


def test_order_is_kept_when_a_delay_ends() -> None:
    pipe = LossyPipe()
    pipe.set_delay(1.0, 1)
    pipe.push(b"slow", 0)
    pipe.push(b"fast", 1)
    assert pipe.pop(S) == [b"slow", b"fast"]


@pytest.mark.parametrize("value", [-0.1, 1.5, float("nan")])
def test_bad_values_are_named(value: float) -> None:
    with pytest.raises(InputError, match=r"loss: .*0 to 1"):
        LossyPipe().set_loss(value, 0)
    with pytest.raises(InputError, match=r"delay_s: .*0 to 60"):
        LossyPipe().set_delay(value * 100.0 if value > 0 else value, 0)
