"""Runs the nodes of a stack as processes: start, notice deaths, stop in order. Knows nothing of ROS.

Each node is the leader of a session of its own, so that a Ctrl-C on the terminal reaches only the runner and the
runner decides the order; and each carries a parent-death signal (see `child`), so that nothing survives the runner
even when it is killed. The kernel ties that signal to the *thread* that started the process: start nodes from the
main thread.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import yaml

from lenger_bringup.sessions import MARK, left_of, without_own_libraries
from lenger_bringup.shutdown import Patience, Shutdown
from lenger_bringup.stack_model import Node, Program

CHILD = Path(__file__).with_name("child.py")


@dataclass(frozen=True, slots=True)
class Death:
    """A process that ended. `status` is the exit code, or minus the signal's number; `wall_s` is the runner's clock."""

    name: str
    status: int
    wall_s: float
    log: Path

    @property
    def cause(self) -> str:
        """In words: exit code 3, or killed by SIGKILL."""
        if self.status >= 0:
            return f"ended with exit code {self.status}"
        try:
            return f"killed by {signal.Signals(-self.status).name}"
        except ValueError:
            return f"killed by signal {-self.status}"


@dataclass(slots=True)
class _Process:
    node: Node | Program
    popen: subprocess.Popen[bytes]
    log: Path
    reported: bool = False


class Runner:
    """Owns the processes of one run.

    Args:
        log_dir: gets `<name>.log` (standard output and error) and `<name>.params.yaml` of each node.
        environment: the whole environment of the nodes.
        clock: monotonic seconds; for tests.
    """

    def __init__(
        self, log_dir: Path, environment: Mapping[str, str], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._log_dir = log_dir
        self._environment = {"PYTHONUNBUFFERED": "1", "ROS_LOG_DIR": str(log_dir / "ros"), **environment}
        self._clock = clock
        self._processes: dict[str, _Process] = {}

    def start(self, nodes: Iterable[Node | Program]) -> None:
        """Start the nodes and programs in order. Call from the main thread.

        Raises:
            ValueError: two of one name.
            OSError: a file or process cannot be made.
        """
        self._log_dir.mkdir(parents=True, exist_ok=True)
        for node in nodes:
            if node.name in self._processes:
                raise ValueError(f"two nodes are called {node.name}")
            self._start(node)

    def _start(self, node: Node | Program) -> None:
        parameters = self._log_dir / f"{node.name}.params.yaml"
        environment, folder = dict(self._environment), None
        if isinstance(node, Program):
            environment, folder = {**without_own_libraries(environment), **dict(node.environment)}, node.folder
        else:
            parameters.write_text(yaml.safe_dump(node.parameter_document()), encoding="utf-8")
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        log = self._log_dir / f"{node.name}.log"
        wrapper = [sys.executable, "-I", "-S", str(CHILD), str(os.getpid())]
        with log.open("ab") as output:
            popen = subprocess.Popen(
                wrapper + node.command(sys.executable, str(parameters)),
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._processes[node.name] = _Process(node, popen, log)

    def alive(self) -> list[str]:
        """Return the names of the processes that still run, in the order of their start."""
        return [name for name, process in self._processes.items() if process.popen.poll() is None]

    def pid(self, name: str) -> int:
        """Return the process id of a node of this run (KeyError: no such node)."""
        return self._processes[name].popen.pid

    def log(self, name: str) -> Path:
        """Return the log of a node of this run (KeyError: no such node)."""
        return self._processes[name].log

    def deaths(self) -> list[Death]:
        """Return the processes that ended since the last call; a program that has done its work is none of them."""
        news = []
        for name, process in self._processes.items():
            status = process.popen.poll()
            if status is not None and not process.reported:
                process.reported = True
                if status == 0 and isinstance(process.node, Program) and process.node.done:
                    continue
                news.append(Death(name, status, self._clock(), process.log))
        return news

    def stop(self, hastened: Callable[[], int] = lambda: 0, patience: Patience | None = None) -> dict[str, int]:
        """Stop everything, in order, and return each process's exit status. May be called again: then it only reports.

        Args:
            hastened: how many times the person asked to hurry since the stop began.
            patience: how long each signal may take.
        """
        shutdown = Shutdown({n: p.node.stop_rank for n, p in self._processes.items()}, patience or Patience())
        hurried = 0
        while alive := self.alive():
            for _ in range(hastened() - hurried):
                hurried += 1
                shutdown.hasten()
            for name, signum in shutdown.step(self._clock(), alive):
                self.signal(name, signum)
            self._reap(alive[0])
        for process in self._processes.values():
            process.reported = True
        self._sweep()
        return {name: process.popen.returncode for name, process in self._processes.items()}

    def signal(self, name: str, signum: signal.Signals) -> None:
        """Send a signal to the node's whole process group; nothing happens when it has ended."""
        process = self._processes[name]
        if process.popen.poll() is None:
            try:
                os.killpg(process.popen.pid, signum)
            except ProcessLookupError:  # it ended between the two calls
                return

    def _sweep(self) -> None:
        """End what the programs left behind: children that they moved into groups of their own."""
        sessions = {process.popen.pid for process in self._processes.values() if isinstance(process.node, Program)}
        for pid in left_of(sessions, self._environment.get(MARK, "")) if sessions else ():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _reap(self, name: str) -> None:
        try:
            self._processes[name].popen.wait(timeout=0.05)
        except subprocess.TimeoutExpired:
            return
