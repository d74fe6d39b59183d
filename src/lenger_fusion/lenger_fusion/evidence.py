"""What watches the sensors during one alignment, and what the detectors of `integrity` get to see of it."""

from __future__ import annotations

from math import inf, isfinite

from lenger_core.samples import GnssFix, Vec3
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.gnss_trust import GnssTrust
from lenger_fusion.integrity import Evidence, HeightGap
from lenger_fusion.settings import FusionSettings

_SEEN_NS = 2_000_000_000


class Watch:
    """Follows the sensors beside the filter.

    Attributes:
        trust: whether the receiver may be believed; it judges only with `watch_gnss`.
        fix: the newest that was let in.
        baro_height_m: the newest pressure height above the origin.
    """

    def __init__(self, settings: FusionSettings) -> None:
        self._settings = settings
        self._latency_ns = int(settings.gnss_latency_s * 1e9)
        self.trust = GnssTrust(self._latency_ns)
        self.fix: GnssFix | None = None
        self.baro_height_m: float | None = None
        self._gap = HeightGap(settings.height_disagreement_m)

    def on_fix(self, fix: GnssFix, place: Vec3) -> None:
        """Take a fix that was let in, and its place in the local frame."""
        self.fix = fix
        if self.baro_height_m is not None:
            self._gap.update(fix.t_ns, self.baro_height_m, place[2])

    def evidence(self, now_ns: int, estimate: ErrorStateFilter) -> Evidence:
        """Return what the detectors look at."""
        accepted_ns = estimate.gate("gnss_position").accepted_ns
        # A fix waits in the queue until the filter reaches its time: that wait is not age.
        wait_s = (estimate.newest_ns - estimate.t_ns) * 1e-9
        if self._settings.watch_gnss:
            accepted_ns = max(accepted_ns, estimate.accepted_ns("gnss_velocity"))
        fix, height = self.fix, self.baro_height_m
        seen = estimate.accepted_ns("flow") > estimate.t_ns - _SEEN_NS
        return Evidence(
            doubts=self.trust.doubts(),
            led_astray=self.trust.led_astray(now_ns, 0.0 if fix is None else fix.h_acc_m, seen),
            fix_age_s=inf if accepted_ns < 0 else (now_ns - accepted_ns - self._latency_ns) * 1e-9 - wait_s,
            received_age_s=inf if fix is None else (now_ns - fix.t_ns) * 1e-9,
            rejecting_s={name: gate.rejecting_s(estimate.t_ns) for name, gate in estimate.gates.items()},
            h_acc_m=fix.h_acc_m if fix is not None and isfinite(fix.h_acc_m) else 0.0,
            v_acc_m=fix.v_acc_m if fix is not None and isfinite(fix.v_acc_m) else 0.0,
            height_gap_m=0.0 if height is None else self._gap.gap_m(height),
        )
