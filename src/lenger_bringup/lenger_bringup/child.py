"""The last step before a node's process: ask the kernel to end it when the runner dies, then become the node.

Run as `python -I -S child.py RUNNER_PID COMMAND ...`. A wrapper rather than Popen's `preexec_fn`, which may deadlock
in a process that has threads (Python's subprocess documentation), as the runner has while it flies. Linux only:
prctl(2), PR_SET_PDEATHSIG, which survives execve(2).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Set the parent-death signal, make sure that the runner still lives, and replace this process by the command."""
    runner, command = int(sys.argv[1]), sys.argv[2:]
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")
    if os.getppid() != runner:  # it died before the signal was set
        raise SystemExit(1)
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
