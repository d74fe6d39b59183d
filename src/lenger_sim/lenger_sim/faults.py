"""Faults on command, simulation only. A new kind is one entry of `KINDS` (fault_kinds.py) and one effect here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, isfinite, pi
from typing import Protocol, TypeAlias

from lenger_sim.airframe import Airframe
from lenger_sim.fault_kinds import KINDS
from lenger_sim.sensors import Sensors

MAX_DURATION_S = 86_400.0
TESLA = 1e-6


class Links(Protocol):
    """What can be done to the vehicle's links."""

    def set_delay(self, seconds: float, until_ns: int) -> None:
        """Delay every message, both ways, until a simulated time."""

    def set_loss(self, fraction: float, until_ns: int) -> None:
        """Lose a share of the datagrams, both ways, until a simulated time."""


@dataclass(frozen=True, slots=True)
class Running:
    """A fault that was injected and has not faded yet."""

    magnitude: float
    start_ns: int
    end_ns: int

    def elapsed_s(self, now_ns: int) -> float:
        """Return for how long it has grown."""
        return (min(now_ns, self.end_ns) - self.start_ns) * 1e-9

    def left(self, now_ns: int, fade_s: float) -> float:
        """Return what is left of its effect: 1 until its end, then fading to 0."""
        return 1.0 if now_ns < self.end_ns else max(1.0 - (now_ns - self.end_ns) * 1e-9 / max(fade_s, 1e-9), 0.0)


Effect: TypeAlias = Callable[[list[Running], int], None]
"""Sets a part to what all running faults of one kind do to it now; an empty list heals it."""


