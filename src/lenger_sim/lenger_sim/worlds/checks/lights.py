"""Lights: what the renderer crashes on."""

from __future__ import annotations

from collections.abc import Iterator

from lenger_sim.worlds.checks.opened import OpenWorld


def check(world: OpenWorld) -> Iterator[str]:
    """There is a directional light: without one, a spotlight that casts shadows over a heightmap is a crash."""
    lights = [*world.world.iter("light"), *(light for model in world.models.values() for light in model.iter("light"))]
    if any(light.get("type") == "directional" for light in lights):
        return
    yield "no directional light: the heightmap is shaded by the first one; at night it must be a dim moon"
    for light in lights:
        if light.get("type") == "spot" and (light.findtext("cast_shadows") or "").strip().lower() in ("true", "1"):
            yield f"the spotlight {light.get('name')!r} casts shadows and no directional light is there: that crashes"
