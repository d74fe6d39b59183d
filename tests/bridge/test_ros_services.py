"""Vehicle, endpoint and autopilot node as real processes, called through MAVROS's services and topics."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lenger_bringup.domains import free_udp_ports
from lenger_core.ros.types import rclpy_types

pytestmark = pytest.mark.ros

FENCE_FILE = Path(__file__).parents[2] / "config" / "zones" / "first_patrol.geojson"
SQUARE = ((42.17, 69.87), (42.17, 69.90), (42.19, 69.90), (42.19, 69.87))


def start(module: str, *parameters: str) -> subprocess.Popen[bytes]:
    words = [word for parameter in parameters for word in ("-p", parameter)]
    return subprocess.Popen([sys.executable, "-m", module, "--ros-args", *words], stderr=subprocess.PIPE)


@pytest.fixture
def graph(ros_domain: int) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Vehicle and endpoint on ports of their own."""
    vehicle, endpoint = free_udp_ports(2)
    processes = {
        "vehicle": start(
            "lenger_sim.vehicle_node",
            f"mavlink:=udp://127.0.0.1:{vehicle}@127.0.0.1:{endpoint}",
            "speed:=2.0",
            "prepared:=true",
        ),
        "mavros": start(
            "lenger_bridge.endpoint_node",
            "use_sim_time:=true",
            f"fcu_url:=udp://127.0.0.1:{endpoint}@127.0.0.1:{vehicle}",
        ),
    }
    yield processes
    for process in processes.values():
        process.kill()
        process.communicate()


class Client:
    """A ROS node in the test's own process."""

    def __init__(self) -> None:
        import rclpy
        from rclpy.executors import SingleThreadedExecutor

        self._rclpy = rclpy
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self.node = rclpy.create_node("test_client", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self.node)
        self.seen: dict[str, Any] = {}

    def close(self) -> None:
        self.node.destroy_node()
        self._rclpy.shutdown(context=self._context)

    def listen(self, topic: str, kind: str, latched: bool) -> None:
        from rclpy.qos import DurabilityPolicy, QoSProfile, ReliabilityPolicy

        qos = QoSProfile(
            depth=1,
            reliability=ReliabilityPolicy.RELIABLE if latched else ReliabilityPolicy.BEST_EFFORT,
            durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        )
        self.node.create_subscription(rclpy_types(kind), topic, lambda m: self.seen.__setitem__(topic, m), qos)

    def until(self, predicate: Callable[[], bool], what: str, timeout_s: float = 90.0) -> None:
        deadline = time.monotonic() + timeout_s
        while not predicate():
            assert time.monotonic() < deadline, f"never came: {what}; last seen: {self.seen}"
            self._executor.spin_once(timeout_sec=0.1)

    def call(self, service: str, kind: str, /, **fields: Any) -> Any:
        client = self.node.create_client(rclpy_types(kind), service)
        self.until(client.service_is_ready, f"service {service}")
        future = client.call_async(rclpy_types(kind).Request(**fields))
        self.until(future.done, f"answer of {service}")
        return future.result()


@pytest.fixture
def client(graph: dict[str, subprocess.Popen[bytes]]) -> Iterator[Client]:
    one = Client()
    one.listen("mavros/state", "mavros_msgs/msg/State", latched=True)
    one.listen("mavros/imu/data_raw", "sensor_msgs/msg/Imu", latched=False)
    one.listen("mavros/geofence/fences", "mavros_msgs/msg/WaypointList", latched=True)
    one.until(lambda: "mavros/state" in one.seen and one.seen["mavros/state"].connected, "connected state")
    yield one
    one.close()


