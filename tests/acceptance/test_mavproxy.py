"""MAVProxy accepts the embedded vehicle as an ArduCopter: parameters, missions, fences, modes, a flight, no errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from acceptance.mavproxy import MavProxy, running_mavproxy
from acceptance.vehicle import free_port, running_vehicle

SPEED = 4.0
HOME = (42.1819, 69.8878)
MISSION = """QGC WPL 110
0\t1\t0\t16\t0\t0\t0\t0\t42.1819000\t69.8878000\t760.000000\t1
1\t0\t3\t22\t0.0\t0.0\t0.0\t0.0\t42.1819000\t69.8878000\t20.000000\t1
2\t0\t3\t16\t0.0\t0.0\t0.0\t0.0\t42.1824000\t69.8878000\t25.000000\t1
3\t0\t3\t16\t2.0\t0.0\t0.0\t0.0\t42.1824000\t69.8886000\t25.000000\t1
4\t0\t0\t20\t0.0\t0.0\t0.0\t0.0\t0.0000000\t0.0000000\t0.000000\t1
"""
FENCE = """QGC WPL 110
0\t0\t3\t5001\t4.0\t0.0\t0.0\t0.0\t42.1790000\t69.8840000\t0.000000\t1
1\t0\t3\t5001\t4.0\t0.0\t0.0\t0.0\t42.1850000\t69.8840000\t0.000000\t1
2\t0\t3\t5001\t4.0\t0.0\t0.0\t0.0\t42.1850000\t69.8920000\t0.000000\t1
3\t0\t3\t5001\t4.0\t0.0\t0.0\t0.0\t42.1790000\t69.8920000\t0.000000\t1
"""
ERRORS = re.compile(
    r"traceback|exception|timed? ?out|\berror\b|failed|denied|unsupported|no response|crash", re.IGNORECASE
)


def rows(path: Path) -> list[float]:
    """Return the numbers of a QGC WPL file row by row, without line 0 (home), the sequence and "current"."""
    return [float(part) for line in path.read_text().splitlines()[2:] for part in line.split()[2:]]


def connect(proxy: MavProxy) -> None:
    proxy.expect(r"online system 1", 90.0)
    received = proxy.expect(r"Received (\d+) parameters", 120.0)
    assert int(received[1]) > 100


@pytest.mark.slow
def test_a_session_with_mavproxy(tmp_path: Path) -> None:
    (tmp_path / "in.wp").write_text(MISSION)
    (tmp_path / "fence.wp").write_text(FENCE)
    port = free_port()
    with running_vehicle("ardupilot", f"udp://127.0.0.1:{port}", SPEED) as vehicle:
        with running_mavproxy(f"udpin:127.0.0.1:{port}", tmp_path) as proxy:
            connect(proxy)
            set_and_read_parameters(proxy)
            load_and_list(proxy, tmp_path)
            fly(proxy)
            log = proxy.text
        assert vehicle.alive
    assert not ERRORS.findall(log), ERRORS.findall(log)


def set_and_read_parameters(proxy: MavProxy) -> None:
    proxy.say("param set WP_RADIUS_M 3.5")
    proxy.repeat("param show WP_RADIUS_M", r"WP_RADIUS_M\s+3\.5")
    proxy.ask("param fetch", r"Received \d+ parameters", 60.0)


def load_and_list(proxy: MavProxy, folder: Path) -> None:
    proxy.ask("wp load in.wp", r"TYPE_MISSION: ACCEPTED")
    proxy.ask("wp list", r"(?s)Requesting 5 waypoints.*\n20 0 ")
    proxy.ask("wp save out.wp", r"Saved 5 waypoints")
    assert rows(folder / "out.wp") == pytest.approx(rows(folder / "in.wp"), abs=1e-5)
    proxy.ask("fence load fence.wp", r"TYPE_FENCE: ACCEPTED")
    proxy.ask("fence list", r"(?s)Requesting 4 fence items.*Saved 4 fence items")


def fly(proxy: MavProxy) -> None:
    for mode in ("ALT_HOLD", "STABILIZE", "LOITER", "GUIDED"):
        proxy.ask(f"mode {mode}", rf"Mode {mode}", 20.0)
    arm(proxy)
    proxy.say("takeoff 20")
    proxy.until("GLOBAL_POSITION_INT", "relative_alt", 18_500.0, 21_500.0)
    proxy.say(f"guided {HOME[0] + 0.0003:.6f} {HOME[1]:.6f} 25")
    proxy.until("GLOBAL_POSITION_INT", "lat", (HOME[0] + 0.00027) * 1e7, (HOME[0] + 0.00033) * 1e7)
    proxy.ask("mode AUTO", r"Mode AUTO", 20.0)
    proxy.expect(r"Reached command #3", 120.0)
    proxy.expect(r"DISARMED", 180.0)
    proxy.ask("mode STABILIZE", r"Mode STABILIZE", 20.0)


def arm(proxy: MavProxy) -> None:
    proxy.until("EKF_STATUS_REPORT", "flags", 512.0, 65535.0, 120.0)
    proxy.ask("arm throttle", r"ARMED", 30.0)
