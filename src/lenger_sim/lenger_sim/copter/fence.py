"""ArduCopter's fence (libraries/AC_Fence): a breach is noticed at the line, and acts once."""

from __future__ import annotations

from lenger_core.samples import Vec3
from lenger_mavlink.codec import mavlink
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.copter.zones import FlatFence, flatten
from lenger_sim.fence import Fence, fence_of
from lenger_sim.guidance import Guidance
from lenger_sim.onboard import Estimator

ALT_MAX, CIRCLE, POLYGON, ALT_MIN = 1, 2, 4, 8
"""Bits of FENCE_TYPE."""
REPORT_ONLY, RTL_OR_LAND, LAND, SMART_RTL_RTL_LAND, BRAKE_OR_LAND, SMART_RTL_OR_LAND = range(6)
"""FENCE_ACTION."""
GIVE_UP_M = 100.0
"""Farther outside than this, the action is LAND."""
RECOVERY_NS = 10_000_000_000
"""After a change of mode outside, no breach acts for this long."""
_BACKUP_M = 20.0
_UNION = 2
_RETURN_POINT = mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT
_NAMES = {ALT_MAX: "Max Alt", CIRCLE: "Circle", POLYGON: "Polygon", ALT_MIN: "Min Alt"}


class CopterFence:
    """Judges the fence.

    Attributes:
        breached: bits of what the aircraft is outside of.
        count: breaches so far.
        breach_ns: when the running breach began.
    """

    def __init__(self, pilot: Guidance, estimator: Estimator, params: ParamServer) -> None:
        self._pilot = pilot
        self._estimator = estimator
        self._params = params
        self._items: Fence = Fence()
        self._flat: FlatFence | None = None
        self._valid = True
        self._recovery_from_ns: int | None = None
        self._backup: dict[int, float] = {}
        self._floor_armed = False
        self.breached = 0
        self.count = 0
        self.breach_ns = 0

    # ------------------------------------------------------------ what is set

    def load(self, items: tuple[MissionItem, ...]) -> None:
        """Take an uploaded fence; one that makes no sense cannot be armed with."""
        fence = fence_of(tuple(item for item in items if item.command != _RETURN_POINT))
        self._valid = fence is not None
        self._items, self._flat = fence or Fence(), None

    @property
    def zones(self) -> FlatFence:
        """The uploaded areas in metres; empty before there is a position."""
        if self._flat is None:
            if self._estimator.last_fix_ns == 0:
                return FlatFence()
            self._flat = flatten(self._items, self._estimator.to_local)
        return self._flat

    @property
    def enabled(self) -> int:
        """Bits of the fences that act."""
        return self.present & ~(0 if self._floor_armed else ALT_MIN) if self._params["FENCE_ENABLE"] else 0

    @property
    def present(self) -> int:
        """Bits of the fences that are configured and have something to act on."""
        drawn = bool(self._items.inclusions or self._items.exclusions)
        return int(self._params["FENCE_TYPE"]) & (ALT_MAX | CIRCLE | ALT_MIN | (POLYGON if drawn else 0))

    @property
    def margin_m(self) -> float:
        """FENCE_MARGIN."""
        return float(self._params["FENCE_MARGIN"])

    @property
    def union(self) -> bool:
        """Whether one inclusion is enough."""
        return bool(int(self._params["FENCE_OPTIONS"]) & _UNION)

    def blocker(self) -> str:
        """Return why the fence refuses arming; "" when it does not."""
        value = {name: float(self._params[f"FENCE_{name}"]) for name in ("ALT_MAX", "ALT_MIN", "RADIUS", "MARGIN")}
        kinds = int(self._params["FENCE_TYPE"])
        if not self._params["FENCE_ENABLE"]:
            return ""
        checks = (
            (not self.present, "Fences enabled, but none selected"),
            (kinds & POLYGON and not self._valid, "Polygon fence(s) invalid"),
            (kinds & CIRCLE and value["RADIUS"] < 0.0, "Invalid Circle FENCE_RADIUS value"),
            (kinds & CIRCLE and value["RADIUS"] < value["MARGIN"], "Circle FENCE_MARGIN is greater than FENCE_RADIUS"),
            (kinds & ALT_MAX and value["ALT_MAX"] < 0.0, "Invalid FENCE_ALT_MAX value"),
            (self.breached, f"Vehicle breaching {names_of(self.breached)}"),
            (value["MARGIN"] < 0.0, "Invalid FENCE_MARGIN value"),
            (value["ALT_MAX"] < value["ALT_MIN"], "FENCE_ALT_MAX < FENCE_ALT_MIN"),
            (value["ALT_MAX"] - value["ALT_MIN"] <= 2.0 * value["MARGIN"], "FENCE_MARGIN too big"),
        )
        return next((text for failed, text in checks if failed), "")

    # ------------------------------------------------------------ where the aircraft is

    def outside_m(self, place: Vec3) -> dict[int, float]:
        """Return how far outside of each enabled fence a place is, negative inside; bits to metres."""
        enabled, home = self.enabled, self._pilot.home
        out: dict[int, float] = {}
        if enabled & POLYGON:
            out[POLYGON] = self.zones.outside_m(place[:2], self.union)
        if home is None:
            return out
        height = place[2] - home[2]
        if enabled & ALT_MAX:
            out[ALT_MAX] = height - float(self._params["FENCE_ALT_MAX"])
        if enabled & ALT_MIN:
            out[ALT_MIN] = float(self._params["FENCE_ALT_MIN"]) - height
        if enabled & CIRCLE:
            level = ((place[0] - home[0]) ** 2 + (place[1] - home[1]) ** 2) ** 0.5
            out[CIRCLE] = level - float(self._params["FENCE_RADIUS"])
        return out

    def allows(self, place: Vec3) -> bool:
        """Return whether a destination is within the enabled fences."""
        return all(distance <= 0.0 for distance in self.outside_m(place).values())

    def check(self, now_ns: int, landing: bool) -> tuple[int, float]:
        """Judge the aircraft; return the bits of fresh breaches and how far outside of those it is."""
        if landing:
            self._floor_armed = False
        elif self._pilot.height_above_home_m() > float(self._params["FENCE_ALT_MIN"]) + self.margin_m:
            self._floor_armed = True
        outside = self.outside_m(self._pilot.position()) if self._estimator.ready() else {}
        fresh = 0
        for kind in (ALT_MAX, ALT_MIN, CIRCLE, POLYGON):
            distance = outside.get(kind, -1.0)
            if distance < 0.0:
                self.breached &= ~kind
                self._backup.pop(kind, None)
            elif not self.breached & kind or distance >= self._backup.get(kind, 1e9):
                fresh |= kind
                self._record(kind, distance, now_ns)
        if self._recovery_from_ns is not None:
            if now_ns - self._recovery_from_ns < RECOVERY_NS:
                return 0, 0.0
            self._recovery_from_ns = None
        return fresh, max((outside[kind] for kind in outside if kind & fresh), default=0.0)

    def start_recovery(self, now_ns: int) -> bool:
        """Take a change of mode: while outside, it silences the fence for a time; return whether it does."""
        if self.breached:
            self._recovery_from_ns = now_ns
        return bool(self.breached)

    def _record(self, kind: int, distance: float, now_ns: int) -> None:
        if not self.breached:
            self.breach_ns = now_ns
        self.breached |= kind
        self.count += 1
        if kind != POLYGON:  # a second line behind the first; polygons have none
            self._backup[kind] = distance + _BACKUP_M


def names_of(kinds: int) -> str:
    """Return what texts call fences: "Max Alt and Circle fences"."""
    names = [name for bit, name in _NAMES.items() if kinds & bit] or ["no"]
    return f"{', '.join(names[:-1])}{' and ' if len(names) > 1 else ''}{names[-1]} fence{'s' * (len(names) > 1)}"
