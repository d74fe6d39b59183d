"""What happens to the flight that the mission did not ask for: gathered in each step as demands on the ladder."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from lenger_core.samples import Command, CommandKind, GuardLevel, VehicleStatus
from lenger_core.vehicles import VehicleProfile
from lenger_safety.demands import Demands
from lenger_safety.ladder import Ladder
from lenger_safety.look import Look
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts, WayHome
from lenger_safety.supervision.supervisor import Supervisor
from lenger_safety.watch import BreachWatch, SourceWatch, closed_on
from lenger_safety.zones_in_force import ZonesInForce

GOES_ON_WHEN_SILENT = (CommandKind.LAND, CommandKind.RETURN, CommandKind.MISSION)
FLOWN_BY_AUTOPILOT = (CommandKind.RETURN, CommandKind.MISSION, CommandKind.GOTO)
WITHOUT_FLOOR = (CommandKind.ARM, CommandKind.TAKEOFF, CommandKind.LAND)


@dataclass(frozen=True, slots=True)
class Moment:
    """One step, as the circumstances see it.

    Attributes:
        now_ns: time.
        look: at the limits around.
        flying: off the ground.
        external: in other hands.
        vehicle: the newest vehicle/status.
        wanted: the mission's living command.
        mission: digest of the mission that stands on the autopilot.
        way_home: what is known of the way home.
        steady_ns: a clock that nobody sets, None where time is simulated.
    """

    now_ns: int
    look: Look
    flying: bool
    external: bool
    vehicle: VehicleStatus | None
    wanted: Command | None
    mission: str
    way_home: WayHome | None = None
    steady_ns: int | None = None


class Circumstances:
    """Gathers them, and keeps what the aircraft was last sent to do.

    Attributes:
        demands: what they ask for.
        under_way: the last order that went out, other than to go on; RETURN and LAND while the guard flies by itself.
        breached: whether, in the last step, stopping came to need more than was left.
    """

    def __init__(self, settings: GuardSettings, profile: VehicleProfile, zones: ZonesInForce, ladder: Ladder) -> None:
        self._settings = settings
        self._zones = zones
        self._ladder = ladder
        self._breach = BreachWatch()
        self._sources = SourceWatch(settings.clear_s)
        self._supervisor = Supervisor(settings, profile)
        self._mission = ""
        self.demands = Demands()
        self.under_way = CommandKind.NONE
        self.breached = False

    @property
    def floor_counts(self) -> bool:
        """Whether the aircraft is en route, as far as the guard's orders go."""
        return self.under_way not in WITHOUT_FLOOR

    def sent(self, kind: CommandKind, armed: bool, mission: str) -> None:
        """Take what goes out now, and the mission that stands on the autopilot with it."""
        if kind is CommandKind.MISSION and self.under_way is not kind:
            self._mission = mission
        if kind is CommandKind.VELOCITY and self._ladder.level >= GuardLevel.HOLD:
            kind = CommandKind.RETURN
        if kind is not CommandKind.NONE or not armed:
            self.under_way = kind

    def update(self, now: Moment) -> None:
        """Gather what makes a rung necessary, whatever the mission asks for."""
        self._sources.update(now.now_ns, now.look.picture, self._ladder)
        sudden: list[str] = []
        upcoming: tuple[Cause, ...] = ()
        if now.flying:
            broken = self._breach.broken(now.look)
            self.breached = bool(broken)
            sudden = [broken] if now.external else [broken or self._autopilots_way(now.look), self._exchange(now)]
            upcoming = self._upcoming(now)
        else:
            self._breach.reset()
            self.breached = False
        causes = self._supervisor.update(now.now_ns, self._facts(now))
        self.demands.update((*causes, *upcoming), sudden)
        autopilots_own = self.under_way in GOES_ON_WHEN_SILENT and self._ladder.level < GuardLevel.HOLD
        if now.flying and not now.external and now.wanted is None and autopilots_own:
            what = f"mission silent: the autopilot's own {self.under_way.name} goes on"
            self._ladder.refuse(now.now_ns, "silent", what)

    def _facts(self, now: Moment) -> Facts:
        around = now.look.around
        return Facts(
            flying=now.flying,
            external=now.external,
            picture=now.look.picture,
            vehicle=now.vehicle,
            wanted=None if now.wanted is None else now.wanted.kind,
            under_way=self.under_way,
            rung=self._ladder.level,
            ground_known=all(a.ground is not None for a in around),
            clearance_m=min((a.ground_m for a in around), default=inf),
            way_home=now.way_home,
            steady_ns=now.steady_ns,
            utc_ns=now.now_ns + int(self._settings.utc_at_zero_s * 1e9),
        )

    def _upcoming(self, now: Moment) -> tuple[Cause, ...]:
        positions = [e.position_m for e in now.look.picture.estimates]
        return self._zones.causes(now.now_ns, positions, self._settings.warn_m + now.look.stopping_m)

    def _autopilots_way(self, look: Look) -> str:
        """Return why what the autopilot flies by itself is held, "" when it is not."""
        flies = self.under_way in FLOWN_BY_AUTOPILOT and self._ladder.level < GuardLevel.HOLD
        why = closed_on(look) if flies else ""
        if why:
            self.under_way = CommandKind.HOLD
        return why

    def _exchange(self, now: Moment) -> str:
        """Return why a mission on the autopilot that was exchanged in flight holds, "" when it was not."""
        if self.under_way is not CommandKind.MISSION or now.mission == self._mission:
            return ""
        self.under_way = CommandKind.HOLD
        return "the mission on the autopilot is another one than the one that was permitted"
