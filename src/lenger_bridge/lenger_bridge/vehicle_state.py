"""The newest of everything that MAVROS says about the aircraft, and vehicle/status made of it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from math import isfinite, nan

from lenger_bridge.dialects import MAV_LANDED_STATE_ON_GROUND, MAV_STATE_STANDBY, MAV_SYS_STATUS_PREARM_CHECK
from lenger_bridge.health import Health
from lenger_core.frames import euler_from_quat, yaw_of
from lenger_core.samples import (
    NAN3,
    Authority,
    BatterySample,
    ExtendedState,
    FcuGlobal,
    FcuHome,
    FcuLocal,
    FcuState,
    FenceState,
    StatusText,
    SysStatus,
    VehicleStatus,
)

WORST_SEVERITY_TO_QUOTE = 4
"""MAV_SEVERITY_WARNING: texts of lower importance explain no refusal."""
QUOTE_WITHIN_NS = 5_000_000_000
FUTURE_NS = 500_000_000
"""A stamp further ahead comes from an autopilot whose clock stepped: it started again."""
STREAM_SILENT_NS = 3_000_000_000


class VehicleState:
    """Keeps the records; says what is old instead of passing it on.

    Args:
        autopilot: the dialect's name.
        needs_local: whether only local_position shows that the autopilot has a position. ArduPilot's arming bit turns
            healthy before that, MAVROS does not pass on its EKF flags, but it sends LOCAL_POSITION_NED only with them.
        standby_is_landed: whether MAV_STATE_STANDBY in the heartbeat says that it stands on the ground.
        estimate_timeout_s: an older position or velocity counts as unknown.
        health: what is known besides flying itself.
    """

    def __init__(
        self,
        autopilot: str,
        estimate_timeout_s: float,
        needs_local: bool = False,
        standby_is_landed: bool = False,
        health: Health | None = None,
    ) -> None:
        self.health = health or Health("unknown", 0)
        self._autopilot = autopilot
        self._needs_local = needs_local
        self._standby_is_landed = standby_is_landed
        self._timeout_ns = int(estimate_timeout_s * 1e9)
        self.fcu: FcuState | None = None
        self.extended: ExtendedState | None = None
        self.sys_status: SysStatus | None = None
        self.position: FcuGlobal | None = None
        self.local: FcuLocal | None = None
        self.home: FcuHome | None = None
        self.battery: BatterySample | None = None
        self.texts: deque[StatusText] = deque(maxlen=20)

    def take_fcu(self, state: FcuState) -> None:
        """Take mavros/state. On a lost link MAVROS reports armed=false, which says nothing: the last word stands."""
        self.fcu = state if state.connected else replace(state, armed=self.armed)

    @property
    def connected(self) -> bool:
        """Whether MAVROS hears the autopilot."""
        return self.fcu is not None and self.fcu.connected

    @property
    def armed(self) -> bool:
        """Whether the motors may turn."""
        return self.fcu is not None and self.fcu.armed

    @property
    def mode(self) -> str:
        """The autopilot's mode, "" unknown."""
        return self.fcu.mode if self.fcu is not None else ""

    @property
    def landed(self) -> bool:
        """Whether the autopilot says that it stands on the ground.

        ArduCopter disarms at touchdown, and its heartbeat tells of both at once; the landed state follows later.
        """
        fcu = self.fcu
        if self._standby_is_landed and fcu is not None and fcu.connected and fcu.system_status == MAV_STATE_STANDBY:
            return True
        return self.extended is not None and self.extended.landed_state == MAV_LANDED_STATE_ON_GROUND

    @property
    def prearm_healthy(self) -> bool:
        """Whether the autopilot's own arming checks pass."""
        return self.sys_status is not None and bool(self.sys_status.health & MAV_SYS_STATUS_PREARM_CHECK)

    def quote(self, since_ns: int) -> str:
        """Return the autopilot's own recent warnings, as "; autopilot: ...", "" when it said nothing."""
        said = [t.text for t in self.texts if t.severity <= WORST_SEVERITY_TO_QUOTE and t.t_ns >= since_ns]
        return f"; autopilot: {' / '.join(dict.fromkeys(said))}" if said else ""

    def readiness_problem(self, now_ns: int) -> str:
        """Return what the autopilot lacks for arming, "" when nothing."""
        if not self.connected:
            return "not connected to the autopilot"
        if self.home is None or not isfinite(self.home.alt_amsl_m):
            return "home position unknown"
        if self.current_position(now_ns) is None:
            return "no position estimate"
        if self._needs_local and self.current_local(now_ns) is None:
            return "no position estimate yet: no local position"
        if not self.prearm_healthy:
            return f"the autopilot's arming checks do not pass{self.quote(now_ns - QUOTE_WITHIN_NS)}"
        return ""

    def current_position(self, now_ns: int) -> FcuGlobal | None:
        """Return the position unless it is too old."""
        return self.position if self._young(self.position, now_ns) else None

    def current_local(self, now_ns: int) -> FcuLocal | None:
        """Return velocity and attitude unless they are too old."""
        return self.local if self._young(self.local, now_ns) else None

    def heading(self, now_ns: int) -> float:
        """Return the heading, 0 = east, counter-clockwise; NaN unknown."""
        local = self.current_local(now_ns)
        return yaw_of(local.quat_wxyz) if local else nan

    def streams_silent(self, now_ns: int) -> bool:
        """Return whether a stream that we need is missing or has been silent for a while."""
        records = (self.extended, self.sys_status, self.position, self.local)
        return any(record is None or now_ns - record.t_ns > STREAM_SILENT_NS for record in records)

    def _young(self, record: FcuGlobal | FcuLocal | None, now_ns: int) -> bool:
        return record is not None and -FUTURE_NS <= now_ns - record.t_ns <= self._timeout_ns

    def status(
        self, now_ns: int, authority: Authority, ready: bool, reason: str, fence: tuple[FenceState, str]
    ) -> VehicleStatus:
        """Return vehicle/status; what is unknown or too old is NaN."""
        fix = self.current_position(now_ns)
        local = self.current_local(now_ns)
        home, battery = self.home, self.battery
        roll, pitch, yaw = euler_from_quat(local.quat_wxyz) if local else NAN3
        return VehicleStatus(
            t_ns=now_ns,
            autopilot=self._autopilot,
            connected=self.connected,
            armed=self.armed,
            ready=ready,
            landed=self.landed,
            mode=self.mode,
            authority=authority,
            reason=reason,
            lat_deg=fix.lat_deg if fix else nan,
            lon_deg=fix.lon_deg if fix else nan,
            alt_amsl_m=fix.alt_amsl_m if fix else nan,
            velocity_enu_m_s=local.velocity_enu_m_s if local else NAN3,
            yaw_enu_rad=yaw,
            position_accuracy_m=fix.h_acc_m if fix else nan,
            height_accuracy_m=fix.v_acc_m if fix else nan,
            home_lat_deg=home.lat_deg if home else nan,
            home_lon_deg=home.lon_deg if home else nan,
            home_alt_amsl_m=home.alt_amsl_m if home else nan,
            battery_remaining=battery.remaining if battery else nan,
            battery_voltage_v=battery.voltage_v if battery else nan,
            roll_rad=roll,
            pitch_rad=pitch,
            rates_flu_rad_s=local.rates_flu_rad_s if local else NAN3,
            fence_state=fence[0],
            fence_text=fence[1],
            **self.health.fields(now_ns),
        )
