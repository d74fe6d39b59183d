"""The embedded vehicle: body, sensors and autopilot, driven by simulated time, spoken to in MAVLink bytes."""

from __future__ import annotations

from collections.abc import Sequence
from math import degrees

import numpy as np

from lenger_core.samples import SimTruth
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.codec import MavCodec, for_us
from lenger_mavlink.params import ParamServer
from lenger_sim.airframe import STEP_NS, Airframe, radii_m
from lenger_sim.autopilot import COMPONENT_ID, Autopilot, Body
from lenger_sim.channels import Channel, Router
from lenger_sim.control import control_params, control_step, scale_thrust
from lenger_sim.copter.autopilot import CopterAutopilot
from lenger_sim.faults import Faults
from lenger_sim.guidance import PERIOD_NS
from lenger_sim.innovation import EKF2, EKF3
from lenger_sim.layout import CONTROL, record
from lenger_sim.link_faults import BadRadio
from lenger_sim.magnetic import magnetic_field_enu_t
from lenger_sim.onboard import Estimator
from lenger_sim.power import PERIOD_S, BatterySensor
from lenger_sim.px4.autopilot import Px4Autopilot
from lenger_sim.sensors import Sensors
from lenger_sim.settings import VehicleSettings
from lenger_sim.telemetry import vehicle_type_of

FLAVOURS: dict[str, type[Px4Autopilot] | type[CopterAutopilot]] = {"px4": Px4Autopilot, "ardupilot": CopterAutopilot}
"""Setting `autopilot` to the flavour."""
_SLOW_NS = round(PERIOD_S * 1e9)


