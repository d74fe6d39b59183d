"""The PX4 flavour, put together."""

from __future__ import annotations

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_mavlink.transfer_server import MissionHooks, MissionServer
from lenger_sim.autopilot import COMPONENT_ID, Autopilot, Body
from lenger_sim.channels import Channel, Router, Streams
from lenger_sim.file_transfer import refuse_file_transfer
from lenger_sim.mission_items import Locator
from lenger_sim.px4.commander import Commander
from lenger_sim.px4.commands import Px4Commands
from lenger_sim.px4.modes import Pilot
from lenger_sim.px4.params import parameters_of
from lenger_sim.px4.telemetry import Px4Telemetry, streams_of

_MISSION, _FENCE, _RALLY = (
    mavlink.MAV_MISSION_TYPE_MISSION,
    mavlink.MAV_MISSION_TYPE_FENCE,
    mavlink.MAV_MISSION_TYPE_RALLY,
)


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
        telemetry = Px4Telemetry(self.commander, pilot, body)
        commands = Px4Commands(self.commander, pilot, body.estimator, telemetry, router)
        hooks = MissionHooks(
            set_current=self.commander.mission.run.set_current,
            text=lambda severity, text: self.commander.texts.append((severity, text)),
            progress=lambda: (self.commander.mission.state, self.commander.mode == "AUTO.MISSION"),
        )
        missions = MissionServer(system_id, COMPONENT_ID, self._stored, hooks=hooks)
        super().__init__(router, telemetry, commands, params, missions, self.commander)
        self.handlers |= {
            "SET_POSITION_TARGET_LOCAL_NED": lambda msg, _channel, now_ns: commands.on_setpoint(msg, now_ns),
            "SET_POSITION_TARGET_GLOBAL_INT": lambda msg, _channel, now_ns: commands.on_setpoint(msg, now_ns),
            "SET_MODE": lambda msg, _channel, now_ns: commands.on_set_mode(msg, now_ns),
            "MANUAL_CONTROL": self._on_manual_control,
            "RC_CHANNELS_OVERRIDE": self._on_rc_override,
            "FILE_TRANSFER_PROTOCOL": refuse_file_transfer,
        }
        self._system_id = system_id
        self._pilot = pilot
        self._locator = Locator(body.estimator.to_local, lambda: pilot.home)

    @classmethod
    def streams(cls, kind: str) -> Streams:
        """Return the default streams of a kind of link."""
        return streams_of(kind)

    def fly(self, now_ns: int) -> None:
        """Let the commander judge and the pilot fly; tell of the mission's progress."""
        self.commander.step(now_ns)
        self.missions.current = self.commander.mission.run.seq
        self.commander.mission.report(now_ns, self.mode, self.router)

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
            self.commander.failsafes.on_gcs_heartbeat(now_ns)

    def _stored(self, mission_type: int, items: tuple[MissionItem, ...]) -> None:
        if mission_type == _FENCE:
            self.commander.on_fence(items)  # what it will not use is kept for reading back none the less
        elif mission_type == _MISSION:
            self.commander.on_mission(items)
        elif mission_type == _RALLY:
            places = (self._locator.place(item) for item in items)
            self._pilot.rally = tuple(place for place in places if place is not None)

    def _on_manual_control(self, msg: MavMessage, _channel: Channel, now_ns: int) -> None:
        if msg.target == self._system_id:
            self.commander.manual.input.on_manual_control(msg, now_ns)

    def _on_rc_override(self, msg: MavMessage, _channel: Channel, now_ns: int) -> None:
        self.commander.manual.input.on_rc_override(msg, now_ns)
