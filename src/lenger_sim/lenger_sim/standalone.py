"""`./lenger vehicle`: the embedded vehicle alone, with MAVLink over UDP and without ROS, for any ground station."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from lenger_core.errors import InputError, LengerError
from lenger_core.settings import input_error
from lenger_sim.host import VehicleHost
from lenger_sim.settings import VehicleNodeSettings

DEFAULT_LINKS = {
    "px4": "udp://127.0.0.1:14580@127.0.0.1:14540,udp://127.0.0.1:18570@127.0.0.1:14550",
    "ardupilot": "tcp-l://127.0.0.1:5760,udp://127.0.0.1:0@127.0.0.1:14550",
}
"""As the autopilots' own simulators: PX4's companion and ground station ports, ArduPilot's TCP port and a station."""


def run(
    *,
    autopilot: str = "px4",
    mavlink: str = "",
    speed: float = 1.0,
    home: str = "",
    seed: int = 1,
    vehicle: str = "quad_2kg",
    console: Any = None,
) -> int:
    """Fly until interrupted; return the exit code (130).

    Args:
        autopilot: flavour; px4 or ardupilot.
        mavlink: see `links_of`.
        speed: simulated seconds per second.
        home: "LAT,LON" in degrees, "" for the training field.
        seed: of every random stream.
        vehicle: profile in config/vehicles.
        console: a rich console, or None for print.

    Raises:
        InputError: an argument is wrong.
        MissingError: a port is taken.
    """
    settings = settings_of(links_of(mavlink, autopilot), speed, home, seed, vehicle, autopilot)
    say = print if console is None else console.print
    host = VehicleHost(settings)
    say(f"{settings.vehicle}, {settings.autopilot} flavour, MAVLink on {settings.mavlink}; Ctrl-C ends it")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        _fly(host, say)
    except KeyboardInterrupt:
        say("vehicle: interrupted")
    finally:
        host.close()
    return 130


def _fly(host: VehicleHost, say: Any) -> None:
    shown = ("", False)
    while True:
        pause_s = host.cycle(lambda _t_ns: None)
        state = (host.core.autopilot.mode, host.core.autopilot.armed)
        if state != shown:
            say(f"{host.core.now_ns * 1e-9:8.1f} s  {state[0]:13} {'armed' if state[1] else 'disarmed'}")
            shown = state
        time.sleep(pause_s)


def links_of(mavlink: str, autopilot: str = "px4") -> str:
    """Return link URLs, separated by commas, as in MAVROS's fcu_url and seen from the vehicle.

    "" gives the ports of the autopilot's own simulator, "udp://host:port" a ground station there, "tcp://:port" waits
    for ground stations, as "tcp-l://" does.
    """
    if not mavlink:
        return DEFAULT_LINKS.get(autopilot, DEFAULT_LINKS["px4"])
    return ",".join(_from_vehicle(url.strip()) for url in mavlink.split(","))


def _from_vehicle(url: str) -> str:
    if url.startswith("udp://") and "@" not in url:
        return url.replace("udp://", "udp://:0@", 1)
    return url.replace("tcp://:", "tcp-l://:", 1) if url.startswith("tcp://:") else url


def kind_of(url: str) -> str:
    """Return the kind of a link: a ground station's port or TCP is "ground", anything else "onboard" as in PX4."""
    return "ground" if url.startswith("tcp") or url.endswith(":14550") else "onboard"


def settings_of(
    mavlink: str, speed: float, home: str, seed: int, vehicle: str, autopilot: str = "px4"
) -> VehicleNodeSettings:
    """Return the settings of the command line's arguments.

    Raises:
        InputError: one of them is wrong.
    """
    fields: dict[str, Any] = {"mavlink": mavlink, "speed": speed, "seed": seed, "vehicle": vehicle}
    fields |= {"autopilot": autopilot, "streams": ",".join(kind_of(url) for url in mavlink.split(","))}
    if home:
        try:
            fields["home_lat_deg"], fields["home_lon_deg"] = (float(part) for part in home.split(","))
        except ValueError:
            raise InputError("vehicle", "home", home, "LAT,LON in degrees, such as 42.1819,69.8878") from None
    try:
        return VehicleNodeSettings(**fields)
    except ValidationError as error:
        raise input_error("vehicle", error) from error


def main(args: Sequence[str] | None = None) -> int:
    """Parse arguments, run, and return the exit code; errors are one line on stderr."""
    parser = argparse.ArgumentParser(prog="lenger vehicle", description=__doc__)
    parser.add_argument("--autopilot", default="px4")
    parser.add_argument("--mavlink", default="")
    parser.add_argument("--speed", type=float, default=1.0)
    parser.add_argument("--home", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--vehicle", default="quad_2kg")
    try:
        return run(**vars(parser.parse_args(args)))
    except LengerError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
