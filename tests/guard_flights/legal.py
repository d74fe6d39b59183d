"""A legal flight from a seed: the real mission core flies a plan that keeps its distance, and the guard has no reason.

Time lost to limiting is the integral of 1 - (sent . wanted) / |wanted|^2, not less than 0, while a velocity is wanted,
over the time of the flight; a velocity that is replaced by a hold counts as lost altogether.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi, sin
from typing import Any

import numpy as np
from shapely.geometry import Polygon, box

from guard_flights.arena import Arena, Disc, Volume
from guard_flights.ground import mistaken
from guard_flights.host import Stand, World, fly_forked, ground, profile
from guard_flights.truth import KINDS, Track, margins
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum as PlanDatum
from lenger_core.plans import Height, Home, Land, Plan, PlanItem, ReturnHome, Takeoff, Waypoint
from lenger_core.samples import Command, CommandKind, GuardStatus, MissionPhase
from lenger_core.zones import Datum, HeightLimit
from lenger_mission.mission import MissionCore
from lenger_safety.guard import GuardCore
from lenger_training.lockstep_bus import Part, Timer

SETTLE_S = 8.0
LONGEST_S = 400.0
SPARE_M = 5.0
"""Between a line, less the protection level, and what is flown."""
SPARE_UP_M = 4.0
TROUBLE = ("guard_hold", "guard_return", "guard_land", "guard_refused")
Point3 = tuple[float, float, float]


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


@dataclass(frozen=True)
class Spare:
    """What a plan keeps off: protection levels plus a little, metres."""

    level_m: float
    up_m: float
    ground_m: float


@dataclass(frozen=True)
class Drawn:
    """A plan and its arena, about home.

    Attributes:
        volumes: the zones.
        takeoff_m: height above home.
        path: waypoints (east, north, height above home).
        hold_s: at the last waypoint.
        lands_at: east and north, None: home.
        ceiling_agl_m, floor_agl_m: kept over the ground.
    """

    volumes: tuple[Volume, ...]
    takeoff_m: float
    path: tuple[Point3, ...]
    hold_s: float = 0.0
    lands_at: tuple[float, float] | None = None
    ceiling_agl_m: float = 120.0
    floor_agl_m: float = 15.0


def _turned(points: np.ndarray, turn_rad: float) -> list[tuple[float, float]]:
    c, s = cos(turn_rad), sin(turn_rad)
    return [(float(c * e - s * n), float(s * e + c * n)) for e, n in points]


def _field(rng: np.random.Generator, reach_m: float) -> Volume:
    return Volume("fence", True, Disc((0.0, 0.0), reach_m + float(rng.uniform(20.0, 60.0))))


def _hover(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Take off, hover at 3 m, land."""
    fence = Volume("fence", True, Disc((0.0, 0.0), spare.level_m + float(rng.uniform(0.0, 40.0))))
    return Drawn((fence,), 3.0, ((0.0, 0.0, 3.0),), hold_s=15.0)


