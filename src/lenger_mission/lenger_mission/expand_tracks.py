"""Lines of patterns as items of a plan: waypoints, and what the camera does on the way."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import CameraAction, CameraDo, Capture, Coverage, Height, Simple, Waypoint
from lenger_mission.patterns.survey_photos import photo_points, run_trigger_m
from lenger_mission.patterns.sweep import SurveyTrack

Array = NDArray[np.float64]

HOVER_S = 1.0
"""How long the vehicle stands still for a photo."""
STOP = CameraAction(action=CameraDo.STOP)
PHOTO = CameraAction(action=CameraDo.PHOTO)


def waypoints(points_deg: Array, height: Height, headings_deg: Array | None = None) -> list[Waypoint]:
    """Return a waypoint at each of (N, 2) latitudes and longitudes.

    Args:
        points_deg: the line.
        height: of all of them.
        headings_deg: (N,) of the nose; None along the track.
    """
    headings = [None] * len(points_deg) if headings_deg is None else [round(float(h), 1) for h in headings_deg]
    return [
        Waypoint(lat_deg=float(lat), lon_deg=float(lon), height=height, heading_deg=heading)
        for (lat, lon), heading in zip(points_deg, headings, strict=True)
    ]


def coverage_items(item: Coverage, track: SurveyTrack, trigger_m: float, frame: LocalFrame) -> list[Simple]:
    """Return the items of a covering flight.

    Args:
        item: how photos are taken.
        track: planar, in the frame.
        trigger_m: greatest distance between photos; infinite: none are taken.
        frame: of the track.
    """
    if item.capture is Capture.HOVER and np.isfinite(trigger_m):
        return list(_hovering(item.height, track, trigger_m, frame))
    way = waypoints(_degrees(frame, track.points_en_m), item.height)
    if item.capture is Capture.NONE or not np.isfinite(trigger_m):
        return list(way)
    if item.photos_in_turns:
        start = CameraAction(action=CameraDo.START_DISTANCE, distance_m=round(trigger_m, 3))
        return [way[0], start, *way[1:], STOP]
    return list(_by_distance(way, track, trigger_m))


def _by_distance(way: list[Waypoint], track: SurveyTrack, trigger_m: float) -> Iterator[Simple]:
    on = False
    for point, photo, length in zip(way, [*track.photo, False], [*track.legs_m, 0.0], strict=True):
        yield point
        if photo and length > 0.0:
            distance = max(round(run_trigger_m(float(length), trigger_m), 3), 0.001)
            yield CameraAction(action=CameraDo.START_DISTANCE, distance_m=distance)
            on = True
        elif on:
            yield STOP
            on = False


def _hovering(height: Height, track: SurveyTrack, trigger_m: float, frame: LocalFrame) -> Iterator[Simple]:
    points = track.points_en_m
    for index, point in enumerate(_degrees(frame, points)):
        photo = index < len(track.photo) and bool(track.photo[index])
        if not photo:
            yield from waypoints(point[None], height)
            continue
        leg = SurveyTrack(points[index : index + 2].copy(), track.photo[index : index + 1].copy())
        for place in waypoints(_degrees(frame, photo_points(leg, trigger_m)[0]), height):
            yield place.model_copy(update={"hold_s": HOVER_S})
            yield PHOTO


def _degrees(frame: LocalFrame, points_en_m: Array) -> Array:
    return np.column_stack(frame.to_geodetic_many(points_en_m))
