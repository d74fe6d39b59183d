"""JSON that people and other programs hand us: read strictly, cheaply, and with errors that name the field.

Python's reader takes NaN, duplicate keys and gigabytes. This one refuses them before they cost anything, and gives a
typed view of the tree whose every refusal says where, what it found and what would be valid.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path
from typing import Any

from lenger_core.errors import InputError

MAX_DIGITS = 40
"""A number written with more digits is not a measurement."""


@dataclass(frozen=True)
class Limits:
    """What a file may cost.

    Attributes:
        max_bytes: size of the text.
        max_containers: opening brackets and braces in it.
        reason: what these allow, for the error ("10,000 items").
    """

    max_bytes: int
    max_containers: int
    reason: str


def read_text(path: Path, limits: Limits) -> str:
    """Return the text of a UTF-8 file.

    Raises:
        InputError: missing, a folder, unreadable, too large or not UTF-8.
    """
    where = str(path)
    try:
        if path.is_dir():
            raise InputError(where, "", "a folder", "a file")
        with path.open("rb") as file:
            raw = file.read(limits.max_bytes + 1)
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(where, "", problem, "a readable file") from error
    if len(raw) > limits.max_bytes:
        raise _too_large(where, limits)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(where, f"byte {error.start}", raw[error.start : error.start + 1], "UTF-8 text") from error


def parse(text: str, where: str, limits: Limits) -> JsonField:
    """Return the root of a JSON text.

    Raises:
        InputError: broken JSON (with line and column), duplicate keys, too deep, too large.
    """
    if len(text) > limits.max_bytes:
        raise _too_large(where, limits)
    containers = text.count("{") + text.count("[")
    if containers > limits.max_containers:
        raise InputError(
            where, "size", f"{containers} nested values", f"at most {limits.max_containers} ({limits.reason})"
        )
    if not text.strip():
        raise InputError(where, "", "an empty file", "a JSON object")
    constants: list[str] = []

    def constant(name: str) -> float:
        constants.append(name)
        return float(name)

    try:
        tree = json.loads(text, object_pairs_hook=_object(where), parse_int=_integer, parse_constant=constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno} column {error.colno}"
        raise InputError(
            where, place, text[error.pos : error.pos + 20] or "the end of the file", f"JSON: {error.msg}"
        ) from error
    except RecursionError as error:
        raise InputError(where, "", "very deep nesting", "a JSON object nested a few levels deep") from error
    root = JsonField(tree, "", where)
    if constants:
        raise _first_not_finite(root).error("a finite number or null")
    return root


def _first_not_finite(root: JsonField) -> JsonField:
    pending = [root]
    while pending:
        field = pending.pop()
        if isinstance(field.value, float) and not isfinite(field.value):
            return field
        if isinstance(field.value, dict):
            pending.extend(field[key] for key in reversed(field.value))
        elif isinstance(field.value, list):
            pending.extend(reversed(list(field.elements(at_most=len(field.value)))))
    return root


def _too_large(where: str, limits: Limits) -> InputError:
    return InputError(
        where, "", f"more than {limits.max_bytes} bytes", f"at most {limits.max_bytes} bytes ({limits.reason})"
    )


def _object(where: str) -> Any:
    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            seen: set[str] = set()
            for key, _ in pairs:
                if key in seen:
                    raise InputError(where, "", key, "no key twice in one object")
                seen.add(key)
        return made

    return build


def _integer(digits: str) -> int | float:
    # Python's own conversion is quadratic and refuses above 4,300 digits; such a number is out of every range anyway.
    if len(digits) <= MAX_DIGITS:
        return int(digits)
    return -inf if digits.startswith("-") else inf


@dataclass(frozen=True)
class JsonField:
    """One value of the tree, with its path for error messages.

    Attributes:
        value: the Python value.
        path: such as `mission.items[3].params[4]`; "" for the root.
        where: the file or message.
    """

    value: Any
    path: str
    where: str

    def error(self, expected: str, value: object = None) -> InputError:
        """Return the refusal of this field; `value` replaces what is shown as found."""
        return InputError(self.where, self.path, self._shown() if value is None else value, expected)

    def __getitem__(self, key: str) -> JsonField:
        """Return a required member of an object."""
        found = self.get(key)
        if found is None:
            raise InputError(self.where, self._child(key), "nothing", "a value (the key is missing)")
        return found

    def get(self, key: str) -> JsonField | None:
        """Return a member of an object, None when the key is absent."""
        if not isinstance(self.value, dict):
            raise self.error("an object")
        if key not in self.value:
            return None
        return JsonField(self.value[key], self._child(key), self.where)

    def elements(self, at_least: int = 0, at_most: int = 100_000) -> Iterator[JsonField]:
        """Return the elements of a list whose length lies in the given range."""
        if not isinstance(self.value, list):
            raise self.error("a list")
        count = len(self.value)
        if not at_least <= count <= at_most:
            bounds = f"{at_least}" if at_least == at_most else f"{at_least} to {at_most}"
            raise self.error(f"{bounds} elements", f"{count} elements")
        return (JsonField(v, f"{self.path}[{i}]", self.where) for i, v in enumerate(self.value))

    def number(self, low: float, high: float, unit: str = "") -> float:
        """Return a finite number in [low, high]."""
        value = self.value
        if type(value) not in (int, float) or not isfinite(value) or not low <= value <= high:
            raise self.error(f"a number from {low:g} to {high:g} {unit}")
        return float(value)

    def optional_number(self, low: float, high: float, unit: str = "") -> float | None:
        """Return a number in [low, high], or None for null."""
        return None if self.value is None else self.number(low, high, unit)

    def integer(self, low: int, high: int) -> int:
        """Return an integer in [low, high]; 3.0 counts as 3."""
        value = self.number(low, high)
        if not value.is_integer():
            raise self.error(f"a whole number from {low} to {high}")
        return int(value)

    def boolean(self) -> bool:
        """Return a boolean."""
        if not isinstance(self.value, bool):
            raise self.error("true or false")
        return self.value

    def text(self) -> str:
        """Return a string."""
        if not isinstance(self.value, str):
            raise self.error("a text")
        return self.value

    def one_of(self, *choices: object) -> Any:
        """Return the value when it is one of `choices` (1 and true are told apart)."""
        for choice in choices:
            if self.value == choice and isinstance(self.value, bool) == isinstance(choice, bool):
                return choice
        raise self.error(" or ".join(repr(c) for c in choices))

    def _child(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def _shown(self) -> object:
        # A container is named, not printed: its text may be long, and its repr may recurse.
        if isinstance(self.value, dict):
            return "an object"
        if isinstance(self.value, list):
            return f"a list of {len(self.value)}"
        return self.value
