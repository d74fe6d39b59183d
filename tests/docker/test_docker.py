"""The container files, as far as a machine without an engine can check them: two linters and what the text promises."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

DOCKER = Path(__file__).parents[2] / "docker"
DOCKERFILE, COMPOSE = DOCKER / "Dockerfile", DOCKER / "compose.yaml"


def tool(name: str) -> str:
    """Return the path of a linter of the virtual environment."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def lint(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_dockerfile_passes_hadolint() -> None:
    result = lint(tool("hadolint"), str(DOCKERFILE))
    assert result.returncode == 0, result.stdout


def test_hadolint_does_find_faults(tmp_path: Path) -> None:
    bad = tmp_path / "Dockerfile"
    bad.write_text(DOCKERFILE.read_text().replace("USER 1001", "RUN cd /tmp && sudo ls"))
    assert lint(tool("hadolint"), str(bad)).returncode != 0


def test_compose_matches_the_compose_specification() -> None:
    result = lint(tool("check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(COMPOSE))
    assert result.returncode == 0, result.stdout + result.stderr


def test_compose_builds_targets_that_exist_from_paths_that_exist() -> None:
    targets = set(re.findall(r"^FROM .* AS (\w+)$", DOCKERFILE.read_text(), re.MULTILINE))
    assert targets == {"dev", "sim"}
    for name, service in yaml.safe_load(COMPOSE.read_text())["services"].items():
        build = service.get("build")
        if build is not None:
            assert build["target"] in targets, name
            assert (DOCKER / build["context"] / build["dockerfile"]).resolve() == DOCKERFILE


def test_every_copied_or_run_file_exists_and_the_last_user_is_not_root() -> None:
    text = DOCKERFILE.read_text()
    assert "./lenger" in text and (DOCKER.parent / "lenger").exists()
    assert re.findall(r"^USER (\w+)$", text, re.MULTILINE)[-1] == "1001"
