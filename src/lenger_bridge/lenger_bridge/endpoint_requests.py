"""Requests that MAVROS serves and that autopilot_node does not need; those it needs are in `lenger_bridge.requests`."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_bridge.requests import ParamValue, Request
from lenger_core.samples import Vec3

Params7 = tuple[float, float, float, float, float, float, float]


@dataclass(frozen=True, slots=True)
class PlainCommand(Request):
    """A command service whose request is nothing but parameters of one MAV_CMD."""

    command: int
    params: Params7


@dataclass(frozen=True, slots=True)
class CommandInt(Request):
    """mavros/cmd/command_int: one COMMAND_INT; x and y in 1e-7 degrees, or what the command says."""

    frame: int
    command: int
    current: int
    autocontinue: int
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float
    broadcast: bool = False


@dataclass(frozen=True, slots=True)
class LocalTakeoffOrLanding(Request):
    """mavros/cmd/takeoff_local and land_local: a place in the autopilot's local frame, ENU metres, yaw in radians."""

    landing: bool
    min_pitch_rad: float
    offset_m: float
    rate_m_s: float
    yaw_enu_rad: float
    position_enu_m: Vec3


@dataclass(frozen=True, slots=True)
class SetStreamRate(Request):
    """mavros/set_stream_rate: REQUEST_DATA_STREAM, which has no answer."""

    stream: int
    rate_hz: int
    on: bool


@dataclass(frozen=True, slots=True)
class RequestHome(Request):
    """mavros/home_position/req_update."""


@dataclass(frozen=True, slots=True)
class GetVehicles(Request):
    """mavros/vehicle_info_get; reply payload: `lenger_bridge.plugins.companion.Vehicle`s."""

    system: int
    component: int
    everybody: bool


@dataclass(frozen=True, slots=True)
class ListParams(Request):
    """mavros/param/list_parameters; reply payload: the names that have one of the prefixes (all without any)."""

    prefixes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetParams(Request):
    """mavros/param/set_parameters and set_parameters_atomically; reply payload: for each "" or why not.

    `atomically`: nothing is set when one of them cannot be; the autopilot itself takes them one by one.
    """

    values: tuple[tuple[str, ParamValue | None], ...]
    atomically: bool = False
