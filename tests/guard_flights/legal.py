"""A legal flight from a seed: the real mission core flies a plan that keeps its distance, and the guard has no reason.

Time lost to limiting is the integral of 1 - (sent . wanted) / |wanted|^2, not less than 0, while a velocity is wanted,
over the time of the flight; a velocity that is replaced by a hold counts as lost altogether.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from guard_flights.arena import Arena
from guard_flights.ground import mistaken
from guard_flights.host import World, fly_forked
from guard_flights.legal_plans import PATTERNS, Drawn, Spare
from guard_flights.stand import Stand, ground, profile
from guard_flights.truth import KINDS, Track, margins
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum as PlanDatum
from lenger_core.plans import Height, Home, Land, Plan, PlanItem, ReturnHome, Takeoff, Waypoint
from lenger_core.samples import Command, CommandKind, GuardStatus, MissionPhase
from lenger_mission.mission import MissionCore
from lenger_safety.guard import GuardCore
from lenger_training import lockstep_parts as parts
from lenger_training.lockstep_bus import Part

SETTLE_S = 8.0
LONGEST_S = 400.0
SPARE_M = 5.0
"""Between a line, less the protection level, and what is flown."""
SPARE_UP_M = 4.0
TROUBLE = ("guard_hold", "guard_return", "guard_land", "guard_refused")


@dataclass(frozen=True)
class Legal:
    """The seeded description.

    Attributes:
        seed: of all of it.
        kind: one of PATTERNS.
        stand: where it begins, on the ground.
        sigma_m: accuracy of the receiver, stated and true: 0.3 m for half of the flights.
        wind_m_s, wind_from_deg: mean, 10 m above ground.
        ground_m: error bound of the guard's ground, 0: a simulation, whose ground is known.
    """

    seed: int
    kind: str
    stand: Stand
    sigma_m: float
    wind_m_s: float
    wind_from_deg: float
    ground_m: float

    @staticmethod
    def of(seed: int) -> Legal:
        """Return the flight of a seed."""
        rng = np.random.default_rng((seed, 3))
        kind = tuple(PATTERNS)[int(rng.integers(len(PATTERNS)))]
        site = ("field", "foothills")[int(rng.integers(2))]
        return Legal(
            seed,
            kind,
            Stand(("px4", "ardupilot")[seed % 2], site, 0.0),
            sigma_m=0.3 if (seed // 2) % 2 == 0 else float(rng.uniform(1.0, 1.5)),
            wind_m_s=float(rng.uniform(0.0, 6.0)),
            wind_from_deg=float(rng.uniform(0.0, 360.0)),
            ground_m=float(rng.choice((0.0, 1.0, 3.0))),
        )


def fly(seed: int) -> dict[str, Any]:
    """Fly a seed's legal flight in a process of its own and return what came of it."""
    scenario = Legal.of(seed)
    return {"seed": seed, **fly_forked(scenario.stand, lambda world: Flight(scenario, world).fly())}


