"""The wall clock of links: a cable that is pulled out knows no simulated time."""

from __future__ import annotations

from time import monotonic_ns

__all__ = ["monotonic_ns"]
