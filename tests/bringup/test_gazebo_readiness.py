"""Bringing up a flight in Gazebo against stand-ins that are real processes: order, words, time-outs, deaths, the end.

The stand-ins speak as the real ones do: `gz` prints what Gazebo's command line prints (stub_gz.py), the autopilot sends
real MAVLink heartbeats over UDP.
"""

from __future__ import annotations

import io
import os
import shlex
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bringup.records import fcu, truth
from bringup.test_gazebo_programs import WORLD, flight
from lenger_bringup.domains import free_udp_ports
from lenger_bringup.flight_picture import FlightPicture
from lenger_bringup.gazebo import bring_up
from lenger_bringup.gazebo.bring_up import GazeboLaunch
from lenger_bringup.gazebo.heartbeat import HeartbeatListener
from lenger_bringup.gazebo.ports import Ports
from lenger_bringup.gazebo.programs import Flight, contract, programs, write_files
from lenger_bringup.interrupts import Interrupts
from lenger_bringup.live import Progress
from lenger_bringup.ros_flight import FlightEnd
from lenger_bringup.runner import Runner
from lenger_bringup.sessions import MARK, left_of, orphans
from lenger_bringup.shutdown import Patience
from lenger_core.errors import MissingError
from lenger_sim.worlds.layout import WorldFiles

HERE = Path(__file__).parent
WaitUntil = Callable[..., None]
RUN = f"stand-{os.getpid()}"
"""The mark of this test's processes: those of another run of the tests beside it are not its own to end."""
PAUSE = "import signal\nprint('ready', flush=True)\nsignal.pause()\n"
HEARTBEATS = """
    import socket, sys, threading
    from pymavlink.dialects.v20 import ardupilotmega as mavlink
    port, system, autopilot = (int(word) for word in {told!r}.split())
    print("INFO  [init] starting", flush=True)
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    link = mavlink.MAVLink(None, srcSystem=system, srcComponent=1)
    pause = threading.Event()
    while port and not pause.wait(0.05):
        out.sendto(mavlink.MAVLink_heartbeat_message(2, autopilot, 0, 0, 3, 3).pack(link), ("127.0.0.1", port))
    pause.wait()
"""
PX4, ARDUPILOT = 12, 3


def script(path: Path, python: str) -> Path:
    """An executable file that runs a Python program; not by its first line, where no path may hold a space."""
    path.parent.mkdir(parents=True, exist_ok=True)
    program = path.with_name(path.name + ".py")
    program.write_text(textwrap.dedent(python))
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {shlex.quote(str(program))} "$@"\n')
    path.chmod(0o755)
    return path


@dataclass
class Stand:
    """A flight whose programs are stand-ins, and what the operator would hear of it."""

    flight: Flight
    runner: Runner
    state: Path
    environ: dict[str, str]
    picture: FlightPicture = field(default_factory=FlightPicture)
    out: io.StringIO = field(default_factory=io.StringIO)
    interrupts: Interrupts = field(default_factory=Interrupts)
    quiet: set[str] = field(default_factory=set)
    time_is_up: Callable[[], bool] = lambda: False
    now_s: float = 0.0

    def clock(self) -> float:
        """Stands still until the time is up, then leaps: how fast the machine is does not matter."""
        self.now_s += 1e3 if self.time_is_up() else 0.0
        return self.now_s

    def logged(self, name: str, words: str) -> bool:
        log = self.runner.log(name) if name in self.runner.alive() else None
        return log is not None and words in log.read_text()

    def spin(self, seconds: float) -> None:
        """What the operator hears, while the process that tells it lives."""
        alive = set(self.runner.alive()) - self.quiet
        if "bridge" in alive:
            self.picture.on_truth(truth(1.0, 0.0, 0.0), 1.0)
        if "mavros" in alive:
            self.picture.fcu = fcu(1.0, "AUTO.LOITER")

    def bring_up(self) -> FlightEnd | None:
        named = {program.name: program for program in programs(self.flight, self.environ)}
        python = (sys.executable, "-c", PAUSE)
        named["wind"] = replace(named["wind"], words=python)
        named["contract"] = replace(contract(self.flight), words=("true",))
        launch = GazeboLaunch(self.flight, named, (), self.environ, clock=self.clock)
        launch.begin(self.runner)
        with Progress(Console(file=self.out, width=300), "hop", lambda: 0.0) as progress:
            return launch.finish(self.runner, self, self.interrupts, progress)

    def child(self) -> int:
        """The process that the server moved into a group of its own."""
        return int((self.state / self.flight.partition / "child").read_text())


