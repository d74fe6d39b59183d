"""RTL and SMART_RTL (ArduCopter/mode_rtl.cpp, mode_smart_rtl.cpp, AP_SmartRTL)."""

from __future__ import annotations

from enum import Enum
from math import dist, hypot

from lenger_core.samples import Vec3
from lenger_sim.copter.fence import ALT_MAX, CopterFence
from lenger_sim.copter.flight import Flight
from lenger_sim.copter.landing import Land, near

LEAST_ALT_M = 0.3
LEAST_CONE = 0.5


class Stage(Enum):
    """Parts of a return."""

    CLIMB = "climb"
    RETURN = "return"
    LOITER = "loiter"
    DESCEND = "descend"
    LAND = "land"


class Rtl:
    """Climb, fly home, wait, land.

    Attributes:
        stage: where it is.
    """

    def __init__(self, flight: Flight, fence: CopterFence, land: Land) -> None:
        self._flight = flight
        self._fence = fence
        self._land = land
        self.stage = Stage.CLIMB
        self.armed_yaw_rad = 0.0
        self._from: Vec3 = (0.0, 0.0, 0.0)
        self._top_m = 0.0
        self._since_ns = 0

    def enter(self, now_ns: int) -> None:
        """Plan the return from here."""
        flight = self._flight
        flight.begin()
        flight.level(False)
        flight.begin_stop()
        self.stage, self._since_ns = Stage.CLIMB, now_ns
        self._from = flight.position()
        self._top_m = self._plan_height()

    @property
    def target(self) -> Vec3 | None:
        """The place that it flies to, None once it lands."""
        home = self._flight.home or self._from
        if self.stage in (Stage.DESCEND, Stage.LAND):
            return None
        level = self._from if self.stage is Stage.CLIMB else home
        return level[0], level[1], self._top_m

    def fly(self, now_ns: int) -> None:
        """Write the setpoints."""
        flight, home = self._flight, self._flight.home or self._from
        if self.stage is Stage.CLIMB:
            flight.stop()
            if flight.position()[2] >= self._top_m and flight.velocity()[2] > 0.5:
                flight.climb(-flight.value("WP_SPD_DN"))  # it rose through the height of the return
            else:
                flight.climb_to(self._top_m)
            slow = hypot(*flight.velocity()) < 1.0
            if slow and flight.position()[2] >= self._top_m - 0.5:
                self._next(Stage.RETURN, now_ns)
        elif self.stage is Stage.RETURN:
            flight.goto((home[0], home[1], self._top_m), self._speed())
            if int(flight.params["WP_YAW_BEHAVIOR"]) == 1:
                flight.face(home)
            if near(flight.position(), home, flight.value("WP_RADIUS_M")):
                self._next(Stage.LOITER, now_ns)
        elif self.stage is Stage.LOITER:
            flight.goto((home[0], home[1], self._top_m), self._speed())
            if now_ns - self._since_ns >= flight.value("RTL_LOIT_TIME") * 1e6:
                self._leave_loiter(now_ns)
        elif self.stage is Stage.DESCEND:
            flight.goto((home[0], home[1], home[2] + flight.value("RTL_ALT_FINAL_M")), self._speed())
        else:
            self._land.fly(now_ns)

    def _leave_loiter(self, now_ns: int) -> None:
        if self._flight.value("RTL_ALT_FINAL_M") > 0.0:
            self._next(Stage.DESCEND, now_ns)
        else:
            self._next(Stage.LAND, now_ns)
            self._land.enter(now_ns, blind=False, pause=False)

    def _next(self, stage: Stage, now_ns: int) -> None:
        self.stage, self._since_ns = stage, now_ns
        self._flight.end_stop()

    def _speed(self) -> float:
        speed = self._flight.value("RTL_SPEED_MS")
        return speed if speed > 0.0 else self._flight.value("WP_SPD")

    def _plan_height(self) -> float:
        """Return the height of the return: RTL_ALT_M above home, within the cone, under the ceiling, never lower."""
        flight = self._flight
        home = flight.home or self._from
        here = self._from[2] - home[2]
        least = max(LEAST_ALT_M, here + max(flight.value("RTL_CLIMB_MIN_M"), 0.0))
        top = max(0.0, flight.value("RTL_ALT_M"), least)
        cone = flight.value("RTL_CONE_SLOPE")
        if cone >= LEAST_CONE:
            top = min(top, max(hypot(home[0] - self._from[0], home[1] - self._from[1]) * cone, least))
        if self._fence.enabled & ALT_MAX:
            top = min(top, flight.value("FENCE_ALT_MAX") - self._fence.margin_m)
        return home[2] + max(top, here)


