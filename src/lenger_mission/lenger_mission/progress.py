"""The progress of a mission on disk: two small files, each replaced in one step, so that a restart can go on.

The plan as it is flown is written once, beside the progress, which is written at every event and every few seconds.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.plans import MAX_ITEMS, Plan, read_plan, to_json
from lenger_core.strict_json import JsonField, Limits, parse, read_text
from lenger_core.whole_file import write_whole

VERSION = 2
MAX_PHOTOS = 10_000_000
LIMITS = Limits(100_000, 100, "the progress of one mission")

Place = tuple[float, float, float]


@dataclass(frozen=True)
class Progress:
    """How far a mission is.

    Attributes:
        plan: its name.
        digest: SHA-256 of the plan as it is flown, in our own JSON: a resume must find the same plan.
        stage: of `lenger_mission.machine.Stage`.
        item: index of the plan's item being flown.
        waypoints_reached: counted from the start.
        engine: "streamed" or "uploaded".
        place: where the aircraft was on its way to that item: lat_deg, lon_deg, alt_amsl_m; None before it was.
        photos: taken so far.
        handed_item, handed_via, handed_begin: what the list on the autopilot was made from: the first item, the place
            to pass before it, and where the aircraft was; -1 while none was handed over.
    """

    plan: str
    digest: str
    stage: str
    item: int
    waypoints_reached: int
    engine: str = ""
    place: Place | None = None
    photos: int = 0
    handed_item: int = -1
    handed_via: Place | None = None
    handed_begin: Place | None = None

    @property
    def unfinished(self) -> bool:
        """Whether the mission was still going on."""
        return self.stage not in ("", "idle", "done")


def digest(plan: Plan) -> str:
    """Return the SHA-256 of a plan, as hexadecimal text."""
    return hashlib.sha256(to_json(plan).encode()).hexdigest()


def plan_file(path: Path) -> Path:
    """Return where the plan of a progress file is kept."""
    return path.with_name(f"{path.stem}.plan.json")


def save(progress: Progress, path: Path) -> None:
    """Write the progress, replacing the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, json.dumps({"version": VERSION, **asdict(progress)}))


def save_plan(plan: Plan, path: Path) -> None:
    """Write the plan of a progress file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(plan_file(path), to_json(plan))


def load(path: Path) -> Progress | None:
    """Return the saved progress, None when there is no file.

    Raises:
        InputError: the file is broken.
    """
    if not path.exists():
        return None
    root = parse(read_text(path, LIMITS), str(path), LIMITS)
    root["version"].one_of(VERSION)
    return Progress(
        plan=root["plan"].text(),
        digest=root["digest"].text(),
        stage=root["stage"].text(),
        item=root["item"].integer(0, MAX_ITEMS),
        waypoints_reached=root["waypoints_reached"].integer(0, MAX_ITEMS),
        engine=root["engine"].text(),
        place=_place(root["place"]),
        photos=root["photos"].integer(0, MAX_PHOTOS),
        handed_item=root["handed_item"].integer(-1, MAX_ITEMS),
        handed_via=_place(root["handed_via"]),
        handed_begin=_place(root["handed_begin"]),
    )


def load_plan(progress: Progress, path: Path) -> Plan:
    """Return the plan of a progress file.

    Raises:
        InputError: it is missing or broken, or another one.
    """
    plan = read_plan(plan_file(path))
    found = digest(plan)
    if found != progress.digest:
        expected = f"the plan that was flown, {progress.digest[:12]}"
        raise InputError(str(plan_file(path)), "digest", found[:12], expected)
    return plan


def _place(field: JsonField) -> Place | None:
    if field.value is None:
        return None
    lat, lon, alt = field.elements(3, 3)
    place = lat.number(-90, 90, "degrees"), lon.number(-180, 180, "degrees"), alt.number(-1_000, 20_000, "m AMSL")
    return place if all(map(isfinite, place)) else None
