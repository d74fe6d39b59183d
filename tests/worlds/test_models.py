"""Every kind of model: what it is made of, its bounds, its files, and what it refuses."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any, get_args, get_origin
from xml.etree.ElementTree import Element, tostring

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic.fields import FieldInfo

from lenger_core.errors import InputError
from lenger_core.vehicles import vehicle_names
from lenger_sim.worlds.layout import FLAVOURS
from lenger_sim.worlds.models import KINDS, LINE, part_of
from lenger_sim.worlds.parts import Part

LINES = {LINE: [(0.0, 0.0, 0.0), (40.0, 5.0, 1.0), (70.0, 40.0, -2.0)]}
EXAMPLES: list[tuple[str, dict[str, Any]]] = [
    ("vehicle", {}),
    ("vehicle", {"profile": "hexa_7kg", "alt_amsl_m": 2500.0, "camera": "thermal"}),
    ("landing_pad", {"number": 7}),
    ("landing_pad", {"number": 999, "size_m": 0.5, "lit": True}),
    ("bucket_stand", {"number": 3, "seed": 5}),
    ("nist_lane", {"stands": 3}),
    ("target_card", {"symbol": "landolt", "height_m": 0.5, "gap": "NW"}),
    ("target_card", {"symbol": "tumbling_e", "height_m": 0.02, "gap": "S", "upright": False}),
    ("target_card", {"symbol": "text", "height_m": 5.0, "text": "WW"}),
    ("runway", {"designator": 12, "lit": True}),
    ("runway", {"designator": 36, "length_m": 60.0, "width_m": 4.0, "asphalt": True}),
    ("river", LINES),
    ("headframe", {}),
    ("spoil_heap", {"seed": 2}),
    ("rail_track", LINES),
    ("rail_wagon", {"loaded": False}),
    ("border_post", {"number": 9999}),
    *[("tree", {"species": species, "seed": 3}) for species in ("poplar", "elm", "apple", "juniper")],
    ("lattice_mast", {}),
    ("lattice_mast", {"height_m": 8.0, "lit": False, "painted": False}),
    ("guyed_mast", {}),
    ("guyed_mast", {"height_m": 250.0, "guy_levels": 6, "lit": False}),
    ("power_line", LINES),
    *[("obstacle", {"form": form, "lit": True}) for form in ("block", "chimney", "silo", "portal")],
    *[("figure", {"form": form, "lantern": True}) for form in ("person", "car", "rider")],
    *[("moving_target", {"form": form, **LINES, "pause_s": 3.0}) for form in ("person", "car", "rider")],
    ("moving_target", {"form": "person", **LINES, "loop": True, "lantern": True, "seed": 9}),
]
CASES = [
    (number, flavour)
    for number, (kind, _) in enumerate(EXAMPLES)
    for flavour in FLAVOURS
    if flavour == "px4" or kind == "vehicle"
]
NUMBER = re.compile(r"[-+]?(\d+\.?\d*([eE][-+]?\d+)?|nan|inf)")
RIM = 64


def values(element: Element | None, count: int) -> np.ndarray:
    text = element.text if element is not None else None
    return np.array([float(word) for word in text.split()]) if text else np.zeros(count)


def turned(points: np.ndarray, pose: np.ndarray) -> np.ndarray:
    """Roll, pitch, yaw as three elementary rotations, unlike the library's closed form."""
    for axis, angle in zip(range(3), pose[3:], strict=True):
        i, j = [(1, 2), (2, 0), (0, 1)][axis]
        rotated = points.copy()
        rotated[:, i] = np.cos(angle) * points[:, i] - np.sin(angle) * points[:, j]
        rotated[:, j] = np.sin(angle) * points[:, i] + np.cos(angle) * points[:, j]
        points = rotated
    return points + pose[:3]


