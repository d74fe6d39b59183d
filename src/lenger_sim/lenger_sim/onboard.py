"""The autopilot's own estimator: attitude, velocity and position from the noisy sensors. Never the truth.

The filter's arithmetic is in estimate_kernels.py, what it believes in innovation.py.
"""

from __future__ import annotations

from math import hypot, pi, radians

import numpy as np

from lenger_sim.airframe import radii_m
from lenger_sim.estimate_kernels import (
    DELAY_STEPS,
    HEIGHT_STD_M,
    align_step,
    finite,
    gnss_aid,
    gnss_reset,
    inertial_step,
    slow_aid,
)
from lenger_sim.gnss import REPORTED_H_M, RawFix
from lenger_sim.innovation import EKF2, GATE, GnssGate, ResetTimes
from lenger_sim.layout import ESTIMATE, HISTORY, Record, record

FIXES_NEEDED = 24


class Estimator:
    """The autopilot's estimate in a plane about its own first fix.

    Args:
        declination_deg: of the magnetic field where it starts.
        times: how long the filter that it stands for refuses measurements before it resets.

    Attributes:
        state: the ESTIMATE record.
        gate: what was refused.
        last_fix_ns: when a valid fix was last believed, 0 before the first.
    """

    def __init__(self, declination_deg: float, times: ResetTimes = EKF2) -> None:
        self.state = record(ESTIMATE)
        self.state["quat"][0] = (1.0, 0.0, 0.0, 0.0)
        self.state["declination_rad"] = radians(declination_deg)
        self.gate = GnssGate(times)
        self.last_fix_ns = 0

    def step(self, sensors: Record, slow: bool, now_ns: int) -> None:
        """Take the IMU sample, and barometer and magnetometer when `slow`."""
        if not self.state["aligned"][0]:
            align_step(self.state, sensors)
            return
        inertial_step(self.state, sensors, self.gate.aided(now_ns))
        if slow:
            slow_aid(self.state, sensors)

    def on_fix(self, fix: RawFix, now_ns: int) -> None:
        """Take a fix as it is delivered; the first one sets the origin."""
        e = self.state[0]
        if not fix.valid or not e["aligned"]:
            return
        if self.last_fix_ns == 0:
            e["lat0_rad"], e["lon0_rad"], e["alt0_m"] = fix.lat_rad, fix.lon_rad, fix.alt_amsl_m
            e["north_m"], e["east_m"] = radii_m(fix.lat_rad)
            self.gate.start(now_ns)
        self._believe(fix, now_ns)

    def _believe(self, fix: RawFix, now_ns: int) -> None:
        """Gate a fix, and fuse what passes by the accuracy that it claims."""
        e = self.state[0]
        place = (
            (fix.lon_rad - e["lon0_rad"]) * e["east_m"],
            (fix.lat_rad - e["lat0_rad"]) * e["north_m"],
            fix.alt_amsl_m - e["alt0_m"],
        )
        new = np.array((*place, *fix.velocity_enu_m_s)) - e["history"][(int(e["head"]) - DELAY_STEPS) % HISTORY]
        verdict = self.gate.judge(hypot(new[0], new[1]), hypot(new[3], new[4]), fix.accuracy, now_ns)
        if verdict.reset:
            gnss_reset(self.state, new)
        else:
            trust = min(REPORTED_H_M / fix.accuracy[0], 1.0)
            height = trust if abs(new[2]) < GATE * (HEIGHT_STD_M + fix.accuracy[1]) else 0.0
            weight = np.array((trust * verdict.use_position, height, trust * verdict.use_velocity))
            gnss_aid(self.state, new, weight)
        if verdict.use_position or verdict.use_velocity:
            self.last_fix_ns = now_ns

    def ready(self) -> bool:
        """Return whether attitude and position have settled enough to fly, and are numbers."""
        e = self.state[0]
        settled = bool(e["aligned"]) and int(e["gnss_fixes"]) >= FIXES_NEEDED
        return settled and finite(self.state)

    def to_local(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> tuple[float, float, float]:
        """Return ENU about the estimator's origin."""
        e = self.state[0]
        east = (radians(lon_deg) - e["lon0_rad"]) * e["east_m"]
        north = (radians(lat_deg) - e["lat0_rad"]) * e["north_m"]
        return float(east), float(north), float(alt_amsl_m - e["alt0_m"])

    def to_geodetic(self, east_m: float, north_m: float, up_m: float) -> tuple[float, float, float]:
        """Return latitude and longitude in degrees and AMSL height of a local point; zeros before the first fix."""
        e = self.state[0]
        if self.last_fix_ns == 0:
            return 0.0, 0.0, up_m
        lat = float(e["lat0_rad"] + north_m / e["north_m"]) * 180.0 / pi
        lon = float(e["lon0_rad"] + east_m / e["east_m"]) * 180.0 / pi
        return lat, lon, float(e["alt0_m"]) + up_m
