"""The folder of one flight: what is written into it before, at the end, and when it is scored again.

Every file is replaced in one step, so that an interruption leaves the old one or the new one.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from lenger_core.errors import InputError
from lenger_core.plans import Plan, read_plan, to_json, write_plan
from lenger_core.settings import input_error
from lenger_core.terrain import dem_files, load_terrain
from lenger_core.whole_file import write_whole
from lenger_core.zones import load_zones, parse_zones
from lenger_mission.load import load_plan
from lenger_training.debrief import render
from lenger_training.exercise import Exercise, parse_exercise
from lenger_training.measures import TOPICS_NEEDED
from lenger_training.recording import FlightRecording, read_flight, repair
from lenger_training.result import Host, Result
from lenger_training.scoring import score_flight

RECORDING = "flight.mcap"
SHEET = "exercise.json"
PLAN = "plan.json"
RESULT = "result.json"
DEBRIEF = "debrief.html"
NOT_ENDED = "not flown to its end"
"""What the sheet says from before take-off until the flight is graded: so it stays when whoever flew it was killed."""
_MAX_SHEET_BYTES = 16 * 1024 * 1024


class FlightSheet(BaseModel):
    """exercise.json: all that grading needs beside the recording and the plan.

    Attributes:
        exercise: the exercise's own fields.
        name: of the exercise.
        zones: the zones as GeoJSON text, as they were when it was flown.
        seed, autopilot, trainee, host: of this flight.
        dem: DEM files that were flown over, "" for the terrain that ships.
        died: processes that ended before they should.
        ended: why the flight did not come to its own end, "" when it did.
        plan_digest: of the exercise's own plan, "" where that is not known.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    exercise: dict[str, Any]
    zones: str
    seed: int
    autopilot: str
    trainee: str = ""
    dem: str = ""
    host: Host = Host()
    died: tuple[str, ...] = ()
    ended: str = ""
    plan_digest: str = ""


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a flight's folder, created where there is none, against every other flight and debrief, in any process.

    The lock is the kernel's, on the folder itself: it ends with its process, however that ends.

    Raises:
        InputError: a flight or a debrief is under way in it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            wanted = "a folder in which no flight is under way"
            raise InputError("flight folder", "", str(folder), wanted) from error
        yield
    finally:
        os.close(handle)


def prepare_flight(
    folder: Path, exercise: Exercise, plan: Plan, seed: int, autopilot: str, trainee: str = "", dem: str = ""
) -> FlightSheet:
    """Write exercise.json and plan.json before take-off, for the debrief of a killed flight too; return the sheet.

    Raises:
        InputError: the exercise's zones are not valid.
    """
    sheet = FlightSheet(
        name=exercise.name,
        exercise=exercise.model_dump(mode="json", exclude={"name", "folder"}),
        zones=load_zones(exercise.zones_path).to_geojson(),
        seed=seed,
        autopilot=autopilot,
        trainee=trainee,
        dem=os.pathsep.join(str(path) for path in dem_files(dem)),
        ended=NOT_ENDED,
        plan_digest=_own_digest(exercise),
    )
    folder.mkdir(parents=True, exist_ok=True)
    write_plan(plan, folder / PLAN)
    write_whole(folder / SHEET, sheet.model_dump_json(indent=2))
    return sheet


def finish_flight(
    folder: Path,
    exercise: Exercise,
    *,
    plan: Plan,
    seed: int,
    autopilot: str,
    host: Host,
    died: Sequence[str] = (),
    ended: str = "",
    trainee: str = "",
    dem: str = "",
) -> Result:
    """Grade the flight that was recorded in `folder` and write all of its files; works with what a broken flight left.

    Whoever flew still holds the folder (`held`): this does not take it.

    Args:
        folder: of the flight.
        exercise, plan, seed, autopilot, trainee: what was flown and by whom.
        host: where and how fast.
        died: names of processes that ended before they should.
        ended: why the flight did not come to its own end (interrupted, refused), "" when it did.
        dem: DEM files that were flown over, "" for the terrain that ships.

    Raises:
        InputError: the exercise's zones are not valid.
    """
    sheet = prepare_flight(folder, exercise, plan, seed, autopilot, trainee, dem)
    sheet = sheet.model_copy(update={"host": host, "died": tuple(died), "ended": ended})
    write_whole(folder / SHEET, sheet.model_dump_json(indent=2))
    return _grade(folder, sheet, plan)


def rescore(folder: Path) -> Result:
    """Score a recorded flight again, and rewrite result.json and debrief.html; a truncated recording is repaired first.

    Raises:
        InputError: not the folder of a flight, a flight is under way in it, or a file of it is broken.
    """
    if not (folder / RECORDING).is_file():
        raise InputError(str(folder), "", "no flight.mcap", "the folder of a recorded flight")
    with held(folder):
        plan = read_plan(folder / PLAN) if (folder / PLAN).is_file() else None
        return _grade(folder, _read_sheet(folder / SHEET), plan)


def _grade(folder: Path, sheet: FlightSheet, plan: Plan | None) -> Result:
    exercise = parse_exercise(sheet.exercise, str(folder / SHEET), sheet.name, folder)
    zones = parse_zones(sheet.zones, str(folder / SHEET))
    terrain = load_terrain(sheet.dem)
    recording = _read_recording(folder / RECORDING)
    result = score_flight(
        recording,
        exercise,
        plan,
        zones,
        terrain,
        seed=sheet.seed,
        autopilot=sheet.autopilot,
        host=sheet.host,
        died=sheet.died,
        ended=sheet.ended,
        own_plan=_own_plan(sheet, plan),
    )
    write_whole(folder / RESULT, result.model_dump_json(indent=2) + "\n")
    write_whole(folder / DEBRIEF, render(result, recording, exercise, plan, zones, terrain, sheet.trainee))
    return result


def _digest(plan: Plan) -> str:
    """What is flown, whatever the file is called."""
    return hashlib.sha256(to_json(plan.model_copy(update={"name": "-", "notes": ()})).encode()).hexdigest()


def _own_digest(exercise: Exercise) -> str:
    try:
        return _digest(load_plan(exercise.plan_path))
    except InputError:
        return ""  # flown with another plan, in an exercise whose own is not there


def _own_plan(sheet: FlightSheet, plan: Plan | None) -> str:
    """The name of the plan that was flown instead of the exercise's, "" when it was the exercise's."""
    return plan.name if plan is not None and sheet.plan_digest not in ("", _digest(plan)) else ""


def _read_recording(path: Path) -> FlightRecording:
    """The recording, repaired in place where it was cut off; an empty one where there is none."""
    if not path.is_file():
        return FlightRecording(MappingProxyType({}), 0, 0, truncated=True)
    recording = read_flight(path, TOPICS_NEEDED)
    repair(path)
    return recording


def _read_sheet(path: Path) -> FlightSheet:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_SHEET_BYTES + 1)
    except OSError as error:
        raise InputError(str(path), "", error.strerror or "unreadable", "the exercise that was flown") from error
    if len(raw) > _MAX_SHEET_BYTES:
        raise InputError(str(path), "", f"over {_MAX_SHEET_BYTES} bytes", "the exercise that was flown")
    try:
        return FlightSheet.model_validate_json(raw)
    except ValidationError as error:
        raise input_error(str(path), error) from error
