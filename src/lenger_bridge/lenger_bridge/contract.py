"""The failsafe contract: parameters that decide what the autopilot does without us, compared with the vehicle profile.

The profile (`failsafe_parameters`) names each parameter as the newest firmware does and gives its value in that unit.
Older firmware knows some of them by other names and in other units (ArduPilot renamed to SI in 4.7); `PARAMETERS` maps
them.
Sources: PX4 v1.16 parameter reference; ArduCopter 4.7 parameter list.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from math import isclose

from lenger_bridge.requests import ParamValue

_PX4_ACTIONS = {0: "none", 1: "hold", 2: "return", 3: "land", 5: "terminate", 6: "disarm"}
_COPTER_RETURNS = {0: "none", 1: "RTL", 3: "SMART_RTL or RTL", 4: "SMART_RTL or LAND", 5: "LAND", 7: "BRAKE or LAND"}
_COPTER_BATTERY = {0: "none", 1: "LAND", 2: "RTL", 3: "SMART_RTL or RTL", 4: "SMART_RTL or LAND", 7: "BRAKE or LAND"}
_COPTER_FENCE = {
    0: "report only",
    1: "RTL or LAND",
    2: "LAND",
    3: "SMART_RTL",
    4: "BRAKE or LAND",
    5: "SMART_RTL or LAND",
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a parameter decides.

    Attributes:
        decides: in words, for the person who reads a difference.
        older: (name, factor) of earlier firmware: its value is the profile's times the factor.
        choices: what its numbers mean, empty for a quantity.
        fence_only: it matters only where a fence is uploaded.
        may_be_absent: firmware without it has not the failsafe either.
    """

    decides: str
    older: tuple[tuple[str, float], ...] = ()
    choices: Mapping[int, str] = field(default_factory=dict)
    fence_only: bool = False
    may_be_absent: bool = False


