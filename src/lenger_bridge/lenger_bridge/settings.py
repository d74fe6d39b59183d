"""Settings of endpoint_node and autopilot_node: ROS parameters, declared once."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from lenger_core.settings import Settings


class EndpointSettings(Settings):
    """The MAVROS-compatible endpoint. Names and defaults are MAVROS's where it has the parameter."""

    fcu_url: str = Field(
        "udp://:14540@127.0.0.1:14580", description="udp://[bind_host][:port]@[remote_host][:port], as MAVROS writes it"
    )
    system_id: int = Field(1, ge=1, le=255, description="our MAVLink system: the vehicle's own")
    component_id: int = Field(191, ge=1, le=255, description="our MAVLink component: onboard computer")
    tgt_system: int = Field(1, ge=1, le=255, description="MAVLink system of the autopilot")
    tgt_component: int = Field(1, ge=1, le=255, description="MAVLink component of the autopilot")
    heartbeat_rate_hz: float = Field(1.0, ge=0.1, le=10.0, description="our HEARTBEAT")
    timesync_rate_hz: float = Field(10.0, ge=0.1, le=50.0, description="TIMESYNC requests")
    conn_timeout_s: float = Field(10.0, ge=1.0, le=60.0, description="without HEARTBEAT: link lost")
    command_ack_timeout_s: float = Field(5.0, ge=0.1, le=60.0, description="wait for COMMAND_ACK")
    interval_ack_timeout_s: float = Field(1.0, ge=0.1, le=60.0, description="wait for the ACK of a message interval")
    automatic_pulls: bool = Field(
        True, description="fetch parameters, mission, rally points and fence 10, 15, 20 and 25 s after connecting"
    )
    distance_sensors: str = Field(
        "rangefinder_pub: {id: 0, frame_id: lidar, field_of_view: 0.0}",
        description="YAML as MAVROS's distance_sensor/config: topic names of the rangefinders, by sensor id",
    )
    setpoint_velocity_mav_frame: Literal["LOCAL_NED", "LOCAL_OFFSET_NED", "BODY_NED", "BODY_OFFSET_NED"] = Field(
        "LOCAL_NED", description="axes of setpoint_velocity: earth (ENU) or body (FLU)"
    )


class AutopilotSettings(Settings):
    """autopilot_node: the only node that commands MAVROS."""

    autopilot: Literal["px4", "ardupilot"] = Field("px4", description="which family is behind MAVROS")
    vehicle: str = Field("quad_2kg", description="vehicle profile, for the failsafe contract")
    fence_file: str = Field("", description="zone file to upload as fence before arming; empty: none is uploaded")
    rate_hz: float = Field(20.0, ge=5.0, le=100.0, description="steps and vehicle/status")
    guard_silence_s: float = Field(0.5, ge=0.1, le=5.0, description="without guard/command while armed: hold mode")
    mode_confirm_s: float = Field(3.0, ge=1.0, le=30.0, description="for state.mode to show the mode asked for")
    stream_rate_hz: float = Field(
        20.0, ge=4.0, le=50.0, description="velocity setpoints are repeated at least so often"
    )
    state_timeout_s: float = Field(12.0, ge=2.0, le=60.0, description="without mavros/state: the endpoint is gone")
    estimate_timeout_s: float = Field(1.0, ge=0.1, le=10.0, description="an older position or velocity is not reported")
    ground_link: Literal["unknown", "radio"] = Field(
        "unknown", description="what tells of the ground station's link: nothing, or the telemetry radio's own report"
    )
    fence_check_s: float = Field(
        30.0, ge=0.0, le=600.0, description="between two readings of the autopilot's fence in flight; 0: never"
    )
    pilot_texts: bool = Field(True, description="tell the pilot by STATUSTEXT what the guard does")
    contract_retry_s: float = Field(
        5.0, ge=1.0, le=60.0, description="between attempts to read parameters or the fence"
    )
