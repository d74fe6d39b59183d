"""What an operator asks of a mission in flight, with both engines and both flavours, the whole chain in lockstep."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lenger_core.samples import MissionPhase

from .flight import Autopilot
from .rig import Rig, plan_of

ROUND = np.array([(50.0, 0.0), (100.0, 40.0), (100.0, 100.0), (40.0, 130.0), (-20.0, 100.0), (-40.0, 40.0)])
BOTH: tuple[tuple[Autopilot, str], ...] = (("px4", "uploaded"), ("ardupilot", "uploaded"), ("px4", "streamed"))


@pytest.mark.parametrize(("autopilot", "engine"), BOTH)
def test_pause_skip_and_jump(autopilot: Autopilot, engine: str, tmp_path: Path) -> None:
    rig = Rig(plan_of(ROUND), autopilot, engine, tmp_path)
    rig.start()
    rig.until(lambda: rig.item == 2, 60.0, "at item 2")
    rig.run(1.0)
    assert rig.mission.pause(rig.now_ns) is None
    rig.run(8.0)
    assert rig.phase is MissionPhase.HOLDING and rig.speed_m_s < 1.0
    assert rig.mission.resume(rig.now_ns) is None
    rig.until(lambda: rig.item == 3, 60.0, "at item 3")
    assert rig.mission.skip(rig.now_ns) is None
    rig.until(lambda: rig.item == 5, 60.0, "at item 5")
    assert rig.mission.jump(3, rig.now_ns) is None
    rig.finish()
    # the jump came with waypoint 4 behind; 3 was skipped, and is flown after it
    assert rig.visits(ROUND) == [0, 1, 3, 2, 3, 4, 5]
    assert rig.reached() == [f"waypoint {n}" for n in (1, 2, 4, 3, 4, 5, 6)]
    assert rig.results[-1].waypoints_reached == 7


@pytest.mark.parametrize(("autopilot", "engine"), BOTH[:2])
def test_another_plan_in_flight_and_home(autopilot: Autopilot, engine: str, tmp_path: Path) -> None:
    rig = Rig(plan_of(ROUND), autopilot, engine, tmp_path)
    rig.start()
    rig.until(lambda: rig.item == 2, 60.0, "at item 2")
    other = ROUND[::-1] + 10.0
    assert rig.mission.replan(plan_of(other), rig.now_ns, 3) is None
    rig.until(lambda: rig.item == 5, 90.0, "at item 5")
    assert rig.visits(other)[-2:] == [2, 3]
    assert rig.mission.abort(rig.now_ns) is None
    rig.until(lambda: rig.phase is MissionPhase.FAILED, 200.0, "over")
    assert "came home and landed" in rig.results[-1].message
    assert np.hypot(*rig.track[-1][1:3]) < 5.0
