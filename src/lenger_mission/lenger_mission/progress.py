"""The progress of a mission on disk: small JSON, replaced in one step, so that a restart knows what was going on."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from lenger_core.plans import Plan, to_json
from lenger_core.strict_json import Limits, parse, read_text

VERSION = 1
LIMITS = Limits(100_000, 100, "the progress of one mission")


@dataclass(frozen=True)
class Progress:
    """How far a mission is.

    Attributes:
        plan: its name.
        digest: SHA-256 of the plan in our own JSON: a resume must find the same plan.
        stage: of `lenger_mission.machine.Stage`.
        item: index of the plan's item being flown.
        waypoints_reached: counted from the start.
    """

    plan: str
    digest: str
    stage: str
    item: int
    waypoints_reached: int

    @property
    def unfinished(self) -> bool:
        """Whether the mission was still going on."""
        return self.stage not in ("idle", "done", "failed")


def digest(plan: Plan) -> str:
    """Return the SHA-256 of a plan, as hexadecimal text."""
    return hashlib.sha256(to_json(plan).encode()).hexdigest()


def save(progress: Progress, path: Path) -> None:
    """Write the progress, replacing the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(json.dumps({"version": VERSION, **asdict(progress)}), encoding="utf-8")
    os.replace(part, path)


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
        item=root["item"].integer(0, 10_000),
        waypoints_reached=root["waypoints_reached"].integer(0, 10_000),
    )
