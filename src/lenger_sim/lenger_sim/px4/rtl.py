"""PX4's return: where to, how high, and its stages (RTL_* parameters). Pure; ENU, metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import inf, radians, tan

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.legs import level_distance

_DIRECT_TO_LANDING = (1, 3)
"""RTL_TYPE values that take the mission's landing into account; the types along the mission's path are flown as 0."""


class RtlStage(Enum):
    """The parts of AUTO.RTL."""

    CLIMB = 1
    RETURN = 2
    DESCEND = 3
    HOLD = 4
    LAND = 5


@dataclass(frozen=True, slots=True)
class RtlAim:
    """Fly level to `place` (None: hold this one) and climb at `climb_m_s`; NaN: at the landing speed, down."""

    place: Vec3 | None
    climb_m_s: float
    lands: bool = False


class Return:
    """One return, from its start to the ground.

    Attributes:
        stage: how far it is.
        destination: ENU of the landing place.
    """

    def __init__(self, params: ParamServer) -> None:
        self._params = params
        self.stage = RtlStage.LAND
        self.destination: Vec3 | None = None
        self._cruise_up = 0.0
        self._since_ns: int | None = None

    def start(self, position: Vec3, home: Vec3 | None, rally: Sequence[Vec3], landing: Vec3 | None) -> None:
        """Choose the destination and the height; without a home it lands where it is.

        RTL_TYPE 0: the nearest of home and rally points; 1: the nearest of rally points and the mission's landing, home
        when there are none; 3: the nearest of all.
        """
        self._since_ns = None
        self.destination = self._nearest(position, home, rally, landing)
        if self.destination is None:
            self.stage = RtlStage.LAND
            return
        self._cruise_up = self._height(position, self.destination)
        self.stage = RtlStage.CLIMB

    def announcement(self) -> str:
        """Return what PX4 says at its start; heights above the destination, in whole metres."""
        if self.destination is None:
            return "RTL: landing here"
        return f"RTL: start return {self._cruise_up - self.destination[2]:.0f} m above destination"

    def step(self, now_ns: int, position: Vec3) -> RtlAim:
        """Return what to fly now."""
        goal = self.destination
        if goal is None:
            return RtlAim(None, 0.0, lands=True)
        margin = self._number("NAV_MC_ALT_RAD")
        if self.stage is RtlStage.CLIMB:
            if position[2] < self._cruise_up - margin:
                return RtlAim(None, min(self._cruise_up - position[2], self._number("MPC_Z_V_AUTO_UP")))
            self.stage = RtlStage.RETURN
        if self.stage is RtlStage.RETURN:
            if level_distance(position, goal) > self._number("NAV_ACC_RAD"):
                return RtlAim(goal, self._cruise_up - position[2])
            self.stage = RtlStage.DESCEND if self._number("RTL_LAND_DELAY") != 0.0 else RtlStage.LAND
        if self.stage is RtlStage.DESCEND:
            low = min(goal[2] + self._number("RTL_DESCEND_ALT"), self._cruise_up)
            if position[2] > low + margin:
                return RtlAim(goal, max(low - position[2], -self._number("MPC_Z_V_AUTO_DN")))
            self.stage, self._since_ns = RtlStage.HOLD, now_ns
        if self.stage is RtlStage.HOLD:
            delay_s = self._number("RTL_LAND_DELAY")
            if delay_s < 0.0 or now_ns - (self._since_ns or now_ns) < delay_s * 1e9:
                return RtlAim(goal, 0.0)
            self.stage = RtlStage.LAND
        return RtlAim(goal, 0.0, lands=True)

    def _nearest(self, position: Vec3, home: Vec3 | None, rally: Sequence[Vec3], landing: Vec3 | None) -> Vec3 | None:
        kind = int(self._params["RTL_TYPE"])
        places = list(rally)
        if kind in _DIRECT_TO_LANDING and landing is not None:
            places.append(landing)
        if home is not None and (kind != 1 or not places):
            places.append(home)
        return min(places, key=lambda place: level_distance(position, place), default=None)

    def _height(self, position: Vec3, goal: Vec3) -> float:
        """Return the height of the return: RTL_RETURN_ALT above the goal, lower inside the cone of RTL_CONE_ANG."""
        full = goal[2] + self._number("RTL_RETURN_ALT")
        cone_deg = self._number("RTL_CONE_ANG")
        if cone_deg <= 0.0:
            return max(position[2], full)
        distance, acceptance = level_distance(position, goal), self._number("NAV_ACC_RAD")
        if distance <= acceptance:
            wanted = goal[2] + 2.0 * distance
        else:
            slope = tan(radians(min(max(cone_deg, 1.0), 89.0)))
            inside = distance <= self._number("RTL_MIN_DIST")
            wanted = min(goal[2] + distance / slope if inside else inf, full)
            wanted = max(wanted, goal[2] + 2.0 * acceptance)
        return min(max(wanted, position[2]), max(full, position[2]))

    def _number(self, name: str) -> float:
        return float(self._params[name])
