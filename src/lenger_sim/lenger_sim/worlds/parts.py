"""What a world is put together from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element


@dataclass(frozen=True)
class Part:
    """One thing that stands in a world or flies in it.

    ``model`` is a `<model>` of SDF 1.9 without a pose: its origin is the point that is put on the ground, x forward
    (east at heading 0 of ENU), z up, metres. ``files`` are what it refers to: path below the model's own folder,
    content. ``radius_m`` and ``height_m`` bound it about its origin, for the checks of where it stands.
    """

    model: Element
    radius_m: float
    height_m: float
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The model's name, also that of its folder."""
        return self.model.attrib["name"]
