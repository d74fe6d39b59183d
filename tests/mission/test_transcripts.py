"""Golden transcripts: what a person reads of a mission, event by event, in one file a story.

`LENGER_WRITE_TRANSCRIPTS=1` writes them anew; read the difference before it is committed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from point_mass import NOMINAL_GUARD, Flight

from lenger_core.plans import (
    CameraAction,
    CameraDo,
    Datum,
    Height,
    Home,
    Land,
    Plan,
    PlanItem,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.samples import Authority, GuardLevel
from lenger_mission.engine import STREAMED, UPLOADED
from lenger_mission.mission import MissionCore
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import Stage

FOLDER = Path(__file__).parent / "transcripts"
HOME = Home(lat_deg=42.1819, lon_deg=69.8878)
UP = Height(value_m=30.0, datum=Datum.HOME)
PLACES = ((42.1812, 69.8878), (42.1812, 69.8886), (42.1819, 69.8886), (42.1826, 69.8886))


def square(name: str = "square", last: PlanItem | None = None) -> Plan:
    """Four waypoints, a photo every 40 m from the first to the third, then home."""
    points = [Waypoint(lat_deg=lat, lon_deg=lon, height=UP) for lat, lon in PLACES]
    start = CameraAction(action=CameraDo.START_DISTANCE, distance_m=40.0)
    items = (Takeoff(height=UP), points[0], start, *points[1:3], CameraAction(action=CameraDo.STOP), points[3])
    return Plan(name=name, home=HOME, items=(*items, last or ReturnHome()), cruise_speed_m_s=8.0)


def begin(engine: str) -> Flight:
    flight = Flight(MissionSettings(plan_gate="off"))
    flight.step()
    assert flight.core.start(square(), flight.now_ns, engine) is None
    return flight


def until_item(flight: Flight, item: int) -> None:
    for _ in range(4_000):
        if flight.outputs and flight.outputs[-1].status.item >= item and flight.stage is Stage.ENROUTE:
            flight.run(2.0)
            return
        flight.step()
    raise AssertionError(f"item {item} was not reached: {flight.transcript}")


def ask(flight: Flight, name: str, *arguments: object) -> None:
    reason = getattr(flight.core, name)(*arguments, flight.now_ns)
    flight.transcript.append(f"operator {name} {' '.join(map(str, arguments))}".rstrip() + f": {reason or 'accepted'}")


def whole(flight: Flight) -> None:
    flight.until(Stage.DONE)


def paused(flight: Flight) -> None:
    until_item(flight, 3)
    ask(flight, "pause")
    flight.run(5.0)
    ask(flight, "resume")
    flight.until(Stage.DONE)


def skipped(flight: Flight) -> None:
    until_item(flight, 3)
    ask(flight, "skip")
    flight.until(Stage.DONE)


def jumped_back(flight: Flight) -> None:
    until_item(flight, 4)
    ask(flight, "jump", 9)
    ask(flight, "jump", 1)
    flight.until(Stage.DONE)


def aborted(flight: Flight) -> None:
    until_item(flight, 4)
    ask(flight, "abort")
    flight.until(Stage.FAILED)
    flight.step()


def replanned(flight: Flight) -> None:
    until_item(flight, 3)
    plan = square("another", Land())
    reason = flight.core.replan(plan, flight.now_ns, 4)
    flight.transcript.append(f"operator replan another from 4: {reason or 'accepted'}")
    flight.vehicle.ground_amsl_m = flight.terrain.height_amsl_m(*PLACES[3])
    flight.until(Stage.DONE)


def taken_by_the_pilot(flight: Flight) -> None:
    until_item(flight, 3)
    flight.vehicle.mode, flight.vehicle.authority, flight.vehicle.reason = "POSCTL", Authority.EXTERNAL, "POSCTL chosen"
    flight.vehicle.latch_ns = flight.now_ns
    flight.run(1.0)
    flight.vehicle.position = (flight.vehicle.position[0] + 60.0, *flight.vehicle.position[1:])
    flight.run(1.0)
    ask(flight, "resume")
    flight.until(Stage.DONE)


def held_by_the_guard(flight: Flight) -> None:
    until_item(flight, 3)
    flight.guard = replace(NOMINAL_GUARD, level=GuardLevel.HOLD, latched=True, reason="fence ahead")
    flight.run(3.0)
    flight.guard = NOMINAL_GUARD
    flight.run(1.0)
    ask(flight, "resume")
    flight.until(Stage.DONE)


def the_link_is_lost(flight: Flight) -> None:
    until_item(flight, 3)
    flight.hears = False
    flight.run(2.0)
    ask(flight, "resume")
    flight.hears = True
    flight.run(1.0)
    ask(flight, "resume")
    flight.until(Stage.DONE)


def restarted_in_the_air(flight: Flight) -> None:
    until_item(flight, 4)
    saved, plan = flight.core.progress, flight.core.plan
    assert plan is not None
    flight.core = MissionCore(flight.settings, flight.core._shop.profile, flight.terrain)
    flight.transcript.append(f"mission_node starts again: item {saved.item}, {saved.waypoints_reached} reached")
    flight.run(12.0)
    reason = flight.core.resume_saved(saved, plan, flight.now_ns)
    flight.transcript.append(f"operator resume: {reason or 'accepted'}")
    flight.until(Stage.DONE)


def landed_and_resumed(flight: Flight) -> None:
    until_item(flight, 4)
    ask(flight, "abort")
    flight.until(Stage.FAILED)
    saved, plan = flight.core.progress, flight.core.plan
    assert plan is not None
    reason = flight.core.resume_saved(saved, plan, flight.now_ns)
    flight.transcript.append(f"operator resume at item {saved.item}: {reason or 'accepted'}")
    flight.until(Stage.DONE)


def the_upload_is_refused(flight: Flight) -> None:
    flight.uploads_answer = (False, "mission upload refused: another upload is under way")
    flight.until(Stage.FAILED)
    flight.step()


STORIES: tuple[Callable[[Flight], None], ...] = (
    whole,
    paused,
    skipped,
    jumped_back,
    aborted,
    replanned,
    taken_by_the_pilot,
    held_by_the_guard,
    the_link_is_lost,
    restarted_in_the_air,
    landed_and_resumed,
)
BOTH = [(engine, story) for engine in (STREAMED, UPLOADED) for story in STORIES]


@pytest.mark.parametrize(
    ("engine", "story"), [*BOTH, (UPLOADED, the_upload_is_refused)], ids=lambda each: getattr(each, "__name__", each)
)
def test_a_story_reads_as_it_did(engine: str, story: Callable[[Flight], None]) -> None:
    flight = begin(engine)
    story(flight)
    told = "\n".join(flight.transcript) + "\n"
    path = FOLDER / f"{story.__name__}_{engine}.txt"
    if os.environ.get("LENGER_WRITE_TRANSCRIPTS"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(told, encoding="utf-8")
    assert told == path.read_text(encoding="utf-8")
