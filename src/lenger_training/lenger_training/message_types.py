"""Message definitions without ROS: a type store for every recorded type, and the text that an MCAP schema holds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from lenger_core.errors import MissingError
from lenger_core.resources import home
from lenger_core.wire import TOPICS

_SEPARATOR = "=" * 80 + "\n"
_INTEGERS = frozenset(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
_PRIMITIVES = _INTEGERS | {"bool", "byte", "char", "float32", "float64", "string", "wstring"}


def message_file(ros_type: str) -> Path | None:
    """Return the .msg file of "package/msg/Name": from the sourced ROS prefixes, else from the checkout, else None."""
    package, _, name = ros_type.split("/")
    prefixes = [Path(prefix) for prefix in os.environ.get("AMENT_PREFIX_PATH", "").split(os.pathsep) if prefix]
    source = home() / "src"
    folders = [prefix / "share" / package / "msg" for prefix in prefixes]
    folders += [source / package / "msg", source / "compat" / package / "msg"]
    return next((f for folder in folders if (f := folder / f"{name}.msg").is_file()), None)


@lru_cache(maxsize=1)
def type_store() -> Typestore:
    """Return a rosbags type store that knows every type of `lenger_core.wire.TOPICS`.

    Raises:
        MissingError: a definition is neither in ROS, nor in the checkout, nor among rosbags' own.
    """
    store = get_typestore(Stores.ROS2_JAZZY)
    pending = [spec.ros_type for spec in TOPICS.values()]
    while pending:
        ros_type = pending.pop()
        if ros_type in store.types:
            continue
        text = _require(ros_type).read_text(encoding="utf-8")
        store.register(get_types_from_msg(text, ros_type))
        pending += _dependencies(text, ros_type.split("/")[0])
    return store


@cache
def schema_text(ros_type: str) -> str:
    """Return the ros2msg definition: the message's own text, then that of every type it holds, as rosbag2 writes it."""
    parts: list[str] = []
    done, pending = {ros_type}, [ros_type]
    while pending:
        current = pending.pop(0)
        text = _text(current)
        title = "" if not parts else f"{_SEPARATOR}MSG: {current.replace('/msg/', '/')}\n"
        parts.append(title + text.rstrip("\n") + "\n")
        for found in _dependencies(text, current.split("/")[0]):
            if found not in done:
                done.add(found)
                pending.append(found)
    return "".join(parts)


def type_hash(ros_type: str) -> str:
    """Return the RIHS01 hash of a type (REP-2016)."""
    return type_store().hash_rihs01(ros_type)


def _text(ros_type: str) -> str:
    if path := message_file(ros_type):
        return path.read_text(encoding="utf-8")
    if ros_type not in type_store().types:
        raise _missing(ros_type)
    return type_store().generate_msgdef(ros_type, ros_version=2)[0].split(_SEPARATOR)[0]


def _require(ros_type: str) -> Path:
    if path := message_file(ros_type):
        return path
    raise _missing(ros_type)


def _missing(ros_type: str) -> MissingError:
    return MissingError(f"the definition of {ros_type} was not found", "export LENGER_HOME=<the checkout>")


def _dependencies(text: str, package: str) -> Iterator[str]:
    """Yield the types that a definition names, as "package/msg/Name"."""
    for line in text.splitlines():
        words = line.split("#")[0].split()
        if not words:
            continue
        base = words[0].split("[")[0].split("<")[0]
        if base in _PRIMITIVES:
            continue
        yield _full_name(base, package)


def _full_name(base: str, package: str) -> str:
    parts = base.split("/")
    if len(parts) == 1:
        return f"std_msgs/msg/{base}" if base == "Header" else f"{package}/msg/{base}"
    return f"{parts[0]}/msg/{parts[-1]}"
