"""Windows of log time, as options write them: T0-T1 in seconds, T1 perhaps "end"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import inf

from lenger_core.errors import InputError

_NUMBER = r"-?(?:\d+(?:\.\d*)?|\.\d+)"
_WINDOW = re.compile(rf"({_NUMBER})-({_NUMBER}|end)", re.ASCII)
_FARTHEST_S = 1e10
WINDOW_TEXT = "a window of log time in seconds such as 60-70, 12.5-end or 0-end"


@dataclass(frozen=True)
class Window:
    """From `start_s` on and before `end_s`, log time."""

    start_s: float
    end_s: float

    def holds(self, t_s: float) -> bool:
        """Return whether a time lies in it."""
        return self.start_s <= t_s < self.end_s

    def __str__(self) -> str:
        return f"{self.start_s:g}-{'end' if self.end_s == inf else f'{self.end_s:g}'}"


def parse_window(option: str, text: str) -> Window:
    """Return the window that a text says. Raises InputError, which names the option, when it says none."""
    found = _WINDOW.fullmatch(text) if len(text) < 100 else None
    if found is None:
        raise InputError(option, "window", text, WINDOW_TEXT)
    window = Window(float(found[1]), inf if found[2] == "end" else float(found[2]))
    if not window.start_s < window.end_s or abs(window.start_s) > _FARTHEST_S:
        raise InputError(option, "window", text, "a window that ends after it begins")
    return window