class Path:
    """The way that was flown since arming, thinned: what SMART_RTL flies back."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self._between: list[Vec3] = []
        self.points: list[Vec3] = []

    def start(self) -> None:
        """Begin anew at the place of arming."""
        self.points, self._between = [self._flight.position()], []

    @property
    def usable(self) -> bool:
        """Whether there is a way back; it is lost when it needs more than SRTL_POINTS."""
        return bool(self.points)

    def record(self) -> None:
        """Remember the place, unless it is near the last one; drop points that lie on the line of their neighbours."""
        accuracy, points = self._flight.value("SRTL_ACCURACY"), self.points
        if not points or accuracy <= 0.0:
            return
        here = self._flight.position()
        if dist(here, points[-1]) < accuracy:
            return
        for index, point in enumerate(points[:-1]):  # a loop: it need not be flown back
            if dist(here, point) < accuracy:
                del points[index + 1 :]
                self._between.clear()
                return
        straight = [*self._between, points[-1]]
        if len(points) > 1 and all(_beside(points[-2], here, point) < accuracy / 2.0 for point in straight):
            points[-1], self._between = here, straight
        else:
            points.append(here)
            self._between.clear()
        if len(points) > self._flight.value("SRTL_POINTS"):
            self.points = []


class SmartRtl:
    """Fly the recorded path back, then land."""

    def __init__(self, flight: Flight, path: Path, land: Land) -> None:
        self._flight = flight
        self._land = land
        self.path = path
        self.landing = False
        self._since_ns: int | None = None

    def enter(self, _now_ns: int) -> None:
        """Begin where the aircraft stops."""
        self._flight.begin()
        self._flight.level(False)
        self.landing, self._since_ns = False, None

    @property
    def target(self) -> Vec3 | None:
        """The place that it flies to."""
        return None if self.landing or not self.path.points else self._above(self.path.points[-1])

    def fly(self, now_ns: int) -> None:
        """Write the setpoints."""
        flight, points = self._flight, self.path.points
        if self.landing:
            self._land.fly(now_ns)
            return
        if not points:
            flight.hold()
            return
        goal = self._above(points[-1])
        flight.goto(goal, flight.value("WP_SPD"))
        if not near(flight.position(), goal, flight.value("WP_RADIUS_M")) or abs(flight.position()[2] - goal[2]) > 1.5:
            return
        if len(points) > 1:
            points.pop()
            return
        self._since_ns = self._since_ns or now_ns
        if now_ns - self._since_ns >= flight.value("RTL_LOIT_TIME") * 1e6:
            self.landing = True
            self._land.enter(now_ns, blind=False, pause=False)

    def _above(self, point: Vec3) -> Vec3:
        """Return a point, the last one 2 m above where it was recorded: the landing begins there."""
        return (point[0], point[1], point[2] + 2.0) if len(self.path.points) == 1 else point


def _beside(a: Vec3, b: Vec3, point: Vec3) -> float:
    """Return the distance of a point from a segment."""
    along = tuple(y - x for x, y in zip(a, b, strict=True))
    square = sum(part * part for part in along)
    share = sum((p - x) * d for p, x, d in zip(point, a, along, strict=True)) / square if square > 0.0 else 0.0
    share = min(max(share, 0.0), 1.0)
    return dist(point, tuple(x + share * d for x, d in zip(a, along, strict=True)))
