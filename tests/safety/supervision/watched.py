"""A supervisor at 20 Hz over facts that a test changes as it likes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from lenger_core.samples import (
    Authority,
    CommandKind,
    FenceState,
    GuardLevel,
    Integrity,
    LinkState,
    VehicleStatus,
)
from lenger_core.vehicles import load_vehicle
from lenger_safety.estimate import Estimate, Picture
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts, WayHome
from lenger_safety.supervision.supervisor import Supervisor

SECOND = 1_000_000_000
STEP_NS = SECOND // 20
NOON_NS = 1_798_350_000 * SECOND
"""2026-12-27 05:40 UTC: bright day at Lenger."""
MIDNIGHT_NS = NOON_NS + 13 * 3600 * SECOND
STILL = (0.0, 0.0, 0.0)
ALL_WELL = VehicleStatus(
    0, "px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "", 42.18, 69.88, 820.0, STILL, 0.0, 0.5, 0.8,
    42.18, 69.88, 760.0, 0.8, 15.8, roll_rad=0.0, pitch_rad=0.0, rates_flu_rad_s=STILL, pilot_link=LinkState.OK,
    ground_link=LinkState.OK, gnss_fix_type=3, gnss_satellites=14, fence_state=FenceState.OK,
)  # fmt: skip
GOOD = Picture(
    estimates=(
        Estimate("fusion", (0.0, 0.0, 60.0), STILL, 2.0, 3.0, 0.02),
        Estimate("autopilot", (0.0, 0.0, 60.0), STILL, 1.5, 2.4, 0.02),
    ),
    fusion="good", fusion_reason="", disagree_s=0.0, gap_m=0.3, integrity=Integrity.NOMINAL,
)  # fmt: skip
FAR_ENOUGH = WayHome(True, 10.0, 40.0)


@dataclass
class Watched:
    """What the watchers are told, by attribute; `run` steps them."""

    settings: GuardSettings = field(default_factory=GuardSettings)
    now_ns: int = 1000 * SECOND
    steady_ns: int | None = None
    utc_ns: int | None = NOON_NS
    flying: bool = True
    external: bool = False
    vehicle: VehicleStatus | None = ALL_WELL
    picture: Picture = GOOD
    wanted: CommandKind | None = CommandKind.VELOCITY
    under_way: CommandKind = CommandKind.VELOCITY
    rung: GuardLevel = GuardLevel.NOMINAL
    ground_known: bool = True
    clearance_m: float = 50.0
    way_home: WayHome | None = FAR_ENOUGH
    causes: tuple[Cause, ...] = ()

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.settings, load_vehicle("quad_2kg"))

    @property
    def names(self) -> set[str]:
        """Names of what stands."""
        return {cause.name for cause in self.causes}

    def cause(self, name: str) -> Cause:
        return next(cause for cause in self.causes if cause.name == name)

    def change(self, changes: dict[str, Any]) -> None:
        """Set attributes; those of vehicle/status and of the picture by their own names."""
        for name, value in changes.items():
            if name in VehicleStatus.__dataclass_fields__:
                assert self.vehicle is not None
                self.vehicle = replace(self.vehicle, **{name: value})
            elif name in Picture.__dataclass_fields__:
                self.picture = replace(self.picture, **{name: value})
            else:
                assert name in self.__dataclass_fields__, name
                setattr(self, name, value)

    def step(self, step_ns: int = STEP_NS) -> None:
        self.now_ns += step_ns
        if self.steady_ns is not None:
            self.steady_ns += step_ns
        if self.utc_ns is not None:
            self.utc_ns += step_ns
        vehicle = None if self.vehicle is None else replace(self.vehicle, t_ns=self.now_ns)
        facts = Facts(
            self.flying, self.external, self.picture, vehicle, self.wanted, self.under_way, self.rung,
            self.ground_known, self.clearance_m, self.way_home, self.steady_ns, self.utc_ns,
        )  # fmt: skip
        self.causes = self.supervisor.update(self.now_ns, facts)

    def run(self, seconds: float, until: Callable[[], bool] | None = None) -> float:
        """Step for a time, or until something holds; return how long that took.

        Raises:
            AssertionError: it never held.
        """
        for step in range(round(seconds * SECOND / STEP_NS)):
            self.step()
            if until is not None and until():
                return (step + 1) * STEP_NS / SECOND
        assert until is None, f"never within {seconds} s; stands: {self.causes}"
        return seconds
