"""What happens to a mission that its engine does not see: readiness, arming, the way up, landing, interruptions."""

from __future__ import annotations

from lenger_core.samples import Authority
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import AIRBORNE, Happened, Signal, Stage, State
from lenger_mission.watch import ProgressWatch
from lenger_mission.world import Position, World


class Observer:
    """Turns the world into signals.

    Args:
        settings: time-outs.
        world: the newest records.

    Attributes:
        detail: what is waited for, for a person.
    """

    def __init__(self, settings: MissionSettings, world: World) -> None:
        self._settings = settings
        self._world = world
        self._watch = ProgressWatch()
        self._entered_ns = 0
        self._moving_since_ns = 0
        self._authority_seen = False
        self._agreed = False
        self.detail = ""

    def enter(self, now_ns: int, detail: str) -> None:
        """Another stage or item is begun: it has another measure of progress."""
        self._entered_ns = now_ns
        self._watch.restart(now_ns)
        self.detail = detail

    def consent(self, now_ns: int) -> None:
        """A person agreed now, or the motors turn now: authority and guard have some time to follow.

        It runs from the next look on: what a consent sets off, such as planning the rest of the way, may take a while
        before the first order goes out.
        """
        self._moving_since_ns = now_ns
        self._agreed = True
        self._authority_seen = False

    def in_stage_s(self, now_ns: int) -> float:
        """Return for how long the stage has lasted."""
        return (now_ns - self._entered_ns) / 1e9

    def not_ready(self, state: State, home: tuple[float, float], now_ns: int) -> str:
        """Return why the flight cannot begin, "" when it can."""
        return self._world.not_ready_in_the_air(now_ns) if state.airborne else self._world.not_ready(home, now_ns)

    def preflight(self, reason: str, now_ns: int) -> Happened | None:
        """Return what `reason` (that of `not_ready`, or of what could not be prepared) means now."""
        self.detail = reason
        if not reason:
            return Happened(Signal.READY)
        if self.in_stage_s(now_ns) > self._settings.preflight_timeout_s:
            return Happened(Signal.TIMED_OUT, f"not ready: {reason}")
        return None

    def arming(self, now_ns: int) -> Happened | None:
        """Return whether it armed, or has not in time."""
        vehicle = self._world.vehicle
        if vehicle is not None and vehicle.armed and self._world.link(now_ns):
            if vehicle.authority is Authority.EXTERNAL:
                return Happened(Signal.TIMED_OUT, "somebody else armed the vehicle")
            if vehicle.authority is Authority.LENGER:
                self.consent(now_ns)
                return Happened(Signal.ARMED)
        if self.in_stage_s(now_ns) > self._settings.arm_timeout_s:
            reason = (vehicle.reason if vehicle is not None else "") or self._world.guard_waits() or "no answer"
            return Happened(Signal.TIMED_OUT, f"the vehicle did not arm: {reason}")
        return None

    def in_the_air(self, state: State, position: Position | None, now_ns: int) -> Happened | None:
        """Return what ends or interrupts a flight, whatever flies it."""
        vehicle, world = self._world.vehicle, self._world
        if self._agreed:
            self._moving_since_ns, self._agreed = now_ns, False
        if vehicle is not None and vehicle.authority is Authority.LENGER and now_ns - vehicle.t_ns <= 10**9:
            self._authority_seen = True
        down = self._down(state, now_ns)
        if down is not None:
            return down
        guarded = state.stage is not Stage.RETURNING
        reason = world.interruption(now_ns, self._moving_since_ns, self._authority_seen, guarded)
        if reason or position is None:
            return Happened(Signal.INTERRUPTED, reason)
        return None

    def _down(self, state: State, now_ns: int) -> Happened | None:
        if not self._world.down():
            return None
        if state.stage is Stage.TAKEOFF:
            if self.in_stage_s(now_ns) > self._settings.authority_grace_s:
                return Happened(Signal.DOWN, "the vehicle disarmed before it took off")
            return None
        if state.stage is Stage.RETURNING:
            return Happened(Signal.DOWN, f"came home and landed ({state.detail})")
        landing = state.stage is Stage.LANDING
        return Happened(Signal.DOWN, "landed and disarmed" if landing else "landed before the end of the plan")

    def climbing(self, height_m: float, stood_amsl_m: float, position: Position) -> tuple[Happened | None, float]:
        """Return whether the take-off is done, and the metres left.

        Args:
            height_m: above where it stood.
            stood_amsl_m: where that was, by the same estimate: it may be metres wrong, and the autopilot's is another.
            position: now.
        """
        vehicle = self._world.vehicle
        left = stood_amsl_m + height_m - position.alt_amsl_m
        standing = vehicle is not None and vehicle.landed
        done = left <= self._settings.takeoff_tolerance_m and not standing
        return (Happened(Signal.AT_HEIGHT) if done else None), left

    def holding(self, state: State) -> Happened | None:
        """Return whether it landed while it held."""
        if state.stage is Stage.HOLDING and self._world.down():
            return Happened(Signal.DOWN, f"landed while holding ({state.detail})")
        return None

    def stuck(self, state: State, left: float, now_ns: int) -> Happened | None:
        """Return that there was no progress for too long; a safe way home may climb and lead away at first."""
        waits = self._settings.no_progress_s
        if state.stage in AIRBORNE - {Stage.RETURNING} and self._watch.stuck_s(left, now_ns) > waits:
            return Happened(Signal.TIMED_OUT, f"no progress for {waits:g} s")
        return None
