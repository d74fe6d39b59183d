"""Where the aircraft is, and how far that can be trusted: estimates, GNSS, agreement, ground."""

from __future__ import annotations

from math import inf, isfinite

from lenger_core.samples import CommandKind, GuardLevel, Integrity, VehicleStatus
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.table import ROWS
from lenger_safety.supervision.timing import Persist

FIX_3D = 3
UNSURE_S = 1.0
NEAR_GROUND = (CommandKind.ARM, CommandKind.TAKEOFF, CommandKind.LAND, CommandKind.RETURN)
"""Orders under which it is right to be low."""


class EstimateWatch:
    """No estimate at all, or no ground under it: nothing can be judged."""

    def __init__(self, settings: GuardSettings) -> None:
        self._silence_s = settings.silence_s

    def reset(self) -> None:
        """Nothing is kept."""

    def update(self, _now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now."""
        causes = []
        if not facts.picture.estimates:
            causes.append(ROWS["estimate"].cause(f"no estimate of the position for {self._silence_s:g} s"))
        if not facts.ground_known:
            causes.append(ROWS["ground"].cause("the ground here is not in the terrain model"))
        return tuple(causes)


class SilenceWatch:
    """One of the two sources fell silent: the other flies alone, with wider margins."""

    def __init__(self, settings: GuardSettings) -> None:
        settle_s = settings.supervision.settle_s
        self._autopilot, self._fusion = Persist(0.0, settle_s), Persist(0.0, settle_s)

    def reset(self) -> None:
        """Start anew."""
        self._autopilot.reset()
        self._fusion.reset()

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now; no estimate at all is the business of `EstimateWatch`."""
        sources = {e.source for e in facts.picture.estimates}
        causes = []
        if self._autopilot.update(now_ns, "autopilot" not in sources) and sources:
            causes.append(ROWS["autopilot_silent"].cause("no position from autopilot_node; fusion's alone is used"))
        if self._fusion.update(now_ns, facts.picture.fusion == "lost") and sources:
            reason = facts.picture.fusion_reason or "fusion was silent a moment ago"
            causes.append(ROWS["fusion_silent"].cause(f"{reason}; the autopilot's estimate alone is used"))
        return tuple(causes)


class AgreementWatch:
    """Fusion and autopilot apart, or an estimate that jumped."""

    def __init__(self, settings: GuardSettings) -> None:
        self._hold_s = settings.disagree_hold_s

    def reset(self) -> None:
        """Nothing is kept: the picture has the times."""

    def update(self, _now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now."""
        picture, causes = facts.picture, []
        if picture.disagree_s > self._hold_s:
            gaps = f"{picture.gap_m:.0f} m, {picture.rise_m:.0f} m in height, {picture.gap_m_s:.1f} m/s"
            causes.append(ROWS["disagreement"].cause(f"fusion and autopilot are apart: {gaps}"))
        if picture.jump:
            causes.append(ROWS["estimate_jump"].cause(picture.jump))
        return tuple(causes)


class GnssWatch:
    """GNSS lost, jammed or spoofed: first wider margins, then the hold, then the autopilot's own landing.

    Which rung depends on how sure the position still is, not on the cause alone: an aircraft that coasts well may hold
    for `gnss_hold_s` and `gnss_land_s`; one that has lost itself lands at once.
    """

    def __init__(self, settings: GuardSettings) -> None:
        s = settings.supervision
        self._settings = s
        self._unsure, self._lost = Persist(UNSURE_S, s.settle_s), Persist(s.gnss_hold_s, s.settle_s)
        self._astray, self._gone = Persist(UNSURE_S, s.settle_s), Persist(UNSURE_S, s.settle_s)

    def reset(self) -> None:
        """Start anew."""
        for watch in (self._unsure, self._lost, self._astray, self._gone):
            watch.reset()

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the worst of the three that stands."""
        s, picture = self._settings, facts.picture
        lost = _without_gnss(picture.integrity, facts.vehicle)
        best_m = min((e.hpl_m for e in picture.estimates), default=-inf)
        spoofed = picture.integrity is Integrity.SPOOFING
        unsure = self._unsure.update(now_ns, bool(lost) or picture.fusion == "unsure")
        held = self._lost.update(now_ns, bool(lost))
        astray = self._astray.update(now_ns, spoofed or best_m > s.hold_hpl_m)
        gone = self._gone.update(now_ns, best_m > s.land_hpl_m)
        sure = f"position sure to {best_m:.0f} m" if picture.estimates else "no position"
        what = lost or picture.fusion_reason or "the position is not sure"
        if gone or (held and self._lost.held_s >= s.gnss_land_s):
            return (ROWS["gnss_land"].cause(f"{what} for {self._lost.held_s:.0f} s; {sure}"),)
        if held or astray:
            return (ROWS["gnss_lost"].cause(f"{what}; {sure}"),)
        return (ROWS["gnss_unsure"].cause(f"{what}; {sure}"),) if unsure else ()


def _without_gnss(integrity: Integrity | None, vehicle: VehicleStatus | None) -> str:
    """Return in words why there is no GNSS, "" when there is, or nobody can tell."""
    if integrity is Integrity.SPOOFING:
        return "GNSS is spoofed"
    if integrity is Integrity.JAMMING:
        return "GNSS is jammed"
    if integrity is Integrity.COASTING:
        return "fusion coasts without GNSS"
    if vehicle is not None and 0 <= vehicle.gnss_fix_type < FIX_3D:
        return f"no 3-D fix, {max(vehicle.gnss_satellites, 0)} satellites"
    return ""


class ClearanceWatch:
    """Close to the ground by the worst of estimate and terrain, where no order leads there."""

    def __init__(self, settings: GuardSettings) -> None:
        self._least_m = settings.supervision.clearance_warn_m
        self._low = Persist(0.2, settings.supervision.settle_s)

    def reset(self) -> None:
        """Start anew."""
        self._low.reset()

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now."""
        led_there = facts.under_way in NEAR_GROUND or facts.rung >= GuardLevel.RETURN or facts.external
        low = isfinite(facts.clearance_m) and facts.clearance_m < self._least_m and not led_there
        if not self._low.update(now_ns, low) or led_there:
            return ()
        return (ROWS["clearance"].cause(f"{facts.clearance_m:.1f} m over the worst ground that is possible here"),)
