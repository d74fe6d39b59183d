"""mission_node or the whole companion dies in flight: what the vehicle does, and that no item is flown twice or left.

Twenty random moments with the mark `campaign`, a few in the ordinary suite.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from lenger_core.samples import MissionPhase

from .flight import Autopilot
from .rig import COMPANION, Rig, plan_of
from .test_operator import ROUND

MOMENTS = 20
MISSION_MODES = ("AUTO.MISSION", "AUTO")


@dataclass(frozen=True)
class Death:
    """Who dies when."""

    autopilot: Autopilot
    engine: str
    whole: bool
    after_s: float
    dead_s: float

    @staticmethod
    def of(seed: int) -> Death:
        """Return the death of a seed."""
        rng = np.random.default_rng((seed, 11))
        autopilot: Autopilot = "px4" if seed % 2 == 0 else "ardupilot"
        engine = "uploaded" if (seed // 2) % 2 == 0 else "streamed"
        after, dead = float(rng.uniform(1.0, 55.0)), float(rng.uniform(6.0, 20.0))
        return Death(autopilot, engine, (seed // 4) % 2 == 0, after, dead)


def fly(death: Death, folder: Path) -> Rig:
    """Fly, die, start again, agree, and fly to the end."""
    rig = Rig(plan_of(ROUND), death.autopilot, death.engine, folder)
    rig.start()
    rig.run(death.after_s)
    if rig.phase is not MissionPhase.ENROUTE:
        return rig  # it was over before
    names = COMPANION if death.whole else ("mission",)
    rig.kill(*names)
    rig.run(death.dead_s)
    _judge_dead(rig, death)
    rig.begin(*names)
    rig.run(30.0 if death.whole else 1.0)  # MAVROS lists the mission 15 s after it has connected
    rig.resume()
    rig.finish()
    return rig


def _judge_dead(rig: Rig, death: Death) -> None:
    """What DESIGN's table says: streamed, the guard or the autopilot's own failsafe holds; a mission goes on."""
    if death.engine == "streamed":
        assert rig.speed_m_s < 1.5, f"still {rig.speed_m_s:.1f} m/s"
    elif not death.whole:
        assert rig.status.mode in MISSION_MODES
        assert any(event.kind == "guard_refused" and "goes on" in event.detail for event in rig.events)


def check(seed: int, folder: Path) -> str:
    """Fly a seed's death and judge it by the truth."""
    death = Death.of(seed)
    rig = fly(death, folder)
    told = f"seed {seed}: {death}"
    # Who goes back to where a leg was broken off, just behind a waypoint, comes to that one again.
    visits = [index for index, _ in groupby(rig.visits(ROUND))]
    assert visits == list(range(len(ROUND))), f"{told}: came to {rig.visits(ROUND)}"
    assert len(set(rig.reached())) == len(rig.reached()), f"{told}: {rig.reached()}"
    assert rig.results[-1].waypoints_reached == len(ROUND), f"{told}: {rig.results}"
    return told


@pytest.mark.parametrize("seed", [0, 5, 7])
def test_nothing_is_flown_twice_or_left_out_after_a_death(seed: int, tmp_path: Path) -> None:
    check(seed, tmp_path)


@pytest.mark.campaign
@pytest.mark.timeout(7200)
def test_twenty_random_moments(tmp_path: Path) -> None:
    for seed in range(100, 100 + MOMENTS):
        (tmp_path / str(seed)).mkdir()
        print(check(seed, tmp_path / str(seed)), flush=True)
    print(f"{MOMENTS} deaths, 0 waypoints flown twice or left out: less than {300.0 / MOMENTS:.0f} % at 95 %")
