"""SDF as text: elements, numbers, and the bytes of a document."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree.ElementTree import Element, SubElement, indent, tostring

VERSION = "1.9"


def add(parent: Element, tag: str, text: str | None = None, **attributes: str) -> Element:
    """Add a child with text and attributes, and return it."""
    child = SubElement(parent, tag, attributes)
    child.text = text
    return child


def vector(values: Iterable[float], digits: int = 4) -> str:
    """Return numbers as SDF wants them, rounded, without a minus before a zero."""
    return " ".join(f"{round(value, digits) + 0.0:.{digits}f}".rstrip("0").rstrip(".") for value in values)


def pose(x: float, y: float, z: float, yaw_rad: float = 0.0) -> str:
    """Return a pose: metres and radians."""
    return f"{vector((x, y, z))} 0 0 {vector((yaw_rad,), 6)}"


def document(root: Element) -> bytes:
    """Return an XML file. The same element gives the same bytes."""
    indent(root)
    body: bytes = tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"