def test_services_and_topics_of_the_endpoint(client: Client, graph: dict[str, subprocess.Popen[bytes]]) -> None:
    client.until(lambda: "mavros/imu/data_raw" in client.seen, "IMU")
    assert client.call("mavros/set_mode", "mavros_msgs/srv/SetMode", custom_mode="NONSENSE").mode_sent is False
    assert client.call("mavros/set_mode", "mavros_msgs/srv/SetMode", custom_mode="POSCTL").mode_sent
    client.until(lambda: client.seen["mavros/state"].mode == "POSCTL", "mode POSCTL")
    assert client.call("mavros/set_mode", "mavros_msgs/srv/SetMode", custom_mode="AUTO.LOITER").mode_sent
    client.until(lambda: client.seen["mavros/state"].mode == "AUTO.LOITER", "mode AUTO.LOITER")

    pulled = client.call("mavros/param/pull", "mavros_msgs/srv/ParamPull")
    assert pulled.success
    assert pulled.param_received > 20
    names = ["COM_OBL_RC_ACT", "COM_OF_LOSS_T", "NO_SUCH"]
    values = client.call("mavros/param/get_parameters", "rcl_interfaces/srv/GetParameters", names=names).values
    assert [v.type for v in values] == [2, 3, 0]
    assert (values[0].integer_value, values[1].double_value) == (5, 1.0)

    waypoint = rclpy_types("mavros_msgs/msg/Waypoint")
    items = [waypoint(frame=0, command=5001, x_lat=lat, y_long=lon, param1=4.0) for lat, lon in SQUARE]
    pushed = client.call("mavros/geofence/push", "mavros_msgs/srv/WaypointPush", waypoints=items)
    assert (pushed.success, pushed.wp_transfered) == (True, 4)
    fetched = client.call("mavros/geofence/pull", "mavros_msgs/srv/WaypointPull")
    assert (fetched.success, fetched.wp_received) == (True, 4)
    client.until(lambda: "mavros/geofence/fences" in client.seen, "the latched fence")
    corners = [(w.x_lat, w.y_long) for w in client.seen["mavros/geofence/fences"].waypoints]
    assert corners == [pytest.approx(corner, abs=1e-7) for corner in SQUARE]

    command = client.call("mavros/cmd/command", "mavros_msgs/srv/CommandLong", command=65_000)
    assert (command.success, command.result) == (False, 3)
    armed = client.call("mavros/cmd/arming", "mavros_msgs/srv/CommandBool", value=True)
    while not armed.success:  # its estimator may need a moment more
        armed = client.call("mavros/cmd/arming", "mavros_msgs/srv/CommandBool", value=True)
    client.until(lambda: client.seen["mavros/state"].armed, "armed")
    assert client.call("mavros/cmd/arming", "mavros_msgs/srv/CommandBool", value=False).success

    for process in graph.values():
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert b"Traceback" not in errors


def test_autopilot_node_checks_contract_and_fence_through_mavros_services(client: Client) -> None:
    autopilot = start("lenger_bridge.autopilot_node", "use_sim_time:=true", f"fence_file:={FENCE_FILE}")
    try:
        client.listen("vehicle/status", "lenger_interfaces/msg/VehicleStatus", latched=True)
        client.until(lambda: "vehicle/status" in client.seen and client.seen["vehicle/status"].ready, "ready")
        status = client.seen["vehicle/status"]
        assert (status.connected, status.armed, status.autopilot) == (True, False, "px4")
        assert status.alt_amsl_m == pytest.approx(status.home_alt_amsl_m, abs=15.0)
        assert len(client.seen["mavros/geofence/fences"].waypoints) > 4
        waypoint = rclpy_types("mavros_msgs/msg/Waypoint")
        legs = [waypoint(frame=6, command=16, x_lat=42.182 + k * 1e-4, y_long=69.8878, z_alt=30.0) for k in range(3)]
        upload, kind = "autopilot/upload", "lenger_interfaces/srv/UploadItems"
        answer = client.call(upload, kind, kind=0, items=legs)
        assert (answer.success, answer.message, answer.count) == (True, "", 3)
        legs[1].x_lat = 43.0
        answer = client.call(upload, kind, kind=0, items=legs)
        assert not answer.success
        assert answer.message == "mission upload refused: item 1: outside every inclusion zone"
        assert "kind 9" in client.call(upload, kind, kind=9).message
        autopilot.send_signal(signal.SIGINT)
        _, errors = autopilot.communicate(timeout=60)
        assert autopilot.returncode == 0
        assert b"Traceback" not in errors
    finally:
        autopilot.kill()
        autopilot.communicate()


@pytest.mark.parametrize(
    ("module", "parameter", "words"),
    [
        ("lenger_bridge.endpoint_node", "fcu_url:=serial://ttyACM0:57600", ["ttyACM0", "serial:///dev/"]),
        ("lenger_bridge.autopilot_node", "autopilot:=ardupilotx", ["autopilot", "px4"]),
        ("lenger_bridge.autopilot_node", "vehicle:=zeppelin", ["zeppelin", "quad_2kg"]),
    ],
)
def test_a_bad_parameter_is_one_line_and_exit_2(ros_domain: int, module: str, parameter: str, words: list[str]) -> None:
    process = start(module, parameter)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(errors.strip().splitlines()) == 1
    for word in words:
        assert word in errors.decode()
