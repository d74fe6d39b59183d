"""Where the files of a built world lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

FLAVOURS = ("px4", "ardupilot")


@dataclass(frozen=True)
class WorldFiles:
    """The files of world ``name`` built into ``folder``; one folder can hold several worlds.

    The two flavours of a world have the same name, which must be the file's name (PX4 looks it up by that), so they
    lie in different folders. Models and media are shared.
    """

    folder: Path
    name: str

    def sdf(self, flavour: str) -> Path:
        """The world itself; ``flavour`` is one of FLAVOURS."""
        return self.folder / flavour / f"{self.name}.sdf"

    @property
    def models(self) -> Path:
        """The folder of folders with model.config and model.sdf, one a model: a `GZ_SIM_RESOURCE_PATH`."""
        return self.folder / "models"

    def vehicle(self, profile: str, flavour: str) -> Path:
        """The model of one of our vehicles in this world, to be spawned: it knows the world's height above the sea."""
        return self.models / f"{self.name}_{profile}_{flavour}" / "model.sdf"

    @property
    def heightmap(self) -> Path:
        """The terrain's 16-bit picture."""
        return self.folder / "media" / f"{self.name}_heightmap.png"
