"""The built message packages: the mirrors equal upstream on the wire, and every type of ours survives a round trip."""

from __future__ import annotations

import json
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ament_index_python.packages import get_package_share_directory
from hypothesis import given, settings
from hypothesis import strategies as st
from rclpy.serialization import deserialize_message, serialize_message
from rosidl_adapter.parser import parse_message_string, parse_service_string
from rosidl_parser import definition

UPSTREAM = json.loads((Path(__file__).parent / "rihs01.json").read_text())
PACKAGES = ("lenger_interfaces", *UPSTREAM)
MIRRORED = [(package, name) for package, record in UPSTREAM.items() for name in record["types"]]


def installed_json(package: str, name: str) -> dict[str, Any]:
    path = Path(get_package_share_directory(package), name).with_suffix(".json")
    return json.loads(path.read_text())


def constants(package: str, name: str) -> list[str]:
    path = Path(get_package_share_directory(package), name)
    if path.suffix == ".msg":
        specs = [parse_message_string(package, path.stem, path.read_text())]
    else:
        service = parse_service_string(package, path.stem, path.read_text())
        specs = [service.request, service.response]
    return sorted(f"{item.type} {item.name}={item.value}" for spec in specs for item in spec.constants)


@pytest.mark.parametrize(("package", "name"), MIRRORED, ids=lambda value: value)
def test_the_mirror_has_the_hash_and_the_constants_of_upstream(package: str, name: str) -> None:
    recorded = UPSTREAM[package]["types"][name]
    wanted = f"{package}/{Path(name).with_suffix('')}"
    found = {item["type_name"]: item["hash_string"] for item in installed_json(package, name)["type_hashes"]}
    assert found[wanted] == recorded["rihs01"], f"not what {UPSTREAM[package]['tag']} has"
    assert constants(package, name) == recorded["constants"]


def test_every_source_of_a_mirror_is_recorded() -> None:
    compat = Path(__file__).resolve().parents[2] / "src" / "compat"
    sources = {(path.parents[1].name, f"{path.parent.name}/{path.name}") for path in compat.glob("*/*/*.*")}
    assert sources == set(MIRRORED)


def message_classes() -> list[type]:
    """Every message class of our packages, with the parts of services and actions."""
    found: list[type] = []
    for package in PACKAGES:
        for path in sorted(Path(get_package_share_directory(package)).glob("*/*.json")):
            kind = path.parent.name
            module = import_module(f"{package}.{kind}")
            interface = getattr(module, path.stem)
            parts = {"msg": ("",), "srv": ("Request", "Response"), "action": ("Goal", "Result", "Feedback")}[kind]
            found += [getattr(interface, part) if part else interface for part in parts]
    return found


CLASSES = message_classes()


def values(slot: Any) -> st.SearchStrategy[Any]:
    """Values that a field of this IDL type can carry."""
    if isinstance(slot, definition.NamespacedType):
        module = import_module(".".join(slot.namespaces))
        return messages(getattr(module, slot.name))
    if isinstance(slot, definition.Array):
        return st.lists(values(slot.value_type), min_size=slot.size, max_size=slot.size)
    if isinstance(slot, definition.AbstractSequence):
        return st.lists(values(slot.value_type), max_size=2)
    if isinstance(slot, definition.AbstractGenericString):
        return st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
    return basic(slot.typename)


def basic(name: str) -> st.SearchStrategy[Any]:
    if name == "boolean":
        return st.booleans()
    if name in ("float", "double"):
        return st.floats(allow_nan=False, width=32 if name == "float" else 64)
    if name == "octet":
        return st.binary(min_size=1, max_size=1)
    bits = int(name.removeprefix("u").removeprefix("int"))
    low = 0 if name.startswith("u") else -(2 ** (bits - 1))
    return st.integers(low, low + 2**bits - 1)


@cache  # hypothesis checks a strategy when it is first drawn from: that costs more than what is drawn
def messages(cls: Any) -> st.SearchStrategy[Any]:
    fields = cls.get_fields_and_field_types()
    slots = dict(zip(fields, cls.SLOT_TYPES, strict=True))
    return st.fixed_dictionaries({name: values(slot) for name, slot in slots.items()}).map(lambda kw: cls(**kw))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__.split('.')[0]}.{cls.__name__}")
@settings(max_examples=5, deadline=None)
@given(data=st.data())
def test_a_message_survives_the_wire(cls: type, data: st.DataObject) -> None:
    message = data.draw(messages(cls))
    assert deserialize_message(serialize_message(message), cls) == message
