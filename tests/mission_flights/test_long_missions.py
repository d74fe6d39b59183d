"""As many items as ArduCopter takes by default, 650 with its home: uploaded, flown, and each told as reached."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lenger_core.samples import FcuMission, MissionPhase

from .flight import Array, Autopilot
from .rig import Rig, plan_of

ITEMS = 650
PUT_IN = 4
"""Entries beside the waypoints: takeoff, speed, the leg home and the landing."""
ROWS_OF, APART_M, ROWS_APART_M = 50, 5.0, 12.0
HEIGHT_M = 60.0
BOTH: tuple[Autopilot, ...] = ("px4", "ardupilot")


def meander(count: int) -> Array:
    """Return `count` points on rows to and fro, metres east and north."""
    row, column = np.divmod(np.arange(count), ROWS_OF)
    column = np.where(row % 2 == 0, column, ROWS_OF - 1 - column)
    return np.column_stack((30.0 + APART_M * column, ROWS_APART_M * row))


def waypoints_for(autopilot: str, items: int) -> int:
    """Return how many waypoints make a list of so many items on the autopilot."""
    home = 1 if autopilot == "ardupilot" else 0
    return items - home - PUT_IN


def begun(autopilot: Autopilot, items: int, folder: Path) -> Rig:
    """Return a flight whose mission was asked for, and either armed or given up."""
    rig = Rig(plan_of(meander(waypoints_for(autopilot, items)), HEIGHT_M), autopilot, "uploaded", folder)
    rig.until(rig.ready, 120.0, "ready")
    assert rig.mission.start(rig.plan, rig.now_ns) is None
    rig.until(lambda: rig.status.armed or rig.phase is MissionPhase.FAILED, 60.0, "armed or refused")
    return rig


@pytest.mark.parametrize("autopilot", BOTH)
def test_a_full_list_is_taken(autopilot: Autopilot, tmp_path: Path) -> None:
    rig = begun(autopilot, ITEMS, tmp_path)
    listed: FcuMission = rig.bus.newest["mavros/mission/waypoints"]
    assert rig.status.armed and len(listed.items) == ITEMS


def test_one_item_too_many_is_refused_before_it_arms(tmp_path: Path) -> None:
    rig = begun("ardupilot", ITEMS + 1, tmp_path)
    assert not rig.status.armed and "upload" in rig.results[-1].message


@pytest.mark.campaign
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("autopilot", BOTH)
def test_every_one_of_650_items_is_flown_and_told(autopilot: Autopilot, tmp_path: Path) -> None:
    count = waypoints_for(autopilot, ITEMS)
    points = meander(count)
    rig = Rig(plan_of(points, HEIGHT_M), autopilot, "uploaded", tmp_path)
    rig.start()
    rig.finish(3_000.0)
    flown_s = rig.track[-1][0]
    assert rig.reached() == [f"waypoint {n}" for n in range(1, count + 1)]
    assert rig.results[-1].waypoints_reached == count
    missed = set(range(count)) - set(rig.visits(points))
    assert not missed, f"never within 8 m of {sorted(missed)[:10]}"
    print(f"{autopilot}: {ITEMS} items, {count} waypoints told and come to, {flown_s:.0f} s simulated")
