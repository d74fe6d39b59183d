"""The odom frame of REP-105: continuous, drifting, for what must not see the estimate jump."""

from __future__ import annotations

from lenger_core.samples import Odometry, Vec3

_MAX_STEP_S = 1.0


class OdomFrame:
    """Integrates the estimate's velocity from where it began; corrections of position go to map -> odom.

    Attitude is shared by both frames: the axes of odom are those of map, so corrections of heading do show in odom.
    """

    def __init__(self) -> None:
        self.position_m: Vec3 = (0.0, 0.0, 0.0)
        """base_link in odom."""
        self.offset_m: Vec3 = (0.0, 0.0, 0.0)
        """odom in map."""
        self._last: Odometry | None = None

    def update(self, odometry: Odometry) -> None:
        """Take the next estimate."""
        last, self._last = self._last, odometry
        if last is None:
            self.position_m = odometry.position_enu_m
        else:
            step_s = (odometry.t_ns - last.t_ns) * 1e-9
            step_s = step_s if 0.0 < step_s <= _MAX_STEP_S else 0.0
            before, after = last.velocity_enu_m_s, odometry.velocity_enu_m_s
            e, n, u = (p + 0.5 * step_s * (a + b) for p, a, b in zip(self.position_m, before, after, strict=True))
            self.position_m = (e, n, u)
        e, n, u = (a - b for a, b in zip(odometry.position_enu_m, self.position_m, strict=True))
        self.offset_m = (e, n, u)
