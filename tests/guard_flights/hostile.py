"""A hostile flight from a seed: arena, day, manoeuvres; flown in lockstep and judged by where it truly was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import atan2, cos, hypot, sin
from time import process_time
from typing import Any

import numpy as np
from shapely.geometry import LineString

from guard_flights.arena import Aim, Arena, Disc, Room, Volume, aims, random_arena
from guard_flights.attacker import Attacker, Manoeuvre
from guard_flights.ground import mistaken
from guard_flights.host import World, fly_forked
from guard_flights.stand import SITES, Stand, ground, profile
from guard_flights.truth import KINDS, Track, margins
from lenger_core.zones import ZoneSet
from lenger_mavlink.transfer_client import MissionItem
from lenger_safety.guard import GuardCore

MAX_WIND_M_S = 12.0
"""0.8 of the airframe's greatest airspeed."""
HEAD_ON_M_S = 10.0
SETTLE_S = 7.0
"""For the estimators after the day was set."""
STREAMED = ("press", "corner", "home", "jitter", "reversal", "circle", "dive", "climb", "gaps", "death", "hold", "goto",
            "return", "popup")  # fmt: skip
HEAD_ON_SHARE, MISSION_SHARE = 0.15, 0.15
FRAME_HOME = 3
"""MAV_FRAME_GLOBAL_RELATIVE_ALT: heights above home."""


@dataclass(frozen=True)
class Hostile:
    """The seeded description, before the aircraft is there.

    Attributes:
        seed: of all of it.
        stand: where it begins.
        sigma_m: accuracy of the receiver, stated and true.
        wind_m_s, wind_from_deg: mean, 10 m above ground.
        latency_s: of the whole loop.
        ground_m: error bound of the guard's ground.
        fusion: "alive", "dead" or "dies".
        manoeuvres: names, in turn.
        speed_m_s: of the attack.
        size_m: of the fence.
    """

    seed: int
    stand: Stand
    sigma_m: float
    wind_m_s: float
    wind_from_deg: float
    latency_s: float
    ground_m: float
    fusion: str
    manoeuvres: tuple[str, ...]
    speed_m_s: float
    size_m: float

    @staticmethod
    def of(seed: int) -> Hostile:
        """Return the flight of a seed."""
        rng = np.random.default_rng((seed, 1))
        site = tuple(SITES)[int(rng.choice(3, p=(0.4, 0.4, 0.2)))]
        stand = Stand(("px4", "ardupilot")[seed % 2], site, 45.0)
        kind = rng.random()
        if kind < HEAD_ON_SHARE:
            names: tuple[str, ...] = ("head_on",)
        elif kind < HEAD_ON_SHARE + MISSION_SHARE:
            names = ("mission",)
        else:
            names = tuple(str(n) for n in rng.choice(STREAMED, int(rng.integers(1, 3)), replace=False))
        speed = HEAD_ON_M_S if names == ("head_on",) else float(rng.choice((5.0, 10.0, 15.0, rng.uniform(3.0, 15.0))))
        size = float(rng.uniform(90.0, 160.0) if names[0] == "head_on" else rng.uniform(70.0, 80.0 + 9.0 * speed))
        return Hostile(
            seed,
            stand,
            sigma_m=float(rng.uniform(0.3, 1.5)),
            wind_m_s=float(rng.uniform(0.0, 8.0)),
            wind_from_deg=float(rng.uniform(0.0, 360.0)),
            latency_s=float(rng.uniform(0.02, 0.3)),
            ground_m=float(rng.choice((1.0, 3.0, 6.0))),
            fusion=str(rng.choice(("alive", "dead", "dies"), p=(0.55, 0.35, 0.1))),
            manoeuvres=names,
            speed_m_s=speed,
            size_m=size,
        )

    def room(self, world: World, bound_m: float) -> Room:
        """Return what a start needs beside the protection levels: a standstill needs little."""
        t = world.vehicle.truth()
        level = max(1.5 * world.level_m(), 4.5 * self.sigma_m)
        return Room(
            level_m=level + 20.0,
            up_m=1.5 * level + 7.0,
            down_m=1.5 * level + 6.0,
            ground_m=bound_m,
            start_m=t.alt_amsl_m - (world.status.home_alt_amsl_m if world.status is not None else 0.0),
            agl_m=t.height_agl_m,
        )


