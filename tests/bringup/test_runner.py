"""The process runner with real processes, and its shutdown order as pure logic."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lenger_bringup.runner import Runner
from lenger_bringup.sessions import MARK
from lenger_bringup.shutdown import LADDER, Patience, Shutdown
from lenger_bringup.stack_model import Node

HERE = Path(__file__).parent
WaitUntil = Callable[..., None]


def stub(name: str, manner: str = "polite", rank: int = 0) -> Node:
    return Node("bringup_stubs", "stub_node", name, parameters=(("x", 1.5),), arguments=(manner,), stop_rank=rank)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    package = tmp_path / "python" / "bringup_stubs"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "stub_node.py").symlink_to(HERE / "stub_node.py")
    return {**os.environ, "PYTHONPATH": os.pathsep.join([str(package.parent), os.environ.get("PYTHONPATH", "")])}


def ready(log_dir: Path, *names: str) -> Callable[[], bool]:
    logs = [log_dir / f"{name}.log" for name in names]
    return lambda: all(log.exists() and "ready" in log.read_text() for log in logs)


def gone(pid: int) -> bool:
    """Whether the process is no more; a zombie that waits for its parent to look counts as ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def test_a_node_gets_its_arguments_and_parameters_and_a_session_of_its_own(
    tmp_path: Path, environment: dict[str, str], wait_until: WaitUntil
) -> None:
    runner = Runner(tmp_path / "log", environment)
    runner.start([stub("one")])
    try:
        wait_until(ready(tmp_path / "log", "one"))
        words = (tmp_path / "log" / "one.log").read_text().split()
        parameters = tmp_path / "log" / "one.params.yaml"
        expected = ["polite", "--ros-args", "-r", "__node:=one", "-r", "__ns:=/", "--params-file", str(parameters)]
        assert words[2:] == expected
        assert yaml.safe_load(parameters.read_text()) == {"/one": {"ros__parameters": {"x": 1.5}}}
        assert os.getsid(runner.pid("one")) == runner.pid("one") == int(words[1])
    finally:
        runner.stop()


def test_a_death_is_reported_once_with_its_cause(
    tmp_path: Path, environment: dict[str, str], wait_until: WaitUntil
) -> None:
    runner = Runner(tmp_path, environment)
    runner.start([stub("fails", "7"), stub("killed")])
    wait_until(ready(tmp_path, "fails", "killed"))
    os.kill(runner.pid("killed"), signal.SIGKILL)
    wait_until(lambda: not runner.alive())
    causes = {death.name: death.cause for death in runner.deaths()}
    assert causes == {"fails": "ended with exit code 7", "killed": "killed by SIGKILL"}
    assert runner.deaths() == []
    assert runner.stop() == {"fails": 7, "killed": -signal.SIGKILL}


def test_stop_ends_the_stubborn_and_closes_the_recorder_last(
    tmp_path: Path, environment: dict[str, str], wait_until: WaitUntil
) -> None:
    runner = Runner(tmp_path, environment)
    runner.start([stub("recorder", rank=1), stub("polite"), stub("stubborn", "stubborn")])
    wait_until(ready(tmp_path, "recorder", "polite", "stubborn"))
    statuses = runner.stop(patience=Patience(2.0, 0.3))
    assert statuses == {"recorder": 0, "polite": 0, "stubborn": -signal.SIGKILL}
    assert "closed" in (tmp_path / "recorder.log").read_text()
    assert runner.stop() == statuses


def test_a_second_interrupt_does_not_wait_for_the_stubborn(
    tmp_path: Path, environment: dict[str, str], wait_until: WaitUntil
) -> None:
    runner = Runner(tmp_path, environment)
    runner.start([stub("stubborn", "stubborn")])
    wait_until(ready(tmp_path, "stubborn"))
    assert runner.stop(hastened=lambda: 2, patience=Patience(3600.0, 3600.0)) == {"stubborn": -signal.SIGKILL}


@pytest.mark.parametrize("moment", ["started", "ready"])
def test_nothing_survives_a_killed_runner(
    tmp_path: Path, environment: dict[str, str], wait_until: WaitUntil, moment: str
) -> None:
    script = textwrap.dedent(f"""
        import os, signal, sys
        from pathlib import Path
        from lenger_bringup.runner import Runner
        from lenger_bringup.stack_model import Node
        runner = Runner(Path({str(tmp_path)!r}), os.environ)
        runner.start([Node("bringup_stubs", "stub_node", n, arguments=("stubborn",)) for n in ("a", "b")])
        print(runner.pid("a"), runner.pid("b"), flush=True)
        signal.pause()
    """)
    process = subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    if moment == "ready":
        wait_until(ready(tmp_path, "a", "b"))
    process.kill()
    process.wait()
    wait_until(lambda: all(gone(pid) for pid in pids), what="the children to end")


def test_two_nodes_of_one_name_are_refused(tmp_path: Path, environment: dict[str, str]) -> None:
    runner = Runner(tmp_path, {**environment, MARK: "x"})
    try:
        with pytest.raises(ValueError, match="two nodes are called a"):
            runner.start([stub("a"), stub("a")])
    finally:
        runner.stop(hastened=lambda: 2)


# ---------------------------------------------------------------- the order, as pure logic


def test_each_rank_climbs_the_ladder_before_the_next_one_starts() -> None:
    shutdown = Shutdown({"a": 0, "b": 0, "recorder": 1}, Patience(5.0, 2.0))
    assert shutdown.step(0.0, ["a", "b", "recorder"]) == [("a", signal.SIGINT), ("b", signal.SIGINT)]
    assert shutdown.step(4.9, ["a", "recorder"]) == []
    assert shutdown.step(5.0, ["a", "recorder"]) == [("a", signal.SIGTERM)]
    assert shutdown.step(7.0, ["a", "recorder"]) == [("a", signal.SIGKILL)]
    assert shutdown.step(7.1, ["recorder"]) == [("recorder", signal.SIGINT)]
    assert shutdown.step(7.2, []) == []


@given(
    ranks=st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 2), min_size=1),
    ends_on=st.lists(st.sampled_from(LADDER), min_size=8, max_size=8),
    hurry_at=st.sets(st.integers(0, 40)),
)
def test_the_walk_always_ends_and_never_touches_a_later_rank_first(
    ranks: dict[str, int], ends_on: list[signal.Signals], hurry_at: set[int]
) -> None:
    deaf_until = dict(zip("abcdefgh", ends_on, strict=True))
    shutdown, alive, sent = Shutdown(ranks, Patience(2.0, 1.0)), set(ranks), dict.fromkeys(ranks, -1)
    for tick in range(40):
        if tick in hurry_at:
            shutdown.hasten()
        for name, signum in shutdown.step(float(tick), sorted(alive)):
            assert ranks[name] == min(ranks[one] for one in alive)
            assert LADDER.index(signum) > sent[name]
            sent[name] = LADDER.index(signum)
        alive -= {name for name in alive if sent[name] >= LADDER.index(deaf_until[name])}
    assert not alive
