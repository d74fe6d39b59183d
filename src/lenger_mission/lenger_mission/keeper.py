"""Keeps the progress of a mission in its files, and finds what is to be resumed."""

from __future__ import annotations

from pathlib import Path

from lenger_core.errors import InputError
from lenger_core.plans import Plan
from lenger_mission.progress import Progress, digest, load, load_plan, save, save_plan

PERIOD_NS = 2_000_000_000
"""On a leg the place is written this often."""


class Keeper:
    """One pair of files.

    Args:
        path: of the progress; "" keeps nothing.
    """

    def __init__(self, path: str) -> None:
        self.path = Path(path) if path else None
        self._saved: Progress | None = None
        self._kept_plan = ""
        self._looked_ns = 0

    def due(self, now_ns: int) -> bool:
        """Return whether it is time to save again although nothing was told."""
        if 0 <= now_ns - self._looked_ns < PERIOD_NS:
            return False
        self._looked_ns = now_ns
        return True

    def save(self, progress: Progress, plan: Plan | None) -> str:
        """Write what changed; return where, "" when nothing did.

        Raises:
            OSError, InputError: a file cannot be written.
        """
        if self.path is None or plan is None or progress == self._saved:
            return ""
        if progress.digest != self._kept_plan:
            save_plan(plan, self.path)  # first: progress without its plan could not be resumed
            self._kept_plan = progress.digest
        save(progress, self.path)
        self._saved = progress
        return str(self.path)

    def load(self) -> Progress | None:
        """Return the progress of the files, None where there is none.

        Raises:
            InputError: the file is broken.
        """
        return load(self.path) if self.path is not None else None

    def unfinished(self, given: Plan | None) -> tuple[Progress, Plan]:
        """Return what is to be resumed.

        Args:
            given: the plan of the goal, which must be the saved one; None: the saved one is meant.

        Raises:
            InputError: nothing is to be resumed, the files are broken, or the plans differ.
        """
        saved = self.load()
        where = str(self.path) if self.path is not None else "mission_node"
        if saved is None or self.path is None:
            raise InputError(
                where, "resume", "no saved mission", "a mission that was broken off (parameter state_file)"
            )
        if given is not None and digest(given) != saved.digest:
            expected = f"{saved.plan} {saved.digest[:12]}, which was broken off, or no plan at all"
            raise InputError(where, "plan", f"{given.name} {digest(given)[:12]}", expected)
        return saved, given or load_plan(saved, self.path)
