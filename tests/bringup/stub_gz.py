"""A stand-in for Gazebo's command line: a server that is a process with a child in a group of its own, and the calls.

What the server has done lies as files in STUB_GZ/PARTITION. STUB_GZ_MODE: "", or what goes wrong: deaf (the world never
loads), frozen (the clock stands), refuses (no model), empty (the model never speaks), dies (the server ends with 9).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

MODE = os.environ.get("STUB_GZ_MODE", "")


def main(words: list[str]) -> int:
    if words == ["sim", "--versions"]:
        print("8.9.0")
        return 0
    state = Path(os.environ["STUB_GZ"], os.environ["GZ_PARTITION"])
    if words[:2] == ["sim", "-s"]:
        return serve(state, words)
    if words[:2] == ["sim", "-g"]:
        signal.pause()
    if words[:3] == ["service", "-i", "-s"]:
        known = (state / "world").exists() and words[3] == f"/world/{(state / 'world').read_text()}/scene/info"
        print("Service providers [Address]:" if known else "No service providers on service")
        return 0
    if words[0] == "topic" and "-n" not in words:
        signal.pause()  # the wind player listens for as long as it lives
    if words[0] == "topic":
        return echo(state, words[words.index("-t") + 1])
    return call(state, words[words.index("-s") + 1].rpartition("/")[2], words[words.index("--req") + 1])


def serve(state: Path, words: list[str]) -> int:
    state.mkdir(parents=True, exist_ok=True)
    pause = "import os, signal; os.setpgid(0, 0); signal.signal(2, signal.SIG_IGN); print(flush=True); signal.pause()"
    child = subprocess.Popen([sys.executable, "-c", pause], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    (state / "child").write_text(str(child.pid))
    (state / "words").write_text("\n".join(words))
    print(f"[Msg] Loading SDF world file[{words[-1]}]", flush=True)
    if MODE == "dies":
        print("[Err] [Server.cc:86] Error Code 1: Unable to read file", flush=True)
        return 9
    if MODE != "deaf":
        (state / "world").write_text(Path(words[-1]).stem)
    try:
        signal.pause()
    except KeyboardInterrupt:
        return 0
    return 1


def echo(state: Path, topic: str) -> int:
    if topic.endswith("/clock"):
        now_ns = 0 if MODE == "frozen" else time.monotonic_ns()
        print(f"system {{\n  sec: 9\n}}\nsim {{\n  sec: {now_ns // 10**9}\n  nsec: {now_ns % 10**9}\n}}\n")
        return 0
    if MODE != "empty" and (state / "create").exists() and topic.endswith("/odometry"):
        print("header {\n}\n")
        return 0
    signal.pause()
    return 1


def call(state: Path, service: str, request: str) -> int:
    if MODE == "refuses" and service == "create":
        print("data: false")
        return 0
    (state / service).write_text(request)
    print("data: true")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
