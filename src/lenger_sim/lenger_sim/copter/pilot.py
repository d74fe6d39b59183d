"""Flies the active mode."""

from __future__ import annotations

from collections.abc import Callable

from lenger_core.samples import Vec3
from lenger_mavlink.params import ParamServer
from lenger_sim.copter.avoid import Avoid
from lenger_sim.copter.fence import CopterFence
from lenger_sim.copter.flight import Flight
from lenger_sim.copter.guided import Guided
from lenger_sim.copter.landing import Land
from lenger_sim.copter.mission import Auto
from lenger_sim.copter.piloted import Loiter, Stabilize
from lenger_sim.copter.radio import Radio
from lenger_sim.copter.returning import Path, Rtl, SmartRtl, Stage
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator

SPOOL_NS = 2_000_000_000
"""From arming until the motors leave idle (ARMING_DELAY_SEC)."""
SLEW_NS = 1_200_000_000
"""From the wish to take off until the thrust carries (MOT_SPOOL_TIME, TKOFF_SLEW_TIME)."""
PATH_NS = 333_000_000
"""How often the way back is recorded."""


class CopterPilot(Flight):
    """All modes around one `Flight`.

    Attributes:
        mode: the active mode's name.
        look_at: the place (ENU) that the nose points at (DO_SET_ROI), if any.
        radio, fence, guided, land, rtl, smart_rtl, auto: the parts that others look at.
    """

    def __init__(self, estimator: Estimator, control: Record, params: ParamServer) -> None:
        super().__init__(estimator, control, params)
        self.mode = "STABILIZE"
        self.radio = Radio(params)
        self.fence = CopterFence(self, estimator, params)
        avoid = Avoid(self, self.fence)
        self.path = Path(self)
        self.guided = Guided(self, avoid)
        self.land = Land(self, self.radio)
        self.rtl = Rtl(self, self.fence, self.land)
        self.smart_rtl = SmartRtl(self, self.path, self.land)
        self.auto = Auto(self, estimator, self.rtl, self.land, self.radio)
        self._loiter = Loiter(self, self.radio, avoid, positioned=True)
        self._alt_hold = Loiter(self, self.radio, avoid, positioned=False)
        self._stabilize = Stabilize(self, self.radio)
        self._armed_ns = 0
        self._path_ns = 0
        self._slew_from_ns = 0
        self.look_at: Vec3 | None = None
        self._flying: dict[str, Callable[[int], None]] = {
            "STABILIZE": self._stabilize.fly,
            "ALT_HOLD": self._alt_hold.fly,
            "LOITER": self._loiter.fly,
            "AUTO": self.auto.fly,
            "GUIDED": self.guided.fly,
            "RTL": self.rtl.fly,
            "SMART_RTL": self.smart_rtl.fly,
            "LAND": self.land.fly,
            "BRAKE": self._brake,
        }

    def enter(self, mode: str, now_ns: int, blind: bool = False, pause: bool = False) -> None:
        """Make a mode active; `blind` and `pause` are LAND's."""
        if self.mode == "AUTO" and mode != "AUTO":
            self.auto.leave()
        self.mode = mode
        if mode == "LAND":
            self.land.enter(now_ns, blind, pause)
        elif mode == "BRAKE":
            self.begin()
            self.begin_brake()
        else:
            entries: dict[str, Callable[[int], None]] = {
                "STABILIZE": self._stabilize.enter,
                "ALT_HOLD": self._alt_hold.enter,
                "LOITER": self._loiter.enter,
                "AUTO": self.auto.enter,
                "GUIDED": self.guided.enter,
                "RTL": self.rtl.enter,
                "SMART_RTL": self.smart_rtl.enter,
            }
            entries[mode](now_ns)

    def arm(self, now_ns: int) -> None:
        """Start the motors at idle."""
        self.start_motors()
        self._armed_ns = now_ns
        self.rtl.armed_yaw_rad = self.yaw_rad
        self.path.start()
        self.enter(self.mode, now_ns)

    def step(self, now_ns: int, armed: bool) -> None:
        """Write the setpoints of the active mode."""
        if not armed:
            return
        self.lifts = False
        self.level(self.mode in ("STABILIZE", "ALT_HOLD"))
        self._flying[self.mode](now_ns)
        if self.look_at is not None and self.mode in ("GUIDED", "AUTO"):
            self.face(self.look_at)
        if self.mode != "SMART_RTL" and now_ns - self._path_ns >= PATH_NS:
            self._path_ns = now_ns
            self.path.record()
        if not self.lifts or now_ns - self._armed_ns < SPOOL_NS:
            self._slew_from_ns = now_ns
        self.lifts = self.lifts and now_ns - self._slew_from_ns >= SLEW_NS
        self.follow_ground(now_ns)

    def _brake(self, _now_ns: int) -> None:
        self.stop()
        self.hold_height()

    # ------------------------------------------------------------ what others ask

    @property
    def taking_off(self) -> bool:
        """Whether a take-off runs."""
        return (self.mode == "GUIDED" and self.guided.taking_off) or (self.mode == "AUTO" and self.auto.taking_off)

    @property
    def is_landing(self) -> bool:
        """Whether the mode is in its landing."""
        return (
            self.mode == "LAND"
            or (self.mode == "RTL" and self.rtl.stage is Stage.LAND)
            or (self.mode == "SMART_RTL" and self.smart_rtl.landing)
            or (self.mode == "AUTO" and self.auto.landing)
        )

    @property
    def target(self) -> Vec3 | None:
        """The place (ENU) that the mode flies to, if any."""
        if self.mode == "GUIDED":
            return self.guided.position if not self.guided.taking_off else None
        if self.mode == "AUTO":
            return self.auto.target
        if self.mode == "RTL":
            return self.rtl.target
        return self.smart_rtl.target if self.mode == "SMART_RTL" else None
