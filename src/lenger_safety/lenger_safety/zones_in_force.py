"""Which zones hold now: those given or set in flight, switched on and off by their time windows."""

from __future__ import annotations

from collections.abc import Iterable

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import GuardLevel, Vec3
from lenger_core.zones import LocalZones, ZoneKind, ZoneSet
from lenger_safety.memory import GuardMemory, digest, recall_zones
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause

NO_UTC_NS = 946_684_800_000_000_000
"""2000-01-01: a clock that says less does not know UTC."""


class ZonesInForce:
    """The zones of one flight.

    Args:
        settings: guard settings.
        frame: the guard's frame.
        given: zones of the parameter.
        memory: what an earlier run left.

    Attributes:
        zones: all of them, in force or not.
        local: those in force, in the guard's frame.
        dropped: why zones set in flight were dropped at the start, "" when they were not.
    """

    def __init__(self, settings: GuardSettings, frame: LocalFrame, given: ZoneSet, memory: GuardMemory) -> None:
        self._settings = settings
        self._frame = frame
        self.stood_for = digest(given)
        self.zones, self.dropped = recall_zones(memory, given)
        self.geojson = "" if self.dropped else memory.zones_geojson
        self.local = self.zones.in_frame(frame)
        self._since_ns = 0
        self._until_ns: int | None = None
        self._upcoming: tuple[int, LocalZones] | None = None
        self._stale = bool(any(zone.windows for zone in self.zones.zones))

    def replace(self, zones: ZoneSet) -> None:
        """Take other zones as a whole.

        Raises:
            InputError: a zone has no outline here; nothing changes then.
        """
        zones.in_frame(self._frame)
        self.zones, self.geojson, self._stale = zones, zones.to_geojson(), True

    def update(self, now_ns: int) -> tuple[bool, list[str]]:
        """Switch windows; return whether other zones are in force now, and what there is to tell."""
        utc_ns = now_ns + int(self._settings.utc_at_zero_s * 1e9)
        if utc_ns < NO_UTC_NS:
            return self._always()
        over = self._until_ns is not None and utc_ns >= self._until_ns
        if not (self._stale or over or utc_ns < self._since_ns):  # also when the clock was set back
            return False, self._announce(utc_ns)
        before = {area.name for area in self.local.zones.zones}
        timed = self._until_ns is not None or utc_ns < self._since_ns
        self._stale, self._upcoming, self._since_ns = False, None, utc_ns
        self._until_ns = self.zones.next_change_ns(utc_ns)
        self.local = self.zones.in_frame(self._frame, utc_ns)
        after = {zone.name for zone in self.local.zones.zones}
        told = []
        if timed and before != after:
            told.append(
                "; ".join(part for part in (_said("in force", after - before), _said("over", before - after)) if part)
            )
        return True, told + self._announce(utc_ns)

    def _always(self) -> tuple[bool, list[str]]:
        """Let every zone count: without UTC nobody knows which of them do not."""
        if not self._stale:
            return False, []
        self._stale, self._until_ns, self._upcoming = False, None, None
        self.local = self.zones.in_frame(self._frame)
        timed = [zone.name for zone in self.zones.zones if zone.windows]
        return True, [f"UTC is not known, these zones count at all times: {', '.join(timed)}"] if timed else []

    def _announce(self, utc_ns: int) -> list[str]:
        """Look ahead to the next switch once it is near."""
        until, near_ns = self._until_ns, int(self._settings.zone_announce_s * 1e9)
        if until is None or until - utc_ns > near_ns or self._upcoming is not None:
            return []
        self._upcoming = until, self.zones.in_frame(self._frame, until)
        now = {zone.name for zone in self.local.zones.zones}
        coming = {zone.name for zone in self._upcoming[1].zones.zones} - now
        return [f"{_said('coming into force', coming)} in {(until - utc_ns) / 1e9:.0f} s"] if coming else []

    def causes(self, now_ns: int, positions: Iterable[Vec3], reach_m: float) -> tuple[Cause, ...]:
        """Hold while no inclusion counts; warn where a zone that is about to come into force will not let it be.

        Args:
            now_ns: time.
            positions: the aircraft's estimates, in the guard's frame.
            reach_m: how near to the line counts.
        """
        kinds = {zone.kind for zone in self.local.zones.zones}
        if ZoneKind.INCLUSION not in kinds and any(z.kind is ZoneKind.INCLUSION for z in self.zones.zones):
            return (Cause("no_inclusion", GuardLevel.HOLD, "no inclusion is in force: nowhere is legal", lasting=True),)
        if self._upcoming is None:
            return ()
        until, local = self._upcoming
        left_s = (until - now_ns) / 1e9 - self._settings.utc_at_zero_s
        for east, north, _ in positions:
            margin = local.margin(east, north)
            if margin.margin_m < reach_m and margin.margin_m < self.local.margin(east, north).margin_m:
                reason = f"{margin.name} comes into force here in {left_s:.0f} s"
                return (Cause("upcoming_zone", GuardLevel.WARN, reason, lasting=False),)
        return ()


def _said(what: str, names: set[str]) -> str:
    return f"{what}: {', '.join(sorted(names))}" if names else ""
