"""Safe return: a legal way home, or to the best place to land, kept ready in the background."""

from __future__ import annotations

from lenger_safety.returns import graph_kernels


def warm() -> None:
    """Compile the kernels into numba's cache."""
    graph_kernels.warm()
