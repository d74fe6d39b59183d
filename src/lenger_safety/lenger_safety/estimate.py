"""Where the aircraft may be: fusion's and the autopilot's estimates, each with how far it can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import dist, hypot, isfinite, nan, sqrt

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import FusionStatus, Integrity, Odometry, Vec3, VehicleStatus
from lenger_safety.jumps import JumpWatch
from lenger_safety.settings import GuardSettings

_SHARED_GNSS = (Integrity.SPOOFING, Integrity.JAMMING)
MAX_FUTURE_S = 0.2
MAX_SPEED_M_S = 200.0
MAX_HEIGHT_M = 50_000.0
MAX_RANGE_M = 1_000_000.0
OLDER = "older than the one before"
STILL: Vec3 = (0.0, 0.0, 0.0)
SOURCES = ("fusion", "autopilot")


@dataclass(frozen=True, slots=True)
class Estimate:
    """One estimate carried forward to now.

    Attributes:
        source: "fusion" or "autopilot".
        position_m: east, north and AMSL height minus the origin's, in the guard's frame.
        velocity_m_s: east, north, up.
        hpl_m, vpl_m: horizontal and vertical protection levels.
        age_s: how old the record was; adds to the latency.
    """

    source: str
    position_m: Vec3
    velocity_m_s: Vec3
    hpl_m: float
    vpl_m: float
    age_s: float


@dataclass(frozen=True, slots=True)
class Picture:
    """All that is known about the state now.

    Attributes:
        estimates: none, one or both; margins count the worse.
        fusion: "absent" (never offered), "good", "unsure" (integrity not nominal) or "lost".
        fusion_reason: why, in words.
        disagree_s: for how long fusion and autopilot have been further apart than their accuracies explain.
        gap_m: horizontal distance between them, 0 with fewer than two.
        rise_m, gap_m_s: the same of height and velocity.
        integrity: fusion's own word, None while fusion is absent or lost.
        wider_m: by how much a protection level is wider now because an estimate jumped.
        jump: the last jump, in words, "" when there was none or its widening is over.
    """

    estimates: tuple[Estimate, ...]
    fusion: str
    fusion_reason: str
    disagree_s: float
    gap_m: float
    rise_m: float = 0.0
    gap_m_s: float = 0.0
    integrity: Integrity | None = None
    wider_m: float = 0.0
    jump: str = ""


class StateMonitor:
    """Keeps the newest record of each source and judges them."""

    def __init__(self, settings: GuardSettings, frame: LocalFrame) -> None:
        self._settings = settings
        self._frame = frame
        self._vehicle: VehicleStatus | None = None
        self._odometry: Odometry | None = None
        self._status: FusionStatus | None = None
        self._fusion_frame: LocalFrame | None = None
        self._disagree_since_ns: int | None = None
        supervision = settings.supervision
        self._jumps = {name: JumpWatch(name, supervision.jump_m, supervision.jump_wide_s) for name in SOURCES}

    def on_vehicle(self, status: VehicleStatus) -> str | None:
        """Take a record; return why it is refused, None when it is taken."""
        place = abs(status.lat_deg) <= 90.0 and abs(status.lon_deg) <= 360.0 and abs(status.alt_amsl_m) <= MAX_HEIGHT_M
        reason = _refusal(status.t_ns, self._vehicle, place, status.velocity_enu_m_s)
        if reason is None:
            self._vehicle = status
            if all(isfinite(x) for x in (status.lat_deg, status.lon_deg, status.alt_amsl_m)):
                here = self._frame.to_local(status.lat_deg, status.lon_deg, status.alt_amsl_m)
                accuracy = (status.position_accuracy_m, status.height_accuracy_m)
                self._jumps["autopilot"].update(status.t_ns, here, status.velocity_enu_m_s, self._levels(*accuracy))
        return reason

    def on_odometry(self, odometry: Odometry) -> str | None:
        """Take a record; return why it is refused, None when it is taken."""
        near = all(abs(x) <= MAX_RANGE_M for x in odometry.position_enu_m)
        known = near and all(0.0 <= x <= MAX_RANGE_M**2 for x in odometry.position_var_m2)
        reason = _refusal(odometry.t_ns, self._odometry, known, odometry.velocity_enu_m_s)
        if reason is None:
            self._odometry = odometry
            status = self._status
            hpl, vpl = (status.hpl_m, status.vpl_m) if status is not None else (nan, nan)
            levels = (hpl if _known(hpl) else 0.0, vpl if _known(vpl) else 0.0)
            self._jumps["fusion"].update(odometry.t_ns, odometry.position_enu_m, odometry.velocity_enu_m_s, levels)
        return reason

    def on_fusion_status(self, status: FusionStatus) -> str | None:
        """Take a record; return why it is refused, None when it is taken."""
        origin = (status.origin_lat_deg, status.origin_lon_deg, status.origin_alt_amsl_m)
        place = abs(origin[0]) <= 90.0 and abs(origin[1]) <= 360.0 and abs(origin[2]) <= MAX_HEIGHT_M
        reason = _refusal(status.t_ns, self._status, place, STILL)
        if reason is not None:
            return reason
        if self._fusion_frame is None or origin != _origin(self._fusion_frame):
            try:
                self._fusion_frame = self._frame if origin == _origin(self._frame) else LocalFrame(*origin)
                self._jumps["fusion"].forget()  # coordinates of another origin say nothing of a jump
            except InputError as error:
                return str(error)
        self._status = status
        return None

    def picture(self, now_ns: int) -> Picture:
        """Return what is known at `now_ns`."""
        self._forget_the_future(now_ns)
        fusion, state, reason = self._fusion_estimate(now_ns)
        widen = self._disagree_since_ns is not None or state in ("lost", "unsure")
        autopilot = self._autopilot_estimate(now_ns, widen)
        gap_m, rise_m, gap_m_s = self._judge_agreement(fusion, autopilot, now_ns)
        since = self._disagree_since_ns
        return Picture(
            estimates=tuple(self._widened(e, now_ns) for e in (fusion, autopilot) if e is not None),
            fusion=state,
            fusion_reason=reason,
            disagree_s=0.0 if since is None else (now_ns - since) / 1e9,
            gap_m=gap_m,
            rise_m=rise_m,
            gap_m_s=gap_m_s,
            integrity=self._status.integrity if fusion is not None and self._status is not None else None,
            wider_m=max(watch.wider_m(now_ns) for watch in self._jumps.values()),
            jump="; ".join(watch.text for watch in self._jumps.values() if watch.wider_m(now_ns) > 0.0),
        )

    def _forget_the_future(self, now_ns: int) -> None:
        """After a clock that went back, records from before the jump would keep the new ones out as older."""
        latest = now_ns + int(MAX_FUTURE_S * 1e9)
        if self._vehicle is not None and self._vehicle.t_ns > latest:
            self._vehicle = None
        if self._odometry is not None and self._odometry.t_ns > latest:
            self._odometry = None
        if self._status is not None and self._status.t_ns > latest:
            self._status = None
        if self._disagree_since_ns is not None and self._disagree_since_ns > now_ns:
            self._disagree_since_ns = now_ns

    def _widened(self, estimate: Estimate, now_ns: int) -> Estimate:
        """Where the aircraft was before a jump and where it is after it are both possible for a while."""
        wider = self._jumps[estimate.source].wider_m(now_ns)
        if wider <= 0.0:
            return estimate
        return replace(estimate, hpl_m=estimate.hpl_m + wider, vpl_m=estimate.vpl_m + wider)

    def _levels(self, h_acc_m: float, v_acc_m: float, factor: float = 1.0) -> tuple[float, float]:
        """Return protection levels of accuracies, one sigma, times `accuracy_factor` and `factor`."""
        s = self._settings
        h, v = (a if _known(a) else s.unknown_accuracy_m for a in (h_acc_m, v_acc_m))
        return s.accuracy_factor * factor * h, s.accuracy_factor * factor * v

    def _fusion_estimate(self, now_ns: int) -> tuple[Estimate | None, str, str]:
        odometry, status, frame = self._odometry, self._status, self._fusion_frame
        if odometry is None or status is None or frame is None or status.integrity is Integrity.ALIGNING:
            return None, "absent", "fusion has not offered an estimate yet"
        age_s = (now_ns - odometry.t_ns) / 1e9
        if not self._fresh(age_s):
            return None, "lost", f"fusion silent for {self._settings.silence_s:g} s"
        hpl, vpl, unsure = status.hpl_m, status.vpl_m, status.integrity is not Integrity.NOMINAL
        if not (_known(hpl) and _known(vpl)) or not self._fresh((now_ns - status.t_ns) / 1e9):
            var = odometry.position_var_m2
            factor = self._settings.accuracy_factor * self._settings.lost_fusion_factor
            hpl, vpl, unsure = factor * sqrt(max(0.0, var[0] + var[1])), factor * sqrt(max(0.0, var[2])), True
        position = odometry.position_enu_m
        if frame is not self._frame:
            position = self._frame.to_local(*frame.to_geodetic(*position))
        velocity = odometry.velocity_enu_m_s
        estimate = Estimate("fusion", _carry(position, velocity, age_s), velocity, hpl, vpl, max(0.0, age_s))
        reason = f"fusion {status.integrity.name.lower()}: {status.reason}" if unsure else ""
        return estimate, "unsure" if unsure else "good", reason

    def _autopilot_estimate(self, now_ns: int, widen: bool) -> Estimate | None:
        vehicle = self._vehicle
        if vehicle is None or not self._fresh((now_ns - vehicle.t_ns) / 1e9):
            return None
        s = self._settings
        factor = s.lost_fusion_factor if widen else 1.0
        hpl, vpl = self._levels(vehicle.position_accuracy_m, vehicle.height_accuracy_m, factor)
        status = self._status
        if (
            status is not None
            and status.integrity in _SHARED_GNSS
            and isfinite(status.hpl_m)
            and isfinite(status.vpl_m)
        ):
            hpl, vpl = max(hpl, status.hpl_m), max(vpl, status.vpl_m)
        position = self._frame.to_local(vehicle.lat_deg, vehicle.lon_deg, vehicle.alt_amsl_m)
        age_s = (now_ns - vehicle.t_ns) / 1e9
        velocity = vehicle.velocity_enu_m_s
        return Estimate("autopilot", _carry(position, velocity, age_s), velocity, hpl, vpl, max(0.0, age_s))

    def _judge_agreement(
        self, fusion: Estimate | None, autopilot: Estimate | None, now_ns: int
    ) -> tuple[float, float, float]:
        """Return how far the two are apart: horizontally, in height, and in velocity."""
        if fusion is None or autopilot is None:
            self._disagree_since_ns = None
            return 0.0, 0.0, 0.0
        gap = hypot(fusion.position_m[0] - autopilot.position_m[0], fusion.position_m[1] - autopilot.position_m[1])
        rise = abs(fusion.position_m[2] - autopilot.position_m[2])
        speed = dist(fusion.velocity_m_s, autopilot.velocity_m_s)
        apart = gap > fusion.hpl_m + autopilot.hpl_m or rise > fusion.vpl_m + autopilot.vpl_m
        if not apart and speed <= self._settings.supervision.disagree_velocity_m_s:
            self._disagree_since_ns = None
        elif self._disagree_since_ns is None:
            self._disagree_since_ns = now_ns
        return gap, rise, speed

    def _fresh(self, age_s: float) -> bool:
        return -MAX_FUTURE_S <= age_s <= self._settings.silence_s


def _carry(position: Vec3, velocity: Vec3, age_s: float) -> Vec3:
    e, n, u = (p + v * age_s for p, v in zip(position, velocity, strict=True))
    return e, n, u


def _origin(frame: LocalFrame) -> Vec3:
    return frame.lat_deg, frame.lon_deg, frame.alt_amsl_m


def _refusal(
    t_ns: int, last: VehicleStatus | Odometry | FusionStatus | None, place: bool, velocity: Vec3
) -> str | None:
    """Return why a record is refused; comparisons with NaN are false, so NaN is refused as well."""
    if last is not None and t_ns < last.t_ns:
        return OLDER
    if not place or not all(abs(v) <= MAX_SPEED_M_S for v in velocity):
        return "a value is not finite, or out of all reason"
    return None


def _known(value: float) -> bool:
    return isfinite(value) and value >= 0.0
