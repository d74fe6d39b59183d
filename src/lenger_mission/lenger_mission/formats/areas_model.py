"""Areas, lines and points as maps have them: what patterns are made over, and what a plan looks like on a map."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from lenger_core.errors import InputError
from lenger_core.plans import Datum
from lenger_core.zone_files.places import FILE_LIMITS as ZONE_LIMITS
from lenger_core.zone_files.places import MAX_VERTICES

MAX_FEATURES = 20_000
FILE_LIMITS = ZONE_LIMITS
"""250,000 nested values in 8 MB hold as many features as these."""
MAX_NAME = 200
_MAX_NOTES = 20
_NAMES_SHOWN = 8

Positions = tuple[tuple[float, float], ...]
Said = str | float | int | bool


class Kind(str, Enum):
    """What a feature is."""

    AREA = "area"
    LINE = "line"
    POINT = "point"


@dataclass(frozen=True, slots=True)
class AreaFeature:
    """One thing on a map.

    Attributes:
        name: as the file says; may be empty and need not be unique.
        kind: area, line or point.
        rings: positions (lat_deg, lon_deg). Of an area the outline and then its holes, none of them closed; of a line
            its points alone; of a point its one position.
        heights_m: of each position of a line or point; None where the file says none.
        datum: of the heights: above the ground or above mean sea level; None without heights.
        said: further properties, to be written; readers leave it empty.
    """

    name: str
    kind: Kind
    rings: tuple[Positions, ...]
    heights_m: tuple[float, ...] | None = None
    datum: Datum | None = None
    said: Mapping[str, Said] = field(default_factory=dict)

    @property
    def outline(self) -> Positions:
        """The outline of an area, the points of a line, or the one point."""
        return self.rings[0]

    @property
    def holes(self) -> tuple[Positions, ...]:
        """The holes of an area."""
        return self.rings[1:]


@dataclass(frozen=True, slots=True)
class AreaFile:
    """What a file of areas, lines and points says.

    Attributes:
        where: the file, for errors.
        features: in the order of the file.
        notes: what was put right, and what the file says that is not kept, one sentence each.
    """

    where: str
    features: tuple[AreaFeature, ...]
    notes: tuple[str, ...] = ()

    def of(self, kind: Kind) -> tuple[AreaFeature, ...]:
        """Return the features of a kind."""
        return tuple(f for f in self.features if f.kind is kind)

    def the_one(self, kind: Kind, name: str = "") -> AreaFeature:
        """Return the only feature of a kind, or the only one of that name.

        Raises:
            InputError: there is none, or there are several; it lists their names.
        """
        found = [f for f in self.of(kind) if not name or f.name == name]
        if len(found) == 1:
            return found[0]
        wanted = f"one {kind.value}" + (f" named {name!r}" if name else "")
        names = listed(f.name for f in self.of(kind))
        raise InputError(self.where, "features", f"{len(found)} of that kind", f"{wanted}; its {kind.value}s: {names}")


class Gathering:
    """Gathers the features of one file within its limits.

    Args:
        where: the file, for errors.

    Attributes:
        put_right: what the rules of shapes put right, one sentence each.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.put_right: list[str] = []
        self._told: dict[str, None] = {}
        self._features: list[AreaFeature] = []
        self._vertices = 0

    def add(self, feature: AreaFeature) -> None:
        """Take a feature.

        Raises:
            InputError: there are too many, or too many positions.
        """
        if len(self._features) >= MAX_FEATURES:
            raise InputError(self.where, "features", f"more than {MAX_FEATURES}", f"at most {MAX_FEATURES}")
        self._vertices += sum(len(ring) for ring in feature.rings)
        if self._vertices > MAX_VERTICES:
            raise InputError(self.where, "features", f"{self._vertices} positions so far", f"at most {MAX_VERTICES}")
        self._features.append(feature)

    def tell(self, note: str) -> None:
        """Note something, once."""
        self._told[note] = None

    def file(self) -> AreaFile:
        """Return what was gathered.

        Raises:
            InputError: nothing was.
        """
        if not self._features:
            raise InputError(self.where, "features", "none", "at least one polygon, line or point")
        more = len(self.put_right) - _MAX_NOTES
        rest = (f"{more} more shapes were put right so",) if more > 0 else ()
        return AreaFile(self.where, tuple(self._features), (*self._told, *self.put_right[:_MAX_NOTES], *rest))


def listed(names: Iterable[str]) -> str:
    """Return names in quotes by commas, the first few of many."""
    all_names = list(names)
    more = len(all_names) - _NAMES_SHOWN
    shown = ", ".join(repr(name[:40]) for name in all_names[:_NAMES_SHOWN])
    return (shown or "none") + (f" and {more} more" if more > 0 else "")
