"""The embedded vehicle: body, sensors and autopilot, driven by simulated time, spoken to in MAVLink bytes."""

from __future__ import annotations

from math import degrees

import numpy as np

from lenger_core.samples import SimTruth, Vec3
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.codec import MavCodec, MavMessage, for_us, mavlink
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_mavlink.transfer_server import MissionServer
from lenger_sim.airframe import STEP_NS, Airframe, radii_m
from lenger_sim.control import control_params, control_step, scale_thrust
from lenger_sim.faults import Faults
from lenger_sim.layout import CONTROL, record
from lenger_sim.onboard import Estimator
from lenger_sim.px4_commander import Commander
from lenger_sim.px4_commands import Commands
from lenger_sim.px4_modes import PERIOD_NS, Pilot
from lenger_sim.px4_params import parameters_of
from lenger_sim.sensors import Sensors, magnetic_field_enu_t
from lenger_sim.settings import VehicleSettings
from lenger_sim.telemetry import Telemetry

COMPONENT_ID = 1
TEXT_SIZE = 50
_SLOW_NS = 200_000_000
_FENCE = mavlink.MAV_MISSION_TYPE_FENCE


class VehicleCore:
    """A PX4-flavoured quadrotor in simulated time, which starts at 0 with its boot.

    The same settings, profile, terrain and input bytes at the same times give the same output bytes.

    Args:
        settings: start, day and identity.
        profile: the airframe.
        terrain: the ground.
        seed: of every random stream.

    Attributes:
        now_ns: simulated time.
        faults: the hook for injected faults.
        params: the autopilot's parameters.
        commander: arming, mode and failsafes (for tests and observers).

    Raises:
        InputError: home lies outside the terrain, or the body's definition does not fit the profile.
    """

    def __init__(self, settings: VehicleSettings, profile: VehicleProfile, terrain: Terrain, seed: int) -> None:
        air_rng, sensor_rng = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
        self.now_ns = 0
        self._airframe = Airframe(settings, profile, terrain, air_rng)
        truth = self._airframe.truth
        self._sensors = Sensors(settings, truth, sensor_rng, radii_m(float(truth["lat_rad"][0])))
        east, north, _ = magnetic_field_enu_t(settings.home_lat_deg, settings.home_lon_deg, 757.0)
        self._estimator = Estimator(degrees(np.arctan2(east, north)))
        self._control = record(CONTROL)
        self._gains = control_params(profile, self._airframe.body.inertia_kg_m2)
        self._static_thrust_n = float(self._gains["max_thrust_n"][0])
        self.params = ParamServer(parameters_of(profile, settings.system_id), settings.system_id, COMPONENT_ID)
        self._pilot = Pilot(self._estimator, self._control, self.params)
        self.commander = Commander(self._pilot, self._estimator, self.params)
        self._telemetry = Telemetry(self.commander, self._pilot, self._estimator, self._sensors.state)
        self._commands = Commands(self.commander, self._pilot, self._estimator, self._telemetry)
        self._missions = MissionServer(settings.system_id, COMPONENT_ID, self._stored)
        self.faults = Faults(self._sensors)
        self._codec = MavCodec(settings.system_id, COMPONENT_ID)
        self._outgoing: list[bytes] = []
        self._last_state: tuple[str, bool, Vec3 | None] = ("", False, None)
        self._text_id = 0
        self._next_pilot_ns = 0
        self._next_slow_ns = 0

    def step_to(self, t_ns: int) -> None:
        """Advance in steps of 4 ms until simulated time is at least `t_ns`."""
        while self.now_ns < t_ns:
            self._step()

    def receive(self, data: bytes, t_ns: int) -> None:
        """Take one datagram of MAVLink bytes at `t_ns`; what is not valid or not for us is dropped. Never raises."""
        for msg in self._codec.feed_datagram(data):
            if for_us(msg, self._codec.system_id, COMPONENT_ID):
                self._dispatch(msg, max(t_ns, self.now_ns))

    def take_outgoing(self) -> list[bytes]:
        """Return the frames sent since the last call, in order."""
        frames, self._outgoing = self._outgoing, []
        return frames

    def truth(self) -> SimTruth:
        """Return where the vehicle really is."""
        t, a = self._airframe.truth[0], self._airframe.state[0]
        vel_e, vel_n, vel_u = t["vel"].tolist()
        w, x, y, z = t["quat"].tolist()
        wind_e, wind_n, wind_u = a["wind"].tolist()
        return SimTruth(
            self.now_ns,
            degrees(t["lat_rad"]),
            degrees(t["lon_rad"]),
            float(t["alt_amsl_m"]),
            float(a["height_agl_m"]),
            (vel_e, vel_n, vel_u),
            (w, x, y, z),
            (wind_e, wind_n, wind_u),
            float(a["used_j"]) / 3600.0,
            bool(a["contact"]),
            bool(a["crashed"]),
        )

    # ------------------------------------------------------------ time

    def _step(self) -> None:
        self.now_ns += STEP_NS
        now_ns = self.now_ns
        airframe = self._airframe
        airframe.step(self._control["motors"][0])
        slow = self._sensors.step(now_ns, airframe.spin())
        self._estimator.step(self._sensors.state, slow, now_ns)
        fix = self._sensors.take_fix(now_ns)
        if fix is not None:
            self._estimator.on_fix(fix, now_ns)
            self._send(self._telemetry.gps_raw(fix.sample(now_ns)))
        if now_ns >= self._next_pilot_ns:
            self._next_pilot_ns += PERIOD_NS
            self._fly()
        control_step(self._estimator.state, self._control, self._gains)
        for msg in self._telemetry.step(now_ns):
            self._send(msg)

    def _fly(self) -> None:
        """The autopilot's 50 Hz part."""
        if self.now_ns >= self._next_slow_ns:
            self._next_slow_ns += _SLOW_NS
            self._measure_battery()
        self.commander.step(self.now_ns)
        for msg in self._missions.step(self.now_ns):
            self._send(msg)
        for msg in self.params.step():
            self._send(msg)
        self._announce()

    def _measure_battery(self) -> None:
        a, p, s = self._airframe.state[0], self._airframe.params[0], self._sensors.state[0]
        remaining = min(max(1.0 - float(a["used_c"] / p["charge_c"]), 0.0), 1.0)
        voltage = float(a["voltage_v"])
        self._telemetry.battery = (voltage, float(a["current_a"]), float(a["used_c"]) / 3600.0, remaining)
        self.commander.battery_remaining = remaining
        density = float(s["pressure_pa"]) / (287.05287 * float(s["temperature_k"]))
        scale_thrust(self._gains, self._static_thrust_n, density, voltage / float(p["full_voltage_v"]))
        if a["crashed"] and not self.commander.crashed:
            self.commander.crashed = True
            self.commander.disarm("crash detection", force=True)

    def _announce(self) -> None:
        """Send texts, and heartbeat and home when they changed."""
        commander = self.commander
        for severity, text in commander.texts:
            self._send_text(severity, text)
        commander.texts.clear()
        state = (commander.mode, commander.armed, commander.home)
        if state[:2] != self._last_state[:2]:
            self._send(self._telemetry.heartbeat(self.now_ns))
        if state[2] is not None and state[2] != self._last_state[2]:
            self._send(self._telemetry.home_position(self.now_ns))
        self._last_state = state

    # ------------------------------------------------------------ messages

    def _dispatch(self, msg: MavMessage, now_ns: int) -> None:
        kind = msg.get_type()
        if kind in ("SET_POSITION_TARGET_LOCAL_NED", "SET_POSITION_TARGET_GLOBAL_INT"):
            self._commands.on_setpoint(msg, now_ns)
        elif kind in ("COMMAND_LONG", "COMMAND_INT"):
            answers = self._commands.on_command(msg, now_ns)
            for answer in answers + self._commands.requested:
                self._send(answer)
            self._commands.requested.clear()
        elif kind == "TIMESYNC":
            self._answer_timesync(msg, now_ns)
        elif kind == "HEARTBEAT":
            if msg.type == mavlink.MAV_TYPE_GCS:
                self.commander.on_gcs_heartbeat(now_ns)
        elif kind == "SET_MODE":
            self._commands.on_set_mode(msg, now_ns)
        elif kind.startswith("PARAM_"):
            self._send_all(self.params.on_message(msg))
        elif kind.startswith("MISSION_"):
            self._send_all(self._missions.on_message(msg, now_ns))

    def _answer_timesync(self, msg: MavMessage, now_ns: int) -> None:
        if msg.tc1 == 0:
            self._send(mavlink.MAVLink_timesync_message(now_ns, msg.ts1))

    def _stored(self, mission_type: int, items: tuple[MissionItem, ...]) -> None:
        if mission_type == _FENCE and not self.commander.on_fence(items):
            self._missions.drop(_FENCE)

    def _send(self, msg: MavMessage) -> None:
        self._outgoing.append(self._codec.encode(msg))

    def _send_all(self, messages: list[MavMessage]) -> None:
        for msg in messages:
            self._send(msg)

    def _send_text(self, severity: int, text: str) -> None:
        """Send a STATUSTEXT, in chunks of 50 bytes when it is longer."""
        data = text.encode("ascii", "replace")
        chunks = [data[at : at + TEXT_SIZE] for at in range(0, len(data), TEXT_SIZE)]
        number = 0
        if len(chunks) > 1:
            self._text_id = self._text_id % 0xFFFF + 1
            number = self._text_id
        for index, chunk in enumerate(chunks):
            self._send(mavlink.MAVLink_statustext_message(severity, chunk, number, index))