def outline(geometry: Element, part: Part) -> np.ndarray:
    """Points on the surface of a shape, in its own frame."""
    shape = geometry[0]
    turns = 2.0 * np.pi * np.arange(RIM) / RIM
    rim = np.stack([np.cos(turns), np.sin(turns), np.zeros(RIM)], axis=1)
    if shape.tag == "box":
        half = 0.5 * values(shape.find("size"), 3)
        return np.array([(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * half
    if shape.tag == "mesh":
        text = part.files[shape.findtext("uri", "").removeprefix(f"model://{part.name}/")].decode()
        return np.array([[float(w) for w in line.split()[1:]] for line in text.splitlines() if line.startswith("v ")])
    radius = float(shape.findtext("radius", ""))
    if shape.tag == "sphere":
        return radius * np.concatenate([rim, rim[:, [2, 0, 1]], rim[:, [0, 2, 1]]])
    half = 0.5 * float(shape.findtext("length", ""))
    return np.concatenate([radius * rim + (0.0, 0.0, half), radius * rim - (0.0, 0.0, half)])


def surface(part: Part, kinds: tuple[str, ...] = ("visual", "collision")) -> np.ndarray:
    """All points of a model in its frame."""
    found = []
    for link in part.model.iter("link"):
        for kind in kinds:
            for shape in link.findall(kind):
                geometry = shape.find("geometry")
                assert geometry is not None
                points = turned(outline(geometry, part), values(shape.find("pose"), 6))
                found.append(turned(points, values(link.find("pose"), 6)))
    return np.concatenate(found)


def check_names(model: Element) -> None:
    for parent in model.iter():
        names = [(child.tag, child.get("name")) for child in parent if child.get("name") and child.tag != "plugin"]
        assert len(names) == len(set(names))
    links = [link.get("name") for link in model.iter("link")]
    for joint in model.iter("joint"):
        assert {joint.findtext("parent"), joint.findtext("child")} <= set(links)


def check_numbers(part: Part) -> None:
    for element in part.model.iter():
        for word in (element.text or "").split():
            if NUMBER.fullmatch(word):
                assert isfinite(float(word)), (element.tag, word)
    for name, content in part.files.items():
        if not name.endswith(".png"):
            assert not re.search(rb"\b(nan|inf)\b", content), name


def check_files(part: Part) -> None:
    texts = [element.text or "" for element in part.model.iter() if (element.text or "").startswith("model://")]
    wanted = {text.removeprefix(f"model://{part.name}/") for text in texts}
    for name, content in part.files.items():
        folder = name.rsplit("/", 1)[0]
        if not name.endswith(".png"):
            wanted |= {f"{folder}/{w.decode()}" for w in re.findall(rb"^(?:mtllib|map_Kd) (\S+)$", content, re.M)}
    assert wanted == set(part.files)


def check_inertias(model: Element) -> None:
    for inertial in model.iter("inertial"):
        inertia = inertial.find("inertia")
        assert inertia is not None and float(inertial.findtext("mass", "")) > 0.0
        xx, xy, xz, yy, yz, zz = (
            float(inertia.findtext(f"i{axes}", "")) for axes in ("xx", "xy", "xz", "yy", "yz", "zz")
        )
        principal = np.linalg.eigvalsh(np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]))
        assert principal[0] > 0.0
        assert principal[2] < principal[0] + principal[1]


def check_bounds(part: Part) -> None:
    points = surface(part)
    reach, top = float(np.hypot(points[:, 0], points[:, 1]).max()), float(points[:, 2].max())
    assert reach - 1e-5 * reach - 1e-6 <= part.radius_m <= 1.1 * reach + 0.1
    assert top - 1e-5 * abs(top) - 1e-6 <= part.height_m <= 1.1 * max(top, 0.0) + 0.1


def check_hulls(part: Part) -> None:
    """What is collided with is where something is seen, within a hand and a tenth."""
    seen, solid = surface(part, ("visual",)), surface(part, ("collision",))
    for low, high in ((seen, solid), (-seen, -solid)):
        assert (high.max(axis=0) <= low.max(axis=0) + 0.1 + 0.1 * np.ptp(seen, axis=0)).all()


def check(part: Part, kind: str) -> None:
    assert part.name == part.model.get("name")
    check_names(part.model)
    check_numbers(part)
    check_files(part)
    check_inertias(part.model)
    if kind == "moving_target":
        assert part.model.tag == "actor"
        return
    assert part.model.tag == "model" and part.model.find("pose") is None
    check_bounds(part)
    if kind not in ("river", "vehicle"):  # water is not collided with; rotors turn
        check_hulls(part)
    if kind != "vehicle":
        assert part.model.findtext("static") == "true"
        assert kind == "river" or part.model.find("link/collision") is not None


def sdf(models: list[Element]) -> bytes:
    root = Element("sdf", {"version": "1.9"})
    world = Element("world", {"name": "all"})
    world.extend(models)
    root.append(world)
    return tostring(root)


@cache
def example(number: int, flavour: str) -> Part:
    kind, parameters = EXAMPLES[number]
    return part_of(kind, f"thing_{number}_{flavour}", parameters, flavour)


@pytest.mark.parametrize(("number", "flavour"), CASES)
def test_a_model_is_well_formed(number: int, flavour: str) -> None:
    check(example(number, flavour), EXAMPLES[number][0])


def test_every_kind_has_an_example() -> None:
    assert {kind for kind, _ in EXAMPLES} == set(KINDS)


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
def test_the_same_words_give_the_same_bytes_and_only_vehicles_differ_by_autopilot(number: int) -> None:
    first, (kind, parameters) = example(number, "px4"), EXAMPLES[number]
    again = part_of(kind, first.name, parameters, "px4" if kind == "vehicle" else "ardupilot")
    assert tostring(first.model) == tostring(again.model) and first.files == again.files
    if kind == "vehicle":
        assert tostring(part_of(kind, first.name, parameters, "ardupilot").model) != tostring(first.model)


@pytest.mark.skipif(shutil.which("ign") is None, reason="ignition-tools and libsdformat-dev are not installed")
def test_sdformat_accepts_all_of_them(tmp_path: Path) -> None:
    assert sdformat(tmp_path, sdf([example(*case).model for case in CASES])) == "Valid."


@pytest.mark.skipif(shutil.which("ign") is None, reason="ignition-tools and libsdformat-dev are not installed")
@pytest.mark.parametrize("spoil", ["mass", "parent", "radius"])
def test_sdformat_would_tell_a_spoilt_vehicle(tmp_path: Path, spoil: str) -> None:
    model = part_of("vehicle", "thing_1", {}, "px4").model
    element = next(model.iter(spoil))
    element.text = {"mass": "-1", "parent": "nobody", "radius": "x"}[spoil]
    assert sdformat(tmp_path, sdf([model])) != "Valid."


def sdformat(folder: Path, text: bytes) -> str:
    """What sdformat says of a file, without the complaint that its back-trace library is missing."""
    path = folder / "all.sdf"
    path.write_bytes(text)
    done = subprocess.run(["ign", "sdf", "--check", str(path)], capture_output=True, text=True, timeout=120)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if "backward.so" not in line]
    return "\n".join(lines)