class Flight:
    """One legal flight that takes over a world on the ground."""

    def __init__(self, scenario: Legal, world: World) -> None:
        self._s, self._world = scenario, world
        self._lost_s = 0.0
        self._limited_s = 0.0
        self._levels: set[str] = set()

    def fly(self) -> Mapping[str, Any]:
        """Set the day, draw the plan, fly it, and judge."""
        s, world = self._s, self._world
        rng = np.random.default_rng((s.seed, 4))
        world.set_day(rng, s.sigma_m, s.wind_m_s, s.wind_from_deg)
        world.run(SETTLE_S)
        assert world.status is not None
        status = world.status
        frame = LocalFrame(status.home_lat_deg, status.home_lon_deg, round(status.home_alt_amsl_m, 2))
        vpl = max(4.5 * s.sigma_m, float(world.bus.newest["fusion/status"].vpl_m))
        drawn = PATTERNS[s.kind](rng, Spare(world.level_m() + SPARE_M, vpl + SPARE_UP_M, s.ground_m))
        arena = Arena(frame, drawn.volumes, drawn.ceiling_agl_m, drawn.floor_agl_m, 40.0)
        mission = MissionCore(world.setup.mission_settings(), profile(), ground())
        world.relieve()
        world.give_guard(self._guard(arena, rng), parts.mission_of(mission, world.bus), self._listener())
        world.run(1.0)
        begin, began_ns = len(world.track), world.now_ns
        refused = mission.start(self._plan(drawn, frame, status.home_alt_amsl_m), world.now_ns)
        ended = (MissionPhase.DONE, MissionPhase.FAILED, MissionPhase.HOLDING)
        while refused is None and world.now_ns - began_ns < LONGEST_S * 1e9:
            world.run(1.0)
            phase = world.bus.newest["mission/status"].phase
            if phase in ended:
                break
        return self._judge(arena, begin, began_ns, refused)

    def _guard(self, arena: Arena, rng: np.random.Generator) -> GuardCore:
        s, world = self._s, self._world
        t = world.vehicle.truth()
        terrain = mistaken(ground(), t.lat_deg, t.lon_deg, s.ground_m, rng) if s.ground_m > 0.0 else ground()
        settings = world.setup.guard_settings(
            floor_agl_m=arena.floor_agl_m, ceiling_agl_m=arena.ceiling_agl_m, approach_radius_m=arena.approach_m
        )
        return GuardCore(settings, profile(), arena.zones(), terrain)

    def _plan(self, drawn: Drawn, frame: LocalFrame, home_amsl_m: float) -> Plan:
        items: list[PlanItem] = [Takeoff(height=Height(value_m=drawn.takeoff_m, datum=PlanDatum.HOME))]
        for index, (e, n, up) in enumerate(drawn.path):
            lat, lon, _ = frame.to_geodetic(e, n, 0.0)
            hold = drawn.hold_s if index == len(drawn.path) - 1 else 0.0
            height = Height(value_m=up, datum=PlanDatum.HOME)
            items.append(Waypoint(lat_deg=lat, lon_deg=lon, height=height, hold_s=hold))
        if drawn.lands_at is None:
            items.append(ReturnHome())
        else:
            lat, lon, _ = frame.to_geodetic(*drawn.lands_at, 0.0)
            items.append(Land(lat_deg=lat, lon_deg=lon))
        home = Home(lat_deg=frame.lat_deg, lon_deg=frame.lon_deg, alt_amsl_m=home_amsl_m)
        return Plan(name="legal", home=home, items=tuple(items), cruise_speed_m_s=profile().cruise_speed_m_s)

    def _listener(self) -> Part:
        """Return who compares what is wanted with what is sent."""

        def on_guard(sent: Command, _: int) -> None:
            wanted: Command | None = self._world.bus.newest.get("mission/command")
            if wanted is None or wanted.kind is not CommandKind.VELOCITY:
                return
            square = sum(v * v for v in wanted.velocity_enu_m_s)
            if square < 0.04:
                return
            along = sum(a * b for a, b in zip(sent.velocity_enu_m_s, wanted.velocity_enu_m_s, strict=True))
            share = along / square if sent.kind is CommandKind.VELOCITY else 0.0
            self._lost_s += 0.05 * min(max(1.0 - share, 0.0), 1.0)
            self._limited_s += 0.05 * (share < 0.99)

        def on_status(status: GuardStatus, _: int) -> None:
            self._levels.add(status.level.name)

        return Part("compare", {"guard/command": on_guard, "guard/status": on_status})

    def _judge(self, arena: Arena, begin: int, began_ns: int, refused: str | None) -> dict[str, Any]:
        s, world = self._s, self._world
        track = Track.of(world.track[begin:], arena, ground())
        low = track.contact | (np.hypot(*track.level.T) < arena.approach_m)
        found = margins(track, arena)
        least = {kind: float(found[kind].min()) for kind in KINDS if kind not in ("ground", "floor")}
        least["floor"] = float(np.where(low, np.inf, found["floor"]).min())
        flight_s = max((world.now_ns - began_ns) / 1e9, 1.0)
        done = world.bus.newest["mission/status"]
        said = [e for e in world.events if e.t_ns >= began_ns and e.kind in TROUBLE]
        trouble = [f"{(e.t_ns - began_ns) / 1e9:.1f} s {e.kind}: {e.detail}" for e in said]
        if refused is not None:
            trouble.append(f"the mission was refused: {refused}")
        elif done.phase is not MissionPhase.DONE:
            trouble.append(f"the mission is {done.phase.name}: {done.detail}")
        trouble += [f"{kind} breached by {-m:.1f} m" for kind, m in least.items() if m < 0.0]
        return {
            "kind": s.kind,
            "autopilot": s.stand.autopilot,
            "sigma_m": s.sigma_m,
            "ground_m": s.ground_m,
            "flight_s": flight_s,
            "lost_share": self._lost_s / flight_s,
            "limited_s": self._limited_s,
            "least_m": least,
            "told": sorted(self._levels),
            "trouble": trouble,
            "level_m": world.level_m(),
        }


def describe(seed: int) -> str:
    """Return a seed's flight in words."""
    s = Legal.of(seed)
    return (
        f"{s.stand.autopilot} {s.stand.site} {s.kind}, sigma {s.sigma_m:.2f} m, ground known to {s.ground_m:g} m, "
        f"wind {s.wind_m_s:.1f} m/s from {s.wind_from_deg:.0f}"
    )
