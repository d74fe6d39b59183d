"""The wind from how a multirotor leans: what tilt and motion leave over is the drag of the air.

At thrust along the body's up axis that carries the weight, the level acceleration is g tan(tilt) plus drag. So the drag
is d = dv/dt - g tan(tilt) (east and north), and d = rho CdA |w| w / (2 m) + g r w gives the velocity w of the air over
the body: drag of the body, and of the rotors in proportion to their thrust (Faessler et al., Differential flatness of
quadrotor dynamics subject to rotor drag, IEEE RA-L 3, 2018). The wind is the ground velocity plus w (Palomaki et al.,
Wind estimation in the lower atmosphere using multirotor aircraft, J. Atmos. Oceanic Technol. 34, 2017). Little drag
hides a light wind in the noise of the tilt: the stated sigma says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, exp, hypot, inf, isfinite, sin, sqrt

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile

MAX_WIND_M_S = 30.0
"""Estimates are cut off here."""

SMOOTHING_S = 3.0
TILT_SIGMA_RAD = 0.015
"""Of the attitude, bias of its level included."""

ACCEL_SIGMA_M_S2 = 0.3
"""Of the acceleration that a difference of velocities gives."""

ROTOR_DRAG_S_PER_M = 0.006
"""r: drag of open propellers as a share of their thrust, for each m/s of air across them."""

MODEL_SHARE = 0.3
"""One sigma of the whole drag as a share of it: the profile's drag area is one for all directions."""

MAX_STEP_S = 1.0
STALE_S = 10.0
_MAX_TILT_RAD = 1.2


@dataclass(frozen=True, slots=True)
class Wind:
    """An estimate of the wind.

    Attributes:
        velocity_m_s: east and north, where the air goes to.
        sigma_m_s: one sigma of the estimate, per axis.
        gust_m_s: allowance for gusts beside the mean, three sigma of what the estimate swings by; never negative.
    """

    velocity_m_s: tuple[float, float]
    sigma_m_s: float
    gust_m_s: float

    @property
    def speed_m_s(self) -> float:
        """The mean wind's speed."""
        return hypot(*self.velocity_m_s)

    @property
    def worst_m_s(self) -> float:
        """The mean wind's speed and two sigma of what it is uncertain by."""
        return min(self.speed_m_s + 2.0 * self.sigma_m_s, MAX_WIND_M_S)


class WindEstimator:
    """A filter of first order over the wind that each sample gives. Never NaN, bounded by MAX_WIND_M_S.

    Args:
        profile: mass and drag area.
    """

    def __init__(self, profile: VehicleProfile) -> None:
        self._per_drag = 2.0 * profile.mass_kg / profile.drag_area_m2
        self._last: tuple[int, Vec3] | None = None
        self._mean: tuple[float, float] | None = None
        self._variance = 0.0
        self._sigma = inf
        self._seconds = 0.0

    def update(
        self, t_ns: int, velocity_m_s: Vec3, roll_rad: float, pitch_rad: float, yaw_enu_rad: float, density_kg_m3: float
    ) -> None:
        """Take a state; what is not finite, older than the last, or far from level flight says nothing.

        Args:
            t_ns: time.
            velocity_m_s: ENU, over ground.
            roll_rad, pitch_rad, yaw_enu_rad: attitude FLU to ENU (REP-103: pitch positive nose down, yaw 0 east).
            density_kg_m3: of the air.
        """
        values = (*velocity_m_s, roll_rad, pitch_rad, yaw_enu_rad, density_kg_m3)
        if not all(map(isfinite, values)) or density_kg_m3 <= 0.0:
            return
        if max(abs(roll_rad), abs(pitch_rad)) > _MAX_TILT_RAD:
            self._last = None
            return
        last, self._last = self._last, (t_ns, velocity_m_s)
        if last is None or not 0 < t_ns - last[0] <= MAX_STEP_S * 1e9:
            if last is not None and t_ns - last[0] > STALE_S * 1e9:
                self._mean, self._seconds = None, 0.0
            return
        dt_s = (t_ns - last[0]) / 1e9
        self._take(dt_s, last[1], velocity_m_s, (roll_rad, pitch_rad, yaw_enu_rad), density_kg_m3)

    def _take(
        self, dt_s: float, before: Vec3, now: Vec3, attitude: tuple[float, float, float], density_kg_m3: float
    ) -> None:
        lift = lean(*attitude)
        drag = [(now[i] - before[i]) / dt_s - GRAVITY_M_S2 * lift[i] for i in range(2)]
        size = hypot(*drag)
        scale = self._per_drag / density_kg_m3
        rotors = GRAVITY_M_S2 * ROTOR_DRAG_S_PER_M
        over = min(0.5 * scale * (sqrt(rotors * rotors + 4.0 * size / scale) - rotors), 2.0 * MAX_WIND_M_S)
        air = [over * d / size if size > 0.0 else 0.0 for d in drag]
        raw = [min(max(now[i] + air[i], -MAX_WIND_M_S), MAX_WIND_M_S) for i in range(2)]
        self._smooth(dt_s, raw)
        noise = hypot(GRAVITY_M_S2 * TILT_SIGMA_RAD, ACCEL_SIGMA_M_S2 * sqrt(dt_s / SMOOTHING_S))
        slope = rotors + 2.0 * over / scale  # of the drag over the air's speed
        spread = hypot(noise / slope, MODEL_SHARE * size / slope)
        self._sigma = min(spread, MAX_WIND_M_S)

    def _smooth(self, dt_s: float, raw: list[float]) -> None:
        self._seconds += dt_s
        if self._mean is None:
            self._mean, self._variance = (raw[0], raw[1]), 0.0
            return
        share = max(
            1.0 - exp(-dt_s / SMOOTHING_S), min(1.0, dt_s / self._seconds) if self._seconds < SMOOTHING_S else 0.0
        )
        off = [raw[i] - self._mean[i] for i in range(2)]
        self._mean = self._mean[0] + share * off[0], self._mean[1] + share * off[1]
        self._variance += share * (0.5 * (off[0] ** 2 + off[1] ** 2) - self._variance)

    def wind(self) -> Wind | None:
        """Return the estimate, None before it has settled."""
        if self._mean is None or self._seconds < SMOOTHING_S:
            return None
        size = hypot(*self._mean)
        cut = min(1.0, MAX_WIND_M_S / size) if size > 0.0 else 1.0
        mean = self._mean[0] * cut, self._mean[1] * cut
        return Wind(mean, self._sigma, min(3.0 * sqrt(max(self._variance, 0.0)), MAX_WIND_M_S))


def lean(roll_rad: float, pitch_rad: float, yaw_enu_rad: float) -> tuple[float, float]:
    """Return the east and north components of the body's up axis over its vertical one (z-y-x Euler angles)."""
    up = cos(roll_rad) * cos(pitch_rad)
    forward, left = cos(roll_rad) * sin(pitch_rad), -sin(roll_rad)
    c, s = cos(yaw_enu_rad), sin(yaw_enu_rad)
    return (c * forward - s * left) / up, (s * forward + c * left) / up
