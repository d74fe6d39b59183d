"""How long writers stand still when readers are killed: Fast DDS with shared memory, as usual, and as Lenger runs it.

    .venv/bin/python benchmarks/reader_death.py [seconds each]

One process publishes eight reliable topics at up to 300 Hz; two readers at a time are killed at random (SIGKILL) after
half a second of reading. Printed: publications that took longer than 50 ms, of how many deaths, and the longest.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

from lenger_bringup.domains import claim_domain
from lenger_bringup.setup.dds import PROFILES, RANGE, TRANSPORTS

TOPICS, READERS, SLOW_S, PERIOD_S = 8, 2, 0.05, 0.003
SETUP = f"""
import select, sys, time, rclpy
from sensor_msgs.msg import Imu
rclpy.init()
node = rclpy.create_node("peer")
names = [f"topic{{i}}" for i in range({TOPICS})]
"""
READER = (
    SETUP
    + """
heard = 0
def hear(_):
    global heard
    heard += 1
    if heard == 20:
        print("up", flush=True)
made = [node.create_subscription(Imu, name, hear, 10) for name in names]
rclpy.spin(node)
"""
)
WRITER = (
    SETUP
    + f"""
writers, message, slow = [node.create_publisher(Imu, name, 10) for name in names], Imu(), []
while not select.select([sys.stdin], [], [], {PERIOD_S})[0]:
    for writer in writers:
        begin = time.monotonic()
        writer.publish(message)
        slow += [took for took in [time.monotonic() - begin] if took > {SLOW_S}]
print(len(slow), max(slow, default=0.0), flush=True)
"""
)


def measure(seconds: float, environ: dict[str, str]) -> tuple[int, int, float]:
    """Return deaths, slow publications and the longest of them (seconds)."""
    deaths, end, chance = 0, time.monotonic() + seconds, random.Random(1)
    command = [sys.executable, "-c", WRITER]
    writer = subprocess.Popen(command, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    while time.monotonic() < end:
        command = [sys.executable, "-c", READER]
        readers = [subprocess.Popen(command, env=environ, stdout=subprocess.PIPE) for _ in range(READERS)]
        for reader in readers:
            assert reader.stdout is not None
            reader.stdout.readline()
        for reader in readers:
            time.sleep(chance.uniform(0.2, 0.6))
            reader.kill()
            reader.wait()
            deaths += 1
    slow, longest = writer.communicate(b"end")[0].split()
    return deaths, int(slow), float(longest)


def main() -> None:
    """Measure both and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    ours = dict(os.environ)
    shared = {key: value for key, value in ours.items() if key not in (*PROFILES, TRANSPORTS)} | {RANGE: "LOCALHOST"}
    print(f"{'transport':16} {'deaths':>7} {'slow publications':>18} {'longest':>9}")
    for name, environ in (("shared memory", shared), ("UDP (Lenger)", ours)):
        with claim_domain() as domain:
            deaths, slow, longest = measure(seconds, environ | {"ROS_DOMAIN_ID": str(domain)})
        print(f"{name:16} {deaths:7} {slow:18} {longest * 1e3:6.0f} ms", flush=True)


if __name__ == "__main__":
    from lenger_bringup.setup.environment import ensure

    ensure()
    main()
