"""The set-up as a whole: is it current, make what is not, then become the command line."""

from __future__ import annotations

import fcntl
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from lenger_bringup.setup import interfaces, layout, packages, pythons, ros, wheels
from lenger_bringup.setup import venv as environments
from lenger_bringup.setup.commands import run
from lenger_bringup.setup.environment import child_environment
from lenger_bringup.setup.errors import SetupError
from lenger_bringup.setup.layout import Plan
from lenger_bringup.setup.progress import Progress

MISSING, INTERRUPTED = 3, 130
AGAIN = "LENGER_SET_UP"  # tells the script not to try the existing environment first


def main(home: Path, arguments: list[str]) -> int:
    """Run ``lenger ARGUMENTS``; returns only when the set-up failed."""
    distro = os.environ.get("ROS_DISTRO", "")
    if arguments[:1] == ["--venv"]:
        venv, arguments = Path(arguments[1]), arguments[2:]
        version = "{}.{}.{}".format(*sys.version_info[:3])
        if layout.is_current(home, venv, version, distro):
            return _become_command_line(home, venv, arguments)
        os.execve("/bin/sh", ["sh", str(home / "lenger"), *arguments], {**os.environ, AGAIN: "1"})
    os.environ.pop(AGAIN, None)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        plan = ros.plan_here(home, os.environ)
        venv = set_up(home, plan, distro)
    except SetupError as error:
        print(f"lenger: {error}", file=sys.stderr)
        return _doctor(arguments) if arguments[:1] == ["doctor"] else MISSING
    except OSError as error:
        print(f"lenger: set-up cannot go on: {error}", file=sys.stderr)
        return MISSING
    except KeyboardInterrupt:
        return INTERRUPTED
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    return _become_command_line(home, venv, arguments)


def set_up(home: Path, plan: Plan, distro: str) -> Path:
    """Bring the environment of a plan up to date and return it; a second caller waits for the first."""
    venv = home / plan.folder
    with _locked(home / f"{plan.folder}.lock"):
        python = _interpreter(venv, plan)
        if layout.is_current(home, venv, python.version, distro):
            return venv
        pythons.check_compilers()
        venv.mkdir(exist_ok=True)
        stages = layout.stages(home, plan, python.version)
        progress = Progress(len(stages), sys.stderr, venv / "setup.log")
        words = f"Python {python.version}, {_ros_words(plan)}"
        progress.say(f"lenger: setting up {venv.name} ({words}); log: {progress.log_path}")
        run_stages(stages, Work(home, venv, plan, python, progress), distro)
        progress.say(f"lenger: set up in {progress.total_s():.0f} s")
    return venv


class Work:
    """What the stages of one set-up share; each public method is the stage of that name."""

    def __init__(self, home: Path, venv: Path, plan: Plan, python: pythons.Python, progress: Progress) -> None:
        self.home, self.place, self.plan, self.python, self.progress = home, venv, plan, python, progress

    def environ(self) -> dict[str, str]:
        """Environment of the commands: the children's, without what leads pip or Python elsewhere."""
        environ = child_environment(self.home, self.place)
        misleading = ["PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", *(["PYTHONPATH"] if self.plan.mode == "bare" else [])]
        for variable in misleading:
            environ.pop(variable, None)
        environ["PIP_USER"] = "0"
        environ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
        if not os.path.isabs(os.path.expanduser("~")):
            environ["HOME"] = str(self.place)
        return environ

    def venv(self) -> None:
        """Make the empty environment."""
        environ = {key: value for key, value in self.environ().items() if key not in ("VIRTUAL_ENV", "LD_LIBRARY_PATH")}
        environments.make(self.place, self.python, self.plan.mode == "full", self.progress, environ)

    def base(self) -> None:
        """Install what Lenger imports (and, over a full ROS, the tools too)."""
        if self.plan.mode == "full":
            lists = [self._pins(name) for name in layout.full_lists(self.python.version)]
            packages.install_missing(self.place, lists, self.progress, self.environ())
        else:
            packages.install(self.place, self._pins("base"), self.progress, self.environ())

    def ros(self) -> None:
        """Install the ROS wheels."""
        packages.install(self.place, self._pins("ros"), self.progress, self.environ())

    def dev(self) -> None:
        """Install what the tests need."""
        packages.install(self.place, self._pins("dev"), self.progress, self.environ())

    def build(self) -> None:
        """Install cmake, ninja and colcon."""
        packages.install(self.place, self._pins("build"), self.progress, self.environ())

    def wheels(self) -> None:
        """Mend the wheels' CMake files."""
        wheels.mend(self.place, self.progress, self.environ())

    def interfaces(self) -> None:
        """Build the interface packages."""
        interfaces.build(self.home, self.place, self.plan.build, self.progress, self.environ())

    def paths(self) -> None:
        """Make the repository's packages importable."""
        site = self.place / "lib" / "python{}.{}".format(*self.python.minor) / "site-packages"
        packages.add_import_paths(self.home, site)

    def kernels(self) -> None:
        """Compile the numerical kernels into their cache."""
        command = [str(self.place / "bin" / "python"), "-m", "lenger_core.warm"]
        run(command, self.progress, self.environ(), lambda line: line)

    def _pins(self, name: str) -> Path:
        return self.home / "requirements" / f"{name}.txt"


def run_stages(stages: list[layout.Stage], work: Work, distro: str) -> None:
    """Run the stages that are not done, noting each as it ends; an interrupt says what is kept."""
    done = layout.done_stages(layout.read_state(work.place))
    done = {stage.name: stage.fingerprint for stage in stages if done.get(stage.name) == stage.fingerprint}
    if "venv" not in done:
        done.clear()
    for number, stage in enumerate(stages, 1):
        if stage.name in done:
            continue
        step: Callable[[], None] = getattr(work, stage.name)
        try:
            work.progress.stage(number, stage.title)
            step()
        except KeyboardInterrupt:
            work.progress.say(
                f"lenger: set-up interrupted in step {number} of {len(stages)} ({stage.title}); "
                f"{len(done)} finished steps are kept, the same command goes on from there"
            )
            raise
        done[stage.name] = stage.fingerprint
        layout.write_state(work.place, work.plan, work.python.version, done, distro)
        work.progress.done()


def _interpreter(venv: Path, plan: Plan) -> pythons.Python:
    """Return the interpreter the environment was made with, while it still works; else the best of this machine.

    A full ROS is compiled for one Python, the one that imports its rclpy.
    """
    wanted = "python3" if plan.mode == "full" else os.environ.get("LENGER_PYTHON", "")
    made_with = layout.read_state(venv).get("python")
    found = pythons.candidates(wanted)
    same = [python for python in found if python.version == made_with]
    return pythons.choose(same or found)


def _become_command_line(home: Path, venv: Path, arguments: list[str]) -> int:
    python = str(venv / "bin" / "python")
    environ: Mapping[str, str] = child_environment(home, venv)
    os.execve(python, [python, "-m", "lenger_bringup.cli", *arguments], dict(environ))
    raise AssertionError("execve came back")


def _doctor(arguments: list[str]) -> int:
    """Answer `lenger doctor` without an environment, which is when it is needed most."""
    from lenger_bringup.doctor import run as examine

    return examine(None, "--json" in arguments)


def _ros_words(plan: Plan) -> str:
    return f"ROS {plan.ros_distro} of this machine" if plan.mode == "full" else "ROS Jazzy from wheels"


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("lenger: another set-up of this folder is under way; waiting for it", file=sys.stderr, flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
