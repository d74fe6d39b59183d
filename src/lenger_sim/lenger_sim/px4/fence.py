"""PX4's fence: areas, cylinder about home, and the look ahead of GF_PREDICT."""

from __future__ import annotations

from math import atan2, cos, hypot, sin, sqrt

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.fence import Circle, Fence, Polygon, fence_of
from lenger_sim.onboard import Estimator
from lenger_sim.px4.modes import Pilot

CHECK_S = 0.2
"""Period of the check, and what PX4 adds to its braking distance for it."""


class Px4Fence:
    """Judges places in the estimator's frame.

    Unlike ArduPilot's, a place must be inside every inclusion area. An area that leaves out home, or in the air the
    aircraft, is not used.
    """

    def __init__(self, pilot: Pilot, estimator: Estimator, params: ParamServer) -> None:
        self._pilot = pilot
        self._estimator = estimator
        self._params = params
        self._fence = Fence()

    def take(self, items: tuple[MissionItem, ...]) -> list[str]:
        """Use an uploaded fence; return what is wrong with it, in PX4's words. Areas that do not fit are left out."""
        fence = fence_of(items)
        self._fence = Fence()
        if fence is None:
            return ["Geofence invalid, ignored"]
        texts: list[str] = []
        inside = tuple(area for area in fence.inclusions if self._fits(area, True, texts))
        outside = tuple(area for area in fence.exclusions if self._fits(area, False, texts))
        self._fence = Fence(inside, outside)
        return texts

    @property
    def empty(self) -> bool:
        """Whether no area is in use."""
        return not (self._fence.inclusions or self._fence.exclusions)

    @property
    def acts(self) -> bool:
        """Whether GF_ACTION does more than warn."""
        return int(self._params["GF_ACTION"]) > 1

    def allows(self, place: Vec3) -> bool:
        """Return whether a place is inside the areas, GF_MAX_HOR_DIST and GF_MAX_VER_DIST."""
        home = self._pilot.home
        if home is not None:
            far, high = float(self._params["GF_MAX_HOR_DIST"]), float(self._params["GF_MAX_VER_DIST"])
            if far > 0.0 and hypot(place[0] - home[0], place[1] - home[1]) >= far:
                return False
            if high > 0.0 and place[2] - home[2] >= high:
                return False
        if self.empty:
            return True
        lat, lon, _ = self._estimator.to_geodetic(*place)
        return all(area.holds(lat, lon) for area in self._fence.inclusions) and not any(
            area.holds(lat, lon) for area in self._fence.exclusions
        )

    def inside(self) -> bool:
        """Return whether the aircraft is inside; with GF_PREDICT the place where it would come to rest."""
        position = self._pilot.position()
        if not int(self._params["GF_PREDICT"]):
            return self.allows(position)
        east, north, up = self.resting_place()
        return self.allows((east, north, up + self._vertical_braking_m()))

    def resting_place(self) -> Vec3:
        """Return where the aircraft is expected to stop, at its present height."""
        east, north, up = self._pilot.position()
        ve, vn, _ = self._pilot.velocity()
        distance = self._braking_m(hypot(ve, vn), "MPC_ACC_HOR", ("MPC_ACC_HOR", "MPC_ACC_HOR_MAX"))
        heading = atan2(vn, ve)
        return east + distance * cos(heading), north + distance * sin(heading), up

    def _vertical_braking_m(self) -> float:
        climb = self._pilot.velocity()[2]
        deceleration = "MPC_ACC_DOWN_MAX" if climb > 0.0 else "MPC_ACC_UP_MAX"
        distance = self._braking_m(abs(climb), deceleration, ("MPC_ACC_UP_MAX", "MPC_ACC_DOWN_MAX"))
        return distance if climb > 0.0 else -distance

    def _braking_m(self, speed: float, deceleration: str, worst: tuple[str, str]) -> float:
        start = max(float(self._params[name]) for name in worst)
        jerk = float(self._params["MPC_JERK_AUTO"])
        return braking_distance(speed, start, float(self._params[deceleration]), jerk) + CHECK_S * speed

    def _fits(self, area: Polygon | Circle, wanted: bool, texts: list[str]) -> bool:
        home = self._pilot.home
        problems = []
        if home is not None and area.holds(*self._estimator.to_geodetic(*home)[:2]) is not wanted:
            problems.append("Geofence invalid, doesn't contain Home position")
        acts = int(self._params["GF_ACTION"]) != 0 and not self._pilot.landed
        here = self._estimator.to_geodetic(*self._pilot.position())[:2]
        if acts and area.holds(*here) is not wanted:
            problems.append("Geofence invalid, doesn't contain current vehicle position")
        texts += [problem for problem in problems if problem not in texts]
        return not problems


def braking_distance(speed_m_s: float, accel_m_s2: float, decel_m_s2: float, jerk_m_s3: float) -> float:
    """Return the way to a stop with limited jerk when the aircraft still accelerates by `accel_m_s2`.

    The acceleration first falls to nil, then the speed reached is braked off with `decel_m_s2` (a trapezoid, or a
    triangle when the speed is too low for it): what PX4 assumes of a multicopter that is about to break the fence.
    """
    jerk, decel = max(jerk_m_s3, 0.1), max(decel_m_s2, 0.1)
    ease_s = accel_m_s2 / jerk
    top = speed_m_s + 0.5 * accel_m_s2 * ease_s
    way = speed_m_s * ease_s + accel_m_s2 * ease_s * ease_s / 3.0
    seconds = top / decel + decel / jerk if top >= decel * decel / jerk else 2.0 * sqrt(top / jerk)
    return way + 0.5 * top * seconds
