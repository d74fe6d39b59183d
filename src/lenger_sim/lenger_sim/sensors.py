"""Sensors with noise, bias walk, rates and latency. Compiled sampling, one seeded stream of random numbers for all.

IMU every step, barometer and magnetometer every fifth, GNSS at 8 Hz and delivered 120 ms later.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import cos, degrees, exp, radians, sin, sqrt

import numpy as np
from numba import njit
from pygeomag import GeoMag

from lenger_core import geoid
from lenger_core.atmosphere import LAPSE_K_PER_M, SEA_LEVEL_K
from lenger_core.samples import GnssFix
from lenger_sim.airframe import STEP_S
from lenger_sim.dynamics import rotation
from lenger_sim.gusts import air_pressure
from lenger_sim.layout import SENSOR_PARAMS, SENSORS, Array, Record, record
from lenger_sim.settings import VehicleSettings

NOISES = 12
GNSS_NOISES = 9
GNSS_PERIOD_NS = 125_000_000
GNSS_LATENCY_NS = 120_000_000
SLOW_EVERY = 5
MAG_YEAR = 2026.5
"""The magnetic model is evaluated for one date, so that a seed means the same flight on any day."""
REPORTED_H_M, REPORTED_V_M, REPORTED_S_M_S = 0.9, 1.4, 0.15


@njit(cache=True)
def imu_step(truth: Record, sensors: Record, params: Record, spin: float, noise: Array) -> None:
    """Sample gyro and accelerometer; `spin` is the rotors' speed as a fraction of full, which sets the vibration."""
    t, s, p = truth[0], sensors[0], params[0]
    root = sqrt(p.dt_s)
    shake = p.accel_noise * (1.0 + p.vibration * spin)
    for i in range(3):
        s.gyro_bias[i] += p.gyro_walk * root * noise[i]
        s.accel_bias[i] += p.accel_walk * root * noise[3 + i]
        s.gyro[i] = t.rate[i] + s.gyro_bias[i] + p.gyro_noise * noise[6 + i]
        s.accel[i] = t.specific_force[i] + s.accel_bias[i] + shake * noise[9 + i]
        s.gyro_sum[i] += s.gyro[i]
        s.accel_sum[i] += s.accel[i]
    s.samples += 1


@njit(cache=True)
def slow_step(truth: Record, sensors: Record, params: Record, noise: Array) -> None:
    """Sample barometer, thermometer and magnetometer."""
    t, s, p = truth[0], sensors[0], params[0]
    s.baro_bias_pa += p.baro_drift_pa * noise[0]
    s.pressure_pa = air_pressure(t.alt_amsl_m, p.isa_offset_k) + s.baro_bias_pa + p.baro_noise_pa * noise[1]
    s.temperature_k = SEA_LEVEL_K + p.isa_offset_k - LAPSE_K_PER_M * t.alt_amsl_m
    m = np.empty((3, 3))
    rotation(t.quat, m)
    for i in range(3):
        body = m[0, i] * p.field[0] + m[1, i] * p.field[1] + m[2, i] * p.field[2]
        s.mag[i] = body + p.mag_bias[i] + p.mag_noise_t * noise[2 + i]


@njit(cache=True)
def gnss_step(
    truth: Record, sensors: Record, params: Record, metres_per_rad_n: float, metres_per_rad_e: float, noise: Array
) -> None:
    """Measure position and velocity: white noise on a Gauss-Markov drift."""
    t, s, p = truth[0], sensors[0], params[0]
    keep = exp(-p.gnss_dt_s / p.gnss_tau_s)
    error = np.empty(3)
    for i in range(3):
        scale = p.gnss_vertical if i == 2 else 1.0
        s.gnss_drift[i] = keep * s.gnss_drift[i] + sqrt(1.0 - keep * keep) * p.gnss_walk_m * scale * noise[i]
        error[i] = s.gnss_drift[i] + p.gnss_white_m * scale * noise[3 + i]
        s.gnss_vel[i] = t.vel[i] + p.gnss_vel_m_s * scale * noise[6 + i]
    s.gnss_lon_rad = t.lon_rad + error[0] / metres_per_rad_e
    s.gnss_lat_rad = t.lat_rad + error[1] / metres_per_rad_n
    s.gnss_alt_m = t.alt_amsl_m + error[2]


@dataclass(frozen=True, slots=True)
class RawFix:
    """A fix as the receiver delivers it, with all three velocities."""

    measured_ns: int
    lat_rad: float
    lon_rad: float
    alt_amsl_m: float
    velocity_enu_m_s: tuple[float, float, float]
    alt_ellipsoid_m: float
    valid: bool

    def sample(self, t_ns: int) -> GnssFix:
        """Return the fix as the record of its delivery."""
        e, n, _ = self.velocity_enu_m_s
        fix = (REPORTED_H_M, REPORTED_V_M, REPORTED_S_M_S) if self.valid else (9999.0, 9999.0, 999.0)
        place = (degrees(self.lat_rad), degrees(self.lon_rad), self.alt_amsl_m, self.alt_ellipsoid_m)
        return GnssFix(t_ns, *place, e, n, 3 if self.valid else 0, 14 if self.valid else 0, *fix)


