"""Small parts and a small world, so that a test of the builder does not draw every model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from lenger_core.errors import InputError
from lenger_sim.worlds.parts import Part
from lenger_sim.worlds.spec import WorldSpec, parse_world

TINY: dict[str, Any] = {
    "title": "A small world",
    "origin": {"lat_deg": 42.1819, "lon_deg": 69.8878},
    "ground": {"cell_m": 8.0, "pixels": 513},
    "air": {"wind_m_s": 4.0, "wind_from_deg": 270.0},
    "spawns": [{"name": "home", "at_m": [0.0, 0.0]}],
    "parts": [
        {"kind": "post", "name": "post", "along_m": [[100.0, 0.0], [100.0, 250.0]], "every_m": 100.0},
        {"kind": "band", "name": "band", "line_m": [[-200.0, 50.0], [200.0, 90.0]], "every_m": 50.0},
        {"kind": "pad", "name": "pad", "each_m": [[0.0, 0.0], [30.0, 0.0]], "number_from": 4, "heading_deg": 0.0},
    ],
}


def tiny(**changes: Any) -> WorldSpec:
    """Return the small world with other fields."""
    return parse_world({**TINY, **changes}, "tiny.yaml", "tiny")


def stub_part(kind: str, name: str, parameters: Mapping[str, object], flavour: str) -> Part:
    """Return a part that is little more than its name and what it was told."""
    if kind == "refused":
        raise InputError("stub", "size_m", parameters.get("size_m"), "1 to 3")
    model = Element("model", name=name)
    SubElement(model, "static").text = "false" if kind == "vehicle" else "true"
    link = SubElement(model, "link", name="base_link")
    if kind == "vehicle":
        SubElement(link, "enable_wind").text = "true"
        SubElement(link, "sensor", name=f"imu_{flavour}", type="imu")
    else:
        geometry = SubElement(SubElement(link, "visual", name="visual"), "geometry")
        SubElement(SubElement(geometry, "mesh"), "uri").text = f"model://{name}/told.obj"
    return Part(model, 1.0, 2.0, {"told.obj": repr(sorted(parameters.items())).encode()})
