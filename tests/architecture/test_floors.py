"""The rules of docs/architecture.md, held against the source."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import pytest

from architecture.source import FLOORS, ROOT, Module, modules

MODULES = modules()
by_name = pytest.mark.parametrize("module", MODULES, ids=lambda m: f"{m.package}/{m.name}")

SAME_FLOOR = {("lenger_mavlink", "lenger_core")}
"""The one import within a floor: the codec speaks in the shared model's records."""

CLOCKS = {
    "lenger_bridge/session.py": "a person at a terminal talks to an autopilot, without a graph and its clock",
    "lenger_core/sun.py": "the library of the sun wants a calendar's instant; the time is passed in",
    "lenger_core/zone_files/ed269_times.py": "weekdays of a calendar; every day comes from the file",
    "lenger_core/zone_files/instants.py": "ISO 8601 to nanoseconds and back; nobody is asked for the time",
    "lenger_mission/plan_gate/conditions.py": "the instant of take-off is the user's; nobody is asked for the time",
    "lenger_mavlink/link_clock.py": "links reconnect, and forget silent peers, by the wall",
    "lenger_sim/host.py": "paces simulated time against the wall",
    "lenger_sim/standalone.py": "paces simulated time against the wall",
    "lenger_training/lockstep.py": "measures its own speed for the host part of the result",
    "lenger_training/lockstep_bus.py": "measures its own speed by part",
}
"""Modules below the top floor that may look at a clock, and why."""

MAVLINK_EDGES = {"lenger_bridge", "lenger_sim"}
"""Packages that fill MAVLink messages: they may name NED and FRD, but convert by lenger_mavlink only."""


def test_every_package_has_a_floor() -> None:
    packages = {path.parent.name for path in (ROOT / "src").glob("*/package.xml")}
    assert packages == set(FLOORS)


@by_name
def test_imports_point_down(module: Module) -> None:
    for other in module.top_imports & set(FLOORS) - {module.package}:
        allowed = FLOORS[other] < FLOORS[module.package] or (module.package, other) in SAME_FLOOR
        assert allowed, f"{module.package} (floor {FLOORS[module.package]}) imports {other} (floor {FLOORS[other]})"


@by_name
def test_only_nodes_and_the_ros_helpers_meet_ros(module: Module) -> None:
    if module.is_node or module.is_ros_helper:
        return
    assert "rclpy" not in module.top_imports
    assert not {name for name in module.imports if name.startswith("lenger_core.ros")}
    messages = {name for name in module.top_imports if name.endswith(("_msgs", "_interfaces"))}
    assert not messages, f"{module.name} imports message classes {messages}: lenger_core.wire is for that"


@by_name
def test_nothing_imports_a_node(module: Module) -> None:
    if module.package != "lenger_bringup":
        assert not {name for name in module.imports if re.search(r"lenger_\w+\.\w+_node\b", name)}


@by_name
def test_cores_have_no_clock_and_no_unseeded_chance(module: Module) -> None:
    if module.is_node or module.is_ros_helper or FLOORS[module.package] == 5 or module.name in CLOCKS:
        return
    assert not module.top_imports & {"time", "datetime", "random"}, "a core gets the time, and a seeded generator"
    assert "default_rng" not in module.calls_without_arguments()


@by_name
def test_ned_and_frd_stay_in_the_mavlink_codec(module: Module) -> None:
    if module.package == "lenger_mavlink":
        return
    words = module.names(r"(?i)(^|_)(ned|frd)(_|$)")
    # MAVROS's own constant for a frame that it converts itself.
    words -= {"FRAME_LOCAL_NED"}
    if words:
        assert module.package in MAVLINK_EDGES, f"{words} in {module.package}: ENU and FLU only"
        assert {n for n in module.imports if n.startswith("lenger_mavlink")}, f"{words} without lenger_mavlink"
        own = {name for name, _, _ in module.functions() if re.search(r"(?i) \w*(ned|frd|enu|flu)_to_", name)}
        assert not own, f"{own}: a conversion outside lenger_mavlink"


@by_name
def test_no_step_is_called_done_that_is_not(module: Module) -> None:
    text = module.path.read_text(encoding="utf-8")
    assert not re.search(r"\b(TODO|FIXME|XXX|NotImplementedError)\b", text)
    assert not re.search(r"except( (Base)?Exception[^\n:]*)?:\s*pass\b", text), "swallows everything"
    assert not re.search(r"except[^\n]*:\s*pass[ \t]*\n", text), "a passed-over exception says why"
    assert not re.search(r"[\"'](/wor[k]/|/home/|/roo[t]/|/tmp/)", text), "a path of one machine"


@pytest.mark.parametrize("package", FLOORS)
def test_package_xml_names_what_is_imported(package: str) -> None:
    tree = ET.parse(ROOT / "src" / package / "package.xml")
    declared = {element.text for element in tree.getroot() if element.tag in ("depend", "exec_depend", "build_depend")}
    imported: set[str] = set()
    for module in MODULES:
        if module.package == package:
            imported |= module.top_imports
    ros = {name for name in imported if name in FLOORS or name.endswith("_msgs") or name == "rclpy"}
    assert ros - {package} <= declared, f"missing in package.xml: {sorted(ros - {package} - declared)}"


def test_the_floors_of_the_page_are_these() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for package in FLOORS:
        assert f"`{package}`" in page