class Sensors:
    """All sensors of the vehicle.

    Attributes:
        state: the last samples (SENSORS).
        gnss_outage_until_ns: until then the receiver reports no fix (a fault).
    """

    def __init__(self, settings: VehicleSettings, truth: Record, rng: np.random.Generator, radii: tuple[float, float]):
        self._truth = truth
        self._rng = rng
        self._radii = radii
        self._noise = np.empty((0, NOISES))
        self._row = 0
        self._count = 0
        self._next_gnss_ns = GNSS_PERIOD_NS
        self._flying_fixes: deque[RawFix] = deque()
        self.gnss_outage_until_ns = 0
        self.params = sensor_params(settings, rng)
        self.state = record(SENSORS)
        start = self.state[0]
        start["gyro_bias"] = rng.normal(0.0, 0.004, 3)
        start["accel_bias"] = rng.normal(0.0, 0.03, 3)
        start["gnss_drift"] = rng.normal(0.0, 1.0, 3) * self.params["gnss_walk_m"][0]
        slow_step(truth, self.state, self.params, np.zeros(NOISES))

    def step(self, now_ns: int, spin: float) -> bool:
        """Sample what is due at `now_ns`; return whether barometer and magnetometer were."""
        if self._row >= len(self._noise):
            self._noise = self._rng.standard_normal((1000, NOISES))
            self._row = 0
        imu_step(self._truth, self.state, self.params, spin, self._noise[self._row])
        self._row += 1
        self._count += 1
        slow = self._count % SLOW_EVERY == 0
        if slow:
            slow_step(self._truth, self.state, self.params, self._rng.standard_normal(NOISES))
        if now_ns >= self._next_gnss_ns:
            self._next_gnss_ns += GNSS_PERIOD_NS
            self._measure(now_ns)
        return slow

    def take_fix(self, now_ns: int) -> RawFix | None:
        """Return the fix that the receiver delivers now, if any."""
        if self._flying_fixes and self._flying_fixes[0].measured_ns + GNSS_LATENCY_NS <= now_ns:
            return self._flying_fixes.popleft()
        return None

    def _measure(self, now_ns: int) -> None:
        gnss_step(self._truth, self.state, self.params, *self._radii, self._rng.standard_normal(GNSS_NOISES))
        s = self.state[0]
        lat, lon, alt = float(s["gnss_lat_rad"]), float(s["gnss_lon_rad"]), float(s["gnss_alt_m"])
        east, north, up = s["gnss_vel"].tolist()
        ellipsoid = alt + geoid.undulation_m(degrees(lat), degrees(lon))
        valid = now_ns >= self.gnss_outage_until_ns
        self._flying_fixes.append(RawFix(now_ns, lat, lon, alt, (east, north, up), ellipsoid, valid))


def magnetic_field_enu_t(lat_deg: float, lon_deg: float, alt_m: float) -> tuple[float, float, float]:
    """Return the field of the World Magnetic Model (WMM2025, pygeomag), tesla, ENU."""
    model = GeoMag(coefficients_file="wmm/WMM_2025.COF")
    result = model.calculate(glat=lat_deg, glon=lon_deg, alt=alt_m / 1000.0, time=MAG_YEAR)
    total, dip, declination = result.f * 1e-9, radians(result.i), radians(result.d)
    flat = total * cos(dip)
    return flat * sin(declination), flat * cos(declination), -total * sin(dip)


def sensor_params(settings: VehicleSettings, rng: np.random.Generator) -> Record:
    """Return the noise of a hobby autopilot's sensors: consumer IMU, 8 Hz single-frequency GNSS."""
    params = record(SENSOR_PARAMS)
    p = params[0]
    p["dt_s"] = STEP_S
    p["gyro_noise"], p["gyro_walk"] = 0.003, 2e-5
    p["accel_noise"], p["accel_walk"], p["vibration"] = 0.05, 3e-4, 3.0
    p["baro_noise_pa"], p["baro_drift_pa"] = 1.2, 0.03
    p["mag_noise_t"], p["mag_bias"] = 3e-7, rng.normal(0.0, 3e-7, 3)
    p["field"] = magnetic_field_enu_t(settings.home_lat_deg, settings.home_lon_deg, 757.0)
    p["isa_offset_k"] = settings.isa_offset_k
    p["gnss_white_m"], p["gnss_walk_m"], p["gnss_tau_s"], p["gnss_vertical"] = 0.12, 0.6, 90.0, 1.5
    p["gnss_vel_m_s"], p["gnss_dt_s"] = 0.08, GNSS_PERIOD_NS * 1e-9
    return params
