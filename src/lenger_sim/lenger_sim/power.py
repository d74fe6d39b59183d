"""The battery sensor and what an autopilot makes of it: it counts charge and believes the voltage more as it falls.

The blend is PX4's (Battery::estimateStateOfCharge): the count against the capacity on the label, pulled towards the
voltage's charge by 3 % a sample times what the voltage says is used, and never above the count. It knows nothing of the
cold but what the voltage tells.
"""

from __future__ import annotations

import numpy as np

from lenger_core.vehicles import VehicleProfile
from lenger_sim.battery import CELL_NOMINAL_V, CHEMISTRIES, charge_of_voltage
from lenger_sim.layout import Record

PERIOD_S = 0.2
"""Between two samples."""
_VOLTAGE_WEIGHT = 0.03
_SCALE_ERROR, _OFFSET_A, _NOISE_A, _NOISE_V = 0.015, 0.1, 0.2, 0.02


class BatterySensor:
    """Measures the AIRFRAME's battery and estimates its charge, sampled every `PERIOD_S`.

    Attributes:
        voltage_v, current_a: the last sample.
        used_ah: counted so far.
        remaining: estimated share of the charge that is left, 0 to 1.
    """

    def __init__(self, profile: VehicleProfile, rng: np.random.Generator) -> None:
        self._rng = rng
        self._cells = profile.battery_cells
        self._chemistry = CHEMISTRIES.index(profile.battery_pack.chemistry)
        self._resistance_ohm = profile.battery_pack.cell_resistance_ohm * profile.battery_cells
        self._capacity_ah = profile.battery_wh / (CELL_NOMINAL_V * profile.battery_cells)
        self._scale = 1.0 + _SCALE_ERROR * float(np.clip(rng.standard_normal(), -2.0, 2.0))
        self._offset_a = _OFFSET_A * float(np.clip(rng.standard_normal(), -2.0, 2.0))
        self._start: float | None = None
        self.voltage_v = 0.0
        self.current_a = 0.0
        self.used_ah = 0.0
        self.remaining = 1.0

    def step(self, airframe: Record) -> None:
        """Take a sample."""
        a = airframe[0]
        noise = self._rng.standard_normal(2)
        self.voltage_v = float(a["voltage_v"]) + _NOISE_V * float(noise[0])
        self.current_a = max(self._scale * float(a["current_a"]) + self._offset_a + _NOISE_A * float(noise[1]), 0.0)
        drawn_ah = self.current_a * PERIOD_S / 3600.0
        self.used_ah += drawn_ah
        rested_v = self.voltage_v + self.current_a * self._resistance_ohm
        by_voltage = charge_of_voltage(rested_v / self._cells, self._chemistry)
        if self._start is None:
            self._start = self.remaining = by_voltage
            return
        weight = _VOLTAGE_WEIGHT * (1.0 - by_voltage)
        blended = (1.0 - weight) * self.remaining + weight * by_voltage - drawn_ah / self._capacity_ah
        counted = self._start - self.used_ah / self._capacity_ah
        self.remaining = max(min(blended, counted), 0.0)
