"""The pilot's sticks as PX4 takes them: which count (COM_RC_IN_MODE), when they are lost, when they take over."""

from __future__ import annotations

from lenger_mavlink.params import ParamServer
from lenger_sim.sticks import JOYSTICK, RADIO, StickInput, Sticks

_SOURCES = {0: (RADIO,), 1: (JOYSTICK,), 2: (JOYSTICK, RADIO)}
_FIRST, _DISABLED = 3, 4
_OVERRIDE_AUTO, _OVERRIDE_OFFBOARD = 1, 2
_EXCEPTIONS = {"AUTO.MISSION": 1, "AUTO.LOITER": 2, "AUTO.TAKEOFF": 2, "OFFBOARD": 4}
"""Bits of COM_RCL_EXCEPT and COM_DLL_EXCEPT by mode."""


def excepted(params: ParamServer, name: str, mode: str) -> bool:
    """Return whether an exception parameter switches its failsafe off in a mode."""
    return bool(int(params[name]) & _EXCEPTIONS.get(mode, 0))


class ManualControl:
    """Chooses the sticks that count.

    Attributes:
        input: takes the messages.
        sticks: the sticks that count now, None without.
    """

    def __init__(self, params: ParamServer) -> None:
        self._params = params
        self.input = StickInput()
        self.sticks: Sticks | None = None
        self._optional = True

    def start(self) -> None:
        """Arming: sticks that are not there are not missed until they come."""
        self._optional = self.sticks is None

    def step(self, now_ns: int) -> None:
        """Choose anew."""
        mode = int(self._params["COM_RC_IN_MODE"])
        first = self.input.first_source
        sources = (first,) if mode == _FIRST and first is not None else _SOURCES.get(mode, ())
        loss_s = float(self._params["COM_RC_LOSS_T"])
        self.sticks = self.input.latest(now_ns, loss_s, sources) if sources else None
        if self.sticks is not None:
            self._optional = False

    def lost(self, mode: str) -> bool:
        """Return whether sticks are missing that were there, and their loss counts in this mode."""
        if int(self._params["COM_RC_IN_MODE"]) == _DISABLED or excepted(self._params, "COM_RCL_EXCEPT", mode):
            return False
        return self.sticks is None and not self._optional

    def takes_over(self, mode: str) -> bool:
        """Return whether the sticks move fast enough to end an AUTO mode or OFFBOARD (COM_RC_OVERRIDE)."""
        sticks = self.sticks
        bit = _OVERRIDE_OFFBOARD if mode == "OFFBOARD" else _OVERRIDE_AUTO if mode.startswith("AUTO.") else 0
        if sticks is None or not int(self._params["COM_RC_OVERRIDE"]) & bit:
            return False
        return self.input.rate_per_s(sticks) > float(self._params["COM_RC_STICK_OV"]) * 0.01