@pytest.fixture
def stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Stand]]:
    made: list[Stand] = []

    def make(mode: str = "", system: int = 1, autopilot: int = PX4, silent: bool = False, mark: str = RUN) -> Stand:
        (port,) = free_udp_ports(1)
        told = f"{0 if silent else port} {system} {autopilot}"
        script(tmp_path / "px4/bin/px4", textwrap.dedent(HEARTBEATS).format(told=told))
        gz = tmp_path / "bin" / "gz"
        words = [sys.executable, str(HERE / "stub_gz.py")]
        script(gz, f"import os, sys\nos.execv({sys.executable!r}, [*{words!r}, *sys.argv[1:]])")
        plain = flight("px4", tmp_path / "out" / "gazebo")
        tools = replace(
            plain.tools,
            gz=gz,
            sitl=tmp_path / "px4",
            bridge=script(tmp_path / "bin/parameter_bridge", PAUSE),
            mavros=script(tmp_path / "bin/mavros_node", PAUSE),
        )
        files = WorldFiles(tmp_path / "cache", WORLD)
        told_flight = replace(
            plain, tools=tools, files=files, ports=Ports(port, 1, 0), partition=f"lenger-{tmp_path.name}", speed=2.0
        )
        write_files(told_flight)
        environ = {**os.environ, "STUB_GZ": str(tmp_path / "state"), "STUB_GZ_MODE": mode, MARK: mark}
        monkeypatch.setenv("STUB_GZ", environ["STUB_GZ"])
        one = Stand(told_flight, Runner(tmp_path / "log", environ), tmp_path / "state", environ)
        made.append(one)
        return one

    yield make
    for one in made:
        one.runner.stop(hastened=lambda: 2)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_each_step_waits_for_the_one_before_and_says_so(stand: Callable[..., Stand], wait_until: WaitUntil) -> None:
    up = stand()
    assert up.bring_up() is None
    said = [line.partition(": yes")[0] for line in up.out.getvalue().splitlines()]
    assert said == [
        f"the world {WORLD} to load",
        "Gazebo's clock to run",
        "the aircraft quad_2kg_px4 to stand in the world",
        "the truth and the clock from ros_gz_bridge",
        f"the first heartbeat of px4 on UDP port {up.flight.ports.mavros}",
        "the failsafe contract of quad_2kg to be met",
        "MAVROS to be connected to the autopilot",
    ]
    assert up.runner.alive() == ["gazebo", "wind", "bridge", "sitl", "mavros"], "the spawner has done its work"
    assert up.runner.deaths() == [], "and that is no death"
    state = up.state / up.flight.partition
    request = (state / "create").read_text()
    assert 'name: "quad_2kg_px4"' in request
    assert "<pose>1.0 -2.0 0.1 0 0 1.570796</pose>" in request
    assert (state / "set_physics").read_text() == "real_time_factor: 2"

    child = up.child()
    assert os.getpgid(child) == child, "a signal to the server's group does not reach it"
    statuses = up.runner.stop(patience=Patience(30.0, 1.0))
    assert statuses["gazebo"] == 0
    wait_until(lambda: gone(child), what="the server's own child to end")
    assert left_of((), RUN) == []


@pytest.mark.parametrize(
    ("mode", "process", "words", "step"),
    [
        ("deaf", "gazebo", "[Msg] Loading SDF world file[", f"waited 300 s for the world {WORLD} to load; "),
        ("frozen", "gazebo", "[Msg] Loading SDF world file[", "waited 30 s for Gazebo's clock to run; "),
        ("empty", "spawn", "spawning quad_2kg_px4 from", "waited 90 s for the aircraft quad_2kg_px4 to stand in the "),
    ],
)
def test_what_does_not_come_is_named_with_the_last_lines_of_its_log(
    stand: Callable[..., Stand], mode: str, process: str, words: str, step: str
) -> None:
    up = stand(mode)
    up.time_is_up = lambda: up.logged(process, words) and (mode != "frozen" or "load: yes" in up.out.getvalue())
    end = up.bring_up()
    assert end is not None
    assert end.text.startswith(step)
    assert f"{process}.log ends:\n" in end.text
    assert words in end.text
    assert not end.complete
    assert not end.interrupted


def test_a_model_that_the_server_refuses_is_named(stand: Callable[..., Stand]) -> None:
    end = stand("refuses").bring_up()
    assert end is not None
    assert "spawn ended with exit code 1 while waiting for the aircraft quad_2kg_px4" in end.text
    assert "the server refused the model quad_2kg_px4: see its own log" in end.text
    assert end.died == ("spawn",)


