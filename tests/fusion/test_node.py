"""fusion_node as a real process: simulated sensors over DDS in, odometry, status and tf out."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import pytest

from fusion.trajectory import T0_NS, Flight, Sample
from lenger_core.samples import FcuGlobal, FcuLocal, GnssFix, ImuSample, Integrity, MagSample, PressureSample

pytestmark = pytest.mark.ros

TOPICS = {
    ImuSample: ["mavros/imu/data_raw"],
    MagSample: ["mavros/imu/mag"],
    PressureSample: ["mavros/imu/static_pressure"],
    GnssFix: ["mavros/global_position/raw/fix", "mavros/global_position/raw/gps_vel", "mavros/gpsstatus/gps1/raw"],
    FcuGlobal: ["mavros/global_position/global"],
    FcuLocal: ["mavros/local_position/odom"],
}
SECOND = 1_000_000_000


class Bench:
    """A peer of the node: sends readings and /clock, keeps what it hears."""

    def __init__(self) -> None:
        import rclpy
        from rclpy.executors import SingleThreadedExecutor
        from rclpy.parameter import Parameter
        from rosgraph_msgs.msg import Clock

        from lenger_core.ros.node import LengerNode
        from lenger_core.settings import Settings
        from tf2_msgs.msg import TFMessage

        rclpy.init(args=[])
        self._rclpy = rclpy
        self.node: Any = LengerNode("bench", Settings)
        self.node.set_parameters([Parameter("use_sim_time", value=True)])
        self.heard: dict[str, list[Any]] = {"fusion/odometry": [], "fusion/status": [], "events": [], "/tf": []}
        for topic in ("fusion/odometry", "fusion/status", "events"):
            self.node.subscribe(topic, self.heard[topic].append)
        self.node.create_subscription(TFMessage, "/tf", self.heard["/tf"].append, 10)
        self._clock = self.node.create_publisher(Clock, "/clock", 10)
        self._executor = SingleThreadedExecutor()
        self._executor.add_node(self.node)
        self._thread = threading.Thread(target=self._executor.spin, daemon=True)
        self._thread.start()

    def send(self, samples: list[Sample], shift_ns: int = 0) -> None:
        """Send readings as fast as the node keeps up: a little pause every 20 ms of flight."""
        from dataclasses import replace

        from builtin_interfaces.msg import Time
        from rosgraph_msgs.msg import Clock

        pause = threading.Event()
        for sample in samples:
            moved = replace(sample, t_ns=sample.t_ns + shift_ns)
            for topic in TOPICS.get(type(sample), []):
                self.node.publish(topic, moved)
            if isinstance(sample, ImuSample) and sample.t_ns % 20_000_000 == 0:
                sec, nanosec = divmod(moved.t_ns, SECOND)
                self._clock.publish(Clock(clock=Time(sec=sec, nanosec=nanosec)))
                pause.wait(0.004)

    def close(self) -> None:
        self._executor.shutdown()
        self.node.destroy_node()
        self._rclpy.try_shutdown()
        self._thread.join(timeout=10.0)


def start_node(*arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lenger_fusion.fusion_node", "--ros-args", "-p", "use_sim_time:=true", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def bench(ros_domain: int) -> Iterator[Bench]:
    peer = Bench()
    yield peer
    peer.close()


@pytest.fixture
def node(bench: Bench) -> Iterator[subprocess.Popen[str]]:
    process = start_node()
    yield process
    process.kill()
    process.communicate()


def connected(bench: Bench) -> bool:
    for topics in TOPICS.values():
        for topic in topics:
            if bench.node.advertise(topic).get_subscription_count() < 1:
                return False
    return bool(bench.node.publishers_on("fusion/odometry"))


def endpoints(bench: Bench) -> dict[str, set[bytes]]:
    """Return who is known to listen to each topic of readings, and to speak on fusion/odometry."""
    node = bench.node
    known = {t: node.get_subscriptions_info_by_topic(t) for topics in TOPICS.values() for t in topics}
    known["fusion/odometry"] = node.get_publishers_info_by_topic("fusion/odometry")
    return {topic: {bytes(info.endpoint_gid) for info in infos} for topic, infos in known.items()}


def test_a_flight_comes_out_as_odometry_status_and_tf(
    bench: Bench, node: subprocess.Popen[str], wait_until: Callable[..., None]
) -> None:
    flight = Flight(31, 12.0)
    wait_until(lambda: connected(bench), 60.0, "the node's subscriptions")
    bench.send(flight.readings())
    wait_until(lambda: bool(bench.heard["fusion/odometry"]), 30.0, "odometry")
    wait_until(
        lambda: any(s.integrity is Integrity.NOMINAL and s.gnss_used for s in bench.heard["fusion/status"]),
        30.0,
        "NOMINAL",
    )
    odometry = bench.heard["fusion/odometry"]
    gaps = [b.t_ns - a.t_ns for a, b in pairwise(odometry)]
    assert sorted(gaps)[len(gaps) // 2] == 20_000_000
    last = odometry[-1]
    truth = flight.truth(last.t_ns)
    assert last.position_enu_m == pytest.approx(tuple(truth[:3]), abs=3.0)
    assert last.velocity_enu_m_s == pytest.approx(tuple(truth[3:6]), abs=1.5)
    frames = {(t.header.frame_id, t.child_frame_id): t.transform for m in bench.heard["/tf"] for t in m.transforms}
    assert set(frames) == {("map", "odom"), ("odom", "base_link")}
    total = frames["map", "odom"].translation.z + frames["odom", "base_link"].translation.z
    assert total == pytest.approx(last.position_enu_m[2], abs=2.0)
    wait_until(lambda: any(e.kind == "fusion_aligned" for e in bench.heard["events"]), 10.0, "the alignment event")
    node.send_signal(signal.SIGINT)
    _, err = node.communicate(timeout=30)
    assert node.returncode == 0 and "Traceback" not in err


def test_a_restarted_node_aligns_again_in_flight(
    bench: Bench, node: subprocess.Popen[str], wait_until: Callable[..., None]
) -> None:
    flight = Flight(32, 24.0)
    readings = flight.readings()
    wait_until(lambda: connected(bench), 60.0, "the node's subscriptions")
    bench.send([s for s in readings if s.t_ns < T0_NS + 12 * SECOND])
    wait_until(lambda: bool(bench.heard["fusion/odometry"]), 30.0, "odometry")
    node.kill()
    node.communicate()
    before = endpoints(bench)  # the graph believes in a killed node for many seconds yet
    bench.heard["fusion/odometry"].clear()
    second = start_node()
    try:
        wait_until(
            lambda: all(endpoints(bench)[t] - before[t] for t in before), 60.0, "the second node's subscriptions"
        )
        bench.send([s for s in readings if s.t_ns >= T0_NS + 12 * SECOND])
        wait_until(lambda: bool(bench.heard["fusion/odometry"]), 30.0, "odometry of the second node")
        wait_until(lambda: any(e.detail == "aligned in motion" for e in bench.heard["events"]), 30.0, "the event")
        last = bench.heard["fusion/odometry"][-1]
        assert last.position_enu_m == pytest.approx(tuple(flight.truth(last.t_ns)[:3]), abs=5.0)
    finally:
        second.kill()
        second.communicate()


def test_an_autopilot_that_believes_itself_elsewhere_is_said(
    bench: Bench, node: subprocess.Popen[str], wait_until: Callable[..., None]
) -> None:
    flight = Flight(33, 14.0)
    samples: list[Any] = list(flight.readings())
    for t_ns in range(T0_NS + SECOND, T0_NS + 14 * SECOND, SECOND // 10):
        x = flight.truth(t_ns).tolist()
        away_m = 60.0 if t_ns > T0_NS + 8 * SECOND else 0.0
        lat, lon, alt = flight.frame.to_geodetic(x[0] + away_m, x[1], x[2])
        ellipsoid = alt + flight.frame.undulation_m
        samples.append(FcuGlobal(t_ns, lat, lon, alt, ellipsoid, 1.0, 1.5))
        samples.append(FcuLocal(t_ns, (0.0, 0.0, 0.0), tuple(x[3:6]), tuple(x[6:10]), (0.0, 0.0, 0.0)))
    wait_until(lambda: connected(bench), 60.0, "the node's subscriptions")
    bench.send(sorted(samples, key=lambda s: s.t_ns))
    wait_until(lambda: any("autopilot's position" in s.reason for s in bench.heard["fusion/status"]), 30.0, "the alarm")
    alarms = [s for s in bench.heard["fusion/status"] if "autopilot's position" in s.reason]
    assert {s.integrity for s in alarms} == {Integrity.DEGRADED}
    assert min(s.t_ns for s in alarms) > T0_NS + 10 * SECOND


@pytest.mark.usefixtures("ros_domain")
def test_a_bad_parameter_is_one_line_and_exit_2() -> None:
    process = start_node("-p", "gate_sigma:=0.5")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "gate_sigma" in err and len(err.strip().splitlines()) == 1
