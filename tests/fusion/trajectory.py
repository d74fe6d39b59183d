"""A seeded flight of a multirotor with its truth, and the readings that its sensors would have given."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import cos, degrees, radians, sin

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.signal import bilinear, lfilter
from scipy.spatial.transform import Rotation

from fusion import slow_states
from lenger_core.atmosphere import pressure_pa
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import (
    FlowSample,
    GnssFix,
    ImuSample,
    MagSample,
    PressureSample,
    RangeSample,
)
from lenger_core.settings import SiteSettings
from lenger_fusion.fusion import FusionCore
from lenger_fusion.heading import declination_rad
from lenger_fusion.replay.stream import Sample
from lenger_fusion.settings import FusionSettings

Array = NDArray[np.float64]

T0_NS = 5_000_000_000
GRAVITY = 9.80665
FINE_S = 0.001
REST_S = 3.0


@dataclass(frozen=True)
class Noise:
    """What the sensors do to the truth; the default is what FusionSettings assumes of them."""

    gyro: float = 0.004
    accel: float = 0.12
    gyro_bias: float = 0.01
    accel_bias: float = 0.15
    gnss_h_m: float = 1.0
    gnss_v_m: float = 1.6
    gnss_speed_m_s: float = 0.3
    baro_m: float = 0.6
    baro_offset_m: float = 30.0
    mag_rad: float = radians(6.0)
    gnss_latency_s: float = 0.12
    flow_rad_s: float = 0.02
    range_m: float = 0.0
    range_share: float = 0.02
    push_m_s2: float = 0.0
    """Level push of gusts that drag does not explain; a new one every tenth of a second."""


@dataclass
class Flight:
    """Truth on a grid of 1 ms and readings in the order of their arrival. Local frame: the site's."""

    seed: int
    duration_s: float = 60.0
    noise: Noise = field(default_factory=Noise)
    vigour: float = 1.0
    """Speeds up the same path: accelerations grow with the square."""
    drag: float = 0.0
    """Of the rotors, 1/s: specific force against the speed through the air."""
    wind_m_s: tuple[float, float] = (0.0, 0.0)
    cruise_m_s: tuple[float, float] = (0.0, 0.0)
    """East and north: carries the whole path along."""
    assumed: FusionSettings | None = None
    """Wind, drag, thrust and flow scale are drawn from what these settings assume, and all that drifts drifts so."""

    def __post_init__(self) -> None:
        site = SiteSettings()
        self.rng = np.random.default_rng(self.seed)
        self.frame = LocalFrame(site.lat_deg, site.lon_deg, site.alt_amsl_m)
        self.t_s = np.arange(0.0, self.duration_s, FINE_S)
        slow_rng = np.random.default_rng((self.seed, 1))
        self.slow = slow_states.constant(len(self.t_s), self.wind_m_s, self.drag, self.noise.baro_offset_m)
        if self.assumed is not None:
            slow_states.drawn(self.slow, self.assumed, slow_rng, FINE_S)
        self._move()
        self._stand()
        if self.assumed is not None:
            slow_states.drift_with_motion(self.slow, self.assumed, slow_rng, FINE_S, self.velocity)
        self.gyro_bias = self.rng.normal(0.0, self.noise.gyro_bias, 3)
        self.accel_bias = self.rng.normal(0.0, self.noise.accel_bias, 3)
        self.slow.gyro_bias += self.gyro_bias
        self.slow.accel_bias += self.accel_bias
        # What is flown over the rest is a smooth start: rates and forces come from the truth itself.
        rates = (self.attitude[:-1].inv() * self.attitude[1:]).as_rotvec() / FINE_S
        self.rates = np.vstack([rates, rates[-1:]])
        self.force = self.attitude.inv().apply(self.acceleration + np.array([0.0, 0.0, GRAVITY]))

    def _move(self) -> None:
        ramp = np.clip((self.t_s - REST_S) / 6.0, 0.0, 1.0)
        ramp = ramp**4 * (35.0 - 84.0 * ramp + 70.0 * ramp**2 - 20.0 * ramp**3)
        waves = np.zeros((len(self.t_s), 4))
        for axis, reach in enumerate((30.0, 30.0, 5.0, 1.2)):
            for _ in range(3):
                rate, phase = self.vigour * self.rng.uniform(0.05, 0.30), self.rng.uniform(0.0, 6.28)
                waves[:, axis] += reach / 3.0 * np.sin(rate * (self.t_s - REST_S) + phase) - reach / 3.0 * sin(phase)
        yaw = self.rng.uniform(-3.0, 3.0) + ramp * waves[:, 3]
        self.yaw = yaw
        self.position = ramp[:, None] * (waves[:, :3] + np.array([0.0, 0.0, 20.0]))
        self.position[:, :2] += np.outer(np.cumsum(ramp) * FINE_S, self.cruise_m_s)
        self.push = np.zeros((len(ramp), 2))
        if self.noise.push_m_s2 > 0.0:
            # Gusts move the aircraft, and a position controller of 1 rad/s leans against it.
            self.push = self._gusts(np.random.default_rng((self.seed, 2)), ramp)
            self.position[:, :2] += lfilter(*bilinear([1.0], [1.0, 2.0, 1.0], 1.0 / FINE_S), self.push, axis=0)
        self.velocity = np.gradient(self.position, FINE_S, axis=0)
        self.acceleration = np.gradient(self.velocity, FINE_S, axis=0)

    def _stand(self) -> None:
        """Turn the body so that its thrust, beside drag and gusts, makes the acceleration."""
        air = self.velocity.copy()
        air[:, :2] -= self.slow.wind
        if self.assumed is None:
            air *= np.minimum(1.0, self.position[:, 2:])
        up = self.acceleration + np.array([0.0, 0.0, GRAVITY]) + self.slow.drag[:, None] * air
        up[:, :2] -= self.push
        size = np.linalg.norm(up, axis=1)[:, None]
        up /= size
        nose = np.stack([np.cos(self.yaw), np.sin(self.yaw), np.zeros_like(self.yaw)], axis=1)
        left = np.cross(up, nose)
        left /= np.linalg.norm(left, axis=1)[:, None]
        self.attitude = Rotation.from_matrix(np.stack([np.cross(left, up), left, up], axis=2))
        if self.assumed is not None:
            aside = self.slow.tilt / size
            sine = np.maximum(1e-12, np.linalg.norm(aside, axis=1))
            lean = np.arcsin(np.minimum(1.0, sine)) / sine
            self.attitude *= Rotation.from_rotvec(lean[:, None] * np.column_stack([aside[:, ::-1] * (1, -1), 0 * sine]))

    def _gusts(self, rng: np.random.Generator, ramp: Array) -> Array:
        """Return (n, 2) the push of gusts east and north, m/s2: smooth between knots, as deviating as it says."""
        knots = np.arange(0.0, self.t_s[-1] + 0.2, 0.1)
        push = CubicSpline(knots, rng.normal(0.0, 1.0, (len(knots), 2)))(self.t_s)
        return np.asarray(self.noise.push_m_s2 * ramp[:, None] * push / push.std())

    def truth(self, t_ns: int) -> Array:
        """Return the true state (24,) of `lenger_fusion.kernels` at a record time."""
        i = min(len(self.t_s) - 1, max(0, round((t_ns - T0_NS) * 1e-9 / FINE_S)))
        quat = np.roll(self.attitude[i].as_quat(), 1)
        biases = self.slow.gyro_bias[i], self.slow.accel_bias[i]
        return np.concatenate([self.position[i], self.velocity[i], quat, *biases, self.slow.at(i)])

    def readings(self) -> list[Sample]:
        """Return all readings, sorted by arrival (a fix's stamp is its arrival)."""
        samples: list[Sample] = [*self._imu(), *self._gnss(), *self._baro(), *self._mag()]
        return sorted(samples, key=lambda s: s.t_ns)

    def _imu(self) -> list[ImuSample]:
        step = 10
        rows = range(0, len(self.t_s), step)
        scale = 1.0 / np.sqrt(step * FINE_S)
        gyro = self.rates[::step] + self.slow.gyro_bias[::step]
        gyro += self.rng.normal(0.0, self.noise.gyro * scale, (len(rows), 3))
        accel = self.force[::step] + self.slow.accel_bias[::step]
        accel += self.rng.normal(0.0, self.noise.accel * scale, (len(rows), 3))
        return [
            ImuSample(T0_NS + i * 1_000_000, tuple(g), tuple(a))
            for i, g, a in zip(rows, gyro.tolist(), accel.tolist(), strict=True)
        ]

    def _gnss(self) -> list[GnssFix]:
        n = self.noise
        delay = round(n.gnss_latency_s / FINE_S)
        fixes = []
        for i in range(125, len(self.t_s) - delay, 125):
            place = self.position[i] + self.rng.normal(0.0, (n.gnss_h_m, n.gnss_h_m, n.gnss_v_m))
            lat, lon, alt = self.frame.to_geodetic(*place)
            east, north = (self.velocity[i, :2] + self.rng.normal(0.0, n.gnss_speed_m_s, 2)).tolist()
            accuracies = (n.gnss_h_m, n.gnss_v_m, n.gnss_speed_m_s)
            t_ns = T0_NS + (i + delay) * 1_000_000
            fixes.append(GnssFix(t_ns, lat, lon, alt, alt - 40.8, east, north, 3, 14, *accuracies))
        return fixes

    def downward(self) -> list[Sample]:
        """Return optical flow and range over the ground below, ten times a second."""
        samples: list[Sample] = []
        above = np.maximum(0.1, self.position[:, 2] - self.slow.ground)
        for i in range(100, len(self.t_s), 100):
            middle = i - 50
            turned = self.attitude[middle]
            body, upright = turned.inv().apply(self.velocity[middle]), turned.as_matrix()[2, 2]
            share = self.slow.flow_scale[middle] * upright / above[middle]
            x, y = (share * np.array([-body[1], body[0]]) + self.rng.normal(0.0, self.noise.flow_rad_s, 2)).tolist()
            t_ns, quality = T0_NS + i * 1_000_000 + 3, 255
            samples.append(FlowSample(t_ns, (x, y), (0.0, 0.0), quality))
            reach = above[i] / self.attitude[i].as_matrix()[2, 2]
            std = self.noise.range_m + self.noise.range_share * reach
            samples.append(RangeSample(t_ns + 1, float(reach + self.rng.normal(0.0, std))))
        return samples

    def _baro(self) -> list[PressureSample]:
        heights = self.position[::50, 2] + self.slow.baro[::50] + self.frame.alt_amsl_m
        noisy = heights + self.rng.normal(0.0, self.noise.baro_m, len(heights))
        return [PressureSample(T0_NS + i * 50_000_000 + 1, pressure_pa(h)) for i, h in enumerate(noisy)]

    def _mag(self) -> list[MagSample]:
        declination = declination_rad(self.frame.lat_deg, self.frame.lon_deg, self.frame.alt_amsl_m, 2026.9)
        samples = []
        for i in range(0, len(self.t_s), 100):
            bearing = declination + self.rng.normal(0.0, self.noise.mag_rad)
            field_world = 25e-6 * np.array([sin(bearing), cos(bearing), -1.94])
            samples.append(
                MagSample(T0_NS + i * 1_000_000 + 2, tuple(self.attitude[i].inv().apply(field_world).tolist()))
            )
        return samples


def new_core(**changes: object) -> FusionCore:
    """Return a core with default settings and these changes."""
    return FusionCore(FusionSettings.model_validate(changes))


def heading_error_deg(truth: Array, quat_wxyz: Array) -> float:
    """Return the angle between two attitudes in degrees."""
    turn = Rotation.from_quat(np.roll(truth[6:10], -1)).inv() * Rotation.from_quat(np.roll(quat_wxyz, -1))
    return degrees(float(turn.magnitude()))