def test_a_server_that_ends_is_named_with_its_reason(stand: Callable[..., Stand]) -> None:
    up = stand("dies")
    end = up.bring_up()
    assert end is not None
    assert end.text.startswith(f"gazebo ended with exit code 9 while waiting for the world {WORLD} to load; ")
    assert end.text.endswith("[Err] [Server.cc:86] Error Code 1: Unable to read file")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"silent": True}, "; "),
        ({"autopilot": ARDUPILOT}, ": heard ardupilot as system 1 instead; "),
        ({"system": 4}, ": heard px4 as system 4 instead; "),
        ({"autopilot": 8}, ": heard autopilot 8 as system 1 instead; "),
    ],
)
def test_another_autopilot_or_none_is_said(
    stand: Callable[..., Stand], monkeypatch: pytest.MonkeyPatch, told: dict[str, int], words: str
) -> None:
    listeners: list[HeartbeatListener] = []

    def listen(*arguments: Any) -> HeartbeatListener:
        listeners.append(HeartbeatListener(*arguments))
        return listeners[0]

    monkeypatch.setattr(bring_up, "HeartbeatListener", listen)
    up = stand(**told)
    up.time_is_up = lambda: up.logged("sitl", "starting") and ("silent" in told or bool(listeners[0].stranger))
    end = up.bring_up()
    assert end is not None
    assert f"waited 60 s for the first heartbeat of px4 on UDP port {up.flight.ports.mavros}{words}" in end.text
    assert "INFO  [init] starting" in end.text
    with HeartbeatListener(up.flight.ports.mavros, "px4", 1):
        pass  # the port is free again


def test_a_silent_mavros_is_named(stand: Callable[..., Stand]) -> None:
    up = stand()
    up.quiet = {"mavros"}
    up.time_is_up = lambda: up.logged("mavros", "ready")
    end = up.bring_up()
    assert end is not None
    assert "waited 60 s for MAVROS to be connected to the autopilot; " in end.text
    assert "mavros.log ends:\n  ready" in end.text


@pytest.mark.parametrize("name", ["gazebo", "wind", "bridge", "sitl"])
def test_a_death_while_waiting_ends_it_at_once(stand: Callable[..., Stand], name: str) -> None:
    up = stand()
    up.quiet = {"mavros"}
    kill = up.spin

    def spin(seconds: float) -> None:
        kill(seconds)
        if "mavros" in up.runner.alive():
            up.runner.signal(name, signal.SIGKILL)

    up.spin = spin  # type: ignore[method-assign]
    end = up.bring_up()
    assert end is not None
    assert f"{name} killed by SIGKILL while waiting for MAVROS" in end.text
    assert end.died == (name,)


def test_ctrl_c_while_waiting_ends_every_process(stand: Callable[..., Stand], wait_until: WaitUntil) -> None:
    up = stand("deaf")
    up.interrupts.count = 0

    def first_look() -> bool:
        return (up.state / up.flight.partition / "child").exists()

    waited = up.interrupts.wait

    def wait(seconds: float) -> bool:
        if first_look():
            up.interrupts.count = 1
        return waited(seconds)

    up.interrupts.wait = wait  # type: ignore[method-assign]
    end = up.bring_up()
    assert end == FlightEnd(False, "interrupted before take-off", interrupted=True)
    pids = [up.child(), up.runner.pid("gazebo")]
    up.runner.stop()
    wait_until(lambda: all(gone(pid) for pid in pids), what="every process to end")


def test_a_window_that_cannot_open_keeps_nobody_from_flying(stand: Callable[..., Stand]) -> None:
    up = stand()
    up.flight = replace(up.flight, window=True)
    seen = up.spin

    def spin(seconds: float) -> None:
        seen(seconds)
        up.runner.signal("gazebo_window", signal.SIGKILL)

    up.spin = spin  # type: ignore[method-assign]
    assert up.bring_up() is None
    assert "gazebo_window killed by SIGKILL: going on without it" in up.out.getvalue()


def test_a_taken_port_is_named() -> None:
    (port,) = free_udp_ports(1)
    with HeartbeatListener(port, "px4", 1), pytest.raises(MissingError, match=f"UDP port {port}, on which MAVROS"):
        HeartbeatListener(port, "px4", 1)


def test_what_a_killed_run_left_is_found_and_what_a_living_one_has_is_not(
    stand: Callable[..., Stand], wait_until: WaitUntil
) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = ended.pid
    left, living = stand("deaf", mark=f"hop-{dead}"), stand("deaf", mark=f"hop-{os.getpid()}")
    for up in (left, living):
        GazeboLaunch(up.flight, {"gazebo": programs(up.flight, up.environ)[0]}, (), up.environ).begin(up.runner)
        wait_until(lambda up=up: (up.state / up.flight.partition / "child").exists())
    found = orphans()
    assert left.runner.pid("gazebo") in found
    assert living.runner.pid("gazebo") not in found
