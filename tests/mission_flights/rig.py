"""A lockstep flight whose parts can be killed and started again, and whose mission an operator asks for things."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from lenger_core import warm
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Height, Home, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.samples import Event, MissionPhase, VehicleStatus
from lenger_mission.keeper import Keeper
from lenger_mission.mission import MissionCore
from lenger_mission.report import MissionResult
from lenger_sim.vehicle import VehicleCore
from lenger_training import lockstep_parts as parts
from lenger_training.event_queue import EventQueue
from lenger_training.lockstep_bus import DEFAULT_LATENCIES, Bus, Part, Timer

from .flight import SAMPLE_NS, SECOND, Array, Autopilot, Day, Place, Setup, ground

FIELD: Place = (42.2050, 69.8600)
"""Level ground by Lenger."""
COMPANION = ("mavros", "autopilot", "guard", "fusion", "mission")
AT_M, AWAY_M = 8.0, 16.0


def plan_of(points_m: Array, height_m: float = 30.0, speed_m_s: float = 8.0, home: Place = FIELD) -> Plan:
    """Return a plan through points (N, 2), metres east and north of home, then home."""
    frame = LocalFrame(*home, 0.0)
    up = Height(value_m=height_m, datum=Datum.HOME)
    places = [frame.to_geodetic(east, north, 0.0) for east, north in points_m.tolist()]
    points = tuple(Waypoint(lat_deg=lat, lon_deg=lon, height=up) for lat, lon, _ in places)
    items = (Takeoff(height=up), *points, ReturnHome())
    return Plan(name="rig", home=Home(lat_deg=home[0], lon_deg=home[1]), items=items, cruise_speed_m_s=speed_m_s)


class Rig:
    """One flight.

    Args:
        plan: to fly; its home is where the aircraft stands.
        autopilot: flavour.
        engine: "uploaded" or "streamed".
        folder: for the files that survive a restart of mission_node.
        seed: of gusts and sensors.

    Attributes:
        mission: mission_node's core, now.
        events: of every part.
        results: how missions ended.
        track: rows of time and truth: t_s, east, north, up from home, m, and speed, m/s.
    """

    def __init__(self, plan: Plan, autopilot: Autopilot, engine: str, folder: Path, seed: int = 1) -> None:
        warm.main()
        self.plan = plan
        home = (plan.home.lat_deg, plan.home.lon_deg)
        self.setup: Any = Setup(home, Day(), seed, autopilot, "quad_2kg", engine)  # type: ignore[arg-type]
        ground().prefetch(*home, 3_000.0)
        self._frame = LocalFrame(*home, ground().height_amsl_m(*home))
        self._queue = EventQueue()
        self.bus = Bus(self._queue, None, DEFAULT_LATENCIES)
        self._vehicle = VehicleCore(self.setup.vehicle_settings(), self.setup.profile, self.setup.ground, seed)
        self._folder = folder
        self._running: dict[str, str] = {}
        self._starts = 0
        self.events: list[Event] = []
        self.results: list[MissionResult] = []
        self.track: list[tuple[float, ...]] = []
        listener = Part("listener", {"events": lambda event, _: self.events.append(event)})
        truth = Part("truth", {}, (Timer(SAMPLE_NS, SAMPLE_NS, self._keep),))
        self.bus.add([parts.vehicle(self.setup, self.bus, self._vehicle), listener, truth])
        self.begin(*COMPANION)

    # ------------------------------------------------------------ parts

    def begin(self, *names: str) -> None:
        """Start parts, anew where they were killed."""
        makers: dict[str, Callable[[], Part]] = {
            "mavros": lambda: parts.endpoint(self.setup, self.bus),
            "autopilot": lambda: parts.autopilot(self.setup, self.bus),
            "guard": lambda: parts.guard(self.setup, self.bus),
            "fusion": lambda: parts.fusion(self.setup, self.bus),
            "mission": self._mission,
        }
        self._starts += 1
        made = [replace(makers[name](), name=f"{name} {self._starts}") for name in names]
        self._running.update({name: part.name for name, part in zip(names, made, strict=True)})
        self.bus.add(made)
        listed = self.bus.newest.get("mavros/mission/waypoints")
        if listed is not None and "mavros" not in names:  # a latched topic: who joins late hears the last one
            for part in made:
                for_it = part.inputs.get("mavros/mission/waypoints")
                if for_it is not None:
                    for_it(listed, self.now_ns)

    def kill(self, *names: str) -> None:
        """Let parts die."""
        for name in names:
            self.bus.kill(self._running[name])

    def _mission(self) -> Part:
        self.mission = core = MissionCore(self.setup.mission_settings(), self.setup.profile, self.setup.ground)
        self.keeper = keeper = Keeper(str(self._folder / "mission.json"))
        step = core.step

        def kept(now_ns: int) -> Any:
            output = step(now_ns)
            if output.events or keeper.due(now_ns):
                keeper.save(core.progress, core.plan)
            if output.result is not None:
                self.results.append(output.result)
            return output

        core.step = kept  # type: ignore[method-assign]
        return parts.mission_of(core, self.bus)

    # ------------------------------------------------------------ time

    @property
    def now_ns(self) -> int:
        """Simulated time."""
        return self._queue.now_ns

    @property
    def status(self) -> VehicleStatus:
        """The last vehicle/status."""
        status: VehicleStatus = self.bus.newest["vehicle/status"]
        return status

    @property
    def speed_m_s(self) -> float:
        """True speed, level."""
        return self.track[-1][4]

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self._queue.run(self.now_ns + int(seconds * SECOND))

    def until(self, seen: Callable[[], bool], within_s: float, what: str) -> None:
        """Let time pass until something is seen."""
        end_ns = self.now_ns + int(within_s * SECOND)
        while not seen():
            if self.now_ns >= end_ns:
                said = [f"{e.source} {e.kind}: {e.detail}" for e in self.events[-8:]]
                raise AssertionError(
                    f"never {what} within {within_s:g} s; {self.bus.newest.get('mission/status')}; {said}"
                )
            self.run(0.25)

    def start(self) -> None:
        """Wait on the ground until it may be armed, then begin the plan."""
        self.until(self.ready, 120.0, "ready")
        self.run(2.0)
        refused = self.mission.start(self.plan, self.now_ns)
        assert refused is None, refused
        self.until(lambda: self.phase is MissionPhase.ENROUTE, 90.0, "en route")

    def ready(self) -> bool:
        """Return whether it may be armed."""
        status = self.bus.newest.get("vehicle/status")
        heard = all(topic in self.bus.newest for topic in ("guard/status", "fusion/odometry"))
        return status is not None and status.ready and heard

    @property
    def phase(self) -> MissionPhase:
        """Of the mission."""
        phase: MissionPhase = self.bus.newest["mission/status"].phase
        return phase

    @property
    def item(self) -> int:
        """Of the plan, being flown."""
        item: int = self.bus.newest["mission/status"].item
        return item

    def resume(self) -> None:
        """Let a person agree that the saved mission goes on."""
        saved, plan = self.keeper.unfinished(None)
        refused = self.mission.resume_saved(saved, plan, self.now_ns)
        assert refused is None, refused

    def finish(self, within_s: float = 300.0) -> None:
        """Let the mission come to its end."""
        self.until(lambda: self.phase is MissionPhase.DONE, within_s, "done")

    # ------------------------------------------------------------ judging

    def reached(self) -> list[str]:
        """Return the waypoints that were told as reached, in order."""
        return [event.detail for event in self.events if event.kind == "waypoint_reached"]

    def visits(self, points_m: Array) -> list[int]:
        """Return the indices of the points, metres east and north of home, that were truly come to, in order."""
        track = np.array(self.track)
        inside, seen = [False] * len(points_m), []
        for east, north, up in track[:, 1:4]:
            for index, (e, n) in enumerate(points_m):
                away = float(np.hypot(east - e, north - n))
                if away < AT_M and not inside[index] and up > 5.0:
                    inside[index] = True
                    seen.append(index)
                elif away > AWAY_M:
                    inside[index] = False
        return seen

    def _keep(self, now_ns: int) -> None:
        t = self._vehicle.truth()
        east, north, up = self._frame.to_local(t.lat_deg, t.lon_deg, t.alt_amsl_m)
        velocity = t.velocity_enu_m_s
        self.track.append((now_ns / SECOND, east, north, up, float(np.hypot(velocity[0], velocity[1]))))
