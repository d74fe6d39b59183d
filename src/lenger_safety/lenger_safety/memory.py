"""What the guard remembers over a restart: a small JSON file, replaced atomically."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.zones import ZoneSet, parse_zones

VERSION = 1
MAX_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class GuardMemory:
    """State that outlives the process.

    Attributes:
        latched: motion waited for consent.
        reason: why.
        interventions: how often the guard has intervened.
        zones_geojson: zones set in flight, "" while those of the parameter are in force.
        zones_stood_for: digest of the parameter's zones that they replaced.
    """

    latched: bool = False
    reason: str = ""
    interventions: int = 0
    zones_geojson: str = ""
    zones_stood_for: str = ""

    def dumps(self) -> str:
        """Return the file's text."""
        return json.dumps({"version": VERSION, **asdict(self)})


def recall_zones(memory: GuardMemory, given: ZoneSet) -> tuple[ZoneSet, str]:
    """Return the zones to fly with after a start, and "" or why those set in flight were dropped.

    Zones set in flight outlive a restart, not the flight area: with another zones parameter they are yesterday's.
    """
    if not memory.zones_geojson:
        return given, ""
    if memory.zones_stood_for != digest(given):
        return given, "zones set in flight were dropped: they stood for another zones file"
    try:
        return parse_zones(memory.zones_geojson, "saved zones"), ""
    except InputError as error:
        return given, f"zones set in flight were dropped: {error}"


def digest(zones: ZoneSet) -> str:
    """Return what tells one set of zones from another."""
    return hashlib.sha256(zones.to_geojson().encode()).hexdigest()


def load_memory(path: Path) -> GuardMemory | None:
    """Return the remembered state, None when there is no file.

    Raises:
        InputError: the file is there and is not ours.
    """
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(str(path), "", type(error).__name__, "the guard's own state file") from error
    fields = {"latched": bool, "reason": str, "interventions": int, "zones_geojson": str, "zones_stood_for": str}
    if not isinstance(raw, dict) or raw.get("version") != VERSION:
        raise InputError(str(path), "version", raw.get("version") if isinstance(raw, dict) else raw, str(VERSION))
    for name, kind in fields.items():
        if type(raw.get(name)) is not kind:
            raise InputError(str(path), name, raw.get(name), f"a {kind.__name__}")
    return GuardMemory(**{name: raw[name] for name in fields})


def save_memory(path: Path, text: str) -> None:
    """Replace the file in one step; a crash leaves the old or the new one, never a mixture."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