def _survey(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly lines to and fro, the outer ones as near to the fence as is legal, and the turns too."""
    wide, long, turn = float(rng.uniform(60.0, 110.0)), float(rng.uniform(60.0, 130.0)), float(rng.uniform(-pi, pi))
    off = spare.level_m
    height = float(rng.uniform(32.0, 45.0)) + spare.up_m + spare.ground_m
    lines = max(2, int(wide / 25.0))
    rows: list[tuple[float, float]] = []
    for index, e in enumerate(np.linspace(-wide / 2.0, wide / 2.0, lines)):
        ends = [(float(e), -long / 2.0), (float(e), long / 2.0)]
        rows += ends if index % 2 == 0 else ends[::-1]
    outline = np.array(
        box(-wide / 2.0 - off, -long / 2.0 - off, wide / 2.0 + off, long / 2.0 + off).exterior.coords[:-1]
    )
    fence = Volume("fence", True, Polygon(_turned(outline, turn)))
    path = tuple((e, n, height) for e, n in _turned(np.array(rows), turn))
    return Drawn((fence,), height, path)


def _beside(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly a straight leg past keep-outs on both sides, there and back."""
    turn, height = float(rng.uniform(-pi, pi)), float(rng.uniform(35.0, 50.0)) + spare.up_m + spare.ground_m
    volumes = [_field(rng, 150.0 + spare.level_m)]
    for index, side in enumerate((1.0, -1.0, 1.0)):
        radius = float(rng.uniform(5.0, 15.0))
        place = _turned(np.array([[35.0 + 35.0 * index, side * (radius + spare.level_m)]]), turn)[0]
        volumes.append(Volume(f"keep-out {index + 1}", False, Disc(place, radius)))
    path = [(*p, height) for p in _turned(np.array([[140.0, 0.0], [0.0, 0.0]]), turn)]
    return Drawn(tuple(volumes), height, tuple(path))


def _over_under(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly over a keep-out, or under one, close to its height."""
    turn, height = float(rng.uniform(-pi, pi)), float(rng.uniform(45.0, 60.0)) + spare.up_m + spare.ground_m
    over = bool(rng.random() < 0.5)
    place = _turned(np.array([[70.0, 0.0]]), turn)[0]
    edge = HeightLimit(height - spare.up_m if over else height + spare.up_m, Datum.HOME)
    zone = Volume("banded", False, Disc(place, float(rng.uniform(10.0, 30.0))), None if over else edge,
                  edge if over else None)  # fmt: skip
    path = [(*p, height) for p in _turned(np.array([[140.0, 0.0], [0.0, 0.0]]), turn)]
    return Drawn((_field(rng, 150.0 + spare.level_m), zone), height, tuple(path))


def _ceiling(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly a triangle as near to the ceiling as is legal."""
    height = float(rng.uniform(40.0, 60.0)) + spare.up_m + spare.ground_m
    fence = Volume("fence", True, Disc((0.0, 0.0), 160.0 + spare.level_m), None,
                   HeightLimit(height + spare.up_m, Datum.HOME))  # fmt: skip
    corners = _turned(np.array([[90.0, 0.0], [60.0, 80.0], [0.0, 0.0]]), float(rng.uniform(-pi, pi)))
    return Drawn((fence,), height, tuple((*p, height) for p in corners))


def _landing(rng: np.random.Generator, spare: Spare) -> Drawn:
    """Fly away and land within the approach of home, not on its middle."""
    height = float(rng.uniform(25.0, 40.0)) + spare.up_m + spare.ground_m
    turn, off = float(rng.uniform(-pi, pi)), float(rng.uniform(0.0, 20.0))
    away = _turned(np.array([[80.0, 0.0], [off, 0.0]]), turn)
    path = tuple((*p, height) for p in away)
    return Drawn((_field(rng, 100.0 + spare.level_m),), height, path, lands_at=away[1])


PATTERNS: dict[str, Callable[[np.random.Generator, Spare], Drawn]] = {
    "hover": _hover,
    "survey": _survey,
    "beside keep-outs": _beside,
    "over and under": _over_under,
    "along the ceiling": _ceiling,
    "landing": _landing,
}


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
        world.give_guard(self._guard(arena, rng), self._mission(mission), self._listener())
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

    def _mission(self, core: MissionCore) -> Part:
        """Return mission_node's core without its operator."""
        bus = self._world.bus

        def step(now_ns: int) -> None:
            output = core.step(now_ns)
            bus.publish("mission/command", output.command)
            if output.status_due or "mission/status" not in bus.newest:
                bus.publish("mission/status", output.status)
            for event in output.events:
                bus.publish("events", event)

        inputs: dict[str, Callable[[Any, int], None]] = {
            "vehicle/status": lambda r, _: core.on_vehicle(r),
            "fusion/odometry": lambda r, _: core.on_odometry(r),
            "fusion/status": lambda r, _: core.on_fusion_status(r),
            "guard/status": lambda r, _: core.on_guard(r),
        }
        return Part("mission", inputs, (Timer(50_000_000, 2_000_000, step),))

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
