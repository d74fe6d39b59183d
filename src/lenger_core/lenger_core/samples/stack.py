"""Records between the nodes of Lenger; the messages of lenger_interfaces say the meaning of each field."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import nan

from lenger_core.samples.vectors import NAN3, QuatWxyz, Vec3

STEPPED_BACK_NS = 200_000_000
"""A stamp further ahead of the clock than this means that the clock stepped back."""


class CommandKind(IntEnum):
    """lenger_interfaces/Command.kind."""

    NONE = 0
    ARM = 1
    TAKEOFF = 2
    VELOCITY = 3
    HOLD = 4
    LAND = 5
    RETURN = 6
    DISARM = 7
    GOTO = 8
    MISSION = 9


@dataclass(frozen=True, slots=True)
class Command:
    """One order for the aircraft; see lenger_interfaces/msg/Command.msg for the meaning of each field."""

    t_ns: int
    source: str
    sequence: int
    lifetime_s: float
    kind: CommandKind
    velocity_enu_m_s: Vec3 = (0.0, 0.0, 0.0)
    yaw_enu_rad: float = nan
    alt_amsl_m: float = nan
    consent_ns: int = 0
    lat_deg: float = nan
    lon_deg: float = nan
    mission_item: int = -1

    def fresh(self, now_ns: int) -> bool:
        """Return whether the command may still be acted on at `now_ns`; not when the clock stepped back behind it."""
        return -STEPPED_BACK_NS <= now_ns - self.t_ns <= int(self.lifetime_s * 1e9)


class Authority(IntEnum):
    """lenger_interfaces/VehicleStatus.authority."""

    NONE = 0
    LENGER = 1
    EXTERNAL = 2


class LinkState(IntEnum):
    """lenger_interfaces/VehicleStatus.pilot_link and ground_link."""

    UNKNOWN = 0
    OK = 1
    LOST = 2


class FenceState(IntEnum):
    """lenger_interfaces/VehicleStatus.fence_state: the autopilot's own fence, against the one that it must hold."""

    UNKNOWN = 0
    OK = 1
    MISSING = 2
    DIFFERS = 3


@dataclass(frozen=True, slots=True)
class VehicleStatus:
    """The aircraft as autopilot_node sees it; see lenger_interfaces/msg/VehicleStatus.msg.

    What an autopilot does not tell is NaN, -1, UNKNOWN or "".
    """

    t_ns: int
    autopilot: str
    connected: bool
    armed: bool
    ready: bool
    landed: bool
    mode: str
    authority: Authority
    reason: str
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    velocity_enu_m_s: Vec3
    yaw_enu_rad: float
    position_accuracy_m: float
    height_accuracy_m: float
    home_lat_deg: float
    home_lon_deg: float
    home_alt_amsl_m: float
    battery_remaining: float
    battery_voltage_v: float
    roll_rad: float = nan
    pitch_rad: float = nan
    rates_flu_rad_s: Vec3 = NAN3
    pilot_link: LinkState = LinkState.UNKNOWN
    pilot_link_age_s: float = nan
    ground_link: LinkState = LinkState.UNKNOWN
    ground_link_age_s: float = nan
    gnss_fix_type: int = -1
    gnss_satellites: int = -1
    gnss_accuracy_m: float = nan
    battery_current_a: float = nan
    battery_used_wh: float = nan
    battery_temperature_c: float = nan
    wind_enu_m_s: Vec3 = NAN3
    fence_state: FenceState = FenceState.UNKNOWN
    fence_text: str = ""
    mission_count: int = -1
    mission_digest: str = ""


class Integrity(IntEnum):
    """lenger_interfaces/FusionStatus.integrity."""

    NOMINAL = 0
    DEGRADED = 1
    COASTING = 2
    SPOOFING = 3
    JAMMING = 4
    ALIGNING = 5


@dataclass(frozen=True, slots=True)
class Odometry:
    """fusion/odometry: ENU about the origin that FusionStatus names; the third axis is AMSL height minus the
    origin's."""

    t_ns: int
    position_enu_m: Vec3
    velocity_enu_m_s: Vec3
    quat_wxyz: QuatWxyz
    rates_flu_rad_s: Vec3
    position_var_m2: Vec3
    velocity_var_m2_s2: Vec3


