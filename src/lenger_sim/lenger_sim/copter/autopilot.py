"""The ArduCopter flavour, put together."""

from __future__ import annotations

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import ARDUPILOT as PARAM_DIALECT
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_mavlink.transfer_server import ARDUPILOT as MISSION_DIALECT
from lenger_mavlink.transfer_server import MissionHooks, MissionServer
from lenger_sim.autopilot import COMPONENT_ID, Autopilot, Body
from lenger_sim.channels import Channel, Router, Streams
from lenger_sim.copter.commander import Commander
from lenger_sim.copter.commands import CopterCommands
from lenger_sim.copter.guided import ALONG_TRACK
from lenger_sim.copter.messages import GROUPS
from lenger_sim.copter.params import READ_ONLY, parameters_of, types
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.copter.setpoints import Setpoints
from lenger_sim.copter.telemetry import CopterTelemetry, streams_of

_BOOT_TEXTS = ("ArduPilot Ready",)


class CopterAutopilot(Autopilot):
    """ArduCopter 4.7 as FACTS measured it.

    Attributes:
        commander: arming, mode and failsafes (for tests and observers).
        pilot: what flies (for tests and observers).
    """

    def __init__(self, body: Body, router: Router) -> None:
        system_id = body.settings.system_id
        values = parameters_of(body.profile, system_id)
        params = ParamServer(values, system_id, COMPONENT_ID, dialect=PARAM_DIALECT, types=types(), read_only=READ_ONLY)
        self.pilot = CopterPilot(body.estimator, body.control, params)
        self.commander = Commander(self.pilot, body.estimator, params)
        self.commander.texts += [(int(mavlink.MAV_SEVERITY_INFO), text) for text in _BOOT_TEXTS]
        self._now_ns = 0
        telemetry = CopterTelemetry(self.commander, self.pilot, body.estimator, body.sensors)
        setpoints = Setpoints(self.pilot, body.estimator)
        missions = MissionServer(system_id, COMPONENT_ID, self._stored, dialect=MISSION_DIALECT, hooks=self._hooks())
        commands = CopterCommands(self.commander, self.pilot, body.estimator, telemetry, setpoints, missions)
        super().__init__(router, telemetry, commands, params, missions, self.commander)
        self._setpoints = setpoints
        self.handlers |= {
            "SET_POSITION_TARGET_LOCAL_NED": lambda msg, _channel, now_ns: setpoints.on_message(msg, now_ns),
            "SET_POSITION_TARGET_GLOBAL_INT": lambda msg, _channel, now_ns: setpoints.on_message(msg, now_ns),
            "SET_MODE": lambda msg, _channel, now_ns: commands.on_set_mode(msg, now_ns),
            "REQUEST_DATA_STREAM": self._on_data_stream,
            "RC_CHANNELS_OVERRIDE": self._on_sticks,
            "MANUAL_CONTROL": self._on_sticks,
        }

    @classmethod
    def streams(cls, kind: str) -> Streams:
        """Return the default streams of a kind of link."""
        return streams_of(kind)

    def fly(self, now_ns: int) -> None:
        """Let the commander judge and the pilot fly; tell what the mission has reached."""
        self._now_ns = now_ns
        self.commander.step(now_ns)
        if self.pilot.auto.reached:  # the real one keeps one number: of several at once only the last is told
            self.router.send(mavlink.MAVLink_mission_item_reached_message(self.pilot.auto.reached[-1]))
        self.pilot.auto.reached.clear()

    def on_battery(self, voltage_v: float, current_a: float, used_ah: float, remaining: float) -> None:
        """Take the battery; what is left is counted in BATT_CAPACITY."""
        super().on_battery(voltage_v, current_a, used_ah, remaining)
        self.commander.on_battery(voltage_v, remaining * float(self.params["BATT_CAPACITY"]))

    def on_crash(self) -> None:
        """Stop the motors for good."""
        if not self.commander.arming.crashed:
            self.commander.arming.crashed = True
            if self.commander.armed:
                self.commander.texts.append((int(mavlink.MAV_SEVERITY_EMERGENCY), "Crash: Disarming"))
                self.commander.disarm(force=True)

    def on_heartbeat(self, msg: MavMessage, _channel: Channel, now_ns: int) -> None:
        """Count the ground station with system id MAV_GCS_SYSID."""
        if msg.get_srcSystem() == int(self.params["MAV_GCS_SYSID"]):
            self.commander.gcs.seen(now_ns)

    def _on_sticks(self, msg: MavMessage, _channel: Channel, now_ns: int) -> None:
        """Take sticks from the ground station MAV_GCS_SYSID only."""
        if msg.get_srcSystem() != int(self.params["MAV_GCS_SYSID"]):
            return
        if msg.get_type() == "MANUAL_CONTROL":
            self.pilot.radio.on_manual(msg, now_ns)
            self.commander.gcs.seen(now_ns)
        else:
            self.pilot.radio.on_override(msg, now_ns)

    def _on_data_stream(self, msg: MavMessage, channel: Channel, now_ns: int) -> None:
        """Take REQUEST_DATA_STREAM: one group, or all of them (0)."""
        wanted = [msg.req_stream_id] if msg.req_stream_id else list(GROUPS)
        rate = msg.req_message_rate if msg.start_stop else 0
        for group in wanted:
            for number in GROUPS.get(group, ()):
                channel.streams.set_interval(number, 1e6 / rate if rate > 0 else -1.0, now_ns)

    def _hooks(self) -> MissionHooks:
        """Return what the mission protocol asks of the vehicle."""
        run = self.pilot.auto.run
        return MissionHooks(
            home=lambda: self.commander.home,
            running=lambda: self.commander.armed and self.mode == "AUTO" and run.active,
            set_current=run.set_current,
            guided=self._fly_to_item,
            text=lambda severity, text: self.commander.texts.append((severity, text)),
            progress=lambda: (run.state, self.mode == "AUTO"),
        )

    def _fly_to_item(self, item: MissionItem) -> bool:
        """Fly to an item that was sent with current = 2; only in GUIDED, only within the fence."""
        place = self._setpoints.place(item.frame, item.x_lat_deg, item.y_lon_deg, item.z_alt_m)
        if self.mode != "GUIDED" or place is None or not self.pilot.fence.allows(place):
            return False
        self.pilot.guided.go(place, None, ALONG_TRACK, self._now_ns)
        return True

    def _on_param(self, msg: MavMessage, channel: Channel) -> None:
        """Take a message of the parameter protocol; a value that was set is told to all."""
        if msg.get_type() != "PARAM_SET":
            super()._on_param(msg, channel)
            return
        for answer in self.params.on_message(msg):
            self.router.send(answer)

    def _stored(self, mission_type: int, items: tuple[MissionItem, ...]) -> None:
        if mission_type == mavlink.MAV_MISSION_TYPE_FENCE:
            self.pilot.fence.load(items)
            self.commander.texts.append((int(mavlink.MAV_SEVERITY_DEBUG), "Fence Indexed OK"))
            self.params.put("FENCE_TOTAL", min(len(items), 127))
        elif mission_type == mavlink.MAV_MISSION_TYPE_MISSION:
            self.pilot.auto.load(items)
            self.params.put("MIS_TOTAL", len(items))
        else:
            self.params.put("RALLY_TOTAL", len(items))
