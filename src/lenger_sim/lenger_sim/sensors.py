"""Sensors with noise, bias walk, rates and latency. Compiled sampling, one seeded stream of random numbers for all.

IMU every step, barometer and magnetometer every fifth, rangefinder and optical flow every tenth (rangers.py), GNSS at 8
Hz (gnss.py); the battery's sensor is in power.py.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2
from lenger_sim.airframe import STEP_S
from lenger_sim.dynamics import rotation
from lenger_sim.gnss import GNSS_PERIOD_NS, RawFix, Receiver
from lenger_sim.gusts import air_pressure, air_temperature
from lenger_sim.layout import SENSOR_PARAMS, SENSORS, Array, Record, record
from lenger_sim.magnetic import magnetic_field_enu_t
from lenger_sim.rangers import RANGE_NOISES, ranger_step
from lenger_sim.settings import VehicleSettings

NOISES = 12
SLOW_EVERY = 5
RANGER_EVERY = 10
RANGER_S = RANGER_EVERY * STEP_S


@njit(cache=True)
def imu_step(truth: Record, sensors: Record, params: Record, spin: float, noise: Array) -> None:
    """Sample gyro and accelerometer; `spin` is the rotors' speed as a fraction of full, which sets the vibration."""
    t, s, p = truth[0], sensors[0], params[0]
    root = sqrt(p.dt_s)
    shake = p.accel_noise * (1.0 + p.vibration * spin)
    for i in range(3):
        s.gyro_bias[i] += p.gyro_walk * root * noise[i]
        s.accel_bias[i] += p.accel_walk * root * noise[3 + i]
        if not s.frozen[i]:
            s.gyro[i] = t.rate[i] + s.gyro_bias[i] + p.gyro_noise * noise[6 + i]
        if not s.frozen[3 + i]:
            s.accel[i] = t.specific_force[i] + s.accel_bias[i] + shake * noise[9 + i]
        s.turn_sum[i] += t.rate[i] * p.dt_s
        s.turn_gyro_sum[i] += s.gyro[i] * p.dt_s
        s.gyro_sum[i] += s.gyro[i]
        s.accel_sum[i] += s.accel[i]
    s.samples += 1


@njit(cache=True)
def slow_step(truth: Record, sensors: Record, params: Record, noise: Array) -> None:
    """Sample barometer, thermometer and magnetometer."""
    t, s, p = truth[0], sensors[0], params[0]
    s.baro_bias_pa += p.baro_drift_pa * noise[0]
    s.temperature_k = air_temperature(t.alt_amsl_m, p.isa_offset_k)
    s.pressure_pa = air_pressure(t.alt_amsl_m, p.isa_offset_k) + s.baro_bias_pa + p.baro_noise_pa * noise[1]
    # a height error of the barometer is a pressure error by the hydrostatic equation
    s.pressure_pa -= s.baro_fault_m * GRAVITY_M_S2 * s.pressure_pa / (GAS_CONSTANT * s.temperature_k)
    m = np.empty((3, 3))
    rotation(t.quat, m)
    for i in range(3):
        body = m[0, i] * p.field[0] + m[1, i] * p.field[1] + m[2, i] * p.field[2]
        s.mag[i] = body + p.mag_bias[i] + s.mag_fault_t[i] + p.mag_noise_t * noise[2 + i]


class Sensors:
    """All sensors of the vehicle.

    Args:
        settings: place and day.
        truth: where the body really is (TRUTH).
        rng: of all noise.
        radii: metres per radian of latitude and of longitude.
        ground: the ground plane below (GROUND).

    Attributes:
        state: the last samples (SENSORS).
        receiver: the GNSS receiver.
    """

    def __init__(
        self,
        settings: VehicleSettings,
        truth: Record,
        rng: np.random.Generator,
        radii: tuple[float, float],
        ground: Record,
    ) -> None:
        self._truth = truth
        self._ground = ground
        self._rng = rng
        self._noise = np.empty((0, NOISES))
        self._row = 0
        self._count = 0
        self.params = sensor_params(settings, rng)
        self.state = record(SENSORS)
        start = self.state[0]
        start["gyro_bias"] = rng.normal(0.0, 0.004, 3)
        start["accel_bias"] = rng.normal(0.0, 0.03, 3)
        start["gnss_drift"] = rng.normal(0.0, 1.0, 3) * self.params["gnss_walk_m"][0]
        self.receiver = Receiver(truth, self.state, self.params, radii)
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
        if self._count % RANGER_EVERY == 0:
            noise = self._rng.standard_normal(RANGE_NOISES)
            ranger_step(self._truth, self.state, self.params, self._ground, now_ns * 1e-9, RANGER_S, noise)
        self.receiver.step(now_ns, self._rng)
        return slow

    def take_fix(self, now_ns: int) -> RawFix | None:
        """Return the fix that the receiver delivers now, if any."""
        return self.receiver.take(now_ns)


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
    p["range_noise_m"], p["range_noise_share"], p["flow_noise_rad_s"] = 0.02, 0.005, 0.03
    p["daylight"] = settings.daylight
    return params