@dataclass(frozen=True, slots=True)
class FusionStatus:
    """fusion/status; see lenger_interfaces/msg/FusionStatus.msg."""

    t_ns: int
    integrity: Integrity
    reason: str
    origin_lat_deg: float
    origin_lon_deg: float
    origin_alt_amsl_m: float
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    hpl_m: float
    vpl_m: float
    std_enu_m: Vec3
    gnss_used: bool


class GuardLevel(IntEnum):
    """lenger_interfaces/GuardStatus.level, the rungs of the ladder."""

    NOMINAL = 0
    WARN = 1
    LIMIT = 2
    HOLD = 3
    RETURN = 4
    LAND = 5


@dataclass(frozen=True, slots=True)
class GuardStatus:
    """guard/status; see lenger_interfaces/msg/GuardStatus.msg."""

    t_ns: int
    level: GuardLevel
    latched: bool
    authority: bool
    reason: str
    nearest_zone: str
    horizontal_margin_m: float
    ceiling_margin_m: float
    floor_margin_m: float
    stopping_distance_m: float
    interventions: int
    margin_m: float = nan
    limiting: str = ""
    stopping_radius_m: float = nan
    stopping_height_m: float = nan
    wind_enu_m_s: Vec3 = (nan, nan, nan)
    return_available: bool = False
    return_reason: str = ""
    return_length_m: float = nan
    return_energy_margin_wh: float = nan


class MissionPhase(IntEnum):
    """lenger_interfaces/MissionStatus.phase."""

    IDLE = 0
    PREFLIGHT = 1
    TAKEOFF = 2
    ENROUTE = 3
    HOLDING = 4
    LANDING = 5
    DONE = 6
    FAILED = 7
    RETURNING = 8


@dataclass(frozen=True, slots=True)
class MissionStatus:
    """mission/status; see lenger_interfaces/msg/MissionStatus.msg. What is not known is NaN."""

    t_ns: int
    phase: MissionPhase
    plan: str
    item: int
    waypoint: int
    waypoints: int
    distance_remaining_m: float
    cross_track_m: float
    height_agl_m: float
    detail: str
    engine: str = ""
    items: int = 0
    item_progress: float = 0.0
    time_remaining_s: float = nan
    energy_remaining_wh: float = nan


class CameraKind(IntEnum):
    """lenger_interfaces/CameraTrigger.kind."""

    PHOTO = 0
    POINT = 1
    VIDEO_START = 2
    VIDEO_STOP = 3


@dataclass(frozen=True, slots=True)
class CameraTrigger:
    """mission/camera: a photo that is due now, or another order to camera or gimbal; see
    lenger_interfaces/msg/CameraTrigger.msg."""

    t_ns: int
    kind: CameraKind
    number: int
    item: int
    by_autopilot: bool
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    height_agl_m: float
    yaw_enu_rad: float
    pitch_deg: float = nan
    pan_deg: float = nan


@dataclass(frozen=True, slots=True)
class ExerciseStatus:
    """exercise/status; see lenger_interfaces/msg/ExerciseStatus.msg."""

    t_ns: int
    exercise: str
    phase: str
    waypoint: int
    waypoints: int
    height_agl_m: float
    fence_margin_m: float
    battery_remaining: float
    score: float
    elapsed_s: float
    finished: bool


@dataclass(frozen=True, slots=True)
class SimTruth:
    """sim/truth (simulation only): where the aircraft really is; see lenger_interfaces/msg/SimTruth.msg."""

    t_ns: int
    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    height_agl_m: float
    velocity_enu_m_s: Vec3
    quat_wxyz: QuatWxyz
    wind_enu_m_s: Vec3
    energy_used_wh: float
    on_ground: bool
    crashed: bool


@dataclass(frozen=True, slots=True)
class Event:
    """events: one thing worth a line in the debrief. `kind` is short and stable, `detail` a sentence."""

    t_ns: int
    source: str
    kind: str
    detail: str
