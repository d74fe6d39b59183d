"""The volume that the aircraft needs to stop: a tube about the way of the stop, and what is left around it.

A stop takes v T + v^2 / (2 a) in a straight line: an equivalent latency T (link, mode switch, attitude lag, ramp of the
deceleration), then a constant deceleration a. The line fits the stops of PX4, of ArduCopter and of the embedded vehicle
(config/vehicles, `response`); level flight and climb stop each by themselves, since the autopilots control them apart.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot, isfinite, radians, sqrt, tan
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2, SEA_LEVEL_K, SEA_LEVEL_PA
from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile
from lenger_safety.estimate import Estimate
from lenger_safety.stop_kernels import GUST_LAG_S, Stopping, way_of_stop
from lenger_safety.surroundings import Surveyor
from lenger_safety.tube import TubeMargins

Floats = NDArray[np.float64]
Way = Literal["velocity", "hold"]

POINTS = 32
SEA_LEVEL_DENSITY = SEA_LEVEL_PA / (GAS_CONSTANT * SEA_LEVEL_K)
LEAST_BRAKE_M_S2 = 0.3
"""What is counted on at the worst: a wind that takes all braking leaves no stop to predict."""

ATTITUDE_LAG_S = 0.25
"""How long the present acceleration goes on once the autopilot has begun to stop: half of the attitude's turn."""


@dataclass(frozen=True, slots=True)
class Response:
    """How a stop goes, under the conditions of now.

    Attributes:
        latency_s, brake_m_s2: of level flight.
        vertical_latency_s, vertical_brake_m_s2: of a climb or descent.
        tail_m_s2: what a wind from behind takes from the braking that tilt and thrust allow.
        gust_m: how far a gust pushes before it is taken up.
        creep_s: drift with the mean wind until the autopilot leans against it, in metres for each m/s of wind.
        carry_s: for how long the present acceleration goes on.
        under_way: a present deceleration is this stop's own: as far as it brakes already, latency and creep are over.
    """

    latency_s: float
    brake_m_s2: float
    vertical_latency_s: float
    vertical_brake_m_s2: float
    tail_m_s2: float = 0.0
    gust_m: float = 0.0
    creep_s: float = 0.0
    carry_s: float = ATTITUDE_LAG_S
    under_way: bool = False

    @staticmethod
    def of(
        profile: VehicleProfile,
        autopilot: str,
        way: Way,
        density_kg_m3: float = SEA_LEVEL_DENSITY,
        wind_m_s: float = 0.0,
        gust_m_s: float = 0.0,
        battery: float = 1.0,
    ) -> Response:
        """Return the response of an airframe.

        Args:
            profile: its `response`; the worse of all families where the autopilot is not known yet.
            autopilot: "px4", "ardupilot" or "" while unknown.
            way: "velocity" (streamed setpoints) or "hold" (the hold mode, its switch included).
            density_kg_m3: of the air; thrust goes with it.
            wind_m_s: wind from behind; what is negative or not finite counts as none.
            gust_m_s: gust beside the mean; the same.
            battery: share of the full battery's thrust, 0 to 1.
        """
        families = [profile.response[autopilot]] if autopilot in profile.response else list(profile.response.values())
        stops = [family.velocity if way == "velocity" else family.hold for family in families]
        v = profile.max_speed_m_s
        stop = max(stops, key=lambda s: v * s.latency_s + v * v / (2.0 * s.brake_m_s2))
        push = drag_m_s2(profile, density_kg_m3, wind_m_s)
        most = available_brake_m_s2(profile, density_kg_m3, battery)
        gust = _known(gust_m_s)
        rise = (drag_m_s2(profile, density_kg_m3, _known(wind_m_s) + gust) - push) * 0.5 * GUST_LAG_S**2
        return Response(
            stop.latency_s,
            max(LEAST_BRAKE_M_S2, min(stop.brake_m_s2, most - push)),
            max(s.vertical_latency_s for s in stops),
            min(s.vertical_brake_m_s2 for s in stops),
            push,
            rise,
            max(s.creep_s for s in stops),
        )

    def later(self, s: float) -> Response:
        """Return the response with so many seconds of latency more."""
        return replace(self, latency_s=self.latency_s + s, vertical_latency_s=self.vertical_latency_s + s)

    def stop_m(self, velocity_m_s: Vec3, age_s: float = 0.0) -> Vec3:
        """Return how far a stop from a velocity goes, (east, north, up) in metres; `age_s` adds to the latency."""
        speed = hypot(velocity_m_s[0], velocity_m_s[1])
        level = self.latency_s + age_s + speed / (2.0 * self.brake_m_s2)
        up = self.vertical_latency_s + age_s + abs(velocity_m_s[2]) / (2.0 * self.vertical_brake_m_s2)
        return velocity_m_s[0] * level, velocity_m_s[1] * level, velocity_m_s[2] * up


