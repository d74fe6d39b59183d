"""The pins: complete, unambiguous for every Python, and free of any host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

FOLDER = Path(__file__).resolve().parents[2] / "requirements"
BOUND = ("base", "ros", "dev", "build")


def pins(name: str) -> list[Requirement]:
    lines = (FOLDER / f"{name}.txt").read_text().splitlines()
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("name", [*BOUND, "noble"])
def test_every_requirement_is_one_exact_version(name: str) -> None:
    for requirement in pins(name):
        assert re.fullmatch(r"==[\w.+!]+", str(requirement.specifier)), requirement
        assert requirement.url is None


@pytest.mark.parametrize("python", ["3.10", "3.11", "3.12", "3.13"])
def test_each_python_gets_each_package_once(python: str) -> None:
    chosen = [
        requirement.name
        for name in BOUND
        for requirement in pins(name)
        if requirement.marker is None or requirement.marker.evaluate({"python_version": python})
    ]
    assert len(chosen) == len(set(chosen))
    assert {"numpy", "scipy", "numba", "ros-rclpy", "pytest", "cmake", "colcon-core"} <= set(chosen)


def test_all_ros_wheels_are_those_of_jazzy() -> None:
    versions = {requirement.name: str(requirement.specifier) for requirement in pins("ros")}
    assert versions["ros-rclpy"].startswith("==7.")
    assert versions["ros-rclpy"] == versions["ros-jazzy-rclpy"]


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_file_names_a_host(path: Path) -> None:
    if path.is_file():
        assert not re.search(r"https?://|--(extra-)?index-url|--find-links|--trusted-host", path.read_text())
