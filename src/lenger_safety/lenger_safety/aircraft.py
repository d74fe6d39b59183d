"""The aircraft as autopilot_node tells of it: who flies, whether it flies, where home is."""

from __future__ import annotations

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import Authority, Vec3, VehicleStatus
from lenger_safety.estimate import MAX_HEIGHT_M


class Aircraft:
    """Keeps the newest vehicle/status and what lasts of the older ones.

    Attributes:
        status: the newest, None before the first.
        home: the last home that made sense, in the guard's frame.
    """

    def __init__(self, frame: LocalFrame) -> None:
        self._frame = frame
        self.status: VehicleStatus | None = None
        self.home: Vec3 | None = None

    def take(self, status: VehicleStatus) -> bool:
        """Take a status; return whether somebody else took the aircraft with it."""
        taken = self.taken
        self.status = status
        home = (status.home_lat_deg, status.home_lon_deg, status.home_alt_amsl_m)
        if abs(home[0]) <= 90.0 and abs(home[1]) <= 360.0 and abs(home[2]) <= MAX_HEIGHT_M:  # false for NaN
            self.home = self._frame.to_local(*home)
        return self.taken and not taken

    @property
    def autopilot(self) -> str:
        """Its family, "" while unknown."""
        return self.status.autopilot if self.status is not None else ""

    @property
    def armed(self) -> bool:
        """Whether the motors may turn."""
        return self.status is not None and self.status.armed

    @property
    def flying(self) -> bool:
        """Whether it is off the ground, as far as is known."""
        return self.status is not None and self.status.armed and not self.status.landed

    @property
    def taken(self) -> bool:
        """Whether a pilot or the autopilot's failsafe flies."""
        return self.status is not None and self.status.authority is Authority.EXTERNAL
