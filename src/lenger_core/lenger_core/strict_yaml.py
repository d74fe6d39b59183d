"""YAML for files that strangers write: small, shallow, no aliases, no tags, no duplicate keys, YAML 1.2 scalars."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from lenger_core.errors import InputError

MAX_BYTES = 256 * 1024
MAX_DEPTH = 20
MAX_NODES = 20_000


class _Refused(yaml.YAMLError):
    """What this reader does not accept although YAML does."""


class _StrictLoader(yaml.SafeLoader):
    """A SafeLoader that knows only plain data: YAML 1.1's dates, octals and `yes` stay strings, as in YAML 1.2."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    _depth = 0
    _nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise _Refused("aliases (*name) are not allowed")
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) not in (None, "!"):
            raise _Refused("tags (!name) are not allowed")
        self._nodes += 1
        self._depth += 1
        if self._depth > MAX_DEPTH or self._nodes > MAX_NODES:
            raise _Refused(f"more than {MAX_DEPTH} levels or {MAX_NODES} values")
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[str] = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _Refused("a key must be a plain word")
            if key_node.value in keys:
                raise _Refused(f"the key {key_node.value!r} is there twice")
            keys.add(key_node.value)
        return super().construct_mapping(node, deep)


_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.I), list("tTfF"))
_StrictLoader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:~|null|)$", re.I), ["~", "n", "N", ""])
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]{0,17})$"), list("-+0123456789")
)
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(
        r"^[-+]?(?:(?:\.[0-9]{1,40}|[0-9]{1,40}\.[0-9]{0,40})(?:e[-+]?[0-9]{1,3})?|[0-9]{1,40}e[-+]?[0-9]{1,3})$|^[-+]?\.inf$|^\.nan$",
        re.I,
    ),
    list("-+0123456789."),
)


def _construct_float(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> float:
    text = node.value.lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_StrictLoader.add_constructor("tag:yaml.org,2002:float", _construct_float)


def read_yaml(path: Path, limit: int = MAX_BYTES) -> object:
    """Return the one YAML document in `path` as plain dicts, lists and scalars.

    Raises:
        InputError: not a readable file, too large, not UTF-8, not YAML, or YAML beyond plain data.
    """
    try:
        with path.open("rb") as file:
            raw = file.read(limit + 1)
    except OSError as error:
        raise InputError(str(path), "", error.strerror or "unreadable", "a readable YAML file") from error
    if len(raw) > limit:
        raise InputError(str(path), "", f"over {limit} bytes", f"a file of at most {limit // 1024} kB")
    return parse_yaml(raw, str(path))


def parse_yaml(raw: bytes, where: str) -> object:
    """Return the document in `raw`; `where` names it in errors.

    Raises:
        InputError: not UTF-8, not YAML, or YAML beyond plain data.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(where, "", f"byte {error.start} is not UTF-8", "UTF-8 text") from error
    try:
        loader = _StrictLoader(text)
        return loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise InputError(where, line, error.problem or "not YAML", "valid YAML") from error
    except yaml.YAMLError as error:
        raise InputError(where, "", str(error), "plain YAML: mappings, lists, words and numbers") from error
    except (ValueError, RecursionError, OverflowError) as error:
        raise InputError(where, "", str(error), "plain YAML: mappings, lists, words and numbers") from error