def test_names_and_kinds_that_are_none_are_refused() -> None:
    with pytest.raises(InputError, match="kind: got 'castle', expected one of vehicle, landing_pad"):
        part_of("castle", "thing_1", {}, "px4")
    with pytest.raises(InputError, match="flavour: got 'betaflight', expected one of px4, ardupilot"):
        part_of("tree", "thing_1", {}, "betaflight")
    for name in ("", "1a", "../up", "A", "a b", "a" * 121):
        with pytest.raises(InputError, match="name: got"):
            part_of("tree", name, {}, "px4")


def test_what_does_not_go_together_is_refused() -> None:
    for kind, parameters, said in [
        ("target_card", {"symbol": "text", "height_m": 1.0}, "text must be given"),
        ("target_card", {"symbol": "landolt", "height_m": 1.0, "text": "A"}, "only with it"),
        ("target_card", {"symbol": "tumbling_e", "height_m": 1.0, "gap": "NE"}, "one of E, N, W, S"),
        ("obstacle", {"form": "portal", "width_m": 1.0}, "at least 1.6 m"),
        ("moving_target", {"form": "person", "speed_m_s": 9.0, **LINES}, "at most 7"),
        ("moving_target", {"form": "car", LINE: [(0.0, 0.0, 0.0), (0.0, 0.01, 3.0)]}, "points 1 and 2 are closer"),
        ("power_line", {LINE: [(0.0, 0.0, 0.0), (0.0, 401.0, 3.0)]}, "at most 400 m"),
        ("rail_track", {LINE: [(0.0, 0.0, 0.0), (0.0, 2001.0, 3.0)]}, "not be longer than 2000 m"),
        ("vehicle", {"profile": "zeppelin"}, "one of hexa_7kg, quad_2kg"),
    ]:
        with pytest.raises(InputError) as caught:
            part_of(kind, "thing_1", parameters, "px4")
        assert said in str(caught.value) and "\n" not in str(caught.value)


