"""What a camera shows of the ground: the outline of its frame on a plane, flat or sloped, and on terrain."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.terrain import LocalTerrain
from lenger_mission.patterns.camera import Camera

Array = NDArray[np.float64]

_STEP_M = 5.0
_FIRST_M = 200.0
_HALVINGS = 24


def frame_rays(camera: Camera, heading_deg: float, tilt_deg: float = 0.0, per_side: int = 1) -> Array:
    """Return rays (4 `per_side`, 3) along the edge of the frame, east, north and up, anticlockwise seen from above.

    Args:
        camera: a pinhole; its sides lie across and along the heading.
        heading_deg: compass direction that it looks ahead in.
        tilt_deg: of the optical axis, 0 straight down to 90 level.
        per_side: rays on each side of the frame, the corner that it begins with included.
    """
    s, c = sin(radians(heading_deg)), cos(radians(heading_deg))
    ahead, right = np.array([s, c, 0.0]), np.array([c, -s, 0.0])
    down, up = np.array([0.0, 0.0, -1.0]), np.array([0.0, 0.0, 1.0])
    t = radians(tilt_deg)
    axis, top = sin(t) * ahead + cos(t) * down, cos(t) * ahead + sin(t) * up
    wide, high = camera.half_tangents
    corners = np.array([[-wide, -high], [wide, -high], [wide, high], [-wide, high]])
    share = (np.arange(per_side) / per_side)[None, :, None]
    image = (corners[:, None] * (1.0 - share) + np.roll(corners, -1, axis=0)[:, None] * share).reshape(-1, 2)
    return np.asarray(axis + image[:, :1] * right + image[:, 1:] * top)


def footprint_on_slope(rays: Array, height_m: float, gradient_en: tuple[float, float] = (0.0, 0.0)) -> Array:
    """Return where rays (M, 3) meet a plane, (M, 2) east and north of the camera.

    Args:
        rays: see `frame_rays`.
        height_m: of the camera above the plane, straight below it.
        gradient_en: rise over run of the plane to the east and to the north; (0, 0) flat.

    Raises:
        InputError: a ray does not meet the plane: the frame reaches above the horizon.
    """
    fall = rays[:, :2] @ np.array(gradient_en) - rays[:, 2]
    if height_m <= 0.0 or (fall <= 1e-6).any():
        raise InputError("footprint", "tilt", "a frame that reaches above the ground", "one that looks at the ground")
    return np.asarray(rays[:, :2] * (height_m / fall)[:, None])


def footprint_on_ground(rays: Array, position_m: Array, ground: LocalTerrain, reach_m: float = 2_000.0) -> Array:
    """Return where rays (M, 3) first meet the terrain, (M, 2) east and north in the terrain's frame.

    Args:
        rays: see `frame_rays`.
        position_m: (3,) east, north and height above the frame's origin.
        ground: the terrain; what stands on it is not known.
        reach_m: how far rays are followed; steps of 5 m, so a sharper ridge may be missed.

    Raises:
        InputError: a ray meets no ground within reach, or leaves the terrain.
    """
    unit = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    far, met = _FIRST_M, False
    while not met and far < 2.0 * reach_m:  # no further than needed: the terrain may end
        at = np.arange(0.0, min(far, reach_m) + _STEP_M, _STEP_M)
        below = _height_m(unit, position_m, ground, np.tile(at, (len(unit), 1))) <= 0.0
        met, far = bool(below.any(axis=1).all()), 2.0 * far
    if not met or below[:, 0].any():
        raise InputError("footprint", "position", "a frame that meets no ground", f"ground within {reach_m:g} m")
    beyond = at[below.argmax(axis=1)]
    before = beyond - _STEP_M
    for _ in range(_HALVINGS):
        middle = 0.5 * (before + beyond)
        under = _height_m(unit, position_m, ground, middle[:, None])[:, 0] <= 0.0
        before, beyond = np.where(under, before, middle), np.where(under, middle, beyond)
    return np.asarray(position_m[:2] + unit[:, :2] * beyond[:, None])


def _height_m(unit: Array, position: Array, ground: LocalTerrain, at: Array) -> Array:
    """Return the heights (M, S) above ground of points at distances (M, S) along unit rays (M, 3)."""
    points = (position + at[..., None] * unit[:, None]).reshape(-1, 3)
    return np.asarray((points[:, 2] - ground.heights_m(points[:, :2])).reshape(at.shape))
