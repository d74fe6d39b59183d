"""What autopilot_node may ask of MAVROS: one record a service call, and the reply.

The ROS shell turns each request into a call of the MAVROS service of the same meaning; the lockstep flight hands it to
`lenger_bridge.endpoint.EndpointCore.call`. Nothing here exists that real MAVROS lacks.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Any

from lenger_mavlink.transfer_client import MissionItem, MissionType

ParamValue = int | float
INTERNAL_ID = -1
"""Request ids from here down are the endpoint's own: their replies go to nobody."""


@dataclass(frozen=True, slots=True)
class Request:
    """Base of all requests. `request_id` is chosen by the caller and comes back in the reply."""

    request_id: int


@dataclass(frozen=True, slots=True)
class SetMode(Request):
    """mavros/set_mode. Success means "sent": the mode is confirmed by the state only."""

    custom_mode: str
    base_mode: int = 0


@dataclass(frozen=True, slots=True)
class Arm(Request):
    """mavros/cmd/arming."""

    value: bool


@dataclass(frozen=True, slots=True)
class CommandLong(Request):
    """mavros/cmd/command: one COMMAND_LONG; `broadcast` goes to every component and is not waited for."""

    command: int
    params: tuple[float, float, float, float, float, float, float]
    confirmation: int = 0
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class Takeoff(Request):
    """mavros/cmd/takeoff. The height goes straight into param7: AMSL for PX4, above home for ArduCopter."""

    altitude_m: float
    yaw_deg: float = nan
    lat_deg: float = nan
    lon_deg: float = nan
    min_pitch_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class Land(Request):
    """mavros/cmd/land."""

    altitude_m: float = 0.0
    yaw_deg: float = nan
    lat_deg: float = nan
    lon_deg: float = nan
    min_pitch_deg: float = 0.0


@dataclass(frozen=True, slots=True)
class SetHome(Request):
    """mavros/cmd/set_home: AMSL height."""

    current_gps: bool
    yaw_deg: float = nan
    lat_deg: float = 0.0
    lon_deg: float = 0.0
    altitude_m: float = 0.0


@dataclass(frozen=True, slots=True)
class SetMessageInterval(Request):
    """mavros/set_message_interval: rate in Hz, 0 the default rate, -1 off."""

    message_id: int
    rate_hz: float


@dataclass(frozen=True, slots=True)
class PullParams(Request):
    """mavros/param/pull: fetches all parameters of the autopilot; reply payload: how many."""

    force: bool = False


@dataclass(frozen=True, slots=True)
class GetParams(Request):
    """mavros/param/get_parameters, after a pull; reply payload: a value or None for each name."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetParam(Request):
    """mavros/param/set; reply payload: the value that the autopilot holds now."""

    name: str
    value: ParamValue
    force: bool = False


@dataclass(frozen=True, slots=True)
class PushItems(Request):
    """mavros/mission/push, geofence/push, rallypoint/push; reply payload: how many were taken."""

    mission_type: MissionType
    items: tuple[MissionItem, ...]
    start_index: int = 0


@dataclass(frozen=True, slots=True)
class PullItems(Request):
    """mavros/mission/pull and the like; reply payload: the items (MAVROS publishes them on a latched topic)."""

    mission_type: MissionType


@dataclass(frozen=True, slots=True)
class ClearItems(Request):
    """mavros/mission/clear and the like."""

    mission_type: MissionType


@dataclass(frozen=True, slots=True)
class SetCurrent(Request):
    """mavros/mission/set_current."""

    sequence: int


Payload = int | float | tuple[ParamValue | None, ...] | tuple[MissionItem, ...] | tuple[Any, ...] | None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a request.

    Attributes:
        request_id: of the request.
        success: as MAVROS's services say it.
        result: MAV_RESULT of a command (0 accepted; also 0 when no answer came, as MAVROS does: look at `success`).
        payload: what the request's docstring says.
        detail: why it failed, for a person; "" when MAVROS could not say.
    """

    request_id: int
    success: bool
    result: int = 0
    payload: Payload = None
    detail: str = ""
