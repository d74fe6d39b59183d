"""The errors that a person is meant to read. Each carries the exit code of the command line."""

from __future__ import annotations


class LengerError(Exception):
    """Base of every error that Lenger raises on purpose; the message is one clear line."""

    exit_code = 1


class FlightError(LengerError):
    """The flight or a check failed (exit code 1)."""


class InputError(LengerError):
    """Bad input or usage (exit code 2).

    Args:
        where: the file, message, parameter or port that is wrong.
        field: the field inside it, "" when the whole thing is wrong.
        value: the offending value, shown shortened.
        expected: what would be valid.
    """

    exit_code = 2

    def __init__(self, where: str, field: str, value: object, expected: str) -> None:
        self.where, self.field, self.value, self.expected = where, field, value, expected
        place = f"{where}: {field}" if field else where
        super().__init__(one_line(f"{one_line(place)}: got {shorten(value)}, expected {one_line(expected)}", 900))


class MissingError(LengerError):
    """The environment lacks something (exit code 3); the message names the command that mends it."""

    exit_code = 3

    def __init__(self, what: str, mend: str) -> None:
        self.what, self.mend = what, mend
        super().__init__(f"{what}; mend it with: {mend}")


def shorten(value: object, limit: int = 60) -> str:
    """Return `repr(value)` on one line, cut to `limit` characters."""
    text = " ".join(repr(value).split())
    return text if len(text) <= limit else text[: limit - 3] + "..."


def one_line(text: str, limit: int = 300) -> str:
    """Return `text` on one line of at most `limit` characters, with nothing in it that a terminal would act on."""
    words = " ".join(text.split())
    shown = words if words.isprintable() else "".join(c if c.isprintable() else _escaped(c) for c in words)
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
