"""A real autopilot's simulator under our autopilot core, flown over a link of its own.

The core is wired to the endpoint's core as autopilot_node is to MAVROS. Our clock counts in simulated seconds.
"""

from __future__ import annotations

import io
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from lenger_bridge.autopilot import AutopilotCore, AutopilotOutput
from lenger_bridge.dialects import dialect_named
from lenger_bridge.session import Session
from lenger_bridge.settings import AutopilotSettings
from lenger_bridge.uploads import UploadResult
from lenger_bringup.fix_params import run as fix_params
from lenger_core.samples import Command, CommandKind, VehicleStatus
from lenger_core.vehicles import load_vehicle
from lenger_core.zones import ZoneSet

from .vehicle import free_port

HOME = (42.1819, 69.8878, 757.0)
SPEED = 2.0
"""Simulated seconds per second."""
SIH_DRAG = "0.15"
"""N for each m/s on PX4's simulated quadrotor of 1 kg, as the profile quad_2kg has it in proportion. Its own 1.0 takes
a lean of 41 degrees at 7.5 m/s; the guard holds then, since that tilt does not explain how the aircraft moves."""
CAPACITY_MAH = 100_000
"""Of ArduPilot's simulated battery: with its own 3.3 Ah the guard rightly flies home in the middle of a series."""
SECOND = 1_000_000_000
STEP_NS = 50_000_000
INPUTS = {
    "mavros/state": "on_fcu_state",
    "mavros/extended_state": "on_extended",
    "mavros/sys_status": "on_sys_status",
    "mavros/global_position/global": "on_global",
    "mavros/local_position/odom": "on_local",
    "mavros/home_position/home": "on_home",
    "mavros/battery": "on_battery",
    "mavros/statustext/recv": "on_statustext",
}


