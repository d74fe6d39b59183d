"""All plugins of one endpoint, and which of them gets which MAVLink message."""

from __future__ import annotations

from collections.abc import Collection

from lenger_bridge.plugins.base import Diagnosis, Fill, Handler, Input, Plugin, Published, Stream
from lenger_bridge.plugins.companion import CompanionProcess, Vehicles
from lenger_bridge.plugins.flight_data import FlightData
from lenger_bridge.plugins.global_position import GlobalPosition
from lenger_bridge.plugins.home_position import HomePosition
from lenger_bridge.plugins.imu import Imu
from lenger_bridge.plugins.local_position import LocalPosition
from lenger_bridge.plugins.missions import Missions
from lenger_bridge.plugins.rangefinders import Rangefinders
from lenger_bridge.plugins.rc import Rc
from lenger_bridge.plugins.setpoints import Setpoints
from lenger_bridge.plugins.sys_status import SysStatusPlugin
from lenger_bridge.plugins.sys_time import SysTime
from lenger_bridge.plugins.uas import Uas
from lenger_mavlink.codec import MavMessage

LATCHED = ("state", "latched")
"""QoS profiles whose last message a later subscriber gets: such topics are filled whether anybody listens or not."""

Route = tuple[tuple[Handler, ...], tuple[tuple[str, Fill], ...]]


class Plugins:
    """The plugins. Those that the core itself talks to have names.

    Args:
        uas: shared by all.
    """

    def __init__(self, uas: Uas) -> None:
        self._uas = uas
        self.vehicles, self.time = Vehicles(uas), SysTime(uas)
        self.missions, self.home = Missions(uas), HomePosition(uas)
        others = (SysStatusPlugin, Imu, GlobalPosition, LocalPosition, FlightData, Rc, Rangefinders, Setpoints)
        kinds: tuple[type[Plugin], ...] = (*others, CompanionProcess)
        named: tuple[Plugin, ...] = (self.time, self.home, self.missions, self.vehicles)
        self.all: tuple[Plugin, ...] = (*(kind(uas) for kind in kinds), *named)
        self.streams: tuple[Stream, ...] = tuple(stream for plugin in self.all for stream in plugin.streams())
        self.inputs: dict[str, Input] = {entry.topic: entry for plugin in self.all for entry in plugin.inputs()}
        self.records: tuple[str, ...] = tuple(topic for plugin in self.all for topic in plugin.records)
        self._stepping = [plugin for plugin in self.all if type(plugin).step is not Plugin.step]
        self._routes: dict[str, Route] = {}
        self._refused: set[str] = set()
        self.want(())

    def want(self, topics: Collection[str]) -> None:
        """Fill these topics from now on, and the latched ones."""
        self._uas.wanted = frozenset(topics)
        handlers: dict[str, list[Handler]] = {}
        fills: dict[str, list[tuple[str, Fill]]] = {}
        for plugin in self.all:
            for name, handler in plugin.handlers().items():
                handlers.setdefault(name, []).append(handler)
        for stream in self.streams if self._uas.types is not None else ():
            if stream.topic in self._uas.wanted or stream.qos in LATCHED:
                for name, fill in stream.fills.items():
                    fills.setdefault(name, []).append((stream.topic, fill))
        names = handlers.keys() | fills.keys()
        self._routes = {name: (tuple(handlers.get(name, ())), tuple(fills.get(name, ()))) for name in names}

    @property
    def read(self) -> Collection[str]:
        """Names of the MAVLink messages that anybody reads now."""
        return self._routes.keys()

    def on_message(self, message: MavMessage, now_ns: int) -> Published:
        """Return what a message gives to publish; one whose numbers make no sense is dropped and told of once."""
        name = message.get_type()
        route = self._routes.get(name)
        if route is None:
            return []
        try:
            return self._publish(route, message, now_ns)
        except (ArithmeticError, ValueError, AssertionError) as error:
            if name not in self._refused:
                self._refused.add(name)
                self._uas.notes.append(f"{name} that makes no sense is dropped: {error}")
            return []

    def _publish(self, route: Route, message: MavMessage, now_ns: int) -> Published:
        out: Published = []
        for handler in route[0]:
            out += handler(message, now_ns)
        types = self._uas.types
        if types is not None:
            for topic, fill in route[1]:
                filled = fill(types, message, now_ns)
                if filled is not None:
                    out.append((topic, filled))
        return out

    def on_connection(self, connected: bool) -> None:
        """Tell every plugin that the link came or went."""
        for plugin in self.all:
            plugin.on_connection(connected)

    def step(self, now_ns: int) -> Published:
        """Return what time alone brings about."""
        return [entry for plugin in self._stepping for entry in plugin.step(now_ns)]

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return all lines for /diagnostics."""
        return tuple(line for plugin in self.all for line in plugin.diagnoses())
