"""Records with sensible values, for tests of what the operator makes of them."""

from __future__ import annotations

from lenger_core.samples import IDENTITY, Authority, ExerciseStatus, FcuState, SimTruth, VehicleStatus

S = 1_000_000_000


def truth(t_s: float, height_m: float = 60.0, speed_m_s: float = 8.0, crashed: bool = False) -> SimTruth:
    ground = height_m < 0.1
    return SimTruth(
        int(t_s * S), 42.18, 69.89, 757.0 + height_m, height_m, (speed_m_s, 0.0, 0.0), IDENTITY, (0.0, 0.0, 0.0), 1.0,
        ground, crashed
    )  # fmt: skip


def vehicle(t_s: float, mode: str = "OFFBOARD", ready: bool = True) -> VehicleStatus:
    return VehicleStatus(
        int(t_s * S), "px4", True, True, ready, False, mode, Authority.LENGER, "", 42.18, 69.89, 817.0, (8.0, 0.0,
        0.0), 0.0, 1.0, 1.0, 42.18, 69.89, 757.0, 0.9, 15.0,
    )  # fmt: skip


def fcu(t_s: float, mode: str) -> FcuState:
    return FcuState(int(t_s * S), True, True, False, False, mode, 4)


def exercise(t_s: float, finished: bool = False, score: float = 97.0) -> ExerciseStatus:
    return ExerciseStatus(int(t_s * S), "hop", "enroute", 1, 2, 60.0, 35.5, 0.87, score, t_s, finished)
