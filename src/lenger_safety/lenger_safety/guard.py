"""The guard: run-time assurance (ASTM F3269) between the mission and the autopilot.

It passes, limits or replaces every command. The core has no ROS and no clock: records come in through `on_...`,
`step` is called at 20 Hz and returns what to publish.
"""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.command_gate import CommandGate
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import (
    Command,
    CommandKind,
    Event,
    FcuMission,
    FusionStatus,
    GuardLevel,
    GuardStatus,
    Odometry,
    VehicleStatus,
)
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.zones import ZoneSet
from lenger_safety.air import Air
from lenger_safety.aircraft import Aircraft
from lenger_safety.choose import Choice, Chooser, Scene
from lenger_safety.circumstances import Circumstances, Moment
from lenger_safety.demands import Demand
from lenger_safety.estimate import MAX_FUTURE_S, OLDER, StateMonitor
from lenger_safety.ladder import SOURCE, Ladder
from lenger_safety.look import Look, look_around
from lenger_safety.memory import GuardMemory
from lenger_safety.mission_path import ListedMission
from lenger_safety.motion import Motion
from lenger_safety.paths import PathJudge
from lenger_safety.permits import Permits
from lenger_safety.report import Reporter
from lenger_safety.rungs import Situation
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor
from lenger_safety.watch import braking
from lenger_safety.way_back import way_back
from lenger_safety.zones_in_force import ZonesInForce

STEP_S = 0.05
LIFETIME_S = 0.5


@dataclass(frozen=True, slots=True)
class GuardOutput:
    """One step's result.

    Attributes:
        command: to publish at every step.
        status: the guard's view now.
        status_due: publish `status` now (5 Hz and on change).
        events: to publish, often none.
        state_to_save: text for the state file when it changed, else None.
    """

    command: Command
    status: GuardStatus
    status_due: bool
    events: tuple[Event, ...]
    state_to_save: str | None


