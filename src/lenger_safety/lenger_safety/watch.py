"""Supervision: what makes the guard hold by itself, whatever the mission asks for."""

from __future__ import annotations

from math import hypot

import numpy as np

from lenger_safety.estimate import Picture
from lenger_safety.ladder import Ladder
from lenger_safety.look import Look
from lenger_safety.surroundings import KIND_NAMES

ALWAYS_KNOWN = ("fence", "keep_out", "ceiling")
"""Kinds of limit that are far away when nothing of the kind is in reach; floor and ground may also just not apply."""

CLOSING_NOISE_M_S = 0.3
"""Closing speeds up to this are sliding with a noisy estimate, not an approach."""

REARM_M = 1.0
"""A limit that was broken can be broken anew only after this much slack has come back."""

STOPPED_M_S = 1.0
"""A hold that is slower has done its braking: what is left is drift with the wind."""

COASTS_M = 3.0
"""Two changes of modes, back to velocities and to the hold again, coast so far against the wind."""

_TELL_AT_ONCE = ("lost",)


class BreachWatch:
    """Tells when a limit that was kept no longer can be: the stopping distance at full braking reaches beyond it."""

    def __init__(self) -> None:
        self._kept: dict[str, bool] = {}

    def reset(self) -> None:
        """Forget everything: on the ground there is nothing to break."""
        self._kept.clear()

    def broken(self, look: Look) -> str:
        """Return, once for each breach, what is being broken; "" otherwise.

        A limit that is already broken at first sight (a start outside) is no new breach: the limiter leads back from
        it.
        """
        if not look.around:
            return ""
        reasons = []
        for kind in (*ALWAYS_KNOWN, "floor", "ground"):
            if kind not in look.slack:
                if kind in ALWAYS_KNOWN:
                    self._kept[kind] = True
                else:
                    self._kept.pop(kind, None)
                continue
            left, name = look.slack[kind]
            if left < 0.0 and self._kept.get(kind, False):
                reasons.append(f"{kind.replace('_', '-')} {name}: stopping needs {-left:.1f} m more than is left")
            rearmed = self._kept.get(kind) is not False or left > REARM_M
            self._kept[kind] = left >= 0.0 and rearmed
        return "; ".join(reasons)


def closed_on(look: Look) -> str:
    """Return what is still being closed on although stopping already needs more than is left, "" when nothing is.

    Unlike a new breach this counts whether the limit was kept before or not: for what the autopilot flies by itself,
    where nothing limits the velocity.
    """
    broken = {name: left for left, name in look.slack.values() if left < 0.0}
    for estimate, view in zip(look.picture.estimates, look.around, strict=True) if broken else ():
        closing = view.rows[:, :3] @ np.array(estimate.velocity_m_s)
        for row in np.flatnonzero(closing > CLOSING_NOISE_M_S).tolist():
            kind, name = KIND_NAMES[view.kinds[row]], view.name_of(row)
            if name in broken:
                needs = f"stopping needs {-broken[name]:.1f} m more than is left"
                return f"{kind.replace('_', '-')} {name}: {needs}, and it comes nearer"
    return ""


def braking(look: Look) -> str:
    """Return why a hold must not be broken off yet, "" otherwise.

    A change of modes coasts: the stop would grow by that beyond what it was begun for, again with every consent.
    """
    left, name = look.tightest()
    fastest = max((hypot(*e.velocity_m_s) for e in look.picture.estimates), default=0.0)
    brakes = left < COASTS_M and fastest > STOPPED_M_S
    return f"it still brakes before {name}, agree again when it has stopped" if brakes else ""


class SourceWatch:
    """Tells of changes in what the estimates come from, with hysteresis."""

    def __init__(self, clear_s: float) -> None:
        self._clear_ns = int(clear_s * 1e9)
        self._told = "absent"
        self._seen = "absent"
        self._since_ns = 0
        self._apart = False
        self._autopilot_heard = False

    def update(self, now_ns: int, picture: Picture, ladder: Ladder) -> None:
        """Queue the events of this step."""
        if picture.fusion != self._seen:
            self._seen, self._since_ns = picture.fusion, now_ns
        settled = now_ns - self._since_ns >= self._clear_ns or self._seen in _TELL_AT_ONCE
        if self._seen != self._told and settled:
            if self._seen == "good":
                if self._told != "absent":
                    ladder.tell(now_ns, "fusion_back", "fusion is nominal again")
            else:
                ladder.tell(now_ns, f"fusion_{self._seen}", f"{picture.fusion_reason}; margins are wider")
            self._told = self._seen
        heard = any(e.source == "autopilot" for e in picture.estimates)
        if heard is not self._autopilot_heard:
            if self._autopilot_heard:
                ladder.tell(now_ns, "autopilot_lost", "no position from autopilot_node; fusion's alone is used")
            self._autopilot_heard = heard
        apart = picture.disagree_s * 1e9 > self._clear_ns
        if apart is not self._apart:
            self._apart = apart
            detail = f"fusion and autopilot are {picture.gap_m:.0f} m apart; margins are wider"
            ladder.tell(
                now_ns,
                *(("fusion_disagrees", detail) if apart else ("fusion_agrees", "fusion and autopilot agree again")),
            )
