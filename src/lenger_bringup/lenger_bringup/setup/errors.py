"""The one error of the set-up."""

from __future__ import annotations


class SetupError(Exception):
    """The machine lacks something; ``mend`` is the command that helps, or an empty string."""

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(f"{what}; mend it: {mend}" if mend else what)
        self.what = what
        self.mend = mend
