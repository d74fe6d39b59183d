"""A ground station wired to a vehicle of the ArduCopter flavour by MAVLink bytes in simulated time."""

from __future__ import annotations

from collections.abc import Sequence
from math import nan
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink
from lenger_mavlink.modes import COPTER_MODES

from .station import Station

NUMBERS = {name: number for number, name in COPTER_MODES.items()}
VELOCITY, POSITION, BOTH = 0x0DC7, 0x0DF8, 0x0DC0
"""Type masks without yaw."""
RELATIVE = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT
M_PER_DEG_N, M_PER_DEG_E = 111_070.0, 82_600.0


class CopterRig(Station):
    """An ArduCopter and what was heard from it."""

    autopilot = mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA

    @property
    def pilot(self) -> Any:
        return self.core.autopilot.pilot

    def offset_m(self) -> tuple[float, float]:
        """Where the vehicle really is, east and north of home."""
        home, truth = self.core.autopilot.home, self.core.truth()
        return (truth.lon_deg - home[1]) * M_PER_DEG_E, (truth.lat_deg - home[0]) * M_PER_DEG_N

    # ------------------------------------------------------------ what a client sends

    def command(self, command: int, *params: float) -> int:
        """Send a COMMAND_LONG; return the result of its one ACK."""
        before = len(self.of("COMMAND_ACK"))
        self.send(mavlink.MAVLink_command_long_message(1, 1, command, 0, *params, *[0.0] * (7 - len(params))))
        acks = self.of("COMMAND_ACK")[before:]
        assert [ack.command for ack in acks] == [command]
        return int(acks[0].result)

    def command_int(self, command: int, frame: int, params: Sequence[float], x: int, y: int, z: float) -> int:
        before = len(self.of("COMMAND_ACK"))
        self.send(mavlink.MAVLink_command_int_message(1, 1, frame, command, 0, 0, *params, x, y, z))
        (ack,) = self.of("COMMAND_ACK")[before:]
        return int(ack.result)

    def set_mode(self, name: str) -> int:
        result = self.command(mavlink.MAV_CMD_DO_SET_MODE, 1, NUMBERS[name])
        self.run(0.04)
        return result

    def arm(self, force: bool = False) -> int:
        return self.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1, 21196 if force else 0)

    def set_param(self, name: str, value: float) -> None:
        kind = 9 if isinstance(self.core.params[name], float) else 6
        self.send(mavlink.MAVLink_param_set_message(1, 1, name.encode(), value, kind))
        assert self.core.params[name] == pytest.approx(value, rel=1e-6)

    def stream(self, message_id: int, rate_hz: float) -> int:
        return self.command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, message_id, 1e6 / rate_hz)

    def fly_velocity(self, east: float, north: float, up: float, mask: int = VELOCITY, yaw: float = 0.0) -> None:
        args = (0, 1, 1, mavlink.MAV_FRAME_LOCAL_NED, mask, 0, 0, 0, north, east, -up, 0, 0, 0, yaw, 0)
        self.send(mavlink.MAVLink_set_position_target_local_ned_message(*args))

    def place(self, east_m: float, north_m: float) -> tuple[int, int]:
        """Latitude and longitude (1e-7 degrees) of a place east and north of home."""
        home = self.core.autopilot.home
        return round((home[0] + north_m / M_PER_DEG_N) * 1e7), round((home[1] + east_m / M_PER_DEG_E) * 1e7)

    def fly_to(
        self,
        east_m: float,
        north_m: float,
        height_m: float,
        frame: int = 6,
        mask: int = POSITION,
        velocity_ned: tuple[float, float, float] = (0.0, 0.0, 0.0),
    ) -> None:
        lat, lon = self.place(east_m, north_m)
        args = (0, 1, 1, frame, mask, lat, lon, height_m, *velocity_ned, *[0.0] * 5)
        self.send(mavlink.MAVLink_set_position_target_global_int_message(*args))

    def upload(self, items: Sequence[tuple[Any, ...]], mission_type: int = 0) -> int:
        """Upload (command, frame, params, lat, lon, alt) items; return the result of MISSION_ACK."""
        before = len(self.of("MISSION_ACK"))
        self.send(mavlink.MAVLink_mission_count_message(1, 1, len(items), mission_type))
        for seq, (command, frame, params, lat, lon, alt) in enumerate(items):
            args = (1, 1, seq, frame, command, 0, 1, *params, lat, lon, alt, mission_type)
            self.send(mavlink.MAVLink_mission_item_int_message(*args))
            self.run(0.04)
        acks = self.of("MISSION_ACK")[before:]
        return int(acks[-1].type)

    def fence_square(self, half_m: float, north_m: float = 0.0, east_m: float = 0.0) -> int:
        """Upload a square inclusion fence about a place north and east of home."""
        corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
        places = [self.place(east_m + e * half_m, north_m + n * half_m) for e, n in corners]
        return self.upload([(5001, 0, (4.0, 0.0, 0.0, 0.0), lat, lon, 0.0) for lat, lon in places], 1)

    # ------------------------------------------------------------ flights

    def get_ready(self) -> None:
        """Wait until GUIDED can be armed in."""
        self.run_until(lambda: self.core.autopilot.commander.ekf.has_position, 60.0)
        self.run(1.0)

    def take_off(self, height_m: float = 20.0) -> None:
        """Arm in GUIDED, take off and reach the height."""
        self.get_ready()
        assert self.set_mode("GUIDED") == 0
        assert self.arm() == 0
        assert self.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, nan, 0, 0, height_m) == 0
        self.run_until(lambda: self.pilot.height_above_home_m() > height_m - 0.5, 20.0 + height_m)
        self.run(3.0)
