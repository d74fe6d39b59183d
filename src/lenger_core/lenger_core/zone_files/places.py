"""What every reader of zone files hands back, and how it names a place in a file."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.errors import InputError
from lenger_core.strict_json import Limits
from lenger_core.zone_model import ZoneSet

MAX_ZONES = 1_000
MAX_VERTICES = 50_000
FILE_LIMITS = Limits(8_000_000, 250_000, f"{MAX_ZONES} zones with {MAX_VERTICES} vertices in all")


@dataclass(frozen=True, slots=True)
class ZoneFile:
    """What a zone file says.

    Attributes:
        zones: its zones.
        notes: what was normalised, what the file says that the model cannot, and what looks like a mistake.
        format: geojson, ed269, plan or kml.
    """

    zones: ZoneSet
    notes: tuple[str, ...]
    format: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file: what `InputError` takes first.

    Attributes:
        where: the file or message.
        path: the field in it.
    """

    where: str
    path: str

    def error(self, value: object, expected: str) -> InputError:
        """Return the refusal of what stands here."""
        return InputError(self.where, self.path, value, expected)

    def at(self, part: str) -> Place:
        """Return a place further in."""
        return Place(self.where, f"{self.path}{part}")
