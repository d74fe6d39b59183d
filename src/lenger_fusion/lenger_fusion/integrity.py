"""How far the estimate can be trusted: detectors, the state they add up to, and protection levels.

A detector is a function from Evidence to a Finding or None; `DETECTORS` lists them, the gravest finding wins.

Protection levels bound the true error with a stated risk as long as no undetected fault is present: HPL = 4.80 sigma
of the larger horizontal axis (Rayleigh: exceeded with 1e-5), VPL = 4.42 sigma (two-sided normal: 1e-5), per
independent sample. Sigma is the filter's own together with the slow part of the receiver's error, which averaging does
not reduce; the VPL also carries the disagreement of barometer and GNSS height, because the filter cannot know which of
them is right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Integrity
from lenger_fusion.settings import FusionSettings

HPL_FACTOR = 4.80
VPL_FACTOR = 4.42
RISK = 1e-5

_RANK = (
    Integrity.NOMINAL,
    Integrity.DEGRADED,
    Integrity.COASTING,
    Integrity.JAMMING,
    Integrity.SPOOFING,
    Integrity.ALIGNING,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the detectors look at, at one moment.

    Attributes:
        fix_age_s: since the last fix whose position was accepted; infinite when there was none.
        received_age_s: since the last usable fix, accepted or not.
        rejecting_s: by sensor, for how long every reading has been refused.
        h_acc_m, v_acc_m: of the last fix.
        height_gap_m: barometer minus GNSS height, smoothed, against what they agreed on at the start.
        slip_m: how far the position that is followed has moved without its velocity; 0 while none is followed.
        doubts: why the receiver is not believed.
        led_astray: why somebody seems to lead the receiver.
        jamming: why the receiver seems jammed.
        cut_off: the receiver, in good order, lost all satellites at once.
        faults: of IMU, barometer and magnetometer.
        apart: how the autopilot's own estimate disagrees.
    """

    fix_age_s: float
    received_age_s: float
    rejecting_s: dict[str, float]
    h_acc_m: float
    v_acc_m: float
    height_gap_m: float
    slip_m: float = 0.0
    doubts: tuple[str, ...] = ()
    led_astray: str = ""
    jamming: str = ""
    cut_off: bool = False
    faults: tuple[str, ...] = ()
    apart: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One detector's word."""

    integrity: Integrity
    reason: str


Detector = Callable[[Evidence, FusionSettings], "Finding | None"]

_REJECTING_S = 0.5
_NAMES = {
    "gnss_position": "GNSS position",
    "gnss_velocity": "GNSS velocity",
    "gnss_height": "GNSS height",
    "baro": "barometer",
    "mag": "magnetometer",
}


def coasting(evidence: Evidence, settings: FusionSettings) -> Finding | None:
    """Dead reckoning: no fix, or none that could be believed."""
    if evidence.fix_age_s <= settings.coast_after_s:
        return None
    if evidence.cut_off:
        why = "all satellites lost at once: antenna, shadow or a strong jammer, no GNSS fix"
        return Finding(Integrity.COASTING, f"{why} for {min(evidence.fix_age_s, 9999.0):.0f} s")
    why = "no GNSS fix" if evidence.received_age_s > settings.coast_after_s else "GNSS position refused"
    return Finding(Integrity.COASTING, f"{why} for {min(evidence.fix_age_s, 9999.0):.0f} s")


def doubted(evidence: Evidence, _settings: FusionSettings) -> Finding | None:
    """A receiver that was caught and is only compared."""
    return Finding(Integrity.DEGRADED, evidence.doubts[0]) if evidence.doubts else None


def led_astray(evidence: Evidence, settings: FusionSettings) -> Finding | None:
    """A receiver that goes on telling another story, calmly and with good accuracy: somebody tells it."""
    if not evidence.led_astray or evidence.jamming or evidence.h_acc_m > settings.degraded_h_acc_m:
        return None
    return Finding(Integrity.SPOOFING, f"{evidence.led_astray}, steadily")


def jammed(evidence: Evidence, _settings: FusionSettings) -> Finding | None:
    """A receiver that is drowned in noise."""
    return Finding(Integrity.JAMMING, evidence.jamming) if evidence.jamming else None


def faulty(evidence: Evidence, _settings: FusionSettings) -> Finding | None:
    """An IMU, barometer or magnetometer that gives itself away."""
    return Finding(Integrity.DEGRADED, evidence.faults[0]) if evidence.faults else None


def apart(evidence: Evidence, _settings: FusionSettings) -> Finding | None:
    """An autopilot that believes itself elsewhere."""
    return Finding(Integrity.DEGRADED, evidence.apart) if evidence.apart else None


def refusing(evidence: Evidence, _settings: FusionSettings) -> Finding | None:
    """A sensor that contradicts the rest."""
    for sensor, name in _NAMES.items():
        if evidence.rejecting_s.get(sensor, 0.0) > _REJECTING_S:
            return Finding(Integrity.DEGRADED, f"{name} contradicts the estimate")
    return None


