"""The simple items of a plan: one thing to fly or to do each, as an autopilot knows them."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Literal

from pydantic import Field, model_validator

from lenger_core.plans.base import (
    MAX_ACCEPTANCE_M,
    MAX_HOLD_S,
    MAX_RADIUS_M,
    MAX_TURNS,
    BearingDeg,
    Height,
    ItemModel,
    LatDeg,
    LonDeg,
    SpeedMS,
)


class Takeoff(ItemModel):
    """Climb straight up to a height; a position is what the file said, a multirotor climbs from where it stands."""

    type: Literal["takeoff"] = "takeoff"
    height: Height
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None


class Waypoint(ItemModel):
    """Fly a straight leg to a point.

    Attributes:
        speed_m_s: over the ground, from the start of this leg on; None keeps the speed in force.
        acceptance_radius_m: within which the point counts as reached; None leaves it to the executor.
        hold_s: the vehicle stops there that long.
        heading_deg: of the nose at the point, clockwise from true north; None: along the track.
    """

    type: Literal["waypoint"] = "waypoint"
    lat_deg: LatDeg
    lon_deg: LonDeg
    height: Height
    speed_m_s: SpeedMS | None = None
    acceptance_radius_m: Annotated[float, Field(gt=0.0, le=MAX_ACCEPTANCE_M)] | None = None
    hold_s: Annotated[float, Field(ge=0.0, le=MAX_HOLD_S)] = 0.0
    heading_deg: BearingDeg | None = None


class Loiter(ItemModel):
    """Fly to a point and stay there: for a time, or for a number of turns around it.

    Attributes:
        time_s: how long; None for turns. A multirotor hovers at the point.
        turns: how many circles; None for a time.
        radius_m: of the circles; 0 leaves it to the autopilot.
        clockwise: direction of the circles, seen from above.
    """

    type: Literal["loiter"] = "loiter"
    lat_deg: LatDeg
    lon_deg: LonDeg
    height: Height
    time_s: Annotated[float, Field(ge=0.0, le=MAX_HOLD_S)] | None = None
    turns: Annotated[float, Field(gt=0.0, le=MAX_TURNS)] | None = None
    radius_m: Annotated[float, Field(ge=0.0, le=MAX_RADIUS_M)] = 0.0
    clockwise: bool = True

    @model_validator(mode="after")
    def _time_or_turns(self) -> Loiter:
        if (self.time_s is None) == (self.turns is None):
            raise ValueError("a loiter has either time_s or turns")
        return self


class CameraDo(str, Enum):
    """What a camera item asks for."""

    PHOTO = "photo"
    """One photo now."""
    START_DISTANCE = "start_distance"
    """A photo every `distance_m` from here on."""
    START_TIME = "start_time"
    """A photo every `interval_s` from here on; `count` of them, 0: until stopped."""
    STOP = "stop"
    """No more photos."""
    POINT = "point"
    """Turn the gimbal to `pitch_deg` (0 level, -90 straight down) and `yaw_deg` (right of the nose)."""
    VIDEO_START = "video_start"
    VIDEO_STOP = "video_stop"


class CameraAction(ItemModel):
    """Something the camera or its gimbal does from here on; the vehicle flies on."""

    type: Literal["camera"] = "camera"
    action: Annotated[CameraDo, Field(strict=False)]
    distance_m: Annotated[float, Field(gt=0.0, le=10_000.0)] | None = None
    interval_s: Annotated[float, Field(gt=0.0, le=3_600.0)] | None = None
    count: Annotated[int, Field(ge=0, le=100_000)] = 0
    pitch_deg: Annotated[float, Field(ge=-180.0, le=180.0)] | None = None
    yaw_deg: BearingDeg | None = None

    @model_validator(mode="after")
    def _needs(self) -> CameraAction:
        for action, names in _CAMERA_NEEDS.items():
            for name in names:
                if (self.action is action) != (getattr(self, name) is not None):
                    raise ValueError(f"{name} belongs to the action {action.value}, and only to it")
        return self


_CAMERA_NEEDS = {
    CameraDo.START_DISTANCE: ("distance_m",),
    CameraDo.START_TIME: ("interval_s",),
    CameraDo.POINT: ("pitch_deg", "yaw_deg"),
}


class ChangeSpeed(ItemModel):
    """Fly at this speed over the ground from here on."""

    type: Literal["change_speed"] = "change_speed"
    speed_m_s: SpeedMS


class ReturnHome(ItemModel):
    """Fly home at the height of the last waypoint and land there."""

    type: Literal["return"] = "return"


class Land(ItemModel):
    """Fly to a point at the height of the last waypoint and land there; without a position, land where the plan has
    come to."""

    type: Literal["land"] = "land"
    lat_deg: LatDeg | None = None
    lon_deg: LonDeg | None = None


class Foreign(ItemModel):
    """A MAVLink mission command that this model has no item for: kept for other programs, never flown by this stack.

    Attributes:
        command: MAV_CMD.
        frame: MAV_FRAME.
        params: the seven parameters; None is "not given" (NaN on the wire).
    """

    type: Literal["foreign"] = "foreign"
    command: Annotated[int, Field(ge=0, le=65_535)]
    frame: Annotated[int, Field(ge=0, le=255)]
    params: Annotated[tuple[float | None, ...], Field(min_length=7, max_length=7, strict=False)]


FlatItem = Annotated[
    Takeoff | Waypoint | Loiter | CameraAction | ChangeSpeed | ReturnHome | Land | Foreign, Field(discriminator="type")
]
"""What a plan consists of after `lenger_mission.expand`."""
