"""The kinds of fault on command: what their magnitude means, how large it may be, how long they should last."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind.

    Attributes:
        magnitude: what it means and its unit, in words; empty when it is not used.
        least, most: the valid range of its size.
        signed: whether the negative of a valid size is valid too.
        usual_s: a duration that shows the effect.
        fade_s: how long the effect takes to go after its end.
    """

    magnitude: str
    least: float = 0.0
    most: float = 0.0
    signed: bool = False
    usual_s: float = 30.0
    fade_s: float = 0.0

    def refusal(self, name: str, magnitude: float) -> str | None:
        """Return why a magnitude is not valid, with what would be; None when it is."""
        if not self.magnitude:
            return None
        size = abs(magnitude) if self.signed else magnitude
        if isfinite(magnitude) and self.least <= size <= self.most:
            return None
        either = " or the negative of that" if self.signed else ""
        return f"{name}: magnitude is {self.magnitude}, {self.least:g} to {self.most:g}{either}, got {magnitude!r}"


EAST = "in metres to the east"
KINDS: dict[str, FaultKind] = {
    "gnss_outage": FaultKind("", usual_s=20.0),
    "gnss_jamming": FaultKind("what the jammer takes from every satellite's signal in dB", 1.0, 60.0, usual_s=60.0),
    "gnss_spoof_step": FaultKind(f"the jump of the position {EAST}", 1.0, 5000.0, signed=True),
    "gnss_spoof_ramp": FaultKind(f"the drift of the position {EAST} per second", 0.05, 20.0, True, usual_s=120.0),
    "gnss_spoof_ramp_consistent": FaultKind(
        f"the drift of the position, and the velocity that fits it, {EAST} per second", 0.05, 20.0, True, usual_s=120.0
    ),
    "mag_bias": FaultKind("an offset of the magnetometer in microtesla along the nose", 0.5, 100.0, signed=True),
    "baro_drift": FaultKind(
        "the drift of the indicated height in metres per second", 0.01, 3.0, True, usual_s=60.0, fade_s=20.0
    ),
    "motor_efficiency_loss": FaultKind(
        "motor number and, after the point, the share of its thrust that it loses (2.30: motor 2 loses 30 %)",
        1.01,
        12.99,
    ),
    "wind_gust": FaultKind(
        "the peak in m/s of a 1-cosine gust along the mean wind", 0.5, 30.0, signed=True, usual_s=8.0
    ),
    "link_delay": FaultKind("the extra delay of every message, both ways, in seconds", 0.001, 10.0),
    "link_loss": FaultKind("the share of datagrams that are lost, both ways", 0.001, 1.0),
    "battery_sag": FaultKind("what a weak cell takes from the battery's voltage in volts", 0.1, 20.0),
    "imu_frozen_axis": FaultKind("the axis that repeats its last value: 1 to 3 gyro x y z, 4 to 6 accelerometer", 1, 6),
}
"""Each kind needs one effect of the same name in faults.py, and a row in docs/faults.md."""
