"""Asks a running Gazebo server, by its own command line: is the world loaded, does the clock run, put this into it."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ANSWER_S = 10.0
"""Wall time that one call may take: each starts Ruby and discovers the server anew."""
_POLL_S = 0.02
_SIM = re.compile(r"\bsim\s*\{([^}]*)\}")
_FIELD = re.compile(r"\b(sec|nsec):\s*(\d+)")


@dataclass(frozen=True, slots=True)
class GazeboClient:
    """Calls `gz`.

    Attributes:
        gz: the program.
        world: the world that is asked about.
        environment: the whole environment, with the server's GZ_PARTITION.
        stop: asked while waiting; true ends a call at once, without an answer.
    """

    gz: Path
    world: str
    environment: Mapping[str, str]
    stop: Callable[[], bool] = lambda: False

    def world_loaded(self) -> bool:
        """Whether the server offers the world's scene: that comes after everything in it was loaded."""
        service = f"/world/{self.world}/scene/info"
        return "Service providers" in self._ask("service", "-i", "-s", service)

    def clock_ns(self) -> int | None:
        """Return the simulated time, None when the clock does not speak."""
        found = _SIM.search(self._ask("topic", "-e", "-n", "1", "-t", f"/world/{self.world}/clock"))
        if found is None:
            return None
        # protobuf's text leaves zeroes out
        fields = {name: int(value) for name, value in _FIELD.findall(found.group(1))}
        return fields.get("sec", 0) * 1_000_000_000 + fields.get("nsec", 0)

    def speaks(self, topic: str) -> bool:
        """Whether a message comes on a topic."""
        return bool(self._ask("topic", "-e", "-n", "1", "-t", topic).strip())

    def spawn(self, model: str, file: Path, pose: tuple[float, float, float, float]) -> bool:
        """Ask for a model at x, y, z (m) and yaw (rad); return whether the server agreed. It comes a moment later."""
        x, y, z, yaw = pose
        sdf = (
            f"<sdf version='1.9'><include><uri>file://{file}</uri><name>{model}</name>"
            f"<pose>{x} {y} {z} 0 0 {yaw}</pose></include></sdf>"
        )
        request = f'name: "{model}", allow_renaming: false, sdf: "{sdf}"'
        return self._call("create", "gz.msgs.EntityFactory", request)

    def set_speed(self, speed: float) -> bool:
        """Ask for a real-time factor; return whether the server agreed."""
        return self._call("set_physics", "gz.msgs.Physics", f"real_time_factor: {speed:g}")

    def _call(self, service: str, request_type: str, request: str) -> bool:
        words = ["service", "-s", f"/world/{self.world}/{service}", "--reqtype", request_type]
        words += ["--reptype", "gz.msgs.Boolean", "--timeout", "5000", "--req", request]
        return "data: true" in self._ask(*words)

    def _ask(self, *words: str) -> str:
        """Return what gz prints, "" when it fails, takes too long, or is not waited for."""
        return ask([str(self.gz), *words], self.environment, self.stop)


def ask(command: Sequence[str], environment: Mapping[str, str], stop: Callable[[], bool]) -> str:
    """Return what a program prints on standard output; "" when it fails, takes too long, or `stop` says so."""
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        deadline = time.monotonic() + ANSWER_S
        while process.poll() is None:
            if stop() or time.monotonic() > deadline:
                process.kill()
                process.communicate()
                return ""
            time.sleep(_POLL_S)
        printed, _ = process.communicate()
        return printed if process.returncode == 0 else ""
