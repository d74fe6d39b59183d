"""`python -m lenger_sim.gazebo_wind`: plays the seeded wind field into a running Gazebo world.

It hears the vehicle's odometry (time and place) and answers on the world's wind topic, by Gazebo's Python bindings
(gz.transport13 and gz.msgs10 of Harmonic), or where those are absent by the program `gz`, then at 4 Hz at most. It
ends with SIGINT or SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

from lenger_core.errors import LengerError, MissingError
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain, lenger_terrain
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.spec import load_world
from lenger_sim.worlds.wind_player import PERIOD_NS, Place, WindPlayer, wind_bytes, wind_text, wind_topic

SLOW_PERIOD_NS = 250_000_000
_MEND = "sudo apt-get install gz-harmonic python3-gz-transport13 python3-gz-msgs10"


class Gazebo(Protocol):
    """A way to a running Gazebo."""

    period_ns: int

    def places(self, topic: str) -> Iterator[Place]:
        """Yield the newest places told on an odometry topic, until `stop`."""

    def publish(self, topic: str, wind_enu_m_s: Vec3) -> None:
        """Publish a wind."""

    def stop(self) -> None:
        """End `places`; from any thread or signal handler."""


class Bindings:
    """Gazebo by its Python bindings.

    Raises:
        ImportError: they are not here.
    """

    period_ns = PERIOD_NS

    def __init__(self) -> None:
        from gz.msgs10.odometry_pb2 import Odometry
        from gz.msgs10.wind_pb2 import Wind
        from gz.transport13 import Node

        self._node, self._odometry, self._wind = Node(), Odometry, Wind
        self._newest: queue.Queue[Place | None] = queue.Queue(1)
        self._publishers: dict[str, Any] = {}

    def places(self, topic: str) -> Iterator[Place]:
        """Yield the newest places; older ones that nobody took are dropped."""

        def hear(message: Any) -> None:
            stamp, at = message.header.stamp, message.pose.position
            self._put(Place(stamp.sec * 1_000_000_000 + stamp.nsec, (at.x, at.y, at.z)))

        if not self._node.subscribe(self._odometry, topic, hear):
            raise LengerError(f"{topic}: Gazebo's transport refuses to subscribe to it")
        while True:
            place = self._newest.get()
            if place is None:
                return
            yield place

    def publish(self, topic: str, wind_enu_m_s: Vec3) -> None:
        """Publish a wind."""
        if topic not in self._publishers:
            self._publishers[topic] = self._node.advertise(topic, self._wind)
        message = self._wind()
        message.ParseFromString(wind_bytes(wind_enu_m_s))
        self._publishers[topic].publish(message)

    def stop(self) -> None:
        """End `places`."""
        self._put(None)

    def _put(self, place: Place | None) -> None:
        while True:
            try:
                self._newest.put_nowait(place)
            except queue.Full:
                try:
                    if self._newest.get_nowait() is None:  # the end stays the end
                        place = None
                except queue.Empty:
                    pass  # taken meanwhile, so there is room
            else:
                return


class CommandLine:
    """Gazebo by the program `gz`: one that echoes the odometry, and one for each wind."""

    period_ns = SLOW_PERIOD_NS

    def __init__(self, gz: str) -> None:
        self._gz = gz
        self._echo: subprocess.Popen[str] | None = None
        self._newest: Place | None = None
        self._heard = threading.Condition()
        self._ended = False

    def places(self, topic: str) -> Iterator[Place]:
        """Yield the newest places."""
        self._echo = subprocess.Popen(
            [self._gz, "topic", "-e", "-t", topic, "--json-output"], stdout=subprocess.PIPE, text=True
        )
        threading.Thread(target=self._read, daemon=True).start()
        while True:
            with self._heard:
                self._heard.wait_for(lambda: self._newest is not None or self._ended)
                place, self._newest = self._newest, None
            if place is None or self._ended:
                return
            yield place

    def publish(self, topic: str, wind_enu_m_s: Vec3) -> None:
        """Publish a wind."""
        words = [self._gz, "topic", "-t", topic, "-m", "gz.msgs.Wind", "-p", wind_text(wind_enu_m_s)]
        subprocess.run(words, check=False, timeout=10.0, stdout=subprocess.DEVNULL)

    def stop(self) -> None:
        """End `places`: its reader ends with the program that it reads."""
        if self._echo is not None:
            self._echo.terminate()

    def _lines(self) -> Iterable[str]:
        return (self._echo.stdout if self._echo else None) or ()

    def _read(self) -> None:
        for line in self._lines():
            place = place_of_json(line)
            if place is not None:
                with self._heard:
                    self._newest = place
                    self._heard.notify()
        with self._heard:
            self._ended = True
            self._heard.notify()


def place_of_json(line: str) -> Place | None:
    """Return the place in a gz.msgs.Odometry as JSON, where numbers of 64 bits are strings and zeros are left out."""
    try:
        message = json.loads(line)
        stamp = message["header"].get("stamp", {})
        at = message["pose"].get("position", {})
        t_ns = int(stamp.get("sec", 0)) * 1_000_000_000 + int(stamp.get("nsec", 0))
        return Place(t_ns, (float(at.get("x", 0.0)), float(at.get("y", 0.0)), float(at.get("z", 0.0))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def gazebo() -> Gazebo:
    """Return the way to Gazebo that this machine has.

    Raises:
        MissingError: neither bindings nor program.
    """
    try:
        return Bindings()
    except ImportError:
        found = shutil.which("gz")
        if found is None:
            raise MissingError("Gazebo Harmonic (neither gz.transport13 nor gz is here)", _MEND) from None
        return CommandLine(found)


def play(way: Gazebo, player: WindPlayer, odometry: str, topic: str) -> int:
    """Play until `way` is stopped; return how many winds were published."""
    count = 0
    for place in way.places(odometry):
        wind = player.on_place(place)
        if wind is not None:
            way.publish(topic, wind)
            count += 1
    return count


def main(argv: Sequence[str] | None = None, connect: Callable[[], Gazebo] = gazebo) -> int:
    """Run the player; return its exit code."""
    given = _arguments().parse_args(argv)
    try:
        spec = load_world(given.world)
        terrain = _terrain(given.dem)
        frame = SiteGround.at(terrain, spec.origin.lat_deg, spec.origin.lon_deg).frame
        speed = spec.air.wind_m_s if given.wind_m_s is None else given.wind_m_s
        from_deg = spec.air.wind_from_deg if given.wind_from_deg is None else given.wind_from_deg
        field = WindField(TerrainWind(terrain, speed, from_deg), given.seed, given.turbulence)
        way = connect()

        def stop(_number: int, _frame: FrameType | None) -> None:
            # not from the handler itself: it may have interrupted whoever holds the queue's lock
            threading.Thread(target=way.stop).start()

        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        player = WindPlayer(field, frame, way.period_ns)
        count = play(way, player, given.odometry or f"/model/{given.model}/odometry", wind_topic(spec.name))
    except LengerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{count} winds played")
    return 0


def _terrain(dem: list[Path] | None) -> Terrain:
    if not dem:
        return lenger_terrain()
    from lenger_core.terrain.dem import dem_terrain

    return dem_terrain(dem)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="gazebo_wind", description=(__doc__ or "").split("\n\n")[1])
    parser.add_argument("--world", required=True, help="a world of worlds/, or the path of a .yaml file")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--model", help="the vehicle's model in the world: its odometry is on /model/NAME/odometry")
    where.add_argument("--odometry", help="the topic of gz.msgs.Odometry of the vehicle, in the world's frame")
    parser.add_argument("--seed", type=int, required=True, help="of the gusts: the flight's")
    parser.add_argument("--wind-m-s", type=_number(0.0, 40.0), help="mean wind 10 m above ground; default: the world's")
    parser.add_argument("--wind-from-deg", type=_number(0.0, 360.0), help="where it comes from; default: the world's")
    parser.add_argument("--turbulence", type=_number(0.0, 3.0), default=1.0, help="factor on the gusts (%(default)s)")
    parser.add_argument("--dem", type=Path, action="append", help="own DEM file that the world was built from")
    return parser


def _number(least: float, most: float) -> Callable[[str], float]:
    def number(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text}: expected {least:g} to {most:g}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
