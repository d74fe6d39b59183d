"""ArduCopter's flight modes: what each needs and allows (ArduCopter/mode.h)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ModeRules:
    """Rules of one mode.

    Attributes:
        title: what texts call it.
        needs_position: entered in the air, and armed in, only with a position.
        armable: whether it can be armed in; AUTO only by AUTO_OPTIONS, GUIDED only from a ground station.
        manual_throttle: the stick is the throttle.
        uses_sticks: a pilot flies it.
        flies_itself: counts as an autopilot's mode.
    """

    title: str
    needs_position: bool = False
    armable: bool = False
    manual_throttle: bool = False
    uses_sticks: bool = False
    flies_itself: bool = False


MODES = {
    "STABILIZE": ModeRules("STABILIZE", armable=True, manual_throttle=True, uses_sticks=True),
    "ALT_HOLD": ModeRules("ALT_HOLD", armable=True, uses_sticks=True),
    "AUTO": ModeRules("AUTO", needs_position=True, flies_itself=True),
    "GUIDED": ModeRules("GUIDED", needs_position=True, armable=True, flies_itself=True),
    "LOITER": ModeRules("LOITER", needs_position=True, armable=True, uses_sticks=True),
    "RTL": ModeRules("RTL", needs_position=True, flies_itself=True),
    "LAND": ModeRules("LAND", flies_itself=True),
    "BRAKE": ModeRules("BRAKE", needs_position=True),
    "SMART_RTL": ModeRules("SMARTRTL", needs_position=True, flies_itself=True),
}
"""The modes that this vehicle has; others do not exist for it."""
AUTO_ARMABLE, AUTO_TAKEOFF_ANYWAY = 1, 2
"""Bits of AUTO_OPTIONS: AUTO may be armed in; it takes off without the throttle raised."""
