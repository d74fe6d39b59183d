"""Camera commands of mission items.

MAV_CMD_DO_SET_CAM_TRIGG_DIST, DO_DIGICAM_CONTROL, DO_MOUNT_CONTROL, DO_GIMBAL_MANAGER_PITCHYAW, IMAGE_START_CAPTURE,
IMAGE_STOP_CAPTURE, VIDEO_START_CAPTURE and VIDEO_STOP_CAPTURE of mavlink.io, "common message set".
"""

from __future__ import annotations

from lenger_core.plans import CameraAction, CameraDo
from lenger_core.strict_json import JsonField
from lenger_mission.formats.plan_commands import (
    CAMERA_DISTANCE,
    DIGICAM_CONTROL,
    GIMBAL_PITCH_YAW,
    IMAGE_START,
    IMAGE_STOP,
    MOUNT_CONTROL,
    VIDEO_START,
    VIDEO_STOP,
)
from lenger_mission.formats.plan_walk import Walk

MOUNT_TARGETING = 2
"""MAV_MOUNT_MODE_MAVLINK_TARGETING: the angles of the item itself."""

Row = tuple[int, list[float | None]]
"""A command and its seven parameters."""


def read_camera(command: int, params: list[JsonField]) -> CameraAction | None:
    """Return the camera action of a command; None when it says more than the plan model has words for.

    Raises:
        InputError: a parameter is out of range.
    """
    if command == CAMERA_DISTANCE:
        distance = params[0].optional_number(0, 10_000, "m") or 0.0
        if distance > 0:
            return CameraAction(action=CameraDo.START_DISTANCE, distance_m=distance)
        return CameraAction(action=CameraDo.STOP)
    if command == IMAGE_START:
        return _image_start(params)
    if command == DIGICAM_CONTROL:
        return CameraAction(action=CameraDo.PHOTO) if params[4].value == 1 else None
    if command == MOUNT_CONTROL:
        return _point(params[0], params[2]) if params[6].value == MOUNT_TARGETING and not params[1].value else None
    if command == GIMBAL_PITCH_YAW:
        return _point(params[0], params[1])
    return CameraAction(action=_PLAIN[command])


_PLAIN = {IMAGE_STOP: CameraDo.STOP, VIDEO_START: CameraDo.VIDEO_START, VIDEO_STOP: CameraDo.VIDEO_STOP}
CAMERA_COMMANDS = frozenset({*_PLAIN, CAMERA_DISTANCE, IMAGE_START, DIGICAM_CONTROL, MOUNT_CONTROL, GIMBAL_PITCH_YAW})


def _image_start(params: list[JsonField]) -> CameraAction | None:
    interval = params[1].optional_number(0, 3_600, "s") or 0.0
    count = params[2]
    photos = 0 if count.value is None else count.integer(0, 100_000)
    if photos == 1:
        return CameraAction(action=CameraDo.PHOTO)
    return CameraAction(action=CameraDo.START_TIME, interval_s=interval, count=photos) if interval > 0 else None


def _point(pitch: JsonField, yaw: JsonField) -> CameraAction | None:
    pitch_deg, yaw_deg = pitch.optional_number(-180, 180, "degrees"), yaw.optional_number(-360, 360, "degrees")
    if pitch_deg is None or yaw_deg is None:
        return None
    return CameraAction(action=CameraDo.POINT, pitch_deg=pitch_deg, yaw_deg=yaw_deg)


def camera_row(item: CameraAction, walk: Walk) -> Row:
    """Return the command and parameters of a camera action."""
    if item.action is CameraDo.START_DISTANCE:
        return CAMERA_DISTANCE, [item.distance_m, 0, 1, 0, 0, 0, 0]
    if item.action is CameraDo.STOP and walk.photos_by_distance:
        return CAMERA_DISTANCE, [0, 0, 1, 0, 0, 0, 0]
    if item.action is CameraDo.POINT:
        return MOUNT_CONTROL, [item.pitch_deg, 0, item.yaw_deg, 0, 0, 0, MOUNT_TARGETING]
    if item.action is CameraDo.PHOTO:
        return IMAGE_START, [0, 0, 1, 0, 0, 0, 0]
    if item.action is CameraDo.START_TIME:
        return IMAGE_START, [0, item.interval_s, item.count, 0, 0, 0, 0]
    command = next(number for number, action in _PLAIN.items() if action is item.action)
    return command, [0, 0, 0, 0, 0, 0, 0]
