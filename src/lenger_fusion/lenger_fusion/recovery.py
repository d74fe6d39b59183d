"""Ways back when a gate has refused a sensor for long: no sensor is locked out for ever.

Most rejections end by themselves, because dead reckoning widens the gate. These are the rest: a position that is
steadily elsewhere, a barometer that has stepped, a height that one of barometer and GNSS has wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

from lenger_core.samples import GnssFix, Vec3
from lenger_fusion import kernels
from lenger_fusion.alignment import accuracies
from lenger_fusion.filter import BARO_VARIANCE_M2, ErrorStateFilter
from lenger_fusion.gnss_trust import GnssTrust
from lenger_fusion.settings import FusionSettings

_BARO_ERROR = kernels.BARO


class FixTrack:
    """Whether successive fixes agree with each other: each where the last and its velocity put it."""

    def __init__(self) -> None:
        self.fix: GnssFix | None = None
        self.place: Vec3 = (0.0, 0.0, 0.0)
        self.since_ns = 0
        """Start of the present run of fixes that agree."""

    def update(self, fix: GnssFix, place_enu_m: Vec3, std_m: float) -> None:
        """Take a fix and its place in the local frame."""
        last = self.fix
        if last is not None:
            dt = (fix.t_ns - last.t_ns) * 1e-9
            miss_e = place_enu_m[0] - self.place[0] - 0.5 * dt * (fix.vel_e_m_s + last.vel_e_m_s)
            miss_n = place_enu_m[1] - self.place[1] - 0.5 * dt * (fix.vel_n_m_s + last.vel_n_m_s)
            if not 0.0 < dt < 2.0 or max(abs(miss_e), abs(miss_n)) > 2.0 + 2.0 * std_m:
                self.since_ns = fix.t_ns
        else:
            self.since_ns = fix.t_ns
        self.fix, self.place = fix, place_enu_m

    def steady_s(self) -> float:
        """Return for how long the fixes have agreed."""
        return 0.0 if self.fix is None else (self.fix.t_ns - self.since_ns) * 1e-9


def recover(
    estimate: ErrorStateFilter,
    track: FixTrack,
    baro_height_m: float | None,
    settings: FusionSettings,
    fix_ns: int,
    trust: GnssTrust,
) -> Iterator[tuple[str, str]]:
    """Reset what has been refused too long; yield (event kind, detail) of each.

    Args:
        estimate: is reset.
        track: of the receiver's fixes.
        baro_height_m: the newest pressure height.
        settings: how long is too long.
        fix_ns: time of the last fix.
        trust: whom to believe; it counts with `watch_gnss`.
    """
    now_ns = estimate.t_ns
    stepped = estimate.gate("baro").rejecting_s(now_ns) > settings.baro_reset_s and not trust.pressure.set
    if stepped and baro_height_m is not None:
        estimate.level_baro(baro_height_m)
        yield "fusion_baro_reset", "barometer stepped: levelled anew against the estimate"
    refused_s = estimate.gate("gnss_position").rejecting_s(now_ns)
    if min(refused_s, _steady_s(track, trust, settings)) > _patience_s(estimate, trust, settings):
        _move(estimate, track, settings, (now_ns - fix_ns) * 1e-9)
        yield "fusion_position_reset", f"GNSS was steadily elsewhere for {refused_s:.0f} s: position set to it"
    baro_alive = now_ns - estimate.gate("baro").accepted_ns < 2_000_000_000
    patience = settings.height_reset_s if baro_alive else settings.gnss_reset_s
    refused_s = estimate.gate("gnss_height").rejecting_s(now_ns)
    if min(refused_s, _steady_s(track, trust, settings)) > patience:
        _lift(estimate, track, settings)
        yield "fusion_height_reset", f"GNSS height was steadily elsewhere for {refused_s:.0f} s: height set to it"


def _steady_s(track: FixTrack, trust: GnssTrust, settings: FusionSettings) -> float:
    """Return for how long the receiver has told one story."""
    return min(track.steady_s(), trust.track.own_s()) if settings.watch_gnss else track.steady_s()


def _patience_s(estimate: ErrorStateFilter, trust: GnssTrust, settings: FusionSettings) -> float:
    """Return how long a position has to be elsewhere before it is believed against the estimate.

    An estimate that has only drifted away still feels every change of the velocity that the receiver shows: then the
    receiver is right soon. While GNSS velocity or flow keep the estimate good, or the receiver moves in ways that
    nothing feels, it is the position that has to wait.
    """
    if not settings.watch_gnss:
        return settings.gnss_reset_s
    newest_ns = max(estimate.accepted_ns(sensor) for sensor in ("gnss_velocity", "flow"))
    drifted = newest_ns <= estimate.t_ns - 2_000_000_000 and trust.track.felt_s() > settings.gnss_reset_s
    return settings.gnss_reset_s if drifted else settings.gnss_step_reset_s


def _move(estimate: ErrorStateFilter, track: FixTrack, settings: FusionSettings, age_s: float) -> None:
    fix = track.fix
    assert fix is not None
    horizontal, _, speed = accuracies(fix, settings)
    east, north, _ = track.place
    estimate.reset_states(
        {0: east + fix.vel_e_m_s * age_s, 1: north + fix.vel_n_m_s * age_s, 3: fix.vel_e_m_s, 4: fix.vel_n_m_s},
        {0: horizontal**2, 1: horizontal**2, 3: 4.0 * speed**2, 4: 4.0 * speed**2},
    )
    for sensor in ("gnss_position", "gnss_velocity"):
        estimate.gate(sensor).rejecting_since_ns = -1


def _lift(estimate: ErrorStateFilter, track: FixTrack, settings: FusionSettings) -> None:
    fix = track.fix
    assert fix is not None
    _, vertical, _ = accuracies(fix, settings)
    shift = track.place[2] - float(estimate.x[2])
    estimate.reset_states(
        {2: track.place[2], 5: float(estimate.x[5]), _BARO_ERROR: float(estimate.x[1 + _BARO_ERROR]) - shift},
        {2: vertical**2, 5: 1.0, _BARO_ERROR: vertical**2 + BARO_VARIANCE_M2},
    )
    estimate.gate("gnss_height").rejecting_since_ns = -1
