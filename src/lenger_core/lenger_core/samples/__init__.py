"""The records that travel between cores: typed, immutable, SI, ENU world and FLU body.

Every record carries `t_ns`, integer nanoseconds of ROS time (simulated time in simulation). Vectors are plain
tuples, so that a record is immutable throughout and cheap to make. The ROS message of each record is in
`lenger_core.wire`.
"""

from __future__ import annotations

from lenger_core.samples.fcu import (
    AttitudeSample,
    BatterySample,
    ExtendedState,
    FcuGlobal,
    FcuHome,
    FcuLocal,
    FcuMission,
    FcuMissionItem,
    FcuState,
    GnssFix,
    ImuSample,
    MagSample,
    PositionSetpoint,
    PressureSample,
    StatusText,
    SysStatus,
    VelocitySetpoint,
)
from lenger_core.samples.stack import (
    STEPPED_BACK_NS,
    Authority,
    Command,
    CommandKind,
    Event,
    ExerciseStatus,
    FenceState,
    FusionStatus,
    GuardLevel,
    GuardStatus,
    Integrity,
    LinkState,
    MissionPhase,
    MissionStatus,
    Odometry,
    SimTruth,
    VehicleStatus,
)
from lenger_core.samples.vectors import IDENTITY, NAN3, QuatWxyz, Vec3

__all__ = [
    "IDENTITY",
    "NAN3",
    "STEPPED_BACK_NS",
    "AttitudeSample",
    "Authority",
    "BatterySample",
    "Command",
    "CommandKind",
    "Event",
    "ExerciseStatus",
    "ExtendedState",
    "FcuGlobal",
    "FcuHome",
    "FcuLocal",
    "FcuMission",
    "FcuMissionItem",
    "FcuState",
    "FenceState",
    "FusionStatus",
    "GnssFix",
    "GuardLevel",
    "GuardStatus",
    "ImuSample",
    "Integrity",
    "LinkState",
    "MagSample",
    "MissionPhase",
    "MissionStatus",
    "Odometry",
    "PositionSetpoint",
    "PressureSample",
    "QuatWxyz",
    "SimTruth",
    "StatusText",
    "SysStatus",
    "Vec3",
    "VehicleStatus",
    "VelocitySetpoint",
]
