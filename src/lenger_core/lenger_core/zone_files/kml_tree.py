"""The XML of a KML file as a tree that costs no more than its text: no document type, no entities, no network."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from lenger_core.errors import InputError
from lenger_core.zone_files.collecting import printable
from lenger_core.zone_files.places import FILE_LIMITS, Place

Element = Any
MAX_TAGS = 500_000
"""Opening and closing tags: what a tree of elements costs before anything is read from it."""
_PROLOG = re.compile(r"\ufeff?(?:<\?.*?\?>|<!--.*?-->|\s)*", re.DOTALL)


def parse_kml(text: str, where: str) -> Element:
    """Return the root element of a KML text.

    Raises:
        InputError: not XML (with line and column), a document type, or another root than `kml`.
    """
    if len(text) > FILE_LIMITS.max_bytes:
        raise InputError(where, "", f"{len(text)} characters", f"at most {FILE_LIMITS.max_bytes}")
    if (tags := text.count("<")) > MAX_TAGS:
        raise InputError(where, "", f"{tags} tags", f"at most {MAX_TAGS}")
    prolog = _PROLOG.match(text)
    start = prolog.end() if prolog else 0
    if text.startswith("<!", start):
        raise InputError(where, "", text[start : start + 20], "KML without a document type (<!DOCTYPE ...>)")
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.lstrip("\ufeff").encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        raise InputError(where, f"line {line} column {column}", error.msg or "broken XML", "well-formed XML") from error
    except UnicodeEncodeError as error:
        raise InputError(where, f"character {error.start}", "half a surrogate pair", "UTF-8 text") from error
    if local_name(root) != "kml":
        raise InputError(where, "the root element", local_name(root), "kml")
    return root


def local_name(element: Element) -> str:
    """Return an element's name without its namespace, "" for what is no element."""
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """Return the child elements of these names."""
    return (child for child in element if local_name(child) in names)


def child_text(element: Element, name: str) -> str | None:
    """Return the text of the first child of a name, None where there is none."""
    child = next(children(element, name), None)
    return None if child is None else (child.text or "").strip()


def place_of(element: Element, where: str) -> Place:
    """Return the place of an element: its line, its kind, and its name if it has one."""
    name = printable(child_text(element, "name") or "")
    return Place(where, f"line {element.sourceline} {local_name(element)}" + (f" '{name}'" if name else ""))
