"""The models of the Gazebo worlds: our vehicles and what stands, lies and moves on the training fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lenger_core.errors import InputError
from lenger_sim.worlds.layout import FLAVOURS
from lenger_sim.worlds.models import (
    border,
    cards,
    figures,
    ground,
    lanes,
    masts,
    mine,
    obstacles,
    pads,
    power,
    targets,
    trees,
    vehicle,
)
from lenger_sim.worlds.models.parameters import Parameters, read
from lenger_sim.worlds.parts import Part

NAME = re.compile(r"[a-z][a-z0-9_]{0,119}")
LINE = "line"
"""The parameter of the kinds that follow a line over the ground."""


@dataclass(frozen=True)
class Kind:
    """A kind of model: what it can be told, and who builds it."""

    parameters: type[Parameters]
    build: Callable[[str, Any, str], Part]

    @property
    def follows_a_line(self) -> bool:
        """Whether it wants its way over the ground in the parameter LINE."""
        return LINE in self.parameters.model_fields


KINDS: Mapping[str, Kind] = {
    "vehicle": Kind(vehicle.Vehicle, vehicle.vehicle),
    "landing_pad": Kind(pads.LandingPad, pads.landing_pad),
    "bucket_stand": Kind(lanes.BucketStand, lanes.bucket_stand),
    "nist_lane": Kind(lanes.NistLane, lanes.nist_lane),
    "target_card": Kind(cards.TargetCard, cards.target_card),
    "runway": Kind(ground.Runway, ground.runway),
    "river": Kind(ground.River, ground.river),
    "headframe": Kind(mine.Headframe, mine.headframe),
    "spoil_heap": Kind(mine.SpoilHeap, mine.spoil_heap),
    "rail_track": Kind(mine.RailTrack, mine.rail_track),
    "rail_wagon": Kind(mine.RailWagon, mine.rail_wagon),
    "border_post": Kind(border.BorderPost, border.border_post),
    "tree": Kind(trees.Tree, trees.tree),
    "lattice_mast": Kind(masts.LatticeMast, masts.lattice_mast),
    "guyed_mast": Kind(masts.GuyedMast, masts.guyed_mast),
    "power_line": Kind(power.PowerLine, power.power_line),
    "obstacle": Kind(obstacles.Obstacle, obstacles.obstacle),
    "figure": Kind(figures.Figure, figures.figure),
    "moving_target": Kind(targets.MovingTarget, targets.moving_target),
}
"""Every kind by its name in a world file."""


def part_of(kind: str, name: str, parameters: Mapping[str, object], flavour: str) -> Part:
    """Return a model.

    Args:
        kind: one of KINDS.
        name: of the model and its folder; its files refer to each other by `model://name/`.
        parameters: fields of the kind's parameters.
        flavour: one of FLAVOURS; only vehicles differ by it.

    Raises:
        InputError: an unknown kind or flavour, a name that is none, or a parameter that is missing, unknown or wrong.
    """
    if kind not in KINDS:
        raise InputError(f"model {name}", "kind", kind, f"one of {', '.join(KINDS)}")
    if flavour not in FLAVOURS:
        raise InputError(f"model {name}", "flavour", flavour, f"one of {', '.join(FLAVOURS)}")
    if not NAME.fullmatch(name):
        raise InputError("model", "name", name, "a small letter, then small letters, digits and _, at most 120")
    spec = KINDS[kind]
    return spec.build(name, read(spec.parameters, f"{kind} {name}", parameters), flavour)
