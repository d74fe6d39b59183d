"""The guard in the real graph: 20 seeded flights press against the fence at 10 m/s; a guard is killed on the way."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from graph.hostile import ATTACK_M_S, SECOND, Scene, climb, closest_m, stack

pytestmark = pytest.mark.ros

SEEDS = 20
SLOW_SEEDS = 3
"""Up to this one they run with the slow tests, the others in the campaign only."""

HOLD_MODES = ("AUTO.LOITER", "BRAKE", "LOITER")


def press(seed: int, folder: Path) -> None:
    """Attack twice; the true position stays legal, and comes near the line."""
    scene = Scene.of(seed)
    with stack(scene, folder) as (attacker, runner):
        climb(attacker, 40.0)
        begin_ns = attacker.now_ns
        for heading in scene.headings_rad:
            attacker.attack(heading)
            attacker.fly_for(32.0)
        assert not runner.deaths()
    closest = closest_m(scene, attacker, begin_ns)
    fastest = max(speed for t_ns, _, _, speed in attacker.track if t_ns >= begin_ns)
    print(
        f"seed {seed} {scene.autopilot}: wind {scene.wind_m_s:.1f} m/s, fastest {fastest:.1f} m/s, "
        f"smallest true margin {closest:.2f} m, levels {sorted(attacker.levels)}"
    )
    said = [f"{event.kind}: {event.detail}" for event in attacker.events]
    assert fastest > 0.9 * ATTACK_M_S
    assert closest > 0.0, said
    assert attacker.levels & {"LIMIT", "HOLD"}, said


def test_a_flight_that_presses_against_the_fence(ros_domain: int, tmp_path: Path) -> None:
    press(0, tmp_path)


@pytest.mark.parametrize(
    "seed",
    [pytest.param(s, marks=pytest.mark.slow if s < SLOW_SEEDS else pytest.mark.campaign) for s in range(1, SEEDS)],
)
def test_more_flights_that_press_against_the_fence(seed: int, ros_domain: int, tmp_path: Path) -> None:
    press(seed, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_guard_killed_at_speed_means_hold(seed: int, ros_domain: int, tmp_path: Path) -> None:
    scene = Scene.of(seed)
    with stack(scene, tmp_path) as (attacker, runner):
        climb(attacker, 40.0)
        attacker.attack(scene.headings_rad[0])
        attacker.until(lambda: attacker.track[-1][3] > 0.9 * ATTACK_M_S, "full speed")
        runner.signal("guard", signal.SIGKILL)
        killed_ns = attacker.now_ns
        attacker.until(lambda: attacker.status is not None and attacker.status.mode in HOLD_MODES, "the hold mode")
        took_s = (attacker.now_ns - killed_ns) / SECOND
        print(f"{scene.autopilot}: held {took_s:.2f} s after the guard's death")
        assert took_s <= 2.0
        attacker.until(lambda: attacker.track[-1][3] < 0.7, "standstill")
    assert closest_m(scene, attacker, killed_ns) > 0.0
