"""Ground targets that move.

They are SDF actors: a shape on a script of poses. Gazebo moves them as a pure function of simulated time, in its
picture and in every camera and lidar, without a plugin in the world, so PX4's worlds can have them too. The price: no
collision, and no temperature in a thermal camera (their lantern glows in an ordinary one).
"""

from __future__ import annotations

from math import hypot
from xml.etree.ElementTree import Element

import numpy as np
from pydantic import Field, model_validator
from typing_extensions import Self

from lenger_sim.worlds.models.figures import KINDS, Form, figure_mesh
from lenger_sim.worlds.models.parameters import Parameters, Place
from lenger_sim.worlds.models.ribbon import checked_line
from lenger_sim.worlds.models.solid import number, numbers
from lenger_sim.worlds.models.tracks import Key, track
from lenger_sim.worlds.parts import Part
from lenger_sim.worlds.sdf_text import add


class MovingTarget(Parameters):
    """A target that follows a line over and over."""

    form: Form = Field(description="who or what")
    line: tuple[Place, ...] = Field(
        min_length=2, max_length=500, strict=False, description="its way: x, y, z from the origin, m"
    )
    speed_m_s: float = Field(1.4, ge=0.2, le=30.0, description="mean speed; a walk is 1.4, a trot 3.5")
    loop: bool = Field(False, description="from the end straight to the start; false: back the same way")
    pause_s: float = Field(0.0, ge=0.0, le=600.0, description="longest pause at a corner")
    seed: int = Field(0, ge=0, description="of where it begins, its speed and pauses")
    lantern: bool = Field(False, description="carries a glowing lamp, for the night")

    @model_validator(mode="after")
    def _natural(self) -> Self:
        checked_line(self.line)
        if self.loop and len(self.line) > 2:
            checked_line((self.line[-1], self.line[0]))
        top = KINDS[self.form].top_m_s
        if self.speed_m_s > top:
            raise ValueError(f"speed_m_s of a {self.form} must be at most {top:g}, it is {self.speed_m_s:g}")
        return self


def target_track(p: MovingTarget) -> list[Key]:
    """Return the poses of one round."""
    return track(p.line, p.speed_m_s, loop=p.loop, pause_s=p.pause_s, seed=p.seed)


def moving_target(name: str, p: MovingTarget, flavour: str) -> Part:
    """Return the actor; its element is `<actor>`, not `<model>`."""
    actor, mesh = Element("actor", {"name": name}), figure_mesh(p.form, p.lantern)
    skin = add(actor, "skin")
    add(skin, "filename", f"model://{name}/meshes/{mesh.name}.obj")
    add(skin, "scale", "1")
    script = add(actor, "script")
    add(script, "loop", "true")
    add(script, "delay_start", "0")
    add(script, "auto_start", "true")
    keys = target_track(p)
    upright = p.form == "person"
    path = add(script, "trajectory", id="0", type="way", tension="0")
    for key in keys:
        waypoint = add(path, "waypoint")
        add(waypoint, "time", number(key.t_s))
        add(waypoint, "pose", numbers(key.x, key.y, key.z, 0.0, 0.0 if upright else key.pitch, key.yaw))
    reach = float(np.linalg.norm(mesh.points, axis=1).max())  # however it is tilted
    radius = max(hypot(key.x, key.y) for key in keys) + reach
    return Part(actor, radius, max(key.z for key in keys) + reach, mesh.files())
