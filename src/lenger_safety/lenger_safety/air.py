"""The air about the aircraft: its density, the wind, and how the aircraft accelerates in it, from vehicle/status."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, isfinite

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.samples import Vec3, VehicleStatus
from lenger_core.vehicles import VehicleProfile
from lenger_safety.prediction import ATTITUDE_LAG_S, Response, Way
from lenger_safety.wind_estimate import Wind, WindEstimator, lean

WINDOW_NS = 500_000_000
"""Velocities are differenced over so long: over one step their noise would be all that is seen."""

GAP_NS = 1_000_000_000
HOT_K = 20.0
"""Warmer than the standard atmosphere: thinner air, which is the worse case for thrust."""

WIND_SHARE = 1.25
"""A third of the drag too much in the model makes a wind by its lean a fifth too small."""

MODE_S = 0.15
"""An autopilot that flies its own path goes on with it until the mode that stops it has been taken."""

UNWIND_M_S3 = 4.0
"""An autopilot that stops while it gains speed first takes its lean back with its jerk (PX4's MPC_JERK_AUTO, as much in
ArduCopter's BRAKE), and only then brakes."""

_WAYS: tuple[Way, Way] = ("hold", "velocity")
_STILL: Vec3 = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Stop:
    """How the aircraft would stop now.

    Attributes:
        response: of the hold mode.
        acceleration_m_s2: ENU, present.
        wind_m_s: east and north, where the air goes to.
        streamed: by velocities, which the limiter streams or the autopilot plans for itself on a path that was found
            legal; None on a path that nobody judged.
    """

    response: Response
    acceleration_m_s2: Vec3 = (0.0, 0.0, 0.0)
    wind_m_s: tuple[float, float] = (0.0, 0.0)
    streamed: Response | None = None


class Air:
    """Gathers it from one status after the other.

    Args:
        profile: mass and drag of the airframe.

    Attributes:
        acceleration_m_s2: ENU, mean of the last window; zero while not known.
        density_kg_m3: on a hot day at this height.
    """

    def __init__(self, profile: VehicleProfile) -> None:
        self._profile = profile
        self._wind = WindEstimator(profile)
        self._from: tuple[int, Vec3] | None = None
        self._leans: list[tuple[float, float]] = []
        self._lean_then: tuple[float, float] | None = None
        self._now: VehicleStatus | None = None
        self.acceleration_m_s2: Vec3 = _STILL
        self.density_kg_m3 = density_kg_m3(0.0, HOT_K)

    def take(self, status: VehicleStatus) -> None:
        """Take a status; what is not finite says nothing, and on the ground nothing leans against the wind."""
        self._now = status
        velocity = status.velocity_enu_m_s
        if isfinite(status.alt_amsl_m) and abs(status.alt_amsl_m) < 11_000.0:
            self.density_kg_m3 = density_kg_m3(status.alt_amsl_m, HOT_K)
        begun = self._from
        if not all(map(isfinite, velocity)) or status.landed or not status.armed:
            self._begin(None)
        elif begun is None or not 0 <= status.t_ns - begun[0] <= GAP_NS:
            self._begin((status.t_ns, velocity))
        else:
            self._leans.append((status.roll_rad, status.pitch_rad))
            if status.t_ns - begun[0] >= WINDOW_NS:
                self._window(begun, status)

    def _begin(self, begun: tuple[int, Vec3] | None) -> None:
        self._from = begun
        self._leans.clear()
        self._lean_then = None
        self.acceleration_m_s2 = _STILL

    def _window(self, begun: tuple[int, Vec3], status: VehicleStatus) -> None:
        t_s = (status.t_ns - begun[0]) / 1e9
        velocity, count = status.velocity_enu_m_s, len(self._leans)
        roll, pitch = (sum(angles[i] for angles in self._leans) / count for i in range(2))
        self._wind.update(status.t_ns, velocity, roll, pitch, status.yaw_enu_rad, self.density_kg_m3)
        self._begin((status.t_ns, velocity))
        self._lean_then = lean(roll, pitch, status.yaw_enu_rad)
        e, n, u = ((now - was) / t_s for now, was in zip(velocity, begun[1], strict=True))
        self.acceleration_m_s2 = e, n, u

    @property
    def newest_m_s2(self) -> Vec3:
        """ENU acceleration by the lean since the last window, or the window's own where that adds more speed.

        A multirotor accelerates as it leans: against the mean of the window, which is up to half a second behind, a
        change of the lean shows at once what the change of the velocity shows only later.
        """
        status, then, was = self._now, self._lean_then, self.acceleration_m_s2
        if status is None or then is None or not isfinite(status.roll_rad + status.pitch_rad + status.yaw_enu_rad):
            return was
        leans = lean(status.roll_rad, status.pitch_rad, status.yaw_enu_rad)
        now = was[0] + GRAVITY_M_S2 * (leans[0] - then[0]), was[1] + GRAVITY_M_S2 * (leans[1] - then[1]), was[2]
        e, n, _ = status.velocity_enu_m_s
        return now if now[0] * e + now[1] * n > was[0] * e + was[1] * n else was

    @property
    def wind(self) -> Wind | None:
        """The wind by the lean, None before it has settled."""
        return self._wind.wind()

    @property
    def carries_m_s(self) -> tuple[float, float]:
        """East and north of the wind that a stop drifts with, enlarged by what the drag model errs; zero unknown."""
        wind = self.wind
        return (0.0, 0.0) if wind is None else (WIND_SHARE * wind.velocity_m_s[0], WIND_SHARE * wind.velocity_m_s[1])

    def response(self, autopilot: str, way: Way) -> Response:
        """Return how a stop goes now; the wind counts as if it blew from behind, and by two sigma stronger."""
        wind = self.wind
        speed, gust = (0.0, 0.0) if wind is None else (wind.worst_m_s, wind.gust_m_s)
        return Response.of(self._profile, autopilot, way, self.density_kg_m3, speed, gust)

    def stop(self, autopilot: str, late_s: float, streamed: bool) -> Stop:
        """Return how the aircraft would stop now, by the hold mode, and by velocities where they count.

        Args:
            autopilot: its family, "" while unknown.
            late_s: what the command's way adds to the latency.
            streamed: whether velocities of ours are flown, or a path that was found legal.
        """
        hold, velocity = (self.response(autopilot, way).later(late_s) for way in _WAYS)
        if streamed:
            return Stop(hold, self.acceleration_m_s2, self.carries_m_s, replace(velocity, under_way=True))
        latency_s = hold.latency_s + self._gains_m_s2() / UNWIND_M_S3
        slower = replace(hold, latency_s=latency_s, carry_s=ATTITUDE_LAG_S + late_s + MODE_S)
        return Stop(slower, self.newest_m_s2, self.carries_m_s)

    def _gains_m_s2(self) -> float:
        """Return how fast the level speed grows now, 0 when it does not."""
        e, n, _ = (0.0, 0.0, 0.0) if self._now is None else self._now.velocity_enu_m_s
        speed = hypot(e, n)
        if not isfinite(speed) or speed < 1e-3:
            return 0.0
        gain = (self.newest_m_s2[0] * e + self.newest_m_s2[1] * n) / speed
        return gain if gain > 0.0 else 0.0

    def with_wind(self, status: VehicleStatus | None) -> VehicleStatus | None:
        """Return the status with the wind by the lean where the autopilot states none."""
        wind = self.wind
        if status is None or wind is None or isfinite(hypot(*status.wind_enu_m_s)):
            return status
        return replace(status, wind_enu_m_s=(*wind.velocity_m_s, 0.0))