def fly(seed: int) -> dict[str, Any]:
    """Fly a seed's hostile flight in a process of its own and return what came of it."""
    scenario = Hostile.of(seed)
    return {"seed": seed, **fly_forked(scenario.stand, lambda world: Flight(scenario, world).fly())}


class Flight:
    """One hostile flight that takes over a world."""

    def __init__(self, scenario: Hostile, world: World) -> None:
        self._s, self._world = scenario, world
        self._rng = np.random.default_rng((scenario.seed, 2))
        self._popped: tuple[float, Volume] | None = None

    def fly(self) -> Mapping[str, Any]:
        """Set the day, give the guard the arena, attack, and judge."""
        s, world, rng = self._s, self._world, self._rng
        world.set_day(rng, s.sigma_m, s.wind_m_s, s.wind_from_deg)
        world.edges.spread(s.latency_s, rng)
        if s.fusion == "dead":
            world.bus.kill("fusion")
            for topic in ("fusion/odometry", "fusion/status"):
                world.bus.newest.pop(topic, None)
        world.run(SETTLE_S)
        arena, attacker, guard = self._prepare()
        begin = len(world.track)
        gust = rng.uniform(-1.0, 1.0) * max(MAX_WIND_M_S - 1.5 * s.wind_m_s, 0.0)
        world.gust(gust, float(rng.uniform(3.0, 8.0)))
        if s.fusion == "dies":
            world.queue.at(world.now_ns + int(rng.uniform(3.0, 12.0) * 1e9), world.bus.kill, "fusion")
        if "popup" in s.manoeuvres:
            self._plan_popup(arena, guard)
        world.run(attacker.seconds)
        return self._judge(arena, attacker, begin)

    def _prepare(self) -> tuple[Arena, Attacker, GuardCore]:
        s, world, rng = self._s, self._world, self._rng
        truth = world.vehicle.truth()
        terrain = mistaken(ground(), truth.lat_deg, truth.lon_deg, s.ground_m, rng)
        bound = float(terrain.error.values.max())
        frame = world.frame()
        assert world.status is not None
        home = frame.to_local(world.status.home_lat_deg, world.status.home_lon_deg, 0.0)[:2]
        arena, aim = self._arena(rng, s.room(world, bound), frame, home)
        settings = world.setup.guard_settings(
            floor_agl_m=arena.floor_agl_m,
            ceiling_agl_m=arena.ceiling_agl_m,
            approach_radius_m=arena.approach_m,
            missions="watched",
        )
        guard = GuardCore(settings, profile(), arena.zones(), terrain)
        if s.manoeuvres == ("mission",):
            world.upload(self._items(arena, rng))
        world.relieve()
        attacker = Attacker(world, arena, self._manoeuvres(arena, aim, rng), float(rng.uniform(0.5, 3.0)))
        world.give_guard(guard, attacker.part())
        return arena, attacker, guard

    def _arena(self, rng: np.random.Generator, room: Room, frame: Any, home: tuple[float, float]) -> tuple[Arena, Aim]:
        """Return an arena; for a head-on approach one whose line can be met straight, with nothing in between."""
        while True:
            arena = random_arena(rng, frame, room, self._s.size_m, home)
            if self._s.manoeuvres != ("head_on",):
                return arena, aims(rng, arena, corners=False)
            fence = arena.volumes[0].polygon()
            if isinstance(arena.volumes[0].area, Disc) or len(arena.inclusions()) > 1 or fence.interiors:
                continue
            aim = _straight_at(arena)
            if aim is not None:
                return replace(
                    arena, volumes=_high(arena.volumes), ceiling_agl_m=room.agl_m + 80.0, floor_agl_m=0.0
                ), aim

    def _manoeuvres(self, arena: Arena, aim: Aim, rng: np.random.Generator) -> tuple[Manoeuvre, ...]:
        s = self._s
        made = []
        for name in s.manoeuvres:
            if name not in ("head_on",):
                aim = aims(rng, arena, corners=name == "corner")
            seconds = aim.distance_m / s.speed_m_s + 9.0 if name == "head_on" else float(rng.uniform(12.0, 20.0))
            if name == "mission":
                seconds = 30.0
            speed = min(s.speed_m_s, 9.0) if name == "popup" else s.speed_m_s
            climb = float(rng.uniform(-2.0, 3.0)) if rng.random() < 0.3 and name != "head_on" else 0.0
            climb = {"dive": -float(rng.uniform(1.0, 5.0)), "climb": float(rng.uniform(1.0, 6.0))}.get(name, climb)
            if name in ("dive", "climb"):
                speed *= float(rng.uniform(0.0, 1.0))
            period = float(rng.uniform(0.1, 0.6)) if name == "jitter" else float(rng.uniform(0.4, 6.0))
            if name in ("goto", "death", "return", "circle", "hold"):
                period = float(rng.uniform(2.0, 8.0))
            heading = atan2(aim.place[1], aim.place[0])
            made.append(Manoeuvre(name, seconds, speed, heading, climb, aim.place, period, int(rng.integers(1 << 30))))
        return tuple(made)

    def _items(self, arena: Arena, rng: np.random.Generator) -> tuple[MissionItem, ...]:
        """Return a mission that leads beyond lines, at changing heights."""
        height = self._world.vehicle.truth().alt_amsl_m - arena.frame.alt_amsl_m
        items = [MissionItem(2, 178, 0.0, 0.0, 0.0, 1.0, self._s.speed_m_s, -1.0)]
        for _ in range(4):
            place = aims(rng, arena, corners=bool(rng.random() < 0.3)).place
            lat, lon, _ = arena.frame.to_geodetic(*place, 0.0)
            z = height + float(rng.choice((0.0, rng.uniform(-30.0, 40.0))))
            items.append(MissionItem(FRAME_HOME, 16, lat, lon, round(max(z, 5.0), 2)))
        return tuple(items)

    # ------------------------------------------------------------ a zone that appears

    def _plan_popup(self, arena: Arena, guard: GuardCore) -> None:
        at_s = float(self._rng.uniform(3.0, 9.0))
        self._world.queue.at(self._world.now_ns + int(at_s * 1e9), self._pop, (arena, guard))

    def _pop(self, pair: tuple[Arena, GuardCore]) -> None:
        """Let a keep-out appear ahead, with room to stop before it."""
        arena, guard = pair
        world = self._world
        t = world.vehicle.truth()
        e, n, _ = arena.frame.to_local(t.lat_deg, t.lon_deg, t.alt_amsl_m)
        ve, vn, _ = t.velocity_enu_m_s
        speed = hypot(ve, vn)
        if speed < 1.0:
            return
        radius = float(self._rng.uniform(5.0, 25.0))
        room = speed * 2.0 + speed * speed / 3.0 + max(1.5 * world.level_m(), 4.5 * self._s.sigma_m) + 8.0
        centre = (e + ve / speed * (room + radius), n + vn / speed * (room + radius))
        new = Volume("popped up", False, Disc(centre, radius))
        self._popped = (world.now_ns / 1e9, new)
        guard.set_zones(ZoneSet((*arena.zones().zones, new.zone(arena.frame))), world.now_ns)

    # ------------------------------------------------------------ judgement

    def _judge(self, arena: Arena, attacker: Attacker, begin: int) -> dict[str, Any]:
        s, world = self._s, self._world
        track = Track.of(world.track[begin:], arena, ground())
        found = margins(track, arena)
        if self._popped is not None:
            later = track.t_s >= self._popped[0]
            new = margins(track, replace(arena, volumes=(arena.volumes[0], self._popped[1])))["keep_out"]
            found["keep_out"] = np.where(later, np.minimum(found["keep_out"], new), found["keep_out"])
        landing = np.array([t >= landed_s for landed_s in (_landing_s(world),) for t in track.t_s])
        for kind in ("floor", "ground"):
            found[kind] = np.where(landing & ~track.crashed, np.inf, found[kind])
        least = {kind: float(found[kind].min()) for kind in KINDS}
        worst = min(least, key=lambda kind: least[kind])
        at = int(found[worst].argmin())
        result: dict[str, Any] = {
            "manoeuvres": s.manoeuvres,
            "autopilot": s.stand.autopilot,
            "site": s.stand.site,
            "fusion": s.fusion,
            "speed_m_s": s.speed_m_s,
            "least_m": least,
            "worst": worst,
            "at_s": float(track.t_s[at] - track.t_s[0]),
            "fastest_m_s": float(np.linalg.norm(track.velocity[:, :2], axis=1).max()),
            "wind_m_s": float(np.linalg.norm(track.wind[:, :2], axis=1).max()),
            "moved_m": float(np.linalg.norm(track.level - track.level[0], axis=1).max()),
            "holds": attacker.holds,
            "told": sorted(attacker.told),
            "level_m": max(world.level_m(), 3.0 * s.sigma_m),
            "sigma_m": s.sigma_m,
            "latency_s": s.latency_s,
            "cpu_s": round(process_time(), 2),
        }
        if s.manoeuvres == ("head_on",):
            result["stop_m"] = float(found["fence"][-25:].min())
        if least[worst] < 0.0:
            result["events"] = [f"{e.t_ns / 1e9 - track.t_s[0]:.2f} {e.kind}: {e.detail}" for e in world.events[-60:]]
        return result


