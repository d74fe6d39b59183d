"""Which ROS is used, which Python, and what is refused before anything is made."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lenger_bringup.setup import ros
from lenger_bringup.setup.errors import SetupError
from lenger_bringup.setup.layout import INTERFACES
from lenger_bringup.setup.pythons import Python, check_compilers, choose

GOOD = Python("/usr/bin/python3", "3.12.3", headers=True, ensurepip=True, pip=True)


def test_a_sourced_ros_whose_rclpy_imports_is_used_and_only_what_it_lacks_is_built() -> None:
    plan = ros.decide("jazzy", True, lambda name: name in ("mavros_msgs", "geographic_msgs", "tf2_msgs"))
    assert (plan.mode, plan.ros_distro, plan.build) == ("full", "jazzy", ("lenger_interfaces",))
    assert plan.folder == ".venv-ros-jazzy"


@pytest.mark.parametrize(("distro", "importable"), [("", False), ("", True), ("jazzy", False)])
def test_anything_else_gets_the_wheels_and_all_interface_packages(distro: str, importable: bool) -> None:
    plan = ros.decide(distro, importable, lambda name: True)
    assert (plan.mode, plan.build, plan.folder) == ("bare", INTERFACES, ".venv")


def test_what_an_earlier_set_up_built_does_not_count_as_the_workspaces(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(ros, "rclpy_importable", lambda environ: True)
    sourced, own = tmp_path / "opt", tmp_path / "home" / ".venv-ros-jazzy"
    for prefix, name in ((sourced, "tf2_msgs"), (own, "lenger_interfaces")):
        index = prefix / "share/ament_index/resource_index/packages"
        index.mkdir(parents=True)
        (index / name).touch()
    environ = {"ROS_DISTRO": "jazzy", "AMENT_PREFIX_PATH": f"{own}:{sourced}"}
    plan = ros.plan_here(tmp_path / "home", environ)
    assert plan.build == ("geographic_msgs", "mavros_msgs", "lenger_interfaces")


def test_a_python_with_headers_is_preferred() -> None:
    bare = replace(GOOD, executable="/usr/bin/python3.13", version="3.13.0", headers=False)
    assert choose([bare, GOOD]) is GOOD


def test_a_python_with_pip_but_no_ensurepip_will_do() -> None:
    python = replace(GOOD, ensurepip=False)
    assert choose([python]) is python


@pytest.mark.parametrize(
    ("pythons", "mend"),
    [
        ([], "python3-venv python3-dev"),
        ([replace(GOOD, headers=False)], "apt-get install python3-dev"),
        ([replace(GOOD, executable="/usr/bin/python3.11", version="3.11.2", headers=False)], "python3.11-dev"),
        ([replace(GOOD, ensurepip=False, pip=False)], "apt-get install python3-venv"),
    ],
)
def test_what_python_lacks_is_named_with_the_command_that_mends_it(pythons: list[Python], mend: str) -> None:
    with pytest.raises(SetupError) as caught:
        choose(pythons)
    assert mend in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_compiler_is_asked_for_by_name() -> None:
    check_compilers(lambda name: f"/usr/bin/{name}" if name in ("gcc", "g++") else None, {})
    with pytest.raises(SetupError, match=r"no C\+\+ compiler .*apt-get install g\+\+"):
        check_compilers(lambda name: "/usr/bin/gcc" if name == "gcc" else None, {})
    with pytest.raises(SetupError, match=r"no C compiler found \(icx\)"):
        check_compilers(lambda name: None, {"CC": "icx -m64"})