PARAMETERS: dict[str, Parameter] = {
    "COM_OF_LOSS_T": Parameter("seconds without setpoints before the offboard-loss action"),
    "COM_OBL_RC_ACT": Parameter(
        "what it does when the setpoints end",
        choices={0: "position mode", 1: "altitude mode", 2: "manual", 3: "return", 4: "land", 5: "hold"},
    ),
    "COM_LOW_BAT_ACT": Parameter(
        "what it does on a low battery", choices={0: "warn", 2: "land", 3: "return, then land"}
    ),
    "NAV_DLL_ACT": Parameter("what it does when the ground station is lost", choices=_PX4_ACTIONS),
    "NAV_RCL_ACT": Parameter("what it does when the pilot's radio is lost", choices=_PX4_ACTIONS),
    "GF_ACTION": Parameter(
        "what its own fence does",
        choices={0: "none", 1: "warn", 2: "hold", 3: "return", 4: "terminate", 5: "land"},
        fence_only=True,
    ),
    "GF_PREDICT": Parameter("whether its fence acts ahead of the line", choices={0: "no", 1: "yes"}, fence_only=True),
    "RTL_RETURN_ALT": Parameter("height above home of its return, which the guard checks before it permits one"),
    "RTL_CONE_ANG": Parameter("degrees of the cone in which its return flies lower than that; 0: none"),
    "RTL_TYPE": Parameter(
        "where its return leads", choices={0: "home or a rally point", 1: "mission landing", 2: "mission path"}
    ),
    "GUID_TIMEOUT": Parameter("seconds without setpoints before it stops in GUIDED"),
    "FS_GCS_ENABLE": Parameter("what it does when the ground station is lost", choices=_COPTER_RETURNS),
    "FS_THR_ENABLE": Parameter(
        "what it does when the pilot's radio is lost", choices={**_COPTER_RETURNS, 3: "LAND", 5: "SMART_RTL or LAND"}
    ),
    "FS_EKF_ACTION": Parameter(
        "what it does without a position estimate",
        choices={0: "report", 1: "LAND", 2: "ALT_HOLD", 3: "LAND from any mode"},
    ),
    "FS_DR_ENABLE": Parameter(
        "what it does on dead reckoning", choices={0: "none", 1: "LAND", 2: "RTL"}, may_be_absent=True
    ),
    "BATT_FS_LOW_ACT": Parameter("what it does on a low battery", choices=_COPTER_BATTERY),
    "BATT_FS_CRT_ACT": Parameter("what it does on a critical battery", choices=_COPTER_BATTERY),
    "FENCE_ENABLE": Parameter("whether its own fence acts", choices={0: "no", 1: "yes"}, fence_only=True),
    "FENCE_ACTION": Parameter("what its own fence does", choices=_COPTER_FENCE, fence_only=True),
    "FENCE_TYPE": Parameter(
        "which fences act: 1 ceiling, 2 circle about home, 4 the zones uploaded, 8 floor, added up", fence_only=True
    ),
    "FENCE_OPTIONS": Parameter(
        "1: its action stands until the breach is over, 2: one of several inclusion zones is enough, added up",
        fence_only=True,
        may_be_absent=True,
    ),
    "RTL_ALT_M": Parameter(
        "height above home of its return, which the guard checks before it permits one", older=(("RTL_ALT", 100.0),)
    ),
    "RTL_CLIMB_MIN_M": Parameter("metres that its return climbs at least", older=(("RTL_CLIMB_MIN", 100.0),)),
    "RTL_CONE_SLOPE": Parameter("slope of the cone in which its return flies lower than that; 0: none"),
    "RTL_ALT_TYPE": Parameter("what that height is above", choices={0: "home", 1: "terrain"}),
    "RTL_ALT_FINAL_M": Parameter("height at which its return ends; 0: it lands", older=(("RTL_ALT_FINAL", 100.0),)),
}
_UNKNOWN = Parameter("what the autopilot does without us")


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that is not as the profile demands.

    Attributes:
        name: as this autopilot knows it; the newest name when it knows none.
        held: its value, None when it is missing.
        wanted: what it must be, in the unit of `name`.
        parameter: what it decides.
    """

    name: str
    held: ParamValue | None
    wanted: float
    parameter: Parameter

    def row(self) -> tuple[str, str, str, str]:
        """Return name, is, must be, what it decides."""
        held = "missing" if self.held is None else self._said(self.held)
        return self.name, held, self._said(self.wanted), self.parameter.decides

    def __str__(self) -> str:
        name, held, wanted, decides = self.row()
        return f"{name} is {held}, must be {wanted} ({decides})"

    def _said(self, value: float) -> str:
        choice = self.parameter.choices.get(round(value), "")
        return f"{value:g} {choice}".rstrip()


class Contract:
    """The parameters that must stand before arming.

    Args:
        expected: newest name -> value, of the vehicle profile for this autopilot.
        fence: whether a fence is uploaded; without one its parameters decide nothing.
    """

    def __init__(self, expected: Mapping[str, float], fence: bool) -> None:
        known = ((name, value, PARAMETERS.get(name, _UNKNOWN)) for name, value in expected.items())
        self._wanted = tuple(row for row in known if fence or not row[2].fence_only)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name to ask for, the older ones too."""
        return tuple(name for first, _, p in self._wanted for name in (first, *(old for old, _ in p.older)))

    def differences(self, held: Mapping[str, ParamValue | None]) -> tuple[Difference, ...]:
        """Return what is not as it must be; `held` has a value or None for each of `names`."""
        found = (self._difference(held, *row) for row in self._wanted)
        return tuple(difference for difference in found if difference is not None)

    def _difference(
        self, held: Mapping[str, ParamValue | None], name: str, value: float, parameter: Parameter
    ) -> Difference | None:
        for here, factor in ((name, 1.0), *parameter.older):
            actual = held.get(here)
            if actual is not None:
                wanted = value * factor
                same = isclose(actual, wanted, rel_tol=1e-5, abs_tol=1e-6)
                return None if same else Difference(here, actual, wanted, parameter)
        return None if parameter.may_be_absent else Difference(name, None, value, parameter)


def table(differences: Iterable[Difference]) -> str:
    """Return the differences in one line."""
    return "; ".join(map(str, differences))