def _known(value: float) -> float:
    return value if isfinite(value) and value > 0.0 else 0.0


def drag_m_s2(profile: VehicleProfile, density_kg_m3: float, wind_m_s: float) -> float:
    """Return the deceleration that air of a speed takes from the airframe (or gives to it): rho CdA w^2 / (2 m)."""
    wind = _known(wind_m_s)
    return density_kg_m3 * profile.drag_area_m2 * wind * wind / (2.0 * profile.mass_kg)


def available_brake_m_s2(profile: VehicleProfile, density_kg_m3: float, battery: float = 1.0) -> float:
    """Return the greatest level deceleration: the least of the tilt limit and of the thrust beside the weight.

    Thrust goes with the density (momentum theory at a fixed rotor speed: T = C_T rho A (omega R)^2) and with `battery`,
    the share of the full battery's thrust. With a thrust of n weights, sqrt(n^2 - 1) g is left for level acceleration.
    """
    ratio = profile.thrust_to_weight * density_kg_m3 / SEA_LEVEL_DENSITY * min(max(battery, 0.0), 1.0)
    thrust = GRAVITY_M_S2 * sqrt(max(ratio * ratio - 1.0, 0.0))
    return min(GRAVITY_M_S2 * tan(radians(profile.max_tilt_deg)), thrust)


@dataclass(frozen=True, slots=True)
class Tube:
    """The way of a stop, N points from now to the standstill; arrays are read only.

    Attributes:
        points_m: (N, 3) m, in the guard's frame.
        t_s: (N,) from now.
        radius_h_m, radius_v_m: (N,) m: protection levels, and what the gust adds until then.
    """

    points_m: Floats
    t_s: Floats
    radius_h_m: Floats
    radius_v_m: Floats


def predict(
    estimate: Estimate,
    response: Response,
    acceleration_m_s2: Vec3 = (0.0, 0.0, 0.0),
    wind_m_s: tuple[float, float] = (0.0, 0.0),
    points: int = POINTS,
    least_gust_m: float = 0.0,
) -> Tube:
    """Return the tube of a stop that is ordered now.

    Until the latency is over the aircraft flies on with its velocity, and with the present acceleration as far as that
    adds speed (one that already brakes is not counted on); then it brakes.

    Args:
        estimate: position, velocity, protection levels, age.
        response: of the way of stopping.
        acceleration_m_s2: ENU, present; NaN counts as none.
        wind_m_s: east and north, where the air goes to. What flew with it before the stop has not leant against it yet,
            and drifts by `creep_s` of it; what stands has.
        points: N, at least 2.
        least_gust_m: a gust pushes at least so far.
    """
    r = response
    stop = Stopping(
        *(float(r.latency_s), float(r.brake_m_s2), float(r.vertical_latency_s), float(r.vertical_brake_m_s2)),
        *(float(max(r.gust_m, least_gust_m)), float(r.creep_s), float(r.carry_s), r.under_way),
    )
    here, moves, pushed = (_triple(v) for v in (estimate.position_m, estimate.velocity_m_s, acceleration_m_s2))
    blows = float(wind_m_s[0]), float(wind_m_s[1])
    way, t, gusts = way_of_stop(here, moves, pushed, float(estimate.age_s), blows, stop, points)
    tube = Tube(way, t, estimate.hpl_m + gusts, np.full(points, estimate.vpl_m))
    for array in (tube.points_m, tube.t_s, tube.radius_h_m, tube.radius_v_m):
        array.setflags(write=False)
    return tube


def _triple(v: Vec3) -> Vec3:
    """Return it in plain floats: the kernel is compiled for these."""
    return float(v[0]), float(v[1]), float(v[2])


def margin_of(tube: Tube, surveyor: Surveyor, home: Vec3 | None, floor: bool) -> TubeMargins:
    """Return the signed metres from the tube to every zone, to the ground with its error bound, floor and ceiling.

    Args:
        tube: of a stop.
        surveyor: of the zones and the terrain.
        home: in the guard's frame, None while unknown.
        floor: whether the lowest height and the ground count now.
    """
    return surveyor.margins_along(tube.points_m, tube.radius_h_m, tube.radius_v_m, home, floor)
