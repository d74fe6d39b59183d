"""The way back: kept ready in the background, and flown by the guard itself when it must be."""

from __future__ import annotations

from collections.abc import Callable
from math import dist, hypot, isfinite
from typing import Protocol

from lenger_core.samples import NAN3, CommandKind, GuardLevel, Vec3, VehicleStatus
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.zones import LocalZones
from lenger_safety.choose import CHANGED_M_S, STILL, Choice
from lenger_safety.estimate import Picture
from lenger_safety.look import Look
from lenger_safety.motion import Motion
from lenger_safety.report import ReturnView
from lenger_safety.returns.follower import ReturnFollower
from lenger_safety.returns.plan import Asked
from lenger_safety.returns.planner import ReturnPlanner
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import WayHome as Facts
from lenger_safety.surroundings import Surveyor

ARRIVED_M = 2.0
"""So near to the end of the way, horizontally, the landing begins."""
STANDS_M_S = 0.5
"""Slower than this the aircraft counts as stopped."""
REPLAN_NS = 2_000_000_000
"""The way is planned anew from the present place so often."""


class Plan(Protocol):
    """A way back, as `lenger_safety.returns` finds it."""

    @property
    def waypoints(self) -> tuple[Vec3, ...]:
        """From where it was asked for to above its end, in the guard's frame."""

    @property
    def length_m(self) -> float:
        """Its length."""

    @property
    def energy_wh(self) -> float:
        """What flying it takes, with the landing."""

    @property
    def target(self) -> str:
        """Where it leads, in words."""


class Follower(Protocol):
    """Flies a plan."""

    def velocity(self, position_m: Vec3, velocity_m_s: Vec3, dt_s: float) -> Vec3:
        """Return the velocity to ask for."""


class Planner(Protocol):
    """Finds ways back in small slices of work."""

    def ask(self, asked: Asked) -> None:
        """Start over from here, unless what is known still holds."""

    def work(self) -> None:
        """Do one slice."""

    @property
    def plan(self) -> Plan | None:
        """The way, None while there is none."""

    @property
    def no_way(self) -> str:
        """Why there is no legal way, "" while one is known or still looked for."""

    @property
    def landing(self) -> Plan | None:
        """The way to the best place to land where there is none home; None: here."""

    @property
    def usable_wh(self) -> float:
        """What the battery still gives down to its reserve; NaN unknown."""


class WayBack:
    """Plans while others fly, and flies when the ladder stands on RETURN or LAND.

    Args:
        planner: finds the ways.
        follower_of: makes what flies one.
        motion: the limiter, which judges every velocity of ours as it judges the mission's.
    """

    def __init__(self, planner: Planner, follower_of: Callable[[Plan], Follower], motion: Motion) -> None:
        self._planner = planner
        self._follower_of = follower_of
        self._motion = motion
        self._asked_ns: int | None = None
        self._flown: tuple[GuardLevel, Plan, Follower] | None = None
        self._braking = False
        self.wind_m_s: Vec3 = NAN3
        self.arrived = False

    def plan(self, now_ns: int, picture: Picture, home: Vec3 | None, vehicle: VehicleStatus | None) -> None:
        """Do a slice of the planning.

        Args:
            now_ns: time.
            picture: where the aircraft is; without an estimate what was known stays.
            home: home in the guard's frame, None while unknown.
            vehicle: wind and battery, as far as the autopilot tells them.
        """
        if vehicle is not None and home is not None and picture.estimates:
            self.wind_m_s = vehicle.wind_enu_m_s
            if self._asked_ns is None or not 0 <= now_ns - self._asked_ns < REPLAN_NS:
                self._asked_ns = now_ns
                battery = vehicle.battery_remaining, vehicle.battery_temperature_c
                wind = self.wind_m_s if all(map(isfinite, self.wind_m_s)) else STILL
                levels = max(e.hpl_m for e in picture.estimates), max(e.vpl_m for e in picture.estimates)
                self._planner.ask(Asked(picture.estimates[0].position_m, home, wind, *battery, *levels))
        self._planner.work()

    @property
    def possible(self) -> bool:
        """Whether there is a way back, or one may still be found."""
        return not self._planner.no_way

    @property
    def known(self) -> Facts | None:
        """What supervision weighs: None before there is an answer."""
        plan = self._planner.plan
        if plan is not None:
            return Facts(True, plan.energy_wh, self._planner.usable_wh)
        return Facts(False, reason=self._planner.no_way) if self._planner.no_way else None

    @property
    def view(self) -> ReturnView:
        """What there is to tell."""
        plan = self._planner.plan
        if plan is None:
            return ReturnView(False, self._planner.no_way or "the way back is being looked for")
        left = self._planner.usable_wh - plan.energy_wh
        return ReturnView(True, f"{plan.target}, {plan.length_m:.0f} m", plan.length_m, left)

    def stop(self) -> None:
        """The guard does not fly: a later return begins with a plan from there."""
        self._flown, self._braking, self.arrived = None, False, False

    def brake(self) -> None:
        """A limit can no longer be kept on the way: stop first, and go on by a new plan."""
        self._braking, self._flown = True, None

    def order(self, rung: GuardLevel, look: Look, dt_s: float, hold: bool) -> Choice:
        """Return what goes out on RETURN or LAND.

        Args:
            rung: one of the two.
            look: at the limits.
            dt_s: time between two orders.
            hold: something asks for standing still meanwhile.
        """
        if not look.picture.estimates:
            return Choice(CommandKind.LAND if rung is GuardLevel.LAND else CommandKind.HOLD)
        estimate = look.picture.estimates[0]
        self._braking = self._braking and dist(estimate.velocity_m_s, STILL) > STANDS_M_S
        plan = self._planner.plan if rung is GuardLevel.RETURN else self._planner.landing
        if rung is GuardLevel.LAND and (plan is None or self._over(plan, estimate.position_m)):
            return Choice(CommandKind.LAND)
        if plan is None or self._braking or hold:
            self._flown = None
            return Choice(CommandKind.HOLD)
        if self._flown is None or self._flown[0] is not rung:
            self._flown = rung, plan, self._follower_of(plan)
        _, flown, follower = self._flown
        self.arrived = rung is GuardLevel.RETURN and self._over(flown, estimate.position_m)
        wanted = follower.velocity(estimate.position_m, estimate.velocity_m_s, dt_s)
        velocity = self._motion.limit(wanted, look.approaches)
        return Choice(
            CommandKind.VELOCITY, velocity_enu_m_s=wanted if dist(wanted, velocity) <= CHANGED_M_S else velocity
        )

    @staticmethod
    def _over(plan: Plan, position_m: Vec3) -> bool:
        end = plan.waypoints[-1]
        return hypot(position_m[0] - end[0], position_m[1] - end[1]) <= ARRIVED_M


def way_back(
    settings: GuardSettings, profile: VehicleProfile, zones: LocalZones, terrain: Terrain, motion: Motion
) -> WayBack:
    """Return the way back over these zones and this terrain."""
    surveyor = Surveyor(settings, zones, terrain, motion.reach_m())
    planner = ReturnPlanner(settings, profile, zones, terrain, surveyor)
    return WayBack(planner, lambda plan: ReturnFollower(plan, profile), motion)
