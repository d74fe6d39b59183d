"""One plan being flown: prepares an engine for what is left of it, from wherever the aircraft is."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, isnan, nan

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan, Waypoint
from lenger_core.samples import VehicleStatus
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mission.camera_log import CameraLog
from lenger_mission.engine import ENGINES, STREAMED, UPLOADED, Engine
from lenger_mission.preflight import limits_of, tuning_of
from lenger_mission.progress import Place, Progress, digest
from lenger_mission.remainder import first_item, remainder
from lenger_mission.route import Route
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import State
from lenger_mission.streamed import StreamedEngine
from lenger_mission.upload_list import UploadList, upload_list
from lenger_mission.uploaded import UploadedEngine
from lenger_mission.way import Way, leg_costs
from lenger_mission.world import World

NEAR_M = 15.0
"""Who goes on this close to where the flight was broken off need not go back there first."""


class Workshop:
    """What every job is made with.

    Args:
        settings: of mission_node.
        profile: the vehicle.
        frame: the mission's local frame.
        terrain: the ground.
        world: the newest records.
    """

    def __init__(
        self, settings: MissionSettings, profile: VehicleProfile, frame: LocalFrame, terrain: Terrain, world: World
    ) -> None:
        self.settings = settings
        self.profile = profile
        self.frame = frame
        self.terrain = terrain
        self.world = world

    def way(
        self, plan: Plan, item: int, vehicle: VehicleStatus, begin: Place | None, via: Place | None, home_amsl_m: float
    ) -> Way:
        """Return the way from an item on.

        Args:
            plan: flat.
            item: of it.
            vehicle: tells where home is, and the wind.
            begin: where the aircraft is; None: on the ground at home.
            via: where to pass first.
            home_amsl_m: height of home, by the estimate that is flown by.

        Raises:
            InputError: the route leaves the terrain model.
        """
        home = (vehicle.home_lat_deg, vehicle.home_lon_deg, home_amsl_m)
        rest = remainder(plan, item, via)
        limits, speed = limits_of(self.settings, self.profile), self.profile.cruise_speed_m_s
        route = Route(rest.plan, home, self.frame, self.terrain, limits, speed, begin, rest.height)
        return Way(rest, route, leg_costs(route, self.profile, vehicle.wind_enu_m_s))

    def upload_list(self, way: Way, vehicle: VehicleStatus, begin: Place | None) -> UploadList:
        """Return a way as a list for the autopilot, from where it begins (None: above home).

        Raises:
            InputError: the autopilot cannot hold it, or an item cannot be uploaded.
        """
        home = (vehicle.home_lat_deg, vehicle.home_lon_deg, vehicle.home_alt_amsl_m)
        return upload_list(way.rest, home, self.terrain, vehicle.autopilot, self.profile.cruise_speed_m_s, begin)


class Job:
    """One plan.

    Args:
        plan: flat; passed the gate.
        engine: "uploaded" or "streamed".
        shop: what it is made with.

    Attributes:
        plan, digest: the plan.
        engine: that flies it now, None before it was prepared.
        camera: follows its camera items.
        last_item: index of the plan's last item.
        home_amsl_m: height of home, by the estimate that is flown by: where it stands before it takes off; NaN while
            that is not known. The autopilot's own may be metres away from it.
        handed: the first item of the list that was made last for the autopilot, the place to pass before it, and where
            the aircraft was.
    """

    def __init__(self, plan: Plan, engine: str, shop: Workshop) -> None:
        self.plan = plan
        self.digest = digest(plan)
        self.uploads = engine == UPLOADED
        self.engine: Engine | None = None
        self.camera = CameraLog(plan, by_autopilot=self.uploads)
        self.last_item = len(plan.items) - 1
        self.handed: tuple[int, Place | None, Place | None] = (-1, None, None)
        self.home_amsl_m = nan
        self._shop = shop

    def prepare(self, item: int, begin: Place | None, via: Place | None = None) -> str:
        """Make the engine for what is left from an item on; return why it cannot be flown, "" when it can.

        Args:
            item: of the plan.
            begin: where the aircraft is in the air; None: on the ground.
            via: where to pass first.
        """
        shop, vehicle = self._shop, self._shop.world.vehicle
        if vehicle is None:
            return "the autopilot is not heard"
        if begin is not None and via is not None and apart_m(begin, via) < NEAR_M:
            via = None
        try:
            way = shop.way(self.plan, item, vehicle, begin, via, self._home_amsl_m(vehicle))
            if self.uploads:
                offset = 1 if vehicle.autopilot == "ardupilot" else 0
                self.engine = UploadedEngine(way, shop.upload_list(way, vehicle, begin), offset, shop.world)
                self.handed = item, via, begin
            else:
                self.engine = StreamedEngine(way, tuning_of(shop.settings, shop.profile), shop.world)
        except InputError as error:
            return str(error)
        self.camera.go_to(first_item(self.plan, item) if item > 0 else 0)
        return ""

    def progress(self, state: State, item: int, place: Place | None) -> Progress:
        """Return how far it is, for the file that survives a restart.

        Args:
            state: of the mission.
            item: being flown.
            place: where the aircraft was on its way to it.
        """
        return Progress(
            plan=self.plan.name,
            digest=self.digest,
            stage=state.stage.value,
            item=item,
            waypoints_reached=state.reached,
            engine=UPLOADED if self.uploads else STREAMED,
            place=place,
            photos=self.camera.photos,
            handed_item=self.handed[0],
            handed_via=self.handed[1],
            handed_begin=self.handed[2],
        )

    def stands_at(self, alt_amsl_m: float) -> None:
        """Take the height where it stands on the ground, before it takes off from there."""
        self.home_amsl_m = alt_amsl_m

    def _home_amsl_m(self, vehicle: VehicleStatus) -> float:
        return vehicle.home_alt_amsl_m if isnan(self.home_amsl_m) else self.home_amsl_m

    def caught_up(self, saved: Progress) -> Progress | str:
        """Return the progress with what the autopilot has flown since it was saved, or why that cannot be said yet.

        An autopilot that had the plan goes on with it while nobody watches; its list says where it is.

        Raises:
            InputError: the list cannot be made again.
        """
        shop, vehicle = self._shop, self._shop.world.vehicle
        if saved.handed_item < 0 or saved.engine != UPLOADED or vehicle is None:
            return saved
        mission = shop.world.mission
        if mission is None:
            return "the mission on the autopilot is not known yet"
        home_m = vehicle.home_alt_amsl_m
        way = shop.way(self.plan, saved.handed_item, vehicle, saved.handed_begin, saved.handed_via, home_m)
        entries = shop.upload_list(way, vehicle, saved.handed_begin)
        offset = 1 if vehicle.autopilot == "ardupilot" else 0
        at = mission.current - offset
        if not entries.stands_in(mission, offset) or not 0 <= at < len(entries.items):
            return saved  # somebody stored another one: what was saved is all that is known
        item = entries.sources[at]
        if item <= saved.item:
            return saved
        between = self.plan.items[saved.item : item]
        reached = saved.waypoints_reached + sum(isinstance(each, Waypoint) for each in between)
        return replace(saved, item=item, waypoints_reached=reached, place=None)


def apart_m(one: Place, other: Place) -> float:
    """Return the distance between two places."""
    return hypot(*LocalFrame(*one).to_local(*other))


def engine_problem(name: str) -> str:
    """Return why an engine's name is none, "" when it is one."""
    return "" if name in ENGINES else f"engine {name!r}, expected {' or '.join(ENGINES)}"
