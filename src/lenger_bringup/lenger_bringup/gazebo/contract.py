"""Writes the failsafe contract into a simulated autopilot before MAVROS has its link, and is done.

Start parameters do not suffice: PX4 stores no value that equals the firmware's default, and its airframes then replace
it by their own; older ArduCopters know other names. A program of its own, so that a Ctrl-C ends it at once.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from rich.console import Console

from lenger_bringup.fix_params import run
from lenger_core.errors import LengerError

HEARTBEAT_S = 60.0


def main(words: Sequence[str] | None = None) -> int:
    """Compare, write what differs, read it back; return the exit code: 0 the contract is met."""
    parser = argparse.ArgumentParser(prog="contract", description="Write the failsafe contract into an autopilot.")
    for name in ("autopilot", "vehicle", "url"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--system", type=int, required=True)
    given = parser.parse_args(words)
    console = Console(width=160, highlight=False)
    try:
        return run(
            console, given.autopilot, given.vehicle, given.url, yes=True, wait_s=HEARTBEAT_S, system=given.system
        )
    except LengerError as error:
        print(error, file=sys.stderr)
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