def inaccurate(evidence: Evidence, settings: FusionSettings) -> Finding | None:
    """A receiver that says it is poor."""
    if evidence.h_acc_m > settings.degraded_h_acc_m or evidence.v_acc_m > settings.degraded_v_acc_m:
        return Finding(
            Integrity.DEGRADED, f"GNSS accuracy {evidence.h_acc_m:.0f} m horizontal, {evidence.v_acc_m:.0f} m vertical"
        )
    return None


def heights_disagree(evidence: Evidence, settings: FusionSettings) -> Finding | None:
    """Barometer and GNSS height drifting apart, though each passes its gate."""
    if abs(evidence.height_gap_m) <= settings.height_disagreement_m:
        return None
    return Finding(Integrity.DEGRADED, f"barometer and GNSS height disagree by {abs(evidence.height_gap_m):.0f} m")


class IntegrityState:
    """The finding in force: worse at once, an all-clear only after a second without it, so that it does not flicker."""

    _HOLD_NS = 1_000_000_000

    def __init__(self) -> None:
        self.finding = Finding(Integrity.ALIGNING, "waiting for IMU")
        self._troubled_ns = 0

    def settle(self, now_ns: int, finding: Finding) -> bool:
        """Adopt a finding; return whether the integrity changed."""
        clear = finding.integrity is Integrity.NOMINAL
        if (
            clear
            and self.finding.integrity is not Integrity.ALIGNING
            and 0 <= now_ns - self._troubled_ns < self._HOLD_NS
        ):
            return False
        if not clear:
            self._troubled_ns = now_ns
        changed = finding.integrity is not self.finding.integrity
        self.finding = finding
        return changed


class HeightGap:
    """Follows barometer minus GNSS height, so that a slow fault of one shows although each step of it is small.

    The difference itself means nothing (weather, non-standard air): its fast mean (3 s) is compared with its slow mean
    (60 s), less 8 % of the height flown meanwhile, which warm or cold air explains. The slow mean stands still while
    they disagree, for at most ten minutes.
    """

    _FAST_S, _SLOW_S, _HOLD_S, _AIR = 3.0, 60.0, 600.0, 0.08

    def __init__(self, limit_m: float) -> None:
        self._limit_m = limit_m
        self._t_ns: int | None = None
        self._fast = self._slow = self._height = 0.0
        self._held_s = 0.0

    def update(self, t_ns: int, baro_height_m: float, gnss_height_m: float) -> None:
        """Take both heights at one time."""
        difference = baro_height_m - gnss_height_m
        if self._t_ns is None:
            self._fast = self._slow = difference
            self._height = baro_height_m
            self._t_ns = t_ns
        dt = (t_ns - self._t_ns) * 1e-9
        if dt <= 0.0:
            return
        self._t_ns = t_ns
        self._fast += min(1.0, dt / self._FAST_S) * (difference - self._fast)
        self._held_s = self._held_s + dt if abs(self.gap_m(baro_height_m)) > 0.5 * self._limit_m else 0.0
        if self._held_s == 0.0 or self._held_s > self._HOLD_S:
            share = min(1.0, dt / self._SLOW_S)
            self._slow += share * (difference - self._slow)
            self._height += share * (baro_height_m - self._height)

    def gap_m(self, baro_height_m: float) -> float:
        """Return the unexplained disagreement, signed (barometer above GNSS positive)."""
        raw = self._fast - self._slow
        excess = max(0.0, abs(raw) - self._AIR * abs(baro_height_m - self._height))
        return excess if raw > 0.0 else -excess


DETECTORS: Sequence[Detector] = (
    coasting, jammed, led_astray, faulty, doubted, refusing, apart, inaccurate, heights_disagree,
)  # fmt: skip


def judge(evidence: Evidence, settings: FusionSettings) -> Finding:
    """Return the gravest finding of all detectors; NOMINAL with an empty reason when there is none."""
    findings = [finding for detector in DETECTORS if (finding := detector(evidence, settings)) is not None]
    return max(findings, key=lambda f: _RANK.index(f.integrity), default=Finding(Integrity.NOMINAL, ""))


def protection_levels(position_cov: NDArray[np.float64], slip_m: float, height_gap_m: float) -> tuple[float, float]:
    """Return (HPL, VPL) in metres of a (3, 3) ENU covariance, with risk `RISK` each.

    On top come `slip_m`, by which the position followed may have been led away, and the disagreement of the heights.
    """
    e, n, en = float(position_cov[0, 0]), float(position_cov[1, 1]), float(position_cov[0, 1])
    major = 0.5 * (e + n) + sqrt(max(0.0, (0.5 * (e - n)) ** 2 + en * en))
    hpl = HPL_FACTOR * sqrt(max(0.0, major)) + slip_m
    return hpl, VPL_FACTOR * sqrt(max(0.0, float(position_cov[2, 2]))) + abs(height_gap_m)
