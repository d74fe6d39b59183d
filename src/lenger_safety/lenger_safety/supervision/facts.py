"""What the watchers are told in each step, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

from lenger_core.samples import CommandKind, GuardLevel, VehicleStatus
from lenger_safety.estimate import Picture


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that asks for a rung while it stands.

    Attributes:
        name: stable; a row of `lenger_safety.supervision.table.TABLE`.
        level: the rung that it asks for.
        reason: in words, with numbers.
        lasting: no consent is taken while it stands; a cause that does not last is overruled by a newer consent.
    """

    name: str
    level: GuardLevel
    reason: str
    lasting: bool


@dataclass(frozen=True, slots=True)
class WayHome:
    """What the return planner knows now.

    Attributes:
        found: whether a legal way exists.
        needed_wh: energy of that way from here, with wind and height, and of the landing; NaN unknown.
        usable_wh: what the battery still gives at its temperature down to what must be left; NaN unknown.
        reason: why there is no way, in words.
    """

    found: bool
    needed_wh: float = nan
    usable_wh: float = nan
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """One step's facts; what is not known keeps its default, and the watchers that need it stay silent.

    Attributes:
        flying: armed and off the ground, as far as is known.
        external: somebody else has the aircraft and nobody has asked for it back.
        picture: the estimates.
        vehicle: the newest vehicle/status, however old.
        wanted: kind of the mission's living command, None when it is silent.
        under_way: kind of the guard's own last order.
        rung: where the ladder stands.
        ground_known: whether the terrain model holds the ground under every estimate.
        clearance_m: least height above the ground less protection level and terrain error.
        way_home: the return planner's answer, None before it has one.
        steady_ns: a clock that nobody sets; None where time is simulated.
        utc_ns: UTC; None where time is simulated.
    """

    flying: bool
    external: bool
    picture: Picture
    vehicle: VehicleStatus | None = None
    wanted: CommandKind | None = None
    under_way: CommandKind = CommandKind.NONE
    rung: GuardLevel = GuardLevel.NOMINAL
    ground_known: bool = True
    clearance_m: float = inf
    way_home: WayHome | None = None
    steady_ns: int | None = None
    utc_ns: int | None = None
