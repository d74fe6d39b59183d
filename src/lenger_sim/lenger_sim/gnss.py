"""The GNSS receiver: fixes at 8 Hz, 120 ms late, with accuracies that follow the signal; jamming and spoofing.

Signal: each satellite has a carrier-to-noise density; a jammer takes the same number of decibels from all. Below the
tracking threshold a satellite is lost; code noise grows by 10^(J/20) (Kaplan and Hegarty, Understanding GPS/GNSS, ch.
8) and the geometry worsens as satellites drop out.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import degrees, exp, sqrt

import numpy as np
from numba import njit

from lenger_core import geoid
from lenger_core.samples import GnssFix
from lenger_sim.layout import Array, Record

GNSS_NOISES = 9
GNSS_PERIOD_NS = 125_000_000
GNSS_LATENCY_NS = 120_000_000
REPORTED_H_M, REPORTED_V_M, REPORTED_S_M_S = 0.9, 1.4, 0.15
"""Under open sky."""
OPEN_SKY_DB_HZ = np.linspace(34.0, 49.0, 14)
"""Carrier-to-noise density of each satellite without a jammer."""
TRACKING_DB_HZ = 27.0
LEAST_SATELLITES = 5
REACQUIRE_NS = 2_000_000_000
"""From enough signal after a loss by jamming to the next fix: a hot start."""
_NOISE_SHARE = 0.4
"""Of the open-sky error that is receiver noise; the rest (orbits, ionosphere, multipath) no jammer changes."""


@njit(cache=True)
def gnss_step(
    truth: Record, sensors: Record, params: Record, metres_per_rad_n: float, metres_per_rad_e: float, noise: Array
) -> None:
    """Measure position and velocity: white noise on a Gauss-Markov drift, both widened by `gnss_spread`."""
    t, s, p = truth[0], sensors[0], params[0]
    keep = exp(-p.gnss_dt_s / p.gnss_tau_s)
    error = np.empty(3)
    for i in range(3):
        scale = (p.gnss_vertical if i == 2 else 1.0) * s.gnss_spread
        s.gnss_drift[i] = keep * s.gnss_drift[i] + sqrt(1.0 - keep * keep) * p.gnss_walk_m * noise[i]
        error[i] = (s.gnss_drift[i] + p.gnss_white_m * noise[3 + i]) * scale
        s.gnss_vel[i] = t.vel[i] + p.gnss_vel_m_s * scale * noise[6 + i]
    s.gnss_lon_rad = t.lon_rad + error[0] / metres_per_rad_e
    s.gnss_lat_rad = t.lat_rad + error[1] / metres_per_rad_n
    s.gnss_alt_m = t.alt_amsl_m + error[2]


@dataclass(frozen=True, slots=True)
class RawFix:
    """A fix as the receiver delivers it, with all three velocities and its own idea of its accuracy (one sigma)."""

    measured_ns: int
    lat_rad: float
    lon_rad: float
    alt_amsl_m: float
    velocity_enu_m_s: tuple[float, float, float]
    alt_ellipsoid_m: float
    valid: bool
    satellites: int = len(OPEN_SKY_DB_HZ)
    spread: float = 1.0

    @property
    def accuracy(self) -> tuple[float, float, float]:
        """Horizontal and vertical position and speed, m, m, m/s."""
        if not self.valid:
            return 9999.0, 9999.0, 999.0
        return REPORTED_H_M * self.spread, REPORTED_V_M * self.spread, REPORTED_S_M_S * self.spread

    def sample(self, t_ns: int) -> GnssFix:
        """Return the fix as the record of its delivery."""
        e, n, _ = self.velocity_enu_m_s
        place = (degrees(self.lat_rad), degrees(self.lon_rad), self.alt_amsl_m, self.alt_ellipsoid_m)
        return GnssFix(t_ns, *place, e, n, 3 if self.valid else 0, self.satellites, *self.accuracy)


class Receiver:
    """Measures and delivers fixes.

    Attributes:
        outage: no signal at all (a fault).
        jamming_db: what a jammer takes from every satellite (a fault).
        spoofed_m, spoofed_m_s: offset of position and velocity that a spoofer makes it believe, east and north.
    """

    def __init__(self, truth: Record, state: Record, params: Record, radii_m: tuple[float, float]) -> None:
        self._truth, self._state, self._params, self._radii = truth, state, params, radii_m
        self._next_ns = GNSS_PERIOD_NS
        self._flying: deque[RawFix] = deque()
        self._lost_until_ns = 0
        self.outage = False
        self.jamming_db = 0.0
        self.spoofed_m = (0.0, 0.0)
        self.spoofed_m_s = (0.0, 0.0)

    def step(self, now_ns: int, rng: np.random.Generator) -> None:
        """Measure when it is time."""
        if now_ns >= self._next_ns:
            self._next_ns += GNSS_PERIOD_NS
            self._measure(now_ns, rng)

    def take(self, now_ns: int) -> RawFix | None:
        """Return the fix that is delivered now, if any."""
        if self._flying and self._flying[0].measured_ns + GNSS_LATENCY_NS <= now_ns:
            return self._flying.popleft()
        return None

    def _measure(self, now_ns: int, rng: np.random.Generator) -> None:
        satellites, spread = reception(self.jamming_db)
        if satellites < LEAST_SATELLITES:
            self._lost_until_ns = now_ns + REACQUIRE_NS
        s = self._state[0]
        s["gnss_spread"] = spread
        gnss_step(self._truth, self._state, self._params, *self._radii, rng.standard_normal(GNSS_NOISES))
        lat = float(s["gnss_lat_rad"]) + self.spoofed_m[1] / self._radii[0]
        lon = float(s["gnss_lon_rad"]) + self.spoofed_m[0] / self._radii[1]
        alt = float(s["gnss_alt_m"])
        east, north, up = s["gnss_vel"].tolist()
        speed = (east + self.spoofed_m_s[0], north + self.spoofed_m_s[1], up)
        ellipsoid = alt + geoid.undulation_m(degrees(lat), degrees(lon))
        valid = not self.outage and now_ns >= self._lost_until_ns
        seen = 0 if self.outage else satellites
        self._flying.append(RawFix(now_ns, lat, lon, alt, speed, ellipsoid, valid, seen, spread))


def reception(jamming_db: float) -> tuple[int, float]:
    """Return satellites tracked under a jammer, and its errors as a multiple of those under open sky."""
    satellites = int(np.count_nonzero(OPEN_SKY_DB_HZ - jamming_db >= TRACKING_DB_HZ))
    noise: float = 1.0 - _NOISE_SHARE + _NOISE_SHARE * 10.0 ** (jamming_db / 20.0)
    return satellites, noise * sqrt(len(OPEN_SKY_DB_HZ) / max(satellites, 1))