class GuardCore:
    """The guard of one aircraft.

    Args:
        settings: parameters.
        profile: what the aircraft can do.
        zones: zones to keep; replaced as a whole by `set_zones`.
        terrain: ground with its error bound, which every limit over it keeps off by.
        memory: what an earlier run of this flight left, None for a first start.

    Raises:
        InputError: the terrain's detail is synthetic, and it is no simulator's ground.
    """

    def __init__(
        self,
        settings: GuardSettings,
        profile: VehicleProfile,
        zones: ZoneSet,
        terrain: Terrain,
        memory: GuardMemory | None = None,
    ) -> None:
        terrain.require_real("guard, heights above ground")
        self._settings = settings
        self._profile = profile
        self._terrain = terrain
        self._frame = LocalFrame(settings.site.lat_deg, settings.site.lon_deg, settings.site.alt_amsl_m)
        self._motion = Motion.of(settings, profile, STEP_S)
        self._monitor = StateMonitor(settings, self._frame)
        self._gate = CommandGate(max_future_s=MAX_FUTURE_S)
        self._start_reason = "the guard started" if memory is None else "the guard started again"
        memory = memory or GuardMemory()
        self._ladder = Ladder(settings.clear_s, memory.interventions)
        self._zones = ZonesInForce(settings, self._frame, zones, memory)
        self._report = Reporter()
        self._circumstances = Circumstances(settings, profile, self._zones, self._ladder)
        self._aircraft = Aircraft(self._frame)
        self._air = Air(profile)
        self._listed = ListedMission()
        self._consent_ns = 0
        self._closing = (0, 0)
        self._sequence = 0
        self._started = False
        self._use_zones()

    def _use_zones(self) -> None:
        local = self._zones.local
        m = self._motion
        surveyor = Surveyor(self._settings, local, self._terrain, m.reach_m(), m.limit_latency_s, m.limit_brake_m_s2)
        self._surveyor = surveyor
        judge = PathJudge(self._settings, self._surveyor, self._terrain)
        permits = Permits(self._settings, local, judge, self._motion.max_speed_m_s)
        self._chooser = Chooser(self._settings, self._motion, permits)
        self._way = way_back(self._settings, self._profile, local, self._terrain, self._motion)

    # ------------------------------------------------------------ inputs

    @property
    def zones(self) -> ZoneSet:
        """All zones, in force now or not."""
        return self._zones.zones

    def set_zones(self, zones: ZoneSet, now_ns: int) -> None:
        """Replace the zones as a whole; they survive a restart.

        Raises:
            InputError: a zone has no outline here; nothing changes then.
        """
        self._zones.replace(zones)
        names = ", ".join(z.name for z in zones.zones)
        self._ladder.tell(now_ns, "guard_zones", f"{len(zones.zones)} zones in force: {names}")

    def on_command(self, command: Command, now_ns: int, publishers: int = 1) -> None:
        """Take the mission's command; a stale, reordered, second-hand or senseless one is refused with an event."""
        if command.consent_ns - now_ns > int(MAX_FUTURE_S * 1e9):
            reason: str | None = "consent lies in the future"
        else:
            reason = self._gate.offer(command, now_ns, publishers)
        if reason is not None:
            topic = "command " + "".join(c for c in reason if not c.isdigit())
            self._ladder.refuse(now_ns, topic, f"command {command.kind.name} of {command.source or 'nobody'}: {reason}")

    def on_vehicle(self, status: VehicleStatus) -> None:
        """Take the aircraft's state from autopilot_node."""
        reason = self._monitor.on_vehicle(status)
        if reason == OLDER:
            self._ladder.refuse(status.t_ns, "vehicle", f"vehicle status: {reason}")
            return
        self._air.take(status)
        # The mode and the arming state count even while the position is not known yet.
        if self._aircraft.take(status):
            self._ladder.latch(status.t_ns, f"mode {status.mode} was chosen by somebody else")

    def on_odometry(self, odometry: Odometry) -> None:
        """Take fusion's estimate."""
        reason = self._monitor.on_odometry(odometry)
        if reason is not None:
            self._ladder.refuse(odometry.t_ns, "odometry", f"fusion odometry: {reason}")

    def on_fusion_status(self, status: FusionStatus) -> None:
        """Take fusion's own judgement of its estimate."""
        reason = self._monitor.on_fusion_status(status)
        if reason is not None:
            self._ladder.refuse(status.t_ns, "fusion status", f"fusion status: {reason}")

    def on_mission(self, mission: FcuMission) -> None:
        """Take the mission that stands on the autopilot."""
        self._listed = ListedMission(mission)

    # ------------------------------------------------------------ step

    def step(self, now_ns: int, steady_ns: int | None = None) -> GuardOutput:
        """Return what to publish at `now_ns`; call at 20 Hz.

        Args:
            now_ns: time.
            steady_ns: a clock that nobody sets, None where time is simulated.
        """
        self._begin(now_ns)
        self._switch_zones(now_ns)
        wanted = self._gate.current(now_ns)
        flying = self._aircraft.flying
        look = self._look(now_ns, wanted, flying)
        mission = self._listed.digest(self._aircraft.autopilot)
        self._way.plan(now_ns, look.picture, self._aircraft.home, self._air.with_wind(self._aircraft.status))
        hands, way = self._external(), self._way.known
        moment = Moment(now_ns, look, flying, hands, self._aircraft.status, wanted, mission, way, steady_ns)
        self._circumstances.update(moment)
        consent = self._consent(now_ns, wanted, look)
        external = self._aircraft.taken and self._ladder.latched and not consent
        demand, choice = self._decide(now_ns, wanted, look, consent, external)
        now = Situation(flying, external, demand.level, consent, self._way.possible, self._way.arrived)
        self._ladder.step(now_ns, now, demand.reason, demand.fresh)
        choice = self._order(now_ns, choice, wanted, look, demand)
        self._circumstances.sent(choice.kind, self._aircraft.armed, mission)
        return self._output(now_ns, choice, wanted, look)

    def _begin(self, now_ns: int) -> None:
        if self._started:
            return
        self._started = True
        self._ladder.latch(now_ns, self._start_reason, quiet=True)
        if self._zones.dropped:  # the latch of a start on the ground opens without an event
            self._ladder.tell(now_ns, "guard_zones", self._zones.dropped)

    def _switch_zones(self, now_ns: int) -> None:
        changed, told = self._zones.update(now_ns)
        if changed:
            self._use_zones()
        for detail in told:
            self._ladder.tell(now_ns, "guard_zones", detail)

    def _external(self) -> bool:
        """Return whether somebody else has the aircraft, and nobody has asked for it back since."""
        return self._aircraft.taken and self._ladder.latched

    def _look(self, now_ns: int, wanted: Command | None, flying: bool) -> Look:
        floor = flying and self._circumstances.floor_counts
        velocity = wanted.velocity_enu_m_s if wanted is not None and wanted.kind is CommandKind.VELOCITY else None
        picture = self._monitor.picture(now_ns)
        late_s = STEP_S + self._settings.link_latency_s
        ours = velocity is not None or self._settings.missions != "watched"  # or a path that was found legal
        stop = self._air.stop(self._aircraft.autopilot, late_s, ours)
        self._chooser.motion = motion = self._motion.beside(stop.response)
        return look_around(self._surveyor, motion, picture, velocity, self._aircraft.home, floor, stop)

    def _consent(self, now_ns: int, wanted: Command | None, look: Look) -> bool:
        """Return whether a person has agreed since the latch closed, and nothing bars the release."""
        latch_ns = self._ladder.latch_ns
        if latch_ns != self._closing[0]:
            self._closing = (latch_ns, self._consent_ns)
        # A consent that was known when the latch closed is an old one, even when the clock stepped back since.
        if wanted is None or not self._ladder.latched or wanted.consent_ns <= max(latch_ns, self._closing[1]):
            return False
        holds = self._ladder.level is GuardLevel.HOLD
        if bar := self._circumstances.demands.bar or (braking(look) if holds else ""):
            self._ladder.refuse(now_ns, "release", f"no release in spite of a new consent: {bar}")
            return False
        self._circumstances.demands.overrule()
        return True

    def _decide(
        self, now_ns: int, wanted: Command | None, look: Look, consent: bool, external: bool
    ) -> tuple[Demand, Choice]:
        """Return what is demanded of the ladder, and what goes out where it lets the mission fly."""
        flying = self._aircraft.flying
        demand = self._circumstances.demands.demand().or_higher(self._chooser.warning(look, flying))
        if external or (self._ladder.latched and not consent) or demand.level >= GuardLevel.HOLD:
            self._chooser.forget()
            return demand, Choice(CommandKind.NONE)
        choice = self._chooser.choose(
            wanted, look, Scene(flying, self._aircraft.home, self._listed, self._aircraft.autopilot)
        )
        if wanted is not None and choice.kind is not wanted.kind:
            self._ladder.refuse(now_ns, wanted.kind.name, choice.reason)
            if wanted.kind is CommandKind.RETURN and flying and self._way.view.available:
                why = f"{choice.reason}: the guard flies the safe path, {self._way.view.reason}"
                return Demand(GuardLevel.RETURN, why, fresh=True), choice
        return demand.or_higher(Demand(choice.level, choice.reason, choice.level >= GuardLevel.HOLD)), choice

    def _order(self, now_ns: int, choice: Choice, wanted: Command | None, look: Look, demand: Demand) -> Choice:
        """Return what goes out on the rung where the ladder stands."""
        ladder = self._ladder
        if ladder.level >= GuardLevel.RETURN:
            if self._circumstances.breached:
                self._way.brake()
            return self._way.order(ladder.level, look, STEP_S, hold=demand.level is GuardLevel.HOLD)
        self._way.stop()
        if not ladder.latched:
            return choice
        if ladder.level is GuardLevel.HOLD:
            return Choice(CommandKind.HOLD)
        if self._aircraft.flying or wanted is None or wanted.kind in (CommandKind.NONE, CommandKind.HOLD):
            return Choice(CommandKind.NONE)
        if wanted.kind is CommandKind.DISARM:
            return Choice(CommandKind.DISARM)
        why = f"{wanted.kind.name} waits for a new consent, after: {ladder.latch_reason}"
        ladder.refuse(now_ns, "latch", why)
        return Choice(CommandKind.NONE)

    # ------------------------------------------------------------ output

    def _output(self, now_ns: int, choice: Choice, wanted: Command | None, look: Look) -> GuardOutput:
        if wanted is not None:
            self._consent_ns = max(self._consent_ns, wanted.consent_ns)
        self._sequence += 1
        command = choice.command(now_ns, SOURCE, self._sequence, LIFETIME_S, self._consent_ns, wanted)
        ladder = self._ladder
        status = self._report.status(now_ns, ladder, look, self._external(), self._way.view, self._way.wind_m_s)
        memory = GuardMemory(
            *(ladder.latched, ladder.latch_reason, ladder.interventions, self._zones.geojson, self._zones.stood_for)
        )
        due, text = self._report.due(now_ns, status), self._report.to_save(memory)
        return GuardOutput(command, status, due, ladder.take_events(), text)
