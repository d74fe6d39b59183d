"""The aircraft itself: upset, crashed, or on the ground without an order."""

from __future__ import annotations

from math import acos, cos, degrees, dist, hypot, isfinite, sqrt

from lenger_core.frames import quat_from_euler, quat_rotate
from lenger_core.samples import Authority, CommandKind, GuardLevel, Vec3, VehicleStatus
from lenger_core.vehicles import VehicleProfile
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.table import ROWS
from lenger_safety.supervision.timing import Persist

G_M_S2 = 9.80665
AIR_KG_M3 = 1.3
"""Dense air: more of the acceleration may be drag."""
WIND_M_S = 12.0
"""Where the autopilot states no wind, so much may blow."""
SMOOTH_S = 0.5
"""Time constant of the measured acceleration: differences of 20 Hz velocities are noisy."""
UPSET_S, UNEXPLAINED_S, CRASH_S = 0.3, 1.0, 1.0
CRASH_TILT_DEG = 60.0
CRASH_M_S = 1.0
LEADS_DOWN = (CommandKind.NONE, CommandKind.ARM, CommandKind.TAKEOFF, CommandKind.LAND, CommandKind.RETURN,
              CommandKind.DISARM, CommandKind.MISSION)  # fmt: skip
"""Orders under which standing on the ground is expected; an uploaded mission may end with a landing."""


def tilt_deg(vehicle: VehicleStatus) -> float:
    """Return the angle between the body's up and the world's, NaN unknown."""
    return degrees(_acos(cos(vehicle.roll_rad) * cos(vehicle.pitch_rad)))


def _acos(x: float) -> float:
    return acos(min(1.0, max(-1.0, x))) if isfinite(x) else x


class Acceleration:
    """The acceleration of the newest vehicle/status, smoothed over `SMOOTH_S`."""

    def __init__(self) -> None:
        self._last: tuple[int, Vec3] | None = None
        self.value: Vec3 | None = None

    def update(self, t_ns: int, velocity: Vec3) -> Vec3 | None:
        """Take a velocity; return the acceleration, None before the second one."""
        last = self._last
        if last is not None and t_ns == last[0]:
            return self.value
        self._last = (t_ns, velocity)
        if last is None or not 0 < t_ns - last[0] <= 500_000_000 or not all(isfinite(v) for v in velocity):
            self.value = None
            return None
        dt = (t_ns - last[0]) / 1e9
        now = [(a - b) / dt for a, b in zip(velocity, last[1], strict=True)]
        share = dt / (SMOOTH_S + dt)
        before = self.value or (0.0, 0.0, 0.0)
        e, n, u = (b + share * (x - b) for x, b in zip(now, before, strict=True))
        self.value = (e, n, u)
        return self.value


class UpsetWatch:
    """Tilt, rates, or an acceleration that does not go with the tilt.

    A multirotor pushes along its own up. At thrust T per mass its acceleration is T b - g + drag; with the vertical
    part measured, T follows, and the horizontal part is foretold: (g + a_up) b_h / b_up. What is left must be drag,
    which is at most half rho C_d A v^2 / m at the greatest airspeed that is possible now. More is an attitude that is
    wrong, a rotor that is gone, or a collision.
    """

    def __init__(self, settings: GuardSettings, profile: VehicleProfile) -> None:
        s = settings.supervision
        self._most_tilt_deg = profile.max_tilt_deg + s.upset_margin_deg
        self._most_rate = s.upset_rate_deg_s
        self._most_accel = s.upset_accel_m_s2
        self._drag = 0.5 * AIR_KG_M3 * profile.drag_area_m2 / profile.mass_kg
        self._tilted = Persist(UPSET_S, s.settle_s)
        self._unexplained = Persist(UNEXPLAINED_S, s.settle_s)
        self._acceleration = Acceleration()
        self._words = ""

    def reset(self) -> None:
        """Start anew."""
        self._tilted.reset()
        self._unexplained.reset()
        self._acceleration = Acceleration()

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause while the aircraft is upset."""
        vehicle = facts.vehicle
        if vehicle is None:
            return ()
        tilt = tilt_deg(vehicle)
        rate = degrees(hypot(*vehicle.rates_flu_rad_s[:2]))
        upset = tilt > self._most_tilt_deg or rate > self._most_rate  # false for NaN
        if upset:
            self._words = f"tilt {tilt:.0f} degrees, turning at {rate:.0f} degrees/s"
        left = self._left(vehicle)
        if left > self._most_accel:
            self._words = f"tilt {tilt:.0f} degrees does not explain {left:.0f} m/s2"
        both = self._tilted.update(now_ns, upset), self._unexplained.update(now_ns, left > self._most_accel)
        return (ROWS["upset"].cause(self._words),) if any(both) else ()

    def _left(self, vehicle: VehicleStatus) -> float:
        """Return the horizontal acceleration that neither tilt nor drag explains, m/s2; 0 unknown."""
        accel = self._acceleration.update(vehicle.t_ns, vehicle.velocity_enu_m_s)
        if accel is None or not (isfinite(vehicle.roll_rad) and isfinite(vehicle.pitch_rad)):
            return 0.0
        e, n, up = quat_rotate(
            quat_from_euler(vehicle.roll_rad, vehicle.pitch_rad, vehicle.yaw_enu_rad), (0.0, 0.0, 1.0)
        )
        if up < 0.2:
            return 0.0  # the tilt alone is an upset
        push = (G_M_S2 + accel[2]) / up
        off = hypot(accel[0] - push * e, accel[1] - push * n)
        wind = vehicle.wind_enu_m_s
        if all(isfinite(w) for w in wind[:2]):
            airspeed = dist(vehicle.velocity_enu_m_s[:2], wind[:2]) + WIND_M_S / 2.0
        else:
            airspeed = hypot(*vehicle.velocity_enu_m_s[:2]) + WIND_M_S
        return max(0.0, off - self._drag * airspeed * airspeed)


class CrashWatch:
    """On its side and not moving; and standing on the ground, or disarmed, without an order that leads there."""

    def __init__(self, settings: GuardSettings) -> None:
        self._down = Persist(CRASH_S, settings.supervision.settle_s)
        self._flew: tuple[CommandKind, GuardLevel, bool] | None = None
        self._words = ""

    def reset(self) -> None:
        """The end of a flight is what is watched for: kept."""

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now; a touchdown stands until the next flight, or a consent overrules it."""
        vehicle = facts.vehicle
        if vehicle is None:
            return ()
        speed = sqrt(sum(v * v for v in vehicle.velocity_enu_m_s))
        lies = tilt_deg(vehicle) > CRASH_TILT_DEG and speed < CRASH_M_S and vehicle.armed
        if self._down.update(now_ns, lies):
            return (ROWS["crash"].cause(f"on its side at {tilt_deg(vehicle):.0f} degrees and not moving"),)
        if facts.flying:
            others = vehicle.authority is Authority.EXTERNAL
            self._flew, self._words = (facts.under_way, facts.rung, others), ""
            return ()
        if self._flew is not None:
            under_way, rung, others = self._flew
            self._flew = None
            if under_way not in LEADS_DOWN and rung < GuardLevel.RETURN and not others:
                how = "on the ground" if vehicle.armed else "disarmed"
                self._words = f"{how} while {under_way.name} was under way: not landed by an order"
        return (ROWS["touchdown"].cause(self._words),) if self._words else ()