class Faults:
    """Injects faults into the vehicle's parts; several at once, of one kind or of many, and each ends by itself.

    Args:
        sensors: whose signals are disturbed.
        airframe: whose motors, battery and air are.
        links: where messages are delayed and lost; None: there are none, and such faults are refused.
    """

    def __init__(self, sensors: Sensors, airframe: Airframe, links: Links | None = None) -> None:
        self._sensors, self._airframe, self._links = sensors, airframe, links
        self._running: dict[str, list[Running]] = {}
        self._spoofs: dict[str, tuple[float, float]] = {}
        self._effects: dict[str, Effect] = {
            "gnss_outage": self._gnss_outage,
            "gnss_jamming": self._gnss_jamming,
            "gnss_spoof_step": self._gnss_spoof_step,
            "gnss_spoof_ramp": self._gnss_spoof_ramp,
            "gnss_spoof_ramp_consistent": self._gnss_spoof_ramp_consistent,
            "mag_bias": self._mag_bias,
            "baro_drift": self._baro_drift,
            "motor_efficiency_loss": self._motor_efficiency_loss,
            "wind_gust": self._wind_gust,
            "link_delay": self._link_delay,
            "link_loss": self._link_loss,
            "battery_sag": self._battery_sag,
            "imu_frozen_axis": self._imu_frozen_axis,
        }

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be injected."""
        return tuple(self._effects)

    @property
    def active(self) -> bool:
        """Whether `step` has anything to do."""
        return bool(self._running)

    def inject(self, kind: str, magnitude: float, duration_s: float, now_ns: int) -> str | None:
        """Start a fault at `now_ns`; return None, or why it was refused.

        Args:
            kind: one of `kinds`.
            magnitude: its size in the kind's own unit (fault_kinds.py).
            duration_s: how long it lasts.
        """
        if kind not in self._effects:
            return f"unknown fault {kind!r}, expected one of {', '.join(self.kinds)}"
        if not (isfinite(duration_s) and 0.0 < duration_s <= MAX_DURATION_S):
            return f"duration_s must be above 0 and at most {MAX_DURATION_S:g}, got {duration_s!r}"
        refusal = KINDS[kind].refusal(kind, magnitude) or self._impossible(kind, magnitude)
        if refusal is None:
            fault = Running(magnitude, now_ns, now_ns + int(duration_s * 1e9))
            self._running.setdefault(kind, []).append(fault)
            self.step(now_ns)
        return refusal

    def step(self, now_ns: int) -> None:
        """Let what runs act, and end what is over."""
        for kind, faults in list(self._running.items()):
            fade_ns = int(KINDS[kind].fade_s * 1e9)
            faults[:] = [fault for fault in faults if now_ns < fault.end_ns + fade_ns]
            self._effects[kind](faults, now_ns)
            if not faults:
                del self._running[kind]

    def _impossible(self, kind: str, magnitude: float) -> str | None:
        """Return why this vehicle cannot have a fault that its kind allows."""
        rotors = int(self._airframe.params["rotors"][0])
        if kind == "motor_efficiency_loss":
            motor, share = _motor_and_share(magnitude)
            if not (1 <= motor <= rotors and share > 0.0):
                return f"{kind}: motors are 1 to {rotors} and the share after the point .01 to .99, got {magnitude!r}"
        if kind == "imu_frozen_axis" and magnitude != int(magnitude):
            return f"{kind}: magnitude is a whole number from 1 to 6, got {magnitude!r}"
        if kind.startswith("link_") and self._links is None:
            return f"{kind}: this vehicle has no links that can be disturbed"
        return None

    # ------------------------------------------------------------ effects

    def _gnss_outage(self, faults: list[Running], _now_ns: int) -> None:
        self._sensors.receiver.outage = bool(faults)

    def _gnss_jamming(self, faults: list[Running], _now_ns: int) -> None:
        self._sensors.receiver.jamming_db = max((fault.magnitude for fault in faults), default=0.0)

    def _gnss_spoof_step(self, faults: list[Running], _now_ns: int) -> None:
        self._spoof("step", sum(fault.magnitude for fault in faults), 0.0)

    def _gnss_spoof_ramp(self, faults: list[Running], now_ns: int) -> None:
        self._spoof("ramp", sum(fault.magnitude * fault.elapsed_s(now_ns) for fault in faults), 0.0)

    def _gnss_spoof_ramp_consistent(self, faults: list[Running], now_ns: int) -> None:
        drift = sum(fault.magnitude * fault.elapsed_s(now_ns) for fault in faults)
        self._spoof("consistent", drift, sum(fault.magnitude for fault in faults))

    def _spoof(self, source: str, east_m: float, east_m_s: float) -> None:
        self._spoofs[source] = (east_m, east_m_s)
        receiver = self._sensors.receiver
        receiver.spoofed_m = (sum(place for place, _ in self._spoofs.values()), 0.0)
        receiver.spoofed_m_s = (sum(speed for _, speed in self._spoofs.values()), 0.0)

    def _mag_bias(self, faults: list[Running], _now_ns: int) -> None:
        self._sensors.state[0]["mag_fault_t"] = (sum(fault.magnitude for fault in faults) * TESLA, 0.0, 0.0)

    def _baro_drift(self, faults: list[Running], now_ns: int) -> None:
        fade_s = KINDS["baro_drift"].fade_s
        self._sensors.state[0]["baro_fault_m"] = sum(
            fault.magnitude * fault.elapsed_s(now_ns) * fault.left(now_ns, fade_s) for fault in faults
        )

    def _motor_efficiency_loss(self, faults: list[Running], _now_ns: int) -> None:
        left = self._airframe.state[0]["thrust_loss"]
        left[:] = 0.0
        for fault in faults:
            motor, share = _motor_and_share(fault.magnitude)
            left[motor - 1] = 1.0 - (1.0 - left[motor - 1]) * (1.0 - share)

    def _wind_gust(self, faults: list[Running], now_ns: int) -> None:
        gust = 0.0
        for fault in faults:
            phase = (now_ns - fault.start_ns) / (fault.end_ns - fault.start_ns)
            gust += 0.5 * fault.magnitude * (1.0 - cos(2.0 * pi * phase))
        self._airframe.state[0]["gust_m_s"] = gust

    def _battery_sag(self, faults: list[Running], _now_ns: int) -> None:
        self._airframe.state[0]["sag_v"] = sum(fault.magnitude for fault in faults)

    def _imu_frozen_axis(self, faults: list[Running], _now_ns: int) -> None:
        frozen = self._sensors.state[0]["frozen"]
        frozen[:] = 0
        for fault in faults:
            frozen[int(fault.magnitude) - 1] = 1

    def _link_delay(self, faults: list[Running], _now_ns: int) -> None:
        if faults and self._links is not None:
            self._links.set_delay(max(fault.magnitude for fault in faults), max(fault.end_ns for fault in faults))

    def _link_loss(self, faults: list[Running], _now_ns: int) -> None:
        if faults and self._links is not None:
            self._links.set_loss(max(fault.magnitude for fault in faults), max(fault.end_ns for fault in faults))


def _motor_and_share(magnitude: float) -> tuple[int, float]:
    """Return motor number and lost share (in hundredths) of NUMBER.SHARE."""
    hundredths = round(magnitude * 100.0)
    return hundredths // 100, hundredths % 100 / 100.0
