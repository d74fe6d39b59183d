"""What has to happen when a process dies in flight, and whether it did: the operator's side of the table of deaths.

Times are simulated. Each outcome is judged by what is still alive to tell: the autopilot's own mode while there is
somebody to pass it on, else where the simulator says that the aircraft is.
"""

from __future__ import annotations

from dataclasses import dataclass

from lenger_bringup.flight_picture import FlightPicture

HOLD_MODES = ("AUTO.LOITER", "BRAKE", "LOITER")
HOLD_WITHIN_S = 2.0
GIVE_UP_S = {"hold": 10.0, "failsafe": 600.0}
_STILL_FOR_S = 5.0

_EXPECTED = {
    "mission": "hold",
    "guard": "hold",
    "autopilot": "failsafe",
    "mavros": "failsafe",
    "vehicle": "end",
    "gazebo": "end",
    "sitl": "end",
    "bridge": "end",
    "truth": "end",
    "gazebo_window": "on",
    "wind": "on",
    "fusion": "on",
    "recorder": "on",
    "exercise": "on",
}
_GONE = {
    "sitl": "the simulated autopilot is gone with it",
    "bridge": "simulated time stands still without it",
    "truth": "simulated time stands still without it",
}
_WHO = {"mission": "the guard", "guard": "autopilot_node"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended: `as_designed` says whether it is what the table of deaths promises; `text` is one sentence."""

    as_designed: bool
    text: str


@dataclass(slots=True)
class DeathWatch:
    """Follows the flight after one death, until its outcome is known.

    Args:
        name: the process that died.
        at_ns: simulated time of the death, by the last that was heard.
        airborne: whether the aircraft was off the ground then.
    """

    name: str
    at_ns: int
    airborne: bool
    _still_since_ns: int | None = None

    @property
    def goes_on(self) -> bool:
        """Whether the flight is meant to go on to its end without this process."""
        return _EXPECTED.get(self.name, "end") == "on"

    def outcome(self, picture: FlightPicture) -> Outcome | None:
        """Return the outcome, or None while it is still open (always None for a flight that goes on)."""
        expected = _EXPECTED.get(self.name, "end")
        if expected == "on":
            return None
        if expected == "end":
            return Outcome(True, _GONE.get(self.name, "the simulated aircraft is gone with it"))
        if not self.airborne:
            return Outcome(True, "the aircraft was on the ground")
        return self._hold(picture) if expected == "hold" else self._failsafe(picture)

    def _since_s(self, picture: FlightPicture) -> float:
        return (picture.now_ns - self.at_ns) / 1e9

    def _hold(self, picture: FlightPicture) -> Outcome | None:
        vehicle = picture.vehicle
        if vehicle is not None and vehicle.t_ns >= self.at_ns and vehicle.mode in HOLD_MODES:
            after_s = (vehicle.t_ns - self.at_ns) / 1e9
            return Outcome(after_s <= HOLD_WITHIN_S, f"{_WHO[self.name]} held in {vehicle.mode} after {after_s:.1f} s")
        if self._since_s(picture) > GIVE_UP_S["hold"]:
            mode = vehicle.mode if vehicle else "unknown"
            return Outcome(False, f"no hold after {self._since_s(picture):.0f} s, mode {mode}")
        return None

    def _failsafe(self, picture: FlightPicture) -> Outcome | None:
        """Landed is the end of the failsafes RTL and LAND; standing still in the air that of a hold."""
        if picture.truth is None:
            return Outcome(False, "the simulator was never heard")
        mode = f", mode {picture.fcu.mode}" if picture.fcu and picture.fcu.t_ns >= self.at_ns else ""
        if picture.truth.crashed:
            return Outcome(False, f"crashed after {self._since_s(picture):.0f} s{mode}")
        if picture.truth.on_ground:
            return Outcome(True, f"landed by the autopilot's own failsafe after {self._since_s(picture):.0f} s{mode}")
        if not picture.still:
            self._still_since_ns = None
        elif self._still_since_ns is None:
            self._still_since_ns = picture.now_ns
        still_s = (picture.now_ns - self._still_since_ns) / 1e9 if self._still_since_ns is not None else 0.0
        # Without the endpoint nobody passes the mode on: standing still has to do.
        holding = self.name == "mavros" or (mode and picture.fcu and picture.fcu.mode in HOLD_MODES)
        if still_s >= _STILL_FOR_S and holding:
            return Outcome(True, f"held by the autopilot's own failsafe{mode}")
        if self._since_s(picture) > GIVE_UP_S["failsafe"]:
            return Outcome(False, f"still in the air after {self._since_s(picture):.0f} s{mode}")
        return None
