"""The real machine, as `lenger_bringup.doctor` asks about it: one question a method; tests answer instead."""

from __future__ import annotations

import getpass
import glob
import importlib.util
import os
import platform
import shutil
import socket
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path


class Machine:
    """Answers from this computer and this process's environment."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.environ: Mapping[str, str] = os.environ if environ is None else environ

    def python_version(self) -> tuple[int, int, int]:
        """Version of the running interpreter."""
        return sys.version_info[:3]

    def release(self) -> tuple[str, str]:
        """Distribution and version, such as ("ubuntu", "24.04"), by os-release(5); empty where there is none."""
        try:
            fields = platform.freedesktop_os_release()
        except OSError:
            return "", ""
        return fields.get("ID", ""), fields.get("VERSION_ID", "")

    def prefix(self) -> Path:
        """Root of the running (virtual) environment."""
        return Path(sys.prefix)

    def include_folder(self) -> Path:
        """Where this interpreter's C headers are."""
        return Path(sysconfig.get_path("include"))

    def exists(self, path: Path) -> bool:
        """Whether a file or folder exists."""
        return path.exists()

    def glob(self, pattern: str) -> list[Path]:
        """Paths that match a pattern."""
        return [Path(name) for name in sorted(glob.glob(pattern))]

    def writable(self, path: Path) -> bool:
        """Whether this user may read and write a device."""
        return os.access(path, os.R_OK | os.W_OK)

    def which(self, name: str) -> str:
        """Path of a program, or an empty string."""
        return shutil.which(name) or ""

    def first_line(self, command: Sequence[str]) -> str:
        """First line that a program prints, or an empty string when it fails."""
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
        except (OSError, subprocess.SubprocessError):
            return ""
        return next(iter(done.stdout.splitlines()), "")

    def module(self, name: str) -> Path | None:
        """Folder of an importable Python package, or None."""
        spec = importlib.util.find_spec(name)
        return Path(spec.origin).parent if spec and spec.origin else None

    def package(self, name: str) -> Path | None:
        """Install prefix of a ROS package in the ament index, or None."""
        for part in self.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep):
            if part and Path(part, "share/ament_index/resource_index/packages", name).exists():
                return Path(part)
        return None

    def user(self) -> str:
        """Name of this user."""
        try:
            return getpass.getuser()
        except (KeyError, OSError):
            return str(os.getuid())

    def groups(self) -> set[str]:
        """Names of the groups that this process belongs to."""
        import grp

        return {entry.gr_name for entry in grp.getgrall() if entry.gr_gid in os.getgroups()}

    def udp_free(self, port: int) -> bool:
        """Whether a UDP port can be bound on every interface."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("", port))
            except OSError:
                return False
        return True

    def disk_free_gb(self) -> float:
        """Free space where the project is."""
        return shutil.disk_usage(self.environ.get("LENGER_HOME", ".")).free / 1e9

    def memory_gb(self) -> float:
        """Memory that programs can still have."""
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) / 1e6
        return 0.0
