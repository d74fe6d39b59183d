"""MAV_CMD numbers of plan files, and which of those that the plan model does not know a flight may leave out."""

from __future__ import annotations

WAYPOINT, LOITER_TURNS, LOITER_TIME, RETURN_TO_LAUNCH, LAND, TAKEOFF = 16, 18, 19, 20, 21, 22
DELAY, CHANGE_SPEED = 93, 178
DIGICAM_CONTROL, MOUNT_CONTROL, CAMERA_DISTANCE = 203, 205, 206
GIMBAL_PITCH_YAW, IMAGE_START, IMAGE_STOP, VIDEO_START, VIDEO_STOP = 1000, 2000, 2001, 2500, 2501

NAMES = {
    17: "loiter without end",
    31: "loiter to altitude",
    82: "spline waypoint",
    84: "VTOL takeoff",
    85: "VTOL land",
    92: "guided enable",
    94: "payload place",
    112: "delay of the next command",
    114: "distance to the next waypoint",
    115: "yaw",
    176: "set mode",
    177: "jump",
    179: "set home",
    181: "relay",
    182: "repeat relay",
    183: "servo",
    184: "repeat servo",
    189: "start of the landing sequence",
    195: "region of interest",
    197: "no region of interest",
    201: "region of interest",
    204: "mount configuration",
    207: "fence enable",
    208: "parachute",
    211: "gripper",
    530: "camera mode",
    531: "camera zoom",
    532: "camera focus",
    1001: "gimbal control",
    2003: "camera trigger control",
}

HARMLESS = frozenset({115, 195, 197, 201, 204, 530, 531, 532, 1001, 2003})
"""Commands to cameras, gimbals and the nose: a flight without them takes the same way."""


def named(command: int) -> str:
    """Return a command's number with its name where it is known."""
    return f"{command} ({NAMES[command]})" if command in NAMES else str(command)
