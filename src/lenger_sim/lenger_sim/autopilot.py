"""The seam between the vehicle and an autopilot flavour: what the vehicle gives it, and what every flavour does alike.

PX4 and ArduCopter derive from `Autopilot`. Fixed wing and VTOL come in here as well: a flavour with another pilot, on a
body with another control cascade.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from lenger_core.samples import GnssFix, Vec3
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_server import MissionServer
from lenger_sim.channels import Channel, Router, Streams
from lenger_sim.commands import Commands
from lenger_sim.file_transfer import refuse_file_transfer
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator
from lenger_sim.settings import VehicleSettings
from lenger_sim.telemetry import Telemetry

COMPONENT_ID = 1
TEXT_SIZE = 50

Handler: TypeAlias = Callable[[MavMessage, Channel, int], None]
"""(message, link, time in ns)."""
Text: TypeAlias = tuple[int, str]
"""(MAV_SEVERITY, text)."""


@dataclass(frozen=True)
class Body:
    """What an autopilot has of the vehicle: its estimate, its sensors and its motors; never the truth."""

    settings: VehicleSettings
    profile: VehicleProfile
    terrain: Terrain
    estimator: Estimator
    control: Record
    sensors: Record


class CommanderFace(Protocol):
    """What every flavour's commander shows."""

    armed: bool
    home: Vec3 | None
    texts: list[Text]

    @property
    def mode(self) -> str:
        """The active mode, as MAVROS names it."""


class Autopilot(ABC):
    """Everything that a flavour says and does, on all links.

    Attributes:
        handlers: message name to what takes it; a flavour adds its own.
        params: the autopilot's parameters.
        missions: the stored lists.
    """

    def __init__(
        self,
        router: Router,
        telemetry: Telemetry,
        commands: Commands,
        params: ParamServer,
        missions: MissionServer,
        commander: CommanderFace,
    ) -> None:
        self._face = commander
        self.router = router
        self.telemetry = telemetry
        self.commands = commands
        self.params = params
        self.missions = missions
        self._listing: list[Channel] = []
        self._last_state: tuple[str, bool, Vec3 | None] = ("", False, None)
        self._text_id = 0
        self.handlers: dict[str, Handler] = {
            "COMMAND_LONG": commands.on_command,
            "COMMAND_INT": commands.on_command,
            "TIMESYNC": self._answer_timesync,
            "HEARTBEAT": self.on_heartbeat,
            "FILE_TRANSFER_PROTOCOL": refuse_file_transfer,
            "STATUSTEXT": self._forward,
        }

    @classmethod
    @abstractmethod
    def streams(cls, kind: str) -> Streams:
        """Return the default streams of a link: "companion", "onboard" or "ground"."""

    @property
    def mode(self) -> str:
        """The active mode, as MAVROS names it."""
        return self._face.mode

    @property
    def armed(self) -> bool:
        """Whether the motors may turn."""
        return self._face.armed

    @property
    def home(self) -> Vec3 | None:
        """Latitude, longitude in degrees and AMSL height of home."""
        return self._face.home

    @abstractmethod
    def fly(self, now_ns: int) -> None:
        """Judge, decide and write setpoints: the 50 Hz part."""

    def take_texts(self) -> list[Text]:
        """Return and forget what is to be told."""
        texts = list(self._face.texts)
        self._face.texts.clear()
        return texts

    def on_battery(self, voltage_v: float, current_a: float, used_ah: float, remaining: float) -> None:
        """Take the battery: terminal voltage, current, charge used and charge left (0 to 1)."""
        self.telemetry.battery = (voltage_v, current_a, used_ah, remaining)

    def on_fix(self, fix: GnssFix) -> None:
        """Take a fix as the receiver delivers it."""
        msg = self.telemetry.gps_raw(fix)
        for channel in self.router.channels:
            if channel.streams.wants(mavlink.MAVLINK_MSG_ID_GPS_RAW_INT, fix.t_ns):
                channel.send(msg)

    @abstractmethod
    def on_crash(self) -> None:
        """Take that the airframe is broken."""

    @abstractmethod
    def on_heartbeat(self, msg: MavMessage, channel: Channel, now_ns: int) -> None:
        """Take the heartbeat of somebody else."""

    # ------------------------------------------------------------ time

    def step(self, now_ns: int) -> None:
        """The 50 Hz part: fly, then send what the protocols have to say."""
        self.fly(now_ns)
        for msg in self.missions.step(now_ns):
            self.router.send(msg)
        self._list_params()
        self._announce(now_ns)

    def stream(self, now_ns: int) -> None:
        """Send the streams that are due: every 4 ms."""
        for channel in self.router.channels:
            self.telemetry.step(channel, now_ns)

    def _list_params(self) -> None:
        if not self._listing:
            return
        messages = self.params.step()
        for channel in self._listing:
            for msg in messages:
                channel.send(msg)
        if not messages:
            self._listing.clear()

    def _announce(self, now_ns: int) -> None:
        """Send texts, and heartbeat and home when they changed."""
        for severity, text in self.take_texts():
            self._send_text(severity, text)
        state = (self.mode, self.armed, self.home)
        self.telemetry.home = state[2]
        if state[:2] != self._last_state[:2]:
            self._tell_all(mavlink.MAVLINK_MSG_ID_HEARTBEAT, now_ns)
        if state[2] is not None and state[2] != self._last_state[2]:
            self._tell_all(mavlink.MAVLINK_MSG_ID_HOME_POSITION, now_ns)
        self._last_state = state

    def _tell_all(self, message_id: int, now_ns: int) -> None:
        for channel in self.router.channels:
            msg = self.telemetry.one(message_id, channel, now_ns)
            if msg is not None:
                channel.send(msg)

    # ------------------------------------------------------------ messages

    def on_message(self, msg: MavMessage, channel: Channel, now_ns: int) -> None:
        """Take a message that is for us."""
        kind = msg.get_type()
        handler = self.handlers.get(kind)
        if handler is not None:
            handler(msg, channel, now_ns)
        elif kind.startswith("PARAM_"):
            self._on_param(msg, channel)
        elif kind.startswith("MISSION_"):
            for answer in self.missions.on_message(msg, now_ns):
                channel.send(answer)

    def _on_param(self, msg: MavMessage, channel: Channel) -> None:
        if msg.get_type() == "PARAM_REQUEST_LIST" and channel not in self._listing:
            self._listing.append(channel)
        for answer in self.params.on_message(msg):
            channel.send(answer)

    def _answer_timesync(self, msg: MavMessage, channel: Channel, now_ns: int) -> None:
        if msg.tc1 == 0:
            channel.send(mavlink.MAVLink_timesync_message(now_ns, msg.ts1))

    def _forward(self, msg: MavMessage, channel: Channel, _now_ns: int) -> None:
        """A companion's text goes on to the ground station, as ArduPilot routes it, and PX4 with MAV_n_FORWARD."""
        self.router.forward(msg, channel)

    def _send_text(self, severity: int, text: str) -> None:
        """Send a STATUSTEXT to all, in chunks of 50 bytes when it is longer."""
        data = text.encode("ascii", "replace")
        chunks = [data[at : at + TEXT_SIZE] for at in range(0, len(data), TEXT_SIZE)]
        number = 0
        if len(chunks) > 1:
            self._text_id = self._text_id % 0xFFFF + 1
            number = self._text_id
        for index, chunk in enumerate(chunks):
            self.router.send(mavlink.MAVLink_statustext_message(severity, chunk, number, index))