class VehicleCore:
    """A multirotor with an autopilot in simulated time, which starts at 0 with its boot.

    The same settings, profile, terrain and input bytes at the same times give the same output bytes.

    Args:
        settings: start, day, identity and autopilot flavour.
        profile: the airframe.
        terrain: the ground.
        seed: of every random stream.
        links: the kind of each MAVLink link there is from the start (`open_channel`).

    Attributes:
        now_ns: simulated time.
        faults: the hook for injected faults.
        autopilot: the flavour (for tests and observers).
        channels: the open links; `receive` and `take_outgoing` mean the first one when none is named.

    Raises:
        InputError: home lies outside the terrain, or the body's definition does not fit the profile.
    """

    def __init__(
        self,
        settings: VehicleSettings,
        profile: VehicleProfile,
        terrain: Terrain,
        seed: int,
        links: Sequence[str] = ("companion",),
    ) -> None:
        streams = np.random.SeedSequence(seed).spawn(3)
        _, sensor_rng, power_rng = (np.random.default_rng(child) for child in streams)
        self.now_ns = 0
        self._airframe = Airframe(settings, profile, terrain, seed)
        truth = self._airframe.truth
        radii = radii_m(float(truth["lat_rad"][0]))
        self._power = BatterySensor(profile, power_rng)
        self._sensors = Sensors(settings, truth, sensor_rng, radii, self._airframe.ground)
        east, north, _ = magnetic_field_enu_t(settings.home_lat_deg, settings.home_lon_deg, 757.0)
        times = EKF3 if settings.autopilot == "ardupilot" else EKF2
        self._estimator = Estimator(degrees(np.arctan2(east, north)), times)
        self._control = record(CONTROL)
        self._gains = control_params(profile, self._airframe.body.inertia_kg_m2)
        self._static_thrust_n = float(self._gains["max_thrust_n"][0])
        flavour = FLAVOURS[settings.autopilot]
        self._system_id = settings.system_id
        self._seed, self._links_opened = seed, 0
        self.channels: list[Channel] = []
        if not settings.prepared:
            profile = profile.model_copy(update={"failsafe_parameters": {}})
        body = Body(settings, profile, terrain, self._estimator, self._control, self._sensors.state)
        self.autopilot: Autopilot = flavour(body, Router(self.channels))
        self.autopilot.telemetry.vehicle_type = vehicle_type_of(profile.rotors)
        for kind in links:
            self.open_channel(kind)
        self.faults = Faults(self._sensors, self._airframe, self)
        self._next_pilot_ns = 0
        self._next_slow_ns = 0

    @property
    def params(self) -> ParamServer:
        """The autopilot's parameters."""
        return self.autopilot.params

    def step_to(self, t_ns: int) -> None:
        """Advance in steps of 4 ms until simulated time is at least `t_ns`."""
        while self.now_ns < t_ns:
            self._step()

    def open_channel(self, kind: str) -> Channel:
        """Add a link and return it; its kind decides the default streams.

        "companion" is our own stack, "onboard" another companion computer, "ground" a ground station.
        """
        self._links_opened += 1
        radio = BadRadio(self._seed + self._links_opened)
        channel = Channel(MavCodec(self._system_id, COMPONENT_ID), self.autopilot.streams(kind), radio)
        self.channels.append(channel)
        return channel

    def close_channel(self, channel: Channel) -> None:
        """Forget a link whose other end is gone."""
        self.channels.remove(channel)

    def receive(self, data: bytes, t_ns: int, channel: Channel | None = None, whole: bool = True) -> None:
        """Take MAVLink bytes at `t_ns`; what is not valid or not for us is dropped. Never raises.

        `whole`: they are a datagram of whole frames, not a piece of a byte stream.
        """
        channel = channel or self.channels[0]
        for piece in channel.radio.up(data, max(t_ns, self.now_ns)):
            self._take(piece, channel, max(t_ns, self.now_ns), whole)

    def take_outgoing(self, channel: Channel | None = None) -> list[bytes]:
        """Return the frames sent on a link since the last call, in order."""
        return (channel or self.channels[0]).take(self.now_ns)

    def set_delay(self, seconds: float, until_ns: int) -> None:
        """Delay everything on every link, both ways, until then (a fault)."""
        for channel in self.channels:
            channel.radio.set_delay(seconds, until_ns)

    def set_loss(self, fraction: float, until_ns: int) -> None:
        """Lose this fraction of everything on every link, both ways, until then (a fault)."""
        for channel in self.channels:
            channel.radio.set_loss(fraction, until_ns)

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

    def _take(self, data: bytes, channel: Channel, now_ns: int, whole: bool = True) -> None:
        for msg in channel.codec.feed_datagram(data) if whole else channel.codec.feed(data):
            channel.peers.add((msg.get_srcSystem(), msg.get_srcComponent()))
            if for_us(msg, self._system_id, COMPONENT_ID):
                self.autopilot.on_message(msg, channel, now_ns)

    def _step(self) -> None:
        self.now_ns += STEP_NS
        now_ns = self.now_ns
        for channel in self.channels:
            for data in channel.radio.late(now_ns):
                self._take(data, channel, now_ns)
        airframe = self._airframe
        if self.faults.active:
            self.faults.step(now_ns)
        airframe.step(self._control["motors"][0])
        slow = self._sensors.step(now_ns, airframe.spin())
        self._estimator.step(self._sensors.state, slow, now_ns)
        fix = self._sensors.take_fix(now_ns)
        if fix is not None:
            self._estimator.on_fix(fix, now_ns)
            self.autopilot.on_fix(fix.sample(now_ns))
        if now_ns >= self._next_pilot_ns:
            self._next_pilot_ns += PERIOD_NS
            if now_ns >= self._next_slow_ns:
                self._next_slow_ns += _SLOW_NS
                self._measure_battery()
            self.autopilot.step(now_ns)
        control_step(self._estimator.state, self._control, self._gains)
        self.autopilot.stream(now_ns)

    def _measure_battery(self) -> None:
        a, p, s = self._airframe.state[0], self._airframe.params[0], self._sensors.state[0]
        power = self._power
        power.step(self._airframe.state)
        self.autopilot.on_battery(power.voltage_v, power.current_a, power.used_ah, power.remaining)
        density = float(s["pressure_pa"]) / (287.05287 * float(s["temperature_k"]))
        scale_thrust(self._gains, self._static_thrust_n, density, power.voltage_v / float(p["full_voltage_v"]))
        if a["crashed"]:
            self.autopilot.on_crash()
