"""The mission core: watches the world, signals the state machine, and orders what the stage needs, at 20 Hz.

The state machine decides (`machine`), the engine flies (`streamed`, `uploaded`), the operator's requests come in
through `operator`; this puts them together.
"""

from __future__ import annotations

from dataclasses import replace
from math import isfinite, nan

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan
from lenger_core.samples import (
    CameraTrigger,
    Command,
    CommandKind,
    Event,
)
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.zones import load_zones
from lenger_mavlink.mission_items import MissionItem
from lenger_mission import machine
from lenger_mission.camera_log import Shot
from lenger_mission.engine import Moment, Wish
from lenger_mission.inputs import Inputs
from lenger_mission.job import Job, Workshop
from lenger_mission.observe import Observer
from lenger_mission.operator import Operator
from lenger_mission.preflight_gate import PreflightGate
from lenger_mission.progress import Place, Progress
from lenger_mission.remainder import first_item
from lenger_mission.report import MissionOutput, MissionResult, StatusRate, make_status
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import AIRBORNE, EN_ROUTE, Do, Effect, End, Happened, Signal, Stage, Standing, State, Tell
from lenger_mission.uploaded import MISSION_MODES, UploadedEngine
from lenger_mission.world import Position, World

SOURCE = "mission"


class MissionCore(Inputs, Operator):
    """Executes one plan at a time.

    Args:
        settings: of mission_node.
        profile: the vehicle.
        terrain: ground model for heights above ground.

    Raises:
        InputError: the zone file of the settings is broken.
    """

    def __init__(self, settings: MissionSettings, profile: VehicleProfile, terrain: Terrain) -> None:
        frame = LocalFrame(settings.site.lat_deg, settings.site.lon_deg, settings.site.alt_amsl_m)
        self.world = World(settings, frame, terrain)
        self._settings = settings
        self._frame = frame
        self._terrain = terrain
        self._shop = Workshop(settings, profile, frame, terrain, self.world)
        self._state = State()
        self._job: Job | None = None
        self._observer = Observer(settings, self.world)
        zones = load_zones(settings.zones) if settings.zones else None
        self._gate = PreflightGate(profile, terrain, zones) if settings.plan_gate != "off" else None
        self._events: list[Event] = []
        self._result: MissionResult | None = None
        self._upload: tuple[MissionItem, ...] | None = None
        self._awaits_upload = False
        self._place: Place | None = None
        self._saved: Progress | None = None
        self._stood_amsl_m = (nan, nan)
        self._sequence = 0
        self._consent_ns = 0
        self._stepped_ns = 0
        self._status_rate = StatusRate()

    def on_uploaded(self, success: bool, message: str, now_ns: int) -> None:
        """Take how the upload went that was asked for last; that of a list which was replaced since says nothing."""
        self._awaits_upload = False
        if self._upload is not None:
            return
        signal = Signal.UPLOADED if success else Signal.NOT_UPLOADED
        self._signal(Happened(signal, "" if success else message), now_ns)

    @property
    def stage(self) -> Stage:
        """The stage of the mission."""
        return self._state.stage

    @property
    def plan(self) -> Plan | None:
        """The plan being flown, of simple items."""
        return self._job.plan if self._job is not None else None

    @property
    def progress(self) -> Progress:
        """How far the mission is, for the file that survives a restart."""
        job, state = self._job, self._state
        if job is None:
            return Progress("", "", state.stage.value, 0, 0)
        if self._saved is not None:  # until it is known how far the autopilot has come, what was saved holds
            return replace(self._saved, stage=state.stage.value)
        item = job.engine.item if job.engine is not None and state.airborne else state.item
        return job.progress(state, item, self._place)

    # ------------------------------------------------------------ the step

    def step(self, now_ns: int) -> MissionOutput:
        """Watch, decide and order; called at 20 Hz."""
        dt_s = min(max((now_ns - self._stepped_ns) / 1e9, 0.0), 0.2)
        self._stepped_ns = now_ns
        position = self.world.position(now_ns)
        self._observe(now_ns, position, dt_s)
        camera = self._camera(now_ns, position)
        command = self._command(now_ns, position, dt_s)
        job, agl = self._job, self.world.height_agl_m(position)
        engine = job.engine if job is not None else None
        detail = self._observer.detail or self._state.stage.value
        status = make_status(now_ns, self._state, self.plan, engine, position, agl, detail)
        due = self._status_rate.due(status, self._state.stage, now_ns)
        events, result, upload = tuple(self._events), self._result, self._upload_due(now_ns)
        self._events, self._result = [], None
        return MissionOutput(command, status, due, events, result, upload, camera)

    def _observe(self, now_ns: int, position: Position | None, dt_s: float) -> None:
        state, job = self._state, self._job
        if job is None:
            return
        happened: Happened | None = None
        if state.stage is Stage.PREFLIGHT:
            happened = self._observe_preflight(job, now_ns)
        elif state.stage is Stage.ARMING:
            happened = self._observer.arming(now_ns)
        elif state.stage is Stage.UPLOADING:
            happened = self._observe_uploading(position, now_ns)
        elif state.stage in AIRBORNE:
            happened = self._observe_airborne(job, now_ns, position, dt_s)
        else:
            happened = self._observer.holding(state)
        if happened is not None:
            self._signal(happened, now_ns)

    def _observe_preflight(self, job: Job, now_ns: int) -> Happened | None:
        home = job.plan.home.lat_deg, job.plan.home.lon_deg
        reason = self._observer.not_ready(self._state, home, now_ns)
        if not self._state.airborne and self.world.flying():
            return Happened(Signal.TIMED_OUT, "the aircraft is in the air already")
        if not reason and self._saved is not None:
            try:
                reason = self._catch_up(job, self._saved)
            except InputError as error:
                return Happened(Signal.TIMED_OUT, str(error))
        position = self.world.position(now_ns)
        if not reason and position is not None and not self._state.airborne:
            job.stands_at(position.alt_amsl_m)
        if not reason:
            begin = self._here(now_ns) if self._state.airborne else None
            problem = job.prepare(self._state.item, begin, self._place)
            if problem:  # no waiting mends it
                return Happened(Signal.TIMED_OUT, problem)
        return self._observer.preflight(reason, now_ns)

    def _catch_up(self, job: Job, saved: Progress) -> str:
        """Begin at the item that the autopilot has come to; return why that is not known yet."""
        now = job.caught_up(saved)
        if isinstance(now, str):
            return now
        item = first_item(job.plan, now.item) if now.item > 0 else 0
        self._state = replace(self._state, item=item, reached=now.waypoints_reached)
        self._place = now.place if now.item > 0 else None
        self._saved = None
        return ""

    def _observe_uploading(self, position: Position | None, now_ns: int) -> Happened | None:
        if self._observer.in_stage_s(now_ns) > self._settings.upload_timeout_s:
            self._upload, self._awaits_upload = None, False
            return Happened(Signal.NOT_UPLOADED, f"no answer to the upload for {self._settings.upload_timeout_s:g} s")
        if self._state.airborne:
            return self._observer.in_the_air(self._state, position, now_ns)
        return Happened(Signal.TIMED_OUT, "somebody else armed the vehicle") if self.world.armed() else None

    def _observe_airborne(self, job: Job, now_ns: int, position: Position | None, dt_s: float) -> Happened | None:
        state, engine = self._state, job.engine
        ended = self._observer.in_the_air(state, position, now_ns)
        if ended is not None or position is None or engine is None:
            return ended
        if state.stage is Stage.TAKEOFF:
            height, stood = engine.way.route.takeoff_height_m, self._stood_amsl_m[0]
            happened, left = self._observer.climbing(height, stood, position)
        elif state.stage in (Stage.LANDING, Stage.RETURNING):
            happened, left = None, self._way_down(position)
        else:
            advance = engine.advance(self._moment(now_ns, position, dt_s))
            happened, left = advance.happened, advance.left
        if state.stage in EN_ROUTE and not engine.rejoining:
            self._place = self._geodetic(position)
        return happened or self._observer.stuck(state, left, now_ns)

    def _way_down(self, position: Position) -> float:
        """Return a measure of a landing or of a return: the height, and on a return the way home too."""
        home = self.world.home_distance_m(position) if self._state.stage is Stage.RETURNING else 0.0
        return home + position.alt_amsl_m

    def _camera(self, now_ns: int, position: Position | None) -> tuple[CameraTrigger, ...]:
        job, vehicle = self._job, self.world.vehicle
        if job is None or job.engine is None or position is None:
            return ()
        if self._state.stage not in EN_ROUTE or job.engine.rejoining:
            job.camera.pause()
            return ()
        lat, lon, _ = self._geodetic(position)
        yaw = nan if vehicle is None else vehicle.yaw_enu_rad
        shot = Shot(position, lat, lon, self.world.height_agl_m(position), yaw)
        return job.camera.step(now_ns, job.engine.item, shot)

    # ------------------------------------------------------------ orders

    def _command(self, now_ns: int, position: Position | None, dt_s: float) -> Command:
        wish, height = Wish(CommandKind.NONE), nan
        standing = machine.standing_order(self._state)
        engine = self._job.engine if self._job is not None else None
        if standing is Standing.ARM:
            wish = Wish(CommandKind.ARM)
        elif standing is Standing.TAKEOFF and engine is not None:
            wish, height = Wish(CommandKind.TAKEOFF), self._stood_amsl_m[1] + engine.way.route.takeoff_height_m
        elif standing is Standing.FLY and engine is not None and position is not None:
            wish = engine.wish(self._moment(now_ns, position, dt_s))
        elif standing is Standing.RETURN:
            wish = Wish(CommandKind.RETURN)
        elif standing is Standing.TAKE or (standing is Standing.HOLD and self.world.may_hold()):
            wish = Wish(CommandKind.HOLD)
        self._sequence += 1
        return Command(
            t_ns=now_ns,
            source=SOURCE,
            sequence=self._sequence,
            lifetime_s=self._settings.command_lifetime_s,
            kind=wish.kind,
            velocity_enu_m_s=wish.velocity_enu_m_s,
            yaw_enu_rad=wish.yaw_enu_rad,
            alt_amsl_m=height,
            consent_ns=self._consent_ns,
            mission_item=wish.mission_item,
        )

    def _upload_due(self, now_ns: int) -> tuple[MissionItem, ...] | None:
        """Return the list to hand over, once, as soon as the autopilot takes one: not while it flies its mission."""
        vehicle = self.world.vehicle
        if not self.world.link(now_ns):
            self._awaits_upload = False  # who does not hear the autopilot hears no answer
        if self._upload is None or vehicle is None or self._state.stage is not Stage.UPLOADING or self._awaits_upload:
            return None
        if self._state.airborne and vehicle.mode in MISSION_MODES:
            return None
        upload, self._upload, self._awaits_upload = self._upload, None, True
        return upload

    # ------------------------------------------------------------ signals

    def _signal(self, what: Happened, now_ns: int) -> None:
        before = self._state
        self._state, effects = machine.transition(before, what)
        if self._state.stage is not before.stage or self._state.item != before.item:
            self._observer.enter(now_ns, self._state.detail)
        if what.signal is Signal.ARMED:
            self._stand(now_ns)
        if what.signal is Signal.READY:  # whoever takes over in the air begins to ask for it only now
            self._observer.consent(now_ns)
        for effect in effects:
            self._carry_out(effect, now_ns)

    def _carry_out(self, effect: Effect, now_ns: int) -> None:
        engine = self._job.engine if self._job is not None else None
        if isinstance(effect, Tell):
            self._tell(now_ns, effect.kind, effect.detail)
        elif isinstance(effect, End):
            self._result = MissionResult(effect.outcome, effect.detail, self._state.reached)
        elif effect is Do.UPLOAD and isinstance(engine, UploadedEngine):
            self._upload = engine.entries.items
        elif effect is Do.BEGIN and engine is not None:
            vehicle = self.world.vehicle
            engine.begin(now_ns, self.world.position(now_ns), nan if vehicle is None else vehicle.yaw_enu_rad)

    def _stand(self, now_ns: int) -> None:
        """Note where it stands, by the estimate that is flown by and by the autopilot's own: they climb from there."""
        position, vehicle = self.world.position(now_ns), self.world.vehicle
        if vehicle is not None:
            own = vehicle.alt_amsl_m if isfinite(vehicle.alt_amsl_m) else vehicle.home_alt_amsl_m
            self._stood_amsl_m = own if position is None else position.alt_amsl_m, own

    def _moment(self, now_ns: int, position: Position, dt_s: float) -> Moment:
        return Moment(now_ns, position, self._state.stage, self._observer.in_stage_s(now_ns), dt_s)

    def _tell(self, now_ns: int, kind: str, detail: str) -> None:
        self._events.append(Event(now_ns, SOURCE, kind, detail))

    def _geodetic(self, position: Position) -> Place:
        up = position.alt_amsl_m - self._frame.alt_amsl_m
        lat, lon, alt = self._frame.to_geodetic(position.east_m, position.north_m, up)
        return lat, lon, alt

    def _here(self, now_ns: int) -> Place | None:
        position = self.world.position(now_ns)
        return None if position is None else self._geodetic(position)
