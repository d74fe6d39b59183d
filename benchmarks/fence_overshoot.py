"""How far beyond the line: each autopilot's own fence, and the guard: `python benchmarks/fence_overshoot.py`.

Prints a table in markdown. Our vehicle flies north at a square fence, or up at a ceiling, in still air; positions are
the simulator's truth, and the receiver has no error, so that the figures show behaviour and not one day's error. The
guard still takes its protection level off, for it does not know that. Flown without the guard, the own fence holds the
square; with it, the own fence is far away and helps in nothing. Beside them stands what was measured on real PX4 and
ArduCopter (docs/guard-campaigns.md says on which).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import numpy as np
from shapely.geometry import box

from guard_flights.arena import Arena, Volume
from guard_flights.attacker import Attacker, Manoeuvre
from guard_flights.host import World, fly_forked
from guard_flights.stand import Stand, ground, profile
from guard_flights.truth import Track
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import CommandKind
from lenger_core.zones import Datum, HeightLimit
from lenger_mavlink.transfer_client import MissionItem
from lenger_safety.guard import GuardCore

HALF_M, CEILING_M, AGL_M = 150.0, 60.0, 45.0
SPEEDS = (5.0, 10.0, 15.0)
CLIMB_M_S = 3.0
NORTH = np.pi / 2.0


@dataclass(frozen=True)
class Row:
    """One row of the table.

    Attributes:
        autopilot: flavour.
        what: who keeps the line, for the reader.
        mission: the autopilot flies an uploaded mission; else velocities are streamed.
        parameters: of the autopilot; None: the guard flies.
        real: what was measured on the real autopilot at each speed, and at the ceiling.
    """

    autopilot: str
    what: str
    mission: bool
    parameters: Mapping[str, float] | None
    real: tuple[str, str, str, str]


NOT = "-"
COPTER = {"AVOID_ENABLE": 0}
ROWS = (
    Row("px4", "own fence, Hold", False, {"GF_ACTION": 2, "GF_PREDICT": 0}, ("7.4", "22.7", "44.6", "3.6")),
    Row("px4", "own fence, Return", False, {"GF_ACTION": 3, "GF_PREDICT": 0}, ("8.0", "24.8", "47.0", "4.2")),
    Row("px4", "own fence, Hold, GF_PREDICT", False, {"GF_ACTION": 2, "GF_PREDICT": 1}, ("0.6", "1.5", "1.2", NOT)),
    Row("px4", "own fence, Hold", True, {"GF_ACTION": 2, "GF_PREDICT": 0}, (NOT, NOT, NOT, NOT)),
    Row("px4", "Lenger guard", False, None, (NOT, "-2.2 to -2.4", NOT, NOT)),
    Row("px4", "Lenger guard, watching", True, None, (NOT, NOT, NOT, NOT)),
    Row("ardupilot", "own fence, RTL", False, {**COPTER, "FENCE_ACTION": 1}, ("6.5", "21.1", "42.9", "2.4 (5 m/s)")),
    Row("ardupilot", "own fence, BRAKE", False, {**COPTER, "FENCE_ACTION": 4}, ("9.3", "21.1", "34.9", "4.1 (5 m/s)")),
    Row("ardupilot", "own fence, RTL", True, {"AVOID_ENABLE": 3, "FENCE_ACTION": 1}, ("6.5", "21.4", "43.7", NOT)),
    Row("ardupilot", "own fence, BRAKE", True, {"AVOID_ENABLE": 3, "FENCE_ACTION": 4}, ("9.2", "21.0", "35.0", NOT)),
    Row("ardupilot", "Lenger guard", False, None, (NOT, "-2.2 to -2.4", NOT, NOT)),
    Row("ardupilot", "Lenger guard, watching", True, None, (NOT, NOT, NOT, NOT)),
)


def overshoot(row: Row, speed_m_s: float | None) -> str:
    """Return how far beyond the line a flight came, metres; None: straight up at the ceiling."""
    stand = Stand(row.autopilot, "field", AGL_M, HALF_M if row.parameters is not None else 0.0)
    result = fly_forked(stand, lambda world: Flight(row, speed_m_s, world).fly())
    if "error" in result:
        return str(result["error"].strip().splitlines()[-1])
    return f"{result['beyond_m']:+.1f}" if result["moved_m"] > 5.0 else "mission denied"


class Flight:
    """One flight at a line."""

    def __init__(self, row: Row, speed_m_s: float | None, world: World) -> None:
        self._row, self._speed, self._world = row, speed_m_s, world

    def fly(self) -> dict[str, Any]:
        """Fly it and return how far it came."""
        world, row = self._world, self._row
        world.still_receiver()
        world.run(8.0)
        status = world.status
        assert status is not None
        frame = LocalFrame(status.home_lat_deg, status.home_lon_deg, round(status.home_alt_amsl_m, 2))
        if row.mission:
            with mock.patch("lenger_bridge.uploads.item_problem", return_value=""):  # ours would refuse it beforehand
                world.upload(self._items(frame))
        begin = len(world.track)
        seconds = 22.0 if self._speed is None else HALF_M / self._speed + 16.0
        if row.parameters is None:
            self._fly_guarded(frame, seconds)
        else:
            self._fly_alone(row.parameters, seconds)
        rows = world.track[begin:]
        track = Track.of(rows, Arena(frame, (), 0.0, 0.0, 0.0), ground())
        up = self._speed is None
        line = status.home_alt_amsl_m + CEILING_M if up else HALF_M
        way = track.amsl_m if up else track.level[:, 1]
        return {"beyond_m": float(way.max() - line), "moved_m": float(abs(way - way[0]).max())}

    def _velocity(self) -> tuple[float, float, float]:
        return (0.0, 0.0, CLIMB_M_S) if self._speed is None else (0.0, self._speed, 0.0)

    def _items(self, frame: LocalFrame) -> tuple[MissionItem, ...]:
        lat, lon, _ = frame.to_geodetic(0.0, 400.0, 0.0)
        speed = MissionItem(2, 178, 0.0, 0.0, 0.0, 1.0, self._speed or 5.0, -1.0)
        return speed, MissionItem(3, 16, lat, lon, AGL_M)

    def _fly_alone(self, parameters: Mapping[str, float], seconds: float) -> None:
        """Let the own fence act."""
        world, row = self._world, self._row
        for name, value in parameters.items():
            known = world.vehicle.params[name]
            world.vehicle.params.put(name, type(known)(value))
        if self._speed is None:
            names = {"px4": ("GF_MAX_VER_DIST", CEILING_M), "ardupilot": ("FENCE_ALT_MAX", CEILING_M)}
            name, height = names[row.autopilot]
            world.vehicle.params.put(name, type(world.vehicle.params[name])(height))
            if row.autopilot == "ardupilot":
                world.vehicle.params.put("FENCE_TYPE", 5)
        order: dict[str, Any] = {"kind": CommandKind.VELOCITY, "velocity_enu_m_s": self._velocity()}
        if row.mission:
            order = {"kind": CommandKind.MISSION, "mission_item": 0}
        world.order = {**order, "consent_ns": world.now_ns}
        world.run(seconds)

    def _fly_guarded(self, frame: LocalFrame, seconds: float) -> None:
        """Let the guard act; nobody agrees again after a hold."""
        world = self._world
        ceiling = HeightLimit(CEILING_M, Datum.HOME) if self._speed is None else None
        fence = Volume("square", True, box(-HALF_M, -HALF_M, HALF_M, HALF_M), None, ceiling)
        arena = Arena(frame, (fence,), 150.0, 0.0, 0.0)
        settings = world.setup.guard_settings(floor_agl_m=0.0, missions="watched")
        core = GuardCore(settings, profile(), arena.zones(), ground())
        climb = CLIMB_M_S if self._speed is None else 0.0
        world.relieve()
        name = "mission" if self._row.mission else "press"
        press = Manoeuvre(name, seconds + 10.0, self._speed or 0.0, NORTH, climb)
        world.give_guard(core, Attacker(world, arena, (press,), again_s=1e6).part())
        world.run(seconds)


def main() -> int:
    """Print the table."""
    os.nice(5)
    heads = [f"{speed:g} m/s" for speed in SPEEDS] + [f"ceiling, {CLIMB_M_S:g} m/s"]
    print("| autopilot | who keeps the line | flown by | " + " | ".join(heads) + " |")
    print("|---" * (3 + len(heads)) + "|")
    for row in ROWS:
        cells = []
        for speed, real in zip((*SPEEDS, None), row.real, strict=True):
            ours = NOT if row.mission and speed is None else overshoot(row, speed)
            cells.append(ours if real == NOT else f"{ours} (real: {real})")
        how = "uploaded mission" if row.mission else "streamed velocity"
        print(f"| {row.autopilot} | {row.what} | {how} | " + " | ".join(cells) + " |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