def bounds(field: FieldInfo) -> tuple[Any, Any]:
    low, high = -inf, inf
    for rule in field.metadata:
        low, high = getattr(rule, "ge", low), getattr(rule, "le", high)
    return low, high


def plain(field: FieldInfo) -> Any:
    """The type of a parameter that is given."""
    return get_args(field.annotation)[0] if type(None) in get_args(field.annotation) else field.annotation


def bad_values(field: FieldInfo) -> list[object]:
    kind = plain(field)
    if get_origin(kind) is tuple:
        return [[], [(0.0, 0.0, 0.0)], [(0.0, 0.0), (1.0, 1.0)], [(0.0, 0.0, 0.0), (nan, 1.0, 1.0)], "here"]
    if kind in (float, int):
        low, high = bounds(field)
        wrong: list[object] = [low - 1, "many", [1.0]]
        wrong += [high + 1] if high < inf else []
        return wrong + ([nan, inf] if kind is float else [1.5])
    if kind is bool:
        return [1, "yes", None]
    return ["nothing like it", 7, None]


BAD = [
    (kind, name, value)
    for kind, spec in KINDS.items()
    for name, field in spec.parameters.model_fields.items()
    for value in bad_values(field)
]


def required(kind: str) -> dict[str, Any]:
    return dict(next(parameters for known, parameters in EXAMPLES if known == kind))


def test_each_bad_value_gives_one_line_that_names_it() -> None:
    assert len(BAD) > 150
    for kind, name, value in BAD:
        with pytest.raises(InputError) as caught:
            part_of(kind, "thing_1", {**required(kind), name: value}, "px4")
        text = str(caught.value)
        assert f"{kind} thing_1: {name}" in text and "expected" in text and "\n" not in text, text


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_and_missing_parameters_are_named(kind: str) -> None:
    fields = KINDS[kind].parameters.model_fields
    with pytest.raises(InputError, match="colour_of_sound: got 1, expected one of the parameters"):
        part_of(kind, "thing_1", {**required(kind), "colour_of_sound": 1}, "px4")
    for name in [name for name, field in fields.items() if field.is_required()]:
        with pytest.raises(InputError, match=f"{name}: got 'nothing', expected Field required"):
            part_of(kind, "thing_1", {k: v for k, v in required(kind).items() if k != name}, "px4")


def strategy(name: str, field: FieldInfo) -> st.SearchStrategy[Any]:
    kind = plain(field)
    if name == "profile":
        return st.sampled_from(vehicle_names())
    if name == "text":
        return st.from_regex(r"[A-Z0-9]{0,2}", fullmatch=True)
    if get_origin(kind) is tuple:
        metres = st.floats(-150.0, 150.0).map(lambda x: round(x, 3))
        return st.lists(st.tuples(metres, metres, metres), min_size=2, max_size=4)
    if kind is bool:
        return st.booleans()
    if kind in (float, int):
        low, high = bounds(field)
        return st.floats(low, high) if kind is float else st.integers(low, min(high, 2**31))
    return st.sampled_from(get_args(kind))


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(sorted(KINDS)))
    fields = KINDS[kind].parameters.model_fields
    return kind, {
        name: draw(strategy(name, field))
        for name, field in fields.items()
        if field.is_required() or draw(st.booleans())
    }


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(requests())
def test_whatever_is_in_range_is_built_or_refused_in_one_line(request: tuple[str, dict[str, Any]]) -> None:
    kind, parameters = request
    part, refusal = built(kind, parameters)
    if part is None:  # values that do not go together
        assert "\n" not in refusal and f"{kind} thing_1" in refusal
    else:
        check(part, kind)


def built(kind: str, parameters: dict[str, Any]) -> tuple[Part | None, str]:
    try:
        return part_of(kind, "thing_1", parameters, "px4"), ""
    except InputError as error:
        return None, str(error)
