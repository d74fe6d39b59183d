"""What a person may ask of a mission: begin, pause, go on, skip, jump, another plan, come home, stop.

Each request is that person's consent to the motion that follows, and returns why it is refused, None when it is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan
from lenger_core.terrain import Terrain
from lenger_mission.job import NEAR_M, Job, Workshop, apart_m, engine_problem
from lenger_mission.observe import Observer
from lenger_mission.preflight import out_of_reach
from lenger_mission.preflight_gate import PreflightGate
from lenger_mission.progress import Place, Progress
from lenger_mission.remainder import first_item, remainder
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import ACTIVE, AIRBORNE, EN_ROUTE, Happened, Signal, Stage, State
from lenger_mission.world import World


class Operator:
    """The requests; a part of `MissionCore`, which has the rest."""

    world: World
    _settings: MissionSettings
    _shop: Workshop
    _frame: LocalFrame
    _terrain: Terrain
    _state: State
    _job: Job | None
    _observer: Observer
    _gate: PreflightGate | None
    _place: Place | None
    _saved: Progress | None
    _consent_ns: int

    if TYPE_CHECKING:

        def _signal(self, what: Happened, now_ns: int) -> None: ...
        def _here(self, now_ns: int) -> Place | None: ...
        def _tell(self, now_ns: int, kind: str, detail: str) -> None: ...

    # ------------------------------------------------------------ begin

    def start(self, plan: Plan, now_ns: int, engine: str = "", start_item: int = 0) -> str | None:
        """Begin a plan that passed the gate, on the ground.

        Args:
            plan: flat.
            now_ns: time.
            engine: "uploaded", "streamed" or "" for the one of the settings.
            start_item: item to fly first; 0 or less: all of it.
        """
        if self.world.armed():
            return self._running() or "the vehicle is armed: land and disarm it first"
        if start_item >= len(plan.items):
            return f"start_item {start_item}, expected at most {len(plan.items) - 1}"
        item = first_item(plan, start_item) if start_item > 0 else 0
        return self._begin(plan, now_ns, engine or self._settings.engine, item)

    def resume_saved(self, saved: Progress, plan: Plan, now_ns: int) -> str | None:
        """Go on with a mission that was broken off: from the air, or from the ground with a takeoff first.

        Args:
            saved: how far it was.
            plan: that of `saved`.
            now_ns: time.
        """
        if not saved.unfinished:
            return f"mission {saved.plan} is {saved.stage}: there is nothing to resume"
        if saved.item >= len(plan.items):
            return f"mission {saved.plan} was at item {saved.item} of {len(plan.items)}"
        if not self.world.link(now_ns):
            return "the autopilot is not heard: whether the aircraft flies is not known"
        if self.world.armed() and not self.world.flying():
            return self._running() or "the vehicle is armed on the ground: disarm it first"
        item = first_item(plan, saved.item) if saved.item > 0 else 0
        engine = saved.engine or self._settings.engine
        return self._begin(plan, now_ns, engine, item, saved)

    def _begin(self, plan: Plan, now_ns: int, engine: str, item: int, saved: Progress | None = None) -> str | None:
        airborne = saved is not None and self.world.flying()
        via = saved.place if saved is not None and item > 0 else None
        rest = remainder(plan, item, via).plan if item > 0 else plan
        problem = self._running() or engine_problem(engine) or self._unfit(rest, now_ns, only_told=airborne)
        if problem:
            return problem
        self._job = Job(plan, engine, self._shop)
        self._job.camera.photos = saved.photos if saved is not None else 0
        self._place, self._saved = via, saved
        self._consent(now_ns)
        reached = saved.waypoints_reached if saved is not None else 0
        begun = Happened(Signal.GOAL, plan.name, item, 0, self._job.uploads, airborne, reached)
        self._signal(begun, now_ns)
        return None

    # ------------------------------------------------------------ on the way

    def cancel(self, now_ns: int) -> str | None:
        """Stop the mission where it is: hold."""
        if self._state.stage not in ACTIVE:
            return "no mission is running"
        self._signal(Happened(Signal.CANCEL, "canceled by the operator"), now_ns)
        return None

    def pause(self, now_ns: int) -> str | None:
        """Hold, until a resume."""
        if self._state.stage not in AIRBORNE:
            return f"the mission is {self._state.stage.value}, not flying"
        self._signal(Happened(Signal.PAUSE, "paused by the operator"), now_ns)
        return None

    def resume(self, now_ns: int) -> str | None:
        """Go on after an interruption."""
        state, job = self._state, self._job
        if state.stage is not Stage.HOLDING or job is None:
            return f"the mission is {state.stage.value}, not holding"
        here = self._here(now_ns)
        if not self.world.link(now_ns):
            return "the autopilot is not heard"
        if here is None:
            return "there is no position"
        signal = Happened(Signal.RESUME)
        if state.interrupted in EN_ROUTE or state.interrupted is Stage.UPLOADING:
            away = self._away_m(here)
            item = job.engine.item if job.engine is not None else state.item
            if job.uploads or away > NEAR_M:
                problem = job.prepare(item, here, self._place)
                if problem:
                    return problem
            if state.interrupted is Stage.LANDING and away > NEAR_M and not job.uploads:
                signal = Happened(Signal.JUMP, item=item)  # back to the landing place first
        self._consent(now_ns)
        self._signal(signal, now_ns)
        return None

    def skip(self, now_ns: int) -> str | None:
        """Leave out the item being flown, and fly to the one behind it."""
        job = self._job
        if job is None or job.engine is None:
            return "no mission is running"
        item = first_item(job.plan, job.engine.item + 1)
        if item <= job.engine.item:
            return f"item {job.engine.item} is the last one"
        return self.jump(item, now_ns)

    def jump(self, item: int, now_ns: int) -> str | None:
        """Fly to an item at once, and on from there."""
        job, here = self._job, self._here(now_ns)
        if job is None or not self._on_the_way():
            return f"the mission is {self._state.stage.value}, not on its way"
        if not 0 < item <= job.last_item:
            return f"item {item}, expected 1 to {job.last_item}"
        if here is None:
            return "there is no position"
        target = first_item(job.plan, item)
        problem = job.prepare(target, here)
        if problem:
            return problem
        self._place = None
        self._consent(now_ns)
        self._signal(Happened(Signal.JUMP, item=target), now_ns)
        return None

    def replan(self, plan: Plan, now_ns: int, start_item: int = -1) -> str | None:
        """Put another plan in the place of the one being flown.

        Args:
            plan: flat; passed the gate.
            now_ns: time.
            start_item: item to fly to first; -1: the first behind the takeoff.
        """
        here = self._here(now_ns)
        if self._job is None or not self._on_the_way():
            return f"the mission is {self._state.stage.value}, not on its way"
        if start_item >= len(plan.items):
            return f"start_item {start_item}, expected at most {len(plan.items) - 1}"
        target = first_item(plan, max(start_item, 1))
        if here is None:
            return "there is no position"
        problem = self._unfit(remainder(plan, target).plan, now_ns)
        if problem:
            return problem
        job = Job(plan, "uploaded" if self._job.uploads else "streamed", self._shop)
        job.home_amsl_m, job.camera.photos = self._job.home_amsl_m, self._job.camera.photos
        problem = job.prepare(target, here)
        if problem:
            return problem
        self._job, self._place = job, None
        self._consent(now_ns)
        self._signal(Happened(Signal.REPLAN, plan.name, target, uploads=job.uploads), now_ns)
        return None

    def abort(self, now_ns: int) -> str | None:
        """Come home by the guard's safe way and land; the mission is over then."""
        if self._state.stage not in ACTIVE or self._state.stage is Stage.RETURNING:
            return f"the mission is {self._state.stage.value}"
        self._consent(now_ns)
        self._signal(Happened(Signal.ABORT, "aborted by the operator"), now_ns)
        return None

    # ------------------------------------------------------------ questions

    def _running(self) -> str:
        if self._state.stage not in ACTIVE:
            return ""
        return f"mission {self._job.plan.name if self._job else ''} is running ({self._state.stage.value})"

    def _unfit(self, plan: Plan, now_ns: int, only_told: bool = False) -> str:
        """Return why a plan must not fly, "" when it may; where the gate only warns, it is told and flown.

        Args:
            plan: what is to be flown of it.
            now_ns: time.
            only_told: the gate counts from home with what the battery has left: in the air it only warns.
        """
        problem = out_of_reach(plan, self._settings, self._frame, self._terrain) or ""
        if problem or self._gate is None:
            return problem
        reason = self._gate.reason(plan, self.world.vehicle)
        if reason and (only_told or self._settings.plan_gate == "warn"):
            self._tell(now_ns, "plan_gate", reason)
            return ""
        return reason

    def _on_the_way(self) -> bool:
        state = self._state
        doing = state.interrupted if state.stage is Stage.HOLDING else state.stage
        return doing in EN_ROUTE or (doing is Stage.UPLOADING and state.airborne)

    def _away_m(self, here: Place) -> float:
        """Return how far the aircraft is from where it was on its way."""
        return 0.0 if self._place is None else apart_m(here, self._place)

    def _consent(self, now_ns: int) -> None:
        self._consent_ns = now_ns
        self._observer.consent(now_ns)
