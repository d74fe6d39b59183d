"""A stand-in for a node: says that it runs, and ends as told. `python -m` finds it through PYTHONPATH."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Print the arguments and the process id, then wait. First argument: polite, stubborn, or an exit code."""
    manner = sys.argv[1]
    if manner == "stubborn":
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("ready", os.getpid(), *sys.argv[1:], flush=True)
    if manner.isdigit():
        raise SystemExit(int(manner))
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        print("closed", flush=True)


if __name__ == "__main__":
    main()
