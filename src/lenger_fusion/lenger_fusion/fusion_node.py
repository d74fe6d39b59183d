"""fusion_node: raw MAVROS sensors in; fusion/odometry, fusion/status, tf and diagnostics out."""

from __future__ import annotations

from lenger_core.ros.node import OK, STALE, WARN, LengerNode, run_node
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import GnssFix, ImuSample, Integrity, Odometry, QuatWxyz, Vec3
from lenger_core.wire_types import header, quaternion_msg, vector_msg
from lenger_fusion import warm
from lenger_fusion.fusion import FusionCore
from lenger_fusion.join import FixJoiner
from lenger_fusion.odom_frame import OdomFrame
from lenger_fusion.settings import FusionNodeSettings

ODOMETRY_NS = 20_000_000
STATUS_HZ = 10.0
_LEVELS = {Integrity.NOMINAL: OK, Integrity.ALIGNING: STALE}
_IDENTITY: QuatWxyz = (1.0, 0.0, 0.0, 0.0)


class FusionNode(LengerNode[FusionNodeSettings]):
    """The shell of FusionCore. Odometry leaves with the IMU sample that completes it, the status by a timer."""

    def __init__(self) -> None:
        super().__init__("fusion", FusionNodeSettings)
        warm()
        self._core = FusionCore(self.settings)
        self._joiner = FixJoiner()
        self._odom = OdomFrame()
        self._newest: Odometry | None = None
        self._slot = -1
        self._tf = self.create_publisher(rclpy_types("tf2_msgs/msg/TFMessage"), "/tf", 100)
        for topic in ("fusion/odometry", "fusion/status", "events"):
            self.advertise(topic)
        self.subscribe("mavros/imu/data_raw", self._on_imu)
        self.subscribe("mavros/imu/mag", self._core.on_mag)
        self.subscribe("mavros/imu/static_pressure", self._core.on_pressure)
        self.subscribe("mavros/global_position/raw/fix", lambda fix: self._on_fix(self._joiner.on_fix(fix)))
        self.subscribe("mavros/global_position/raw/gps_vel", lambda fix: self._on_fix(self._joiner.on_velocity(fix)))
        self.subscribe("mavros/gpsstatus/gps1/raw", self._joiner.on_extras)
        self.subscribe("mavros/extended_state", self._core.on_extended)
        self.subscribe("mavros/global_position/global", self._core.on_autopilot)
        self.subscribe("mavros/local_position/odom", self._core.on_autopilot)
        self.every(STATUS_HZ, self._on_timer)

    def _on_imu(self, sample: ImuSample) -> None:
        self._core.on_imu(sample)
        # One odometry in each slot of 20 ms: 50 Hz whatever the IMU's rate is, if that is higher.
        slot = sample.t_ns // ODOMETRY_NS
        odometry = self._core.odometry(sample.t_ns) if slot != self._slot else None
        if odometry is None:
            return
        self._slot, self._newest = slot, odometry
        self._odom.update(odometry)
        self.publish("fusion/odometry", odometry)

    def _on_fix(self, fix: GnssFix | None) -> None:
        if fix is not None:
            self._core.on_gnss(fix)

    def _on_timer(self) -> None:
        now_ns = self.now_ns()
        status = self._core.status(now_ns)
        self.publish("fusion/status", status)
        if self._newest is not None and status.integrity is not Integrity.ALIGNING:
            self._send_tf(self._newest)
        self.events(self._core.take_events())
        values: dict[str, object] = {"hpl_m": f"{status.hpl_m:.1f}", "vpl_m": f"{status.vpl_m:.1f}"}
        self.diagnose(
            "estimate", _LEVELS.get(status.integrity, WARN), status.reason or "nominal", values | self._core.counts()
        )

    def _send_tf(self, odometry: Odometry) -> None:
        prefix = self.settings.frame_prefix
        pairs = (
            ("map", "odom", self._odom.offset_m, _IDENTITY),
            ("odom", "base_link", self._odom.position_m, odometry.quat_wxyz),
        )
        transforms = [
            self._transform(odometry.t_ns, prefix + a, prefix + b, where, turn) for a, b, where, turn in pairs
        ]
        self._tf.publish(rclpy_types("tf2_msgs/msg/TFMessage")(transforms=transforms))

    @staticmethod
    def _transform(t_ns: int, parent: str, child: str, where: Vec3, turn: QuatWxyz) -> object:
        return rclpy_types("geometry_msgs/msg/TransformStamped")(
            header=header(rclpy_types, t_ns, parent),
            child_frame_id=child,
            transform=rclpy_types("geometry_msgs/msg/Transform")(
                translation=vector_msg(rclpy_types, where), rotation=quaternion_msg(rclpy_types, turn)
            ),
        )


def main() -> None:
    """Run the node."""
    run_node(FusionNode)


if __name__ == "__main__":
    main()