def _landing_s(world: World) -> float:
    """Return from when on the guard or the autopilot's own failsafe lands: the ground is what it goes to then."""
    for event in world.events:
        if event.kind in ("guard_land",):
            return event.t_ns / 1e9
    return float("inf")


def _straight_at(arena: Arena) -> Aim | None:
    """Return an aim at right angles to a side of the fence, with nothing near the way there; None: there is none."""
    ring = np.array(arena.volumes[0].polygon().exterior.coords)
    for a, b in pairwise(ring):
        along = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
        foot_at = float(-a @ along)
        if not 15.0 < foot_at < float(np.linalg.norm(b - a)) - 15.0:
            continue
        foot = a + foot_at * along
        far = float(np.linalg.norm(foot))
        way = LineString([(0.0, 0.0), tuple(foot * (1.0 - 1e-6))])
        if far < 60.0 or not arena.volumes[0].polygon().contains(way):
            continue
        if all(v.polygon().distance(LineString([(0.0, 0.0), tuple(foot)])) > 20.0 for v in arena.exclusions()):
            turn = atan2(foot[1], foot[0])
            return Aim((far * 1.5 * cos(turn), far * 1.5 * sin(turn)), "fence", far)
    return None


def _high(volumes: tuple[Volume, ...]) -> tuple[Volume, ...]:
    """Return the zones without heights of the fence: a head-on approach meets nothing else."""
    return (replace(volumes[0], floor=None, ceiling=None), *volumes[1:])


def describe(seed: int) -> str:
    """Return a seed's flight in words."""
    s = Hostile.of(seed)
    return (
        f"{s.stand.autopilot} {s.stand.site} {'+'.join(s.manoeuvres)} {s.speed_m_s:.1f} m/s, sigma {s.sigma_m:.2f} m, "
        f"wind {s.wind_m_s:.1f} m/s from {s.wind_from_deg:.0f}, latency {1e3 * s.latency_s:.0f} ms, fusion {s.fusion}"
    )
