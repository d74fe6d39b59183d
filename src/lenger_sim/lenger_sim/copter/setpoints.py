"""SET_POSITION_TARGET_LOCAL_NED and _GLOBAL_INT for GUIDED (ArduCopter/GCS_MAVLink_Copter.cpp).

Outside GUIDED they are ignored without a word. One that cannot be followed stops the aircraft; a place outside the
fence is dropped without a word.
"""

from __future__ import annotations

from math import cos, isfinite, nan, sin

from lenger_core.samples import Vec3
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.copter.guided import Yaw
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.onboard import Estimator

_M = mavlink
_POSITION, _VELOCITY, _ACCELERATION, _FORCE = 0b111, 0b111_000, 0b111_000_000, 1 << 9
_NO_YAW, _NO_YAW_RATE = 1 << 10, 1 << 11
BODY_FRAMES = (_M.MAV_FRAME_BODY_NED, _M.MAV_FRAME_BODY_OFFSET_NED)
LOCAL_FRAMES = (_M.MAV_FRAME_LOCAL_NED, _M.MAV_FRAME_LOCAL_OFFSET_NED, *BODY_FRAMES)
AMSL_FRAMES = (_M.MAV_FRAME_GLOBAL, _M.MAV_FRAME_GLOBAL_INT)
RELATIVE_FRAMES = (_M.MAV_FRAME_GLOBAL_RELATIVE_ALT, _M.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
TERRAIN_FRAMES = (_M.MAV_FRAME_GLOBAL_TERRAIN_ALT, _M.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT)
_MOST = 1000.0


class Setpoints:
    """Turns the messages into GUIDED's targets."""

    def __init__(self, pilot: CopterPilot, estimator: Estimator) -> None:
        self._pilot = pilot
        self._estimator = estimator

    def on_message(self, msg: MavMessage, now_ns: int) -> None:
        """Take either message."""
        if self._pilot.mode != "GUIDED":
            return
        read = self._local if msg.get_type() == "SET_POSITION_TARGET_LOCAL_NED" else self._global
        mask = msg.type_mask
        wants_position, wants_velocity = not mask & _POSITION, not mask & _VELOCITY
        forced = mask & _FORCE and not mask & _ACCELERATION
        target = read(msg, wants_position, wants_velocity)
        # an acceleration alone is a sub-mode of its own that this vehicle has not: it stops, as for nonsense
        if forced or target is None or not (wants_position or wants_velocity):
            self._pilot.guided.enter(now_ns)
            return
        position, velocity = target
        if position is not None and not self._pilot.fence.allows(position):
            return
        self._pilot.guided.go(position, velocity, self._yaw(msg), now_ns)

    def place(self, frame: int, lat_deg: float, lon_deg: float, alt_m: float) -> Vec3 | None:
        """Return the ENU place of a global target; None when its frame is unknown or there is no position.

        A height above terrain is taken from mean sea level: without terrain data the real one, as measured, descended
        into the ground.
        """
        home = self._pilot.home
        numbers = isfinite(lat_deg) and isfinite(lon_deg) and isfinite(alt_m) and abs(alt_m) < 8.3e4
        if self._estimator.last_fix_ns == 0 or not numbers or abs(lat_deg) > 90.0 or abs(lon_deg) > 180.0:
            return None
        east, north, up = self._estimator.to_local(lat_deg, lon_deg, alt_m)
        if frame in AMSL_FRAMES or frame in TERRAIN_FRAMES:
            return east, north, up
        if frame in RELATIVE_FRAMES and home is not None:
            return east, north, home[2] + alt_m
        return None

    def _global(
        self, msg: MavMessage, wants_position: bool, wants_velocity: bool
    ) -> tuple[Vec3 | None, Vec3 | None] | None:
        position = None
        if wants_position:
            position = self.place(msg.coordinate_frame, msg.lat_int * 1e-7, msg.lon_int * 1e-7, msg.alt)
            if position is None or (wants_velocity and msg.coordinate_frame in TERRAIN_FRAMES):
                return None
        velocity = (msg.vx, msg.vy, msg.vz)
        if wants_velocity and not _sane(velocity):
            return None
        return position, ned.ned_to_enu(velocity) if wants_velocity else None

    def _local(
        self, msg: MavMessage, wants_position: bool, wants_velocity: bool
    ) -> tuple[Vec3 | None, Vec3 | None] | None:
        """Return the target of the local frames; their origin is the EKF's, offsets are from here."""
        frame = msg.coordinate_frame
        if frame not in LOCAL_FRAMES:
            return None
        place, velocity = (msg.x, msg.y, msg.z), (msg.vx, msg.vy, msg.vz)
        if (wants_position and not _sane(place, 1e6)) or (wants_velocity and not _sane(velocity)):
            return None
        position: Vec3 | None = None
        if wants_position:
            position = self._turned(place) if frame in BODY_FRAMES else ned.ned_to_enu(place)
            if frame != _M.MAV_FRAME_LOCAL_NED:
                here = self._pilot.position()
                position = (position[0] + here[0], position[1] + here[1], position[2] + here[2])
        if not wants_velocity:
            return position, None
        return position, self._turned(velocity) if frame in BODY_FRAMES else ned.ned_to_enu(velocity)

    def _turned(self, frd: Vec3) -> Vec3:
        forward, left, up = ned.frd_to_flu(frd)
        c, s = cos(self._pilot.yaw_rad), sin(self._pilot.yaw_rad)
        return c * forward - s * left, s * forward + c * left, up

    def _yaw(self, msg: MavMessage) -> Yaw:
        mask, yaw = msg.type_mask, nan
        if not mask & _NO_YAW and isfinite(msg.yaw):
            yaw = self._pilot.yaw_rad - msg.yaw if msg.coordinate_frame in BODY_FRAMES else ned.yaw_ned_to_enu(msg.yaw)
        rate = -msg.yaw_rate if not mask & _NO_YAW_RATE and isfinite(msg.yaw_rate) else nan
        return Yaw(yaw, min(max(rate, -3.0), 3.0) if isfinite(rate) else nan)


def _sane(vector: Vec3, most: float = _MOST) -> bool:
    return all(isfinite(part) and abs(part) <= most for part in vector)
