"""What is usual for a quantity, learned slowly, so that a sensor is measured by its own past."""

from __future__ import annotations

from math import exp, isfinite, log


class Usual:
    """Slow mean of a positive quantity that is worse when it is larger, kept in its logarithm.

    The mean of all at first; then it follows what is worse over `worse_s` and what is better over `better_s`.
    """

    def __init__(self, worse_s: float = 60.0, better_s: float = 15.0, learn_s: float = 10.0) -> None:
        self._worse_s, self._better_s, self._learn_s = worse_s, better_s, learn_s
        self._log = self._age_s = 0.0

    @property
    def known(self) -> bool:
        """Whether enough has been seen."""
        return self._age_s >= self._learn_s

    @property
    def value(self) -> float:
        """What is usual; 1 before anything was seen."""
        return exp(self._log)

    def learn(self, value: float, dt_s: float) -> None:
        """Take a value that lasted `dt_s`; what is not positive and finite says nothing."""
        if not (isfinite(value) and value > 0.0 and dt_s > 0.0):
            return
        self._age_s += dt_s
        new = log(value)
        tau_s = self._worse_s if new > self._log else self._better_s
        self._log += max(dt_s / self._age_s if self._age_s < self._learn_s else 0.0, min(1.0, dt_s / tau_s)) * (
            new - self._log
        )

    def times(self, value: float) -> float:
        """Return by how many times a value is worse than usual; 1 where nothing is known."""
        return value / self.value if self.known and isfinite(value) and value > 0.0 else 1.0