@contextmanager
def process(command: list[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a folder of its own, in its own process group, and end the group after the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log.txt").open("wb") as log:
        running = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        try:
            yield running
        finally:
            os.killpg(running.pid, signal.SIGTERM)
            try:
                running.wait(timeout=10)
            except subprocess.TimeoutExpired:
                os.killpg(running.pid, signal.SIGKILL)
                running.wait()


class Flight:
    """The autopilot core on a real autopilot, and a guard that gives one command.

    Args:
        autopilot: px4 or ardupilot.
        fcu_url: where it is.
        speed: simulated seconds per second of the simulator.
        zones: fence.
        system: its MAVLink system.
    """

    def __init__(self, autopilot: str, fcu_url: str, speed: float, zones: ZoneSet | None, system: int = 1) -> None:
        self._speed, self._begin = speed, time.monotonic_ns()
        self.dialect = dialect_named(autopilot)
        self._settings = AutopilotSettings.model_validate({"autopilot": autopilot})
        self._contract, self._zones = load_vehicle("quad_2kg").failsafe_parameters[autopilot], zones
        self.session = Session(fcu_url, self.now_ns, system)
        self.session.endpoint.want(INPUTS)
        self.restart()
        self.status: VehicleStatus | None = None
        self.events: list[str] = []
        self.uploads: list[UploadResult] = []
        self.consent_ns = 0
        self._order: dict[str, object] | None = {"kind": CommandKind.NONE}
        self._sequence = self._next_ns = 0
        self.system = system
        self.guard_step: Callable[[int], Command] | None = None
        """Puts a real guard between the orders and the core: takes the time, returns what it lets through."""

    def now_ns(self) -> int:
        """Simulated time."""
        return int((time.monotonic_ns() - self._begin) * self._speed) + 1000 * SECOND

    def restart(self) -> None:
        """Start the core anew, as after its death."""
        self.core: AutopilotCore | None = AutopilotCore(self._settings, self._contract, self._zones)

    def order(self, kind: CommandKind | None, **fields: object) -> None:
        """Let the guard repeat a command; None kills the guard."""
        self._order = None if kind is None else {"kind": kind, "consent_ns": self.consent_ns, **fields}

    def ordered(self, source: str, now_ns: int) -> Command | None:
        """Return the command that carries the present order."""
        if self._order is None:
            return None
        self._sequence += 1
        return Command(now_ns, source, self._sequence, 0.5, **self._order)  # type: ignore[arg-type]

    def agree(self) -> None:
        """A person consents now."""
        self.consent_ns = self.now_ns()

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> None:
        """Run for a simulated time, or until a condition holds."""
        end = self.now_ns() + int(seconds * SECOND)
        while self.now_ns() < end:
            self._step()
            if until is not None and until():
                return
        reason = self.status.reason if self.status else "no status"
        assert until is None, f"never came; {reason}; {self.events[-12:]}"

    def _step(self) -> None:
        published = self.session.step()
        if self.core is None:
            return
        for topic, record in published:
            if topic in INPUTS:
                getattr(self.core, INPUTS[topic])(record)
        for reply in self.session.take_replies():
            self.core.on_reply(reply)
        now_ns = self.now_ns()
        if now_ns < self._next_ns:
            return
        self._next_ns = now_ns + STEP_NS
        command = self.guard_step(now_ns) if self.guard_step is not None else self.ordered("guard", now_ns)
        if command is not None:
            self.core.on_command(command, now_ns)
        self._carry_out(self.core.step(now_ns))

    def _carry_out(self, output: AutopilotOutput) -> None:
        self.status = output.status
        self.uploads += output.uploads
        self.events += [f"{event.kind}: {event.detail}" for event in output.events]
        for setpoint in output.setpoints:
            self.session.send(self.session.endpoint.setpoint(setpoint, self.now_ns()))
        for request in output.requests:
            self.session.endpoint.call(request, self.now_ns())


def _path(variable: str, *below: str) -> Path:
    text = os.environ.get(variable, "")
    place = Path(text, *below)
    if not text or not place.exists():
        pytest.skip(f"{variable} names no {Path(*below) if below else 'program'}")
    return place


@contextmanager
def prepared(autopilot: str, folder: Path, zones: ZoneSet | None) -> Iterator[Flight]:
    """Run a real autopilot's simulator at HOME, mend its parameters by our contract, and put our core on top.

    Skips the test where the program is absent: `LENGER_ARDUCOPTER` names ArduPilot's SITL binary (arducopter),
    `LENGER_ARDUPILOT_PARAMS` its default parameter file (copter.parm), `LENGER_PX4_SITL` the folder of a PX4 SITL
    build (with bin/px4 and etc).
    """
    if autopilot == "ardupilot":
        binary, params = _path("LENGER_ARDUCOPTER"), _path("LENGER_ARDUPILOT_PARAMS")
        port = free_port()
        words = [str(binary), "--model", "quad", "--home", f"{HOME[0]},{HOME[1]},{HOME[2]},0", "--speedup", str(SPEED)]
        lasting = folder / "lasting.parm"
        lasting.write_text(f"BATT_CAPACITY {CAPACITY_MAH}\n")
        command = [
            *words,
            "--defaults",
            f"{params},{lasting}",
            "--base-port",
            str(port),
            "--rc-in-port",
            str(free_port()),
        ]
        url, environment, system = f"tcp://127.0.0.1:{port}", {}, 1
    else:
        build = _path("LENGER_PX4_SITL", "bin", "px4").parent.parent
        command = [str(build / "bin" / "px4"), "-i", "7", "-d", str(build / "etc"), "-w", str(folder)]
        url, system = "udp://:14547@127.0.0.1:14587", 8  # its eighth instance, out of the way of others
        environment = {"PX4_SIM_MODEL": "sihsim_quadx", "PX4_SIM_SPEED_FACTOR": str(SPEED)}
        environment |= {"PX4_PARAM_SIH_KDV": SIH_DRAG}
        environment |= {f"PX4_HOME_{name}": str(value) for name, value in zip(("LAT", "LON", "ALT"), HOME, strict=True)}
    with process(command, folder, **environment):
        out = io.StringIO()
        console = Console(file=out, width=160)
        fixed = fix_params(console, autopilot, "quad_2kg", url, yes=True, wait_s=40.0, system=system)
        assert fixed == 0, out.getvalue()
        flight = Flight(autopilot, url, SPEED, zones, system)
        try:
            yield flight
        finally:
            flight.session.close()
