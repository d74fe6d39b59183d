"""What the autopilot lets us know of the rest of the aircraft: links, receiver, battery, wind, the list it holds."""

from __future__ import annotations

import hashlib
from math import isfinite, nan
from typing import TypedDict

from lenger_core.samples import (
    NAN3,
    BatterySample,
    FcuMission,
    FcuMissionItem,
    FcuWind,
    GnssFix,
    LinkState,
    RadioStatus,
    SysStatus,
    Vec3,
)

MAV_SYS_STATUS_SENSOR_RC_RECEIVER = 1 << 16
RADIO_SILENT_NS = 5_000_000_000
"""A telemetry radio reports once or twice a second."""
REMOTE_UNHEARD = (0, 255)
"""SiK firmware clears the other end's strength when it loses it; 255 is MAVLink's "unknown"."""
RECEIVER_OLD_NS = 3_000_000_000
WIND_OLD_NS = 10_000_000_000
LONGEST_GAP_NS = 5_000_000_000
"""Between two battery reports; after a longer one the current in between is anybody's guess."""


class HealthFields(TypedDict):
    """The fields of vehicle/status that are known here."""

    pilot_link: LinkState
    pilot_link_age_s: float
    ground_link: LinkState
    ground_link_age_s: float
    gnss_fix_type: int
    gnss_satellites: int
    gnss_accuracy_m: float
    battery_current_a: float
    battery_used_wh: float
    battery_temperature_c: float
    wind_enu_m_s: Vec3
    mission_count: int
    mission_digest: str


class Health:
    """Keeps the newest records; what is old or was never told is UNKNOWN, NaN, -1 or "".

    Args:
        ground_link: what tells of the ground station's link: "radio" or "unknown". MAVROS passes on no heartbeats of
            a ground station, so the telemetry radio's own report is all that there is, where it reaches us.
        mission_offset: items that the autopilot keeps before the first of the mission (ArduPilot's home).
    """

    def __init__(self, ground_link: str, mission_offset: int) -> None:
        self._by_radio = ground_link == "radio"
        self._offset = mission_offset
        self._pilot: tuple[LinkState, int] = (LinkState.UNKNOWN, 0)
        self._radio: RadioStatus | None = None
        self._remote_heard_ns = 0
        self._fix: GnssFix | None = None
        self._battery: BatterySample | None = None
        self._used_wh = nan
        self._wind: FcuWind | None = None
        self._mission: tuple[int, str] = (-1, "")

    def reset(self) -> None:
        """Forget what another vehicle, or this one before it started again, told of its radio and its mission."""
        self._pilot = (LinkState.UNKNOWN, 0)
        self._mission = (-1, "")

    def on_sys_status(self, status: SysStatus) -> None:
        """Take the pilot's radio: its receiver's bit; a receiver that was well and is not told of any more is lost."""
        bit = MAV_SYS_STATUS_SENSOR_RC_RECEIVER
        state, well_ns = self._pilot
        if status.present & status.health & bit:
            self._pilot = (LinkState.OK, status.t_ns)
        elif status.present & bit or state is not LinkState.UNKNOWN:
            self._pilot = (LinkState.LOST, well_ns)

    def on_radio(self, status: RadioStatus) -> None:
        """Take mavros/radio_status."""
        self._radio = status
        if status.remote_rssi not in REMOTE_UNHEARD:
            self._remote_heard_ns = status.t_ns

    def on_gnss(self, fix: GnssFix) -> None:
        """Take mavros/gpsstatus/gps1/raw."""
        self._fix = fix

    def on_battery(self, battery: BatterySample) -> None:
        """Take the battery that flies the aircraft; its power is summed up."""
        last, self._battery = self._battery, battery
        power_w = -battery.current_a * battery.voltage_v
        if not isfinite(power_w):
            return
        gap_ns = battery.t_ns - last.t_ns if last is not None else 0
        hours = gap_ns / 3.6e12 if 0 < gap_ns <= LONGEST_GAP_NS else 0.0
        self._used_wh = (self._used_wh if isfinite(self._used_wh) else 0.0) + max(power_w, 0.0) * hours

    def on_wind(self, wind: FcuWind) -> None:
        """Take mavros/wind_estimation."""
        self._wind = wind

    def on_mission(self, mission: FcuMission) -> None:
        """Take the mission that MAVROS published: read from the autopilot, or stored there."""
        ours = mission.items[self._offset :]
        self._mission = (len(ours), mission_digest(ours))

    def fields(self, now_ns: int) -> HealthFields:
        """Return the fields of vehicle/status."""
        pilot, well_ns = self._pilot
        ground, heard_ns = self._ground(now_ns)
        fix = self._fix if self._fix is not None and abs(now_ns - self._fix.t_ns) <= RECEIVER_OLD_NS else None
        wind = self._wind if self._wind is not None and abs(now_ns - self._wind.t_ns) <= WIND_OLD_NS else None
        battery = self._battery
        return HealthFields(
            pilot_link=pilot,
            pilot_link_age_s=max(0, now_ns - well_ns) / 1e9 if well_ns else nan,
            ground_link=ground,
            ground_link_age_s=max(0, now_ns - heard_ns) / 1e9 if heard_ns else nan,
            gnss_fix_type=fix.fix_type if fix else -1,
            gnss_satellites=fix.satellites if fix and fix.satellites != 255 else -1,
            gnss_accuracy_m=fix.h_acc_m if fix else nan,
            battery_current_a=-battery.current_a if battery else nan,
            battery_used_wh=self._used_wh,
            battery_temperature_c=battery.temperature_c if battery else nan,
            wind_enu_m_s=wind.wind_enu_m_s if wind else NAN3,
            mission_count=self._mission[0],
            mission_digest=self._mission[1],
        )

    def _ground(self, now_ns: int) -> tuple[LinkState, int]:
        if not self._by_radio or self._radio is None:
            return LinkState.UNKNOWN, 0
        silent = now_ns - self._radio.t_ns > RADIO_SILENT_NS
        heard = self._remote_heard_ns == self._radio.t_ns and not silent
        return LinkState.OK if heard else LinkState.LOST, self._remote_heard_ns


def mission_digest(items: tuple[FcuMissionItem, ...]) -> str:
    """Return 16 hexadecimal digits that equal missions share, as far as every autopilot keeps them: command, place to
    the decimetre, height likewise. Parameters are left out, because ArduPilot drops some."""
    text = ";".join(f"{i.command},{i.lat_deg:.6f},{i.lon_deg:.6f},{i.alt_m:.1f}" for i in items)
    return hashlib.sha256(text.encode()).hexdigest()[:16] if items else ""
