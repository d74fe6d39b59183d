"""Puts the aircraft into the world: waits for the server, asks for the model, waits until it speaks, sets the speed.

A program of its own, so that `./lenger fly`, `./lenger up` and `ros2 launch` do it alike. Ends with 0 when the
aircraft stands there; else its last line says what did not come.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lenger_bringup.gazebo.client import GazeboClient

WORLD_S, MODEL_S = 300.0, 60.0
"""Wall time for the world, with all of its pictures and meshes, and for the aircraft."""


def main(words: Sequence[str] | None = None) -> int:
    """Spawn, and return the exit code: 0 done, 1 not."""
    parser = argparse.ArgumentParser(prog="spawn", description="Put the aircraft into a running Gazebo world.")
    for name in ("gz", "world", "model", "file", "pose", "speed"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args(words)
    client = GazeboClient(Path(given.gz), given.world, dict(os.environ))
    x, y, z, yaw = (float(number) for number in given.pose.split(","))
    model, odometry = given.model, f"/model/{given.model}/odometry"
    if not _wait(client.world_loaded, WORLD_S):
        return _fail(f"the world {given.world} did not load within {WORLD_S:.0f} s")
    print(f"spawning {model} from {given.file} at {given.pose}", flush=True)
    if not client.spawn(model, Path(given.file), (x, y, z, yaw)):
        return _fail(f"the server refused the model {model}: see its own log")
    if not _wait(lambda: client.speaks(odometry), MODEL_S):
        return _fail(f"nothing on {odometry} within {MODEL_S:.0f} s: the model did not load, see the server's log")
    if float(given.speed) != 1.0 and not client.set_speed(float(given.speed)):
        return _fail(f"the server refused a real-time factor of {given.speed}")
    print(f"{model} stands in {given.world}", flush=True)
    return 0


def _wait(done: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def _fail(text: str) -> int:
    print(text, flush=True)
    return 1


if __name__ == "__main__":
    sys.exit(main())
