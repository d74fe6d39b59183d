"""The truth of a flight in Gazebo: where the aircraft really is, made from Gazebo's own odometry. No ROS, no Gazebo.

Gazebo does not say whether the aircraft stands on the ground, nor whether it is broken; both are judged from height,
speed and attitude. Its wind is the field that is played into it. It has no battery that we could read: the energy is
not known (NaN).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan, sqrt

from lenger_core.frames import quat_rotate
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import QuatWxyz, SimTruth, Vec3
from lenger_core.terrain import Terrain
from lenger_core.wind_field import WindField

NEAR_GROUND_M = 0.7
"""Feet below this may stand: Gazebo collides with the heightmap, which is not the terrain to the last decimetre."""
OFF_GROUND_M = 0.25
"""The feet left the ground when they are this far above where they stood."""
STILL_M_S, STILL_NS = 0.15, 500_000_000
SETTLE_NS = 500_000_000
"""Nothing is told before this has passed: the first velocities count from the origin (OdometryPublisher)."""
TILTED = 0.5
"""Cosine of the tilt beyond which an aircraft near the ground lies on its side: 60 degrees."""
UNKNOWN: Vec3 = (nan, nan, nan)


@dataclass(frozen=True, slots=True)
class Odometry:
    """What Gazebo says.

    Attributes:
        t_ns: simulated time.
        position_enu_m: of the model's origin, between its feet, in the world.
        quat_wxyz: body FLU to world ENU.
        velocity_flu_m_s: in the body's axes.
    """

    t_ns: int
    position_enu_m: Vec3
    quat_wxyz: QuatWxyz
    velocity_flu_m_s: Vec3


class GazeboTruth:
    """Makes the truth of each odometry.

    Args:
        frame: of the world: its z is a height above sea level less the origin's, as the ground in it.
        terrain: the ground that the world was built from.
        crash_speed_m_s: sinking faster than this into the ground breaks the aircraft.
        wind: the wind field; None: not known.
    """

    def __init__(
        self, frame: LocalFrame, terrain: Terrain, crash_speed_m_s: float, wind: WindField | None = None
    ) -> None:
        self._frame, self._terrain, self._crash_speed_m_s, self._wind = frame, terrain, crash_speed_m_s, wind
        self._first_ns: int | None = None
        self._on_ground = True
        self._stood_at_m: float | None = None
        self._still_since_ns: int | None = None
        self._sinking_m_s = 0.0
        self._lying_since_ns: int | None = None
        self._crashed = False

    def on_odometry(self, now: Odometry) -> SimTruth | None:
        """Return the truth; None while the aircraft is being put down.

        Raises:
            InputError: it is outside the terrain.
        """
        if self._first_ns is None or now.t_ns < self._first_ns:
            self._first_ns = now.t_ns
        if now.t_ns - self._first_ns < SETTLE_NS:
            return None
        velocity = quat_rotate(now.quat_wxyz, now.velocity_flu_m_s)
        lat_deg, lon_deg, alt_m = self._frame.to_geodetic(*now.position_enu_m)
        height_m = alt_m - self._terrain.height_amsl_m(lat_deg, lon_deg)
        self._judge_ground(now.t_ns, height_m, velocity)
        self._judge_crash(now, height_m, velocity)
        return SimTruth(
            now.t_ns,
            lat_deg,
            lon_deg,
            alt_m,
            height_m,
            velocity,
            now.quat_wxyz,
            self._wind.at(lat_deg, lon_deg, alt_m, now.t_ns) if self._wind else UNKNOWN,
            nan,
            self._on_ground,
            self._crashed,
        )

    def _judge_ground(self, now_ns: int, height_m: float, velocity: Vec3) -> None:
        if self._on_ground:
            self._stood_at_m = height_m if self._stood_at_m is None else self._stood_at_m
            self._on_ground = height_m < self._stood_at_m + OFF_GROUND_M
            self._still_since_ns = None
            return
        still = height_m < NEAR_GROUND_M and sqrt(sum(v * v for v in velocity)) < STILL_M_S
        if not still:
            self._still_since_ns = None
        elif self._still_since_ns is None:
            self._still_since_ns = now_ns
        elif now_ns - self._still_since_ns >= STILL_NS:
            self._on_ground, self._stood_at_m = True, height_m

    def _judge_crash(self, now: Odometry, height_m: float, velocity: Vec3) -> None:
        """Broken by an impact (a fast sink that ends near the ground between two samples), or by lying on its side."""
        sinking = -velocity[2]
        if height_m < NEAR_GROUND_M:
            stopped = sinking < 0.5 * self._sinking_m_s
            self._crashed |= self._sinking_m_s > self._crash_speed_m_s and stopped
            if quat_rotate(now.quat_wxyz, (0.0, 0.0, 1.0))[2] > TILTED:
                self._lying_since_ns = None
            elif self._lying_since_ns is None:
                self._lying_since_ns = now.t_ns
            elif now.t_ns - self._lying_since_ns >= STILL_NS:
                self._crashed = True
        # the reported velocity is a mean over ten steps of the physics: it falls over more than one sample
        self._sinking_m_s = max(sinking, 0.9 * self._sinking_m_s)
