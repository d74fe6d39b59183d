"""A survey over terrain: its track follows the ground, what is seen is measured there, and lines move together until
enough is.

Where the ground rises to both sides, as in a valley, a frame is narrower than on a plain; over a ridge it is wider.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.terrain import LocalTerrain
from lenger_mission.patterns.camera import Camera
from lenger_mission.patterns.ground_line import Following, ground_line
from lenger_mission.patterns.survey import SurveyPlan, SurveyRequest, plan_survey
from lenger_mission.patterns.sweep import Flags, Region, SurveyTrack

Array = NDArray[np.float64]

_TRIES = 6
_CLOSER = 0.88
_SAMPLES = 4_000


@dataclass(frozen=True)
class GroundTrack:
    """A track with heights; arrays are read-only.

    Attributes:
        points_m: (M, 3) east and north of the frame's origin, and height AMSL; straight legs.
        photo: (M - 1,) whether the camera works along the leg that leads on from each point.
    """

    points_m: Array
    photo: Flags

    def __post_init__(self) -> None:
        for array in (self.points_m, self.photo):
            array.setflags(write=False)


@dataclass(frozen=True)
class GroundSurvey:
    """A survey over terrain: the planar plan, its track with heights, the share seen, and the spacing that it took."""

    plan: SurveyPlan
    track: GroundTrack
    coverage: float
    spacing_m: float


def lifted(track: SurveyTrack, ground: LocalTerrain, following: Following) -> GroundTrack:
    """Return a planar track with heights that follow the ground, see `ground_line`.

    Raises:
        InputError: it leaves the terrain.
    """
    line = ground_line(ground.terrain, np.column_stack(ground.geodetic(track.points_en_m)), following)
    lat, lon, amsl = line.points.T
    photo = np.zeros(max(len(lat) - 1, 0), bool)
    for start, end, on in zip(line.vertex[:-1], line.vertex[1:], track.photo, strict=True):
        photo[start:end] = on
    return GroundTrack(np.column_stack([ground.frame.to_local_many(lat, lon), amsl]), photo)


def seen_over_ground(track: GroundTrack, camera: Camera, ground: LocalTerrain, points_en_m: Array) -> Flags:
    """Return whether points (N, 2) of the ground are seen from somewhere on the legs with the camera on.

    The camera looks straight down, its sides along and across each leg; that something stands in between is left out,
    since rays of a mapping camera are steeper than the ground.

    Raises:
        InputError: a point outside the terrain.
    """
    across_tan, along_tan = camera.half_tangents
    points = np.asarray(points_en_m, float)
    heights = ground.heights_m(points) + ground.frame.alt_amsl_m
    seen = np.zeros(len(points), bool)
    for start, end in zip(track.points_m[:-1][track.photo], track.points_m[1:][track.photo], strict=True):
        step = end - start
        length = float(np.hypot(step[0], step[1]))
        if length < 1e-6:
            continue
        way = step[:2] / length
        offset = points - start[:2]
        along, across = offset @ way, np.abs(offset @ np.array([-way[1], way[0]]))
        at = np.clip(along, 0.0, length)
        depth = start[2] + step[2] * at / length - heights
        seen |= (across <= across_tan * depth) & (np.abs(along - at) <= along_tan * depth)
    return seen


def survey_over_ground(
    request: SurveyRequest, camera: Camera, ground: LocalTerrain, following: Following
) -> GroundSurvey:
    """Return the survey whose lines are as far apart as the ground allows.

    Lines are laid closer, up to six times, until the request's goal is seen over this ground; the last of them is
    returned with what it sees, also where that is less.

    Raises:
        InputError: see `plan_survey`; the track leaves the terrain.
    """
    lines = request.lines
    for _ in range(_TRIES):
        plan = plan_survey(replace(request, lines=lines))
        track = lifted(plan.track, ground, following)
        coverage = float(seen_over_ground(track, camera, ground, _samples(plan.area.target)).mean())
        made = GroundSurvey(plan, track, coverage, lines.spacing_m)
        if coverage >= request.goal - 1.0 / _SAMPLES:
            break
        lines = replace(lines, spacing_m=_CLOSER * lines.spacing_m, end_m=lines.end_m * _CLOSER)
    return made


def _samples(target: Region) -> Array:
    """Return a regular grid of about `_SAMPLES` points (N, 2) in a region."""
    west, south, east, north = target.bounds
    step = float(np.sqrt(target.area / _SAMPLES))
    e, n = np.meshgrid(np.arange(west, east, step) + 0.5 * step, np.arange(south, north, step) + 0.5 * step)
    return np.asarray(np.column_stack([e.ravel(), n.ravel()])[shapely.contains_xy(target, e.ravel(), n.ravel())])
