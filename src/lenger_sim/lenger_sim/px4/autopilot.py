"""The PX4 flavour, put together."""

from __future__ import annotations

from lenger_core.samples import Vec3
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_mavlink.transfer_server import MissionServer
from lenger_sim.autopilot import COMPONENT_ID, Autopilot, Body, Text
from lenger_sim.channels import Channel, Router, Streams
from lenger_sim.px4.commander import Commander
from lenger_sim.px4.commands import Px4Commands
from lenger_sim.px4.modes import Pilot
from lenger_sim.px4.params import parameters_of
from lenger_sim.px4.telemetry import Px4Telemetry, streams_of

_FENCE = mavlink.MAV_MISSION_TYPE_FENCE


class Px4Autopilot(Autopilot):
    """PX4 v1.16 as FACTS measured it: commander, modes, failsafes, fence, parameters, streams.

    Attributes:
        commander: arming, mode and failsafes (for tests and observers).
    """

    def __init__(self, body: Body, router: Router) -> None:
        system_id = body.settings.system_id
        params = ParamServer(parameters_of(body.profile, system_id), system_id, COMPONENT_ID)
        pilot = Pilot(body.estimator, body.control, params)
        self.commander = Commander(pilot, body.estimator, params)
        telemetry = Px4Telemetry(self.commander, pilot, body.estimator, body.sensors)
        commands = Px4Commands(self.commander, pilot, body.estimator, telemetry, router)
        missions = MissionServer(system_id, COMPONENT_ID, self._stored)
        super().__init__(router, telemetry, commands, params, missions)
        self.handlers |= {
            "SET_POSITION_TARGET_LOCAL_NED": lambda msg, _channel, now_ns: commands.on_setpoint(msg, now_ns),
            "SET_POSITION_TARGET_GLOBAL_INT": lambda msg, _channel, now_ns: commands.on_setpoint(msg, now_ns),
            "SET_MODE": lambda msg, _channel, now_ns: commands.on_set_mode(msg, now_ns),
        }

    @classmethod
    def streams(cls, kind: str) -> Streams:
        """Return the default streams of a kind of link."""
        return streams_of(kind)

    @property
    def mode(self) -> str:
        """The active mode."""
        return self.commander.mode

    @property
    def armed(self) -> bool:
        """Whether the motors may turn."""
        return self.commander.armed

    @property
    def home(self) -> Vec3 | None:
        """Home."""
        return self.commander.home

    def fly(self, now_ns: int) -> None:
        """Let the commander judge and the pilot fly."""
        self.commander.step(now_ns)

    def take_texts(self) -> list[Text]:
        """Return and forget what is to be told."""
        texts, self.commander.texts = self.commander.texts, []
        return texts

    def on_battery(self, voltage_v: float, current_a: float, used_ah: float, remaining: float) -> None:
        """Take the battery."""
        super().on_battery(voltage_v, current_a, used_ah, remaining)
        self.commander.battery_remaining = remaining

    def on_crash(self) -> None:
        """Stop the motors for good."""
        if not self.commander.crashed:
            self.commander.crashed = True
            self.commander.disarm("crash detection", force=True)

    def on_heartbeat(self, msg: MavMessage, _channel: Channel, now_ns: int) -> None:
        """Count ground stations only: a companion's heartbeat keeps no failsafe quiet."""
        if msg.type == mavlink.MAV_TYPE_GCS:
            self.commander.on_gcs_heartbeat(now_ns)

    def _stored(self, mission_type: int, items: tuple[MissionItem, ...]) -> None:
        if mission_type == _FENCE and not self.commander.on_fence(items):
            self.missions.drop(_FENCE)
