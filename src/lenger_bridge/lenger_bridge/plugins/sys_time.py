"""MAVROS's sys_time plugin: the autopilot's clock. The filter itself is `lenger_bridge.timesync`."""

from __future__ import annotations

from typing import Any

from lenger_bridge.plugins.base import Diagnosis, Plugin, Stream
from lenger_core.wire_types import TypeFactory, header, time_msg
from lenger_mavlink.codec import MavMessage, mavlink

OLDEST_UNIX_US = 1_234_567_890_000_000
"""A unix time before 2009 means that the autopilot has no date yet."""
NEWEST_UNIX_US = 2**31 * 1_000_000
"""ROS's seconds end there."""


class SysTime(Plugin):
    """TIMESYNC both ways, and SYSTEM_TIME."""

    def streams(self) -> tuple[Stream, ...]:
        """Return what is filled on demand."""
        reference = {"SYSTEM_TIME": self._reference}
        status = {"TIMESYNC": self._status}
        return (
            Stream("mavros/time_reference", "sensor_msgs/msg/TimeReference", "sensor", reference),
            Stream("mavros/timesync_status", "mavros_msgs/msg/TimesyncStatus", "sensor", status),
        )

    def on_timesync(self, m: Any, now_ns: int) -> list[MavMessage]:
        """Answer a request, or learn from an answer."""
        if m.tc1 == 0:
            return [mavlink.MAVLink_timesync_message(now_ns, m.ts1)]
        if 0 <= now_ns - m.ts1 < 10_000_000_000:
            self.uas.timesync.on_answer(m.ts1, m.tc1, now_ns)
        return []

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return the clock offset."""
        sync = self.uas.timesync
        if sync.offset_ns is None:
            return (Diagnosis("Time Sync", 1, "No answers to TIMESYNC", {}),)
        values = {"Estimated time offset (s)": sync.offset_ns / 1e9, "Last RTT (ms)": sync.round_trip_ns / 1e6}
        return (Diagnosis("Time Sync", 0, "Normal", values),)

    def _reference(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        if not OLDEST_UNIX_US < m.time_unix_usec < NEWEST_UNIX_US:
            return None
        reference = time_msg(types, m.time_unix_usec * 1000)
        return types("sensor_msgs/msg/TimeReference")(header=header(types, now_ns), time_ref=reference, source="fcu")

    def _status(self, types: TypeFactory, m: Any, now_ns: int) -> Any:
        sync = self.uas.timesync
        if m.tc1 == 0 or sync.offset_ns is None:
            return None
        return types("mavros_msgs/msg/TimesyncStatus")(
            header=header(types, now_ns),
            remote_timestamp_ns=m.tc1,
            observed_offset_ns=(m.ts1 + now_ns) // 2 - m.tc1,
            estimated_offset_ns=sync.offset_ns,
            round_trip_time_ms=(now_ns - m.ts1) / 1e6,
        )
