"""The one vehicle behind the link (MAVROS calls it the UAS): what several plugins need to know of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from math import nan

from lenger_bridge.settings import EndpointSettings
from lenger_bridge.timesync import TimeSync
from lenger_core.errors import InputError
from lenger_core.geoid import undulation_m
from lenger_core.samples import IDENTITY, QuatWxyz, Vec3
from lenger_core.wire_types import TypeFactory
from lenger_mavlink.codec import mavlink

FARTHEST_STAMP_NS = 60_000_000_000
"""A stamp farther from now than this comes from a clock that jumped: the time of arrival is used."""


@dataclass(frozen=True, slots=True)
class FixQuality:
    """Of the last GPS_RAW_INT: what global_position/global repeats. Accuracies one sigma, NaN unknown."""

    h_acc_m: float = nan
    v_acc_m: float = nan
    fixed: bool = False


class Uas:
    """State that plugins share.

    Attributes:
        settings: of the endpoint.
        timesync: the clock offset that stamps use.
        types: message classes; None where there is no ROS, then no `Stream` is filled.
        wanted: topics that somebody listens to.
        autopilot, vehicle_type: MAV_AUTOPILOT and MAV_TYPE of the last heartbeat.
        quat_wxyz, rates_flu_rad_s: last attitude, FLU to ENU, and body rates.
        accel_flu_m_s2: last specific force, NaN before the first.
        fix: quality of the receiver's last fix.
        global_position: latitude, longitude (degrees) and AMSL height (m) of the autopilot's estimate, None before.
        local_position_enu_m: its local position, None before.
        notes: problems worth telling a person once; the owner takes and clears them.
    """

    def __init__(self, settings: EndpointSettings, types: TypeFactory | None = None, late_clock: bool = False) -> None:
        self.settings = settings
        self.timesync = TimeSync(late_clock)
        self.types = types
        self.wanted: Collection[str] = frozenset()
        self.autopilot: int = mavlink.MAV_AUTOPILOT_INVALID
        self.vehicle_type: int = mavlink.MAV_TYPE_GENERIC
        self.quat_wxyz: QuatWxyz = IDENTITY
        self.rates_flu_rad_s: Vec3 = (0.0, 0.0, 0.0)
        self.accel_flu_m_s2: Vec3 = (nan, nan, nan)
        self.fix = FixQuality()
        self.global_position: tuple[float, float, float] | None = None
        self.local_position_enu_m: Vec3 | None = None
        self.notes: list[str] = []
        self._outside_geoid = False
        self._receiver_undulation_m = nan

    @property
    def is_ardupilot(self) -> bool:
        """Whether ArduPilot is behind the link."""
        return self.autopilot == int(mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA)

    @property
    def is_px4(self) -> bool:
        """Whether PX4 is behind the link."""
        return self.autopilot == int(mavlink.MAV_AUTOPILOT_PX4)

    @property
    def target(self) -> tuple[int, int]:
        """System and component of the autopilot."""
        return self.settings.tgt_system, self.settings.tgt_component

    def stamp_ms(self, boot_ms: int, now_ns: int) -> int:
        """Return our time, ns, of the autopilot's `time_boot_ms`."""
        return self._stamp(boot_ms * 1_000_000, now_ns)

    def stamp_us(self, time_us: int, now_ns: int) -> int:
        """Return our time, ns, of the autopilot's `time_usec`."""
        return self._stamp(time_us * 1000, now_ns)

    def _stamp(self, remote_ns: int, now_ns: int) -> int:
        stamp = self.timesync.to_ours_ns(remote_ns, now_ns)
        return stamp if abs(stamp - now_ns) <= FARTHEST_STAMP_NS and stamp >= 0 else now_ns

    def learn_undulation_m(self, undulation: float) -> None:
        """Remember the receiver's own geoid height (metres): it serves where our grid ends."""
        self._receiver_undulation_m = undulation

    def ellipsoid_m(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> float:
        """Return the ellipsoid height, by EGM96 where its grid is there, else by the receiver; NaN without either.

        Latitude and longitude zero mean that the autopilot has no position yet.
        """
        if lat_deg == 0.0 and lon_deg == 0.0:
            return nan
        try:
            return alt_amsl_m + undulation_m(lat_deg, lon_deg)
        except InputError as error:
            if not self._outside_geoid:
                self._outside_geoid = True
                self.notes.append(f"ellipsoid heights are the receiver's own here: {error}")
            return alt_amsl_m + self._receiver_undulation_m
