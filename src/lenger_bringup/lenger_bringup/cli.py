"""Entry of the `lenger` command line: environment, exit codes, and a Ctrl-C that never shows a traceback."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType

INTERRUPTED = 130


def main() -> None:
    """Run the command line in the environment that ROS needs, and exit; an error meant for a person is one line."""
    signal.signal(signal.SIGINT, _leave)  # until the commands are imported there is nothing to tidy up
    from lenger_bringup.setup.environment import ensure

    ensure()
    from lenger_bringup.commands import app
    from lenger_bringup.ground import spread_dem
    from lenger_core.errors import LengerError

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        code = app(spread_dem(sys.argv[1:]), prog_name="lenger", standalone_mode=True)
    except LengerError as error:
        print(f"lenger: {error}", file=sys.stderr)
        code = error.exit_code
    except KeyboardInterrupt:
        print("lenger: interrupted", file=sys.stderr)
        code = INTERRUPTED
    except ModuleNotFoundError as error:
        code = _missing_module(error)
    except OSError as error:  # a full disk, a file where a folder should be: nothing that a traceback explains
        print(f"lenger: {error.filename or 'writing'}: {error.strerror or error}", file=sys.stderr)
        code = 1
    sys.exit(code or 0)


def _leave(number: int, frame: FrameType | None) -> None:
    os._exit(INTERRUPTED)


def _missing_module(error: ModuleNotFoundError) -> int:
    """A module of a dependency is absent: say which. One of ours that is absent is a defect and keeps its traceback."""
    from lenger_core.errors import MissingError

    name = error.name or ""
    if name.startswith("lenger_") and not name.startswith("lenger_interfaces"):
        raise error
    missing = MissingError(f"the Python module {name} is not installed here", "./lenger doctor")
    print(f"lenger: {missing}", file=sys.stderr)
    return missing.exit_code


if __name__ == "__main__":
    main()
