"""A ground station and companion in one, wired to a vehicle core by MAVLink bytes in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from math import nan
from typing import Any

import pytest

from lenger_core.terrain import Terrain, load_terrain
from lenger_core.vehicles import VehicleProfile, load_vehicle
from lenger_mavlink.codec import mavlink
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore

from .copter_rig import CopterRig
from .station import Station

VELOCITY, VELOCITY_NO_YAW, POSITION = 2503, 3527, 2552


class Rig(Station):
    """A PX4 and what was heard from it."""

    def command(self, command: int, *params: float) -> list[int]:
        """Send a COMMAND_LONG; return the results of its ACKs."""
        before = len(self.of("COMMAND_ACK"))
        self.send(mavlink.MAVLink_command_long_message(1, 1, command, 0, *params, *[0.0] * (7 - len(params))))
        acks = self.of("COMMAND_ACK")[before:]
        assert all(ack.command == command for ack in acks)
        return [ack.result for ack in acks]

    def set_mode(self, main: int, sub: int = 0) -> list[int]:
        return self.command(mavlink.MAV_CMD_DO_SET_MODE, 1, main, sub)

    def arm(self) -> list[int]:
        return self.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)

    def set_param(self, name: str, value: float | int) -> None:
        from lenger_mavlink.params import encode_bytewise

        field, kind = encode_bytewise(value)
        self.send(mavlink.MAVLink_param_set_message(1, 1, name.encode(), field, kind))
        assert self.core.params[name] == pytest.approx(value, rel=1e-6)

    def velocity_setpoint(
        self, east: float, north: float, up: float, mask: int = VELOCITY_NO_YAW, yaw: float = 0.0
    ) -> None:
        args = (0, 1, 1, mavlink.MAV_FRAME_LOCAL_NED, mask, 0, 0, 0, north, east, -up, 0, 0, 0, yaw, 0)
        self.send(mavlink.MAVLink_set_position_target_local_ned_message(*args))

    def take_off(self, height_m: float = 20.0) -> None:
        """Arm, take off and reach the height."""
        self.run_until(lambda: not self.core.autopilot.commander.blockers(self.core.now_ns), 10.0)
        home = self.core.autopilot.commander.home
        assert home is not None
        assert self.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, nan, 0, 0, home[2] + height_m) == [0]
        assert self.arm() == [0]
        self.run_until(lambda: self.mode == "AUTO.TAKEOFF", 1.0)
        self.run_until(lambda: self.mode == "AUTO.LOITER", 20.0 + height_m)
        self.run(3.0)

    def fly_offboard(self, east: float, north: float, up: float, seconds: float) -> None:
        """Enter OFFBOARD on a velocity stream and keep it for a time."""
        self.velocity_setpoint(east, north, up)
        if self.mode != "OFFBOARD":
            self.set_mode(6)
        self.run(seconds, lambda: self.velocity_setpoint(east, north, up))


@pytest.fixture(scope="session")
def profile() -> VehicleProfile:
    return load_vehicle("quad_2kg")


@pytest.fixture(scope="session")
def terrain() -> Terrain:
    return load_terrain()


@pytest.fixture
def make_rig(profile: VehicleProfile, terrain: Terrain) -> Callable[..., Rig]:
    """Build a rig: keyword arguments are fields of VehicleSettings, and `seed`."""

    def make(seed: int = 1, **fields: Any) -> Rig:
        airframe = load_vehicle(fields["vehicle"]) if "vehicle" in fields else profile
        return Rig(VehicleCore(VehicleSettings(**fields), airframe, terrain, seed))

    return make


@pytest.fixture
def rig(make_rig: Callable[..., Rig]) -> Rig:
    return make_rig()


@pytest.fixture(scope="module")
def shared_hover(profile: VehicleProfile, terrain: Terrain) -> Rig:
    """One vehicle that hovers high for all tests of a module, on a battery that lasts."""
    rig = Rig(VehicleCore(VehicleSettings(), profile.model_copy(update={"battery_wh": 4000.0}), terrain, 1))
    rig.take_off(100.0)
    return rig


@pytest.fixture
def make_copter(profile: VehicleProfile, terrain: Terrain) -> Callable[..., CopterRig]:
    """Build a rig of the ArduCopter flavour: fields of VehicleSettings, `seed`, and `profile` fields to change."""

    def make(seed: int = 1, changes: dict[str, Any] | None = None, **fields: Any) -> CopterRig:
        airframe = profile.model_copy(update=changes or {})
        settings = VehicleSettings(autopilot="ardupilot", **{"prepared": False, **fields})
        return CopterRig(VehicleCore(settings, airframe, terrain, seed, ("ground",)))

    return make


@pytest.fixture
def copter(make_copter: Callable[..., CopterRig]) -> CopterRig:
    return make_copter()
