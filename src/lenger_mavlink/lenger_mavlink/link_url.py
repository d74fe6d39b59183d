"""MAVROS's link URLs (`fcu_url`, `gcs_url`), parsed.

The grammar and the defaults are libmavconn's (MAVROS 2.x, interface.cpp):

- `/dev/ttyACM0[:baud]`, `serial:///dev/ttyACM0[:baud]`, `serial-hwfc:///dev/ttyACM0[:baud]` (RTS/CTS flow control)
- `udp://[bind_host][:port]@[remote_host][:port]`
- `udp-b://[bind_host][:port]@[:port]`: broadcast until somebody answers; `udp-pb://`: broadcast for ever
- `tcp://[host][:port]`: client; `tcp-l://[bind_host][:port]`: server
- each with `/?ids=system,component` (or `?ids=`) behind it

Where libmavconn guesses, this parser refuses: unknown arguments, ports and baud rates out of range, trailing text. Two
forms are taken beyond it: a UDP URL without `@` is bound only, and `?baud=N` is the same as `:N`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import parse_qsl

from lenger_core.errors import InputError

Address = tuple[str, int]

DEFAULT_UDP_BIND: Address = ("0.0.0.0", 14555)
DEFAULT_UDP_REMOTE_PORT = 14550
DEFAULT_TCP_PORT = 5760
DEFAULT_DEVICE = "/dev/ttyACM0"
DEFAULT_BAUD = 57_600
HIGHEST_BAUD = 4_000_000
BROADCAST_HOST = "255.255.255.255"

FORMS = {
    "udp": "udp://[bind_host][:port]@[remote_host][:port]",
    "udp-b": "udp-b://[bind_host][:port]@[:port]",
    "udp-pb": "udp-pb://[bind_host][:port]@[:port]",
    "tcp": "tcp://[host][:port]",
    "tcp-l": "tcp-l://[bind_host][:port]",
    "serial": "serial:///dev/ttyACM0[:baud]",
    "serial-hwfc": "serial-hwfc:///dev/ttyACM0[:baud]",
}
_HOST_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """What a URL says.

    Attributes:
        scheme: a key of `FORMS`.
        bind: local address of udp and tcp-l.
        remote: where udp sends first and tcp connects to; None for udp that waits until somebody speaks.
        device, baud: of serial links.
        ids: MAVLink system and component that override the caller's own, if the URL has them.
    """

    scheme: str
    bind: Address | None = None
    remote: Address | None = None
    device: str = ""
    baud: int = 0
    ids: tuple[int, int] | None = None


def parse_link_url(
    url: str, bind_default: Address = DEFAULT_UDP_BIND, remote_port_default: int = DEFAULT_UDP_REMOTE_PORT
) -> LinkUrl:
    """Return the parts of a link URL, defaults filled in.

    Args:
        url: the URL; scheme and host may be in any case.
        bind_default: local host and port of a UDP link that names none.
        remote_port_default: port of a UDP remote that names none.

    Raises:
        InputError: the URL is malformed; the message has the value and the valid forms.
    """
    scheme, separator, rest = url.partition("://")
    scheme = scheme.lower()
    if not separator:
        if not url.startswith("/"):
            _refuse(url)
        scheme, rest = "serial", url
    if scheme not in FORMS:
        _refuse(url)
    place, _, query = rest.partition("?")
    arguments = _arguments(url, scheme, query) if "?" in rest else {}
    ids = _ids(url, scheme, arguments["ids"]) if "ids" in arguments else None
    if scheme.startswith("serial"):
        device, baud = _device(url, scheme, place, arguments.get("baud"))
        return LinkUrl(scheme, device=device, baud=baud, ids=ids)
    if "baud" in arguments:
        _refuse(url, scheme)
    place = place.lower().removesuffix("/")
    if scheme == "tcp":
        return LinkUrl(scheme, remote=_address(url, scheme, place, ("localhost", DEFAULT_TCP_PORT)), ids=ids)
    if scheme == "tcp-l":
        return LinkUrl(scheme, bind=_address(url, scheme, place, ("0.0.0.0", DEFAULT_TCP_PORT)), ids=ids)
    local, _, far = place.partition("@")
    bind = _address(url, scheme, local, bind_default)
    remote = _address(url, scheme, far, ("", remote_port_default))
    if scheme != "udp":
        if remote[0]:
            _refuse(url, scheme)  # libmavconn drops the host without a word
        remote = (BROADCAST_HOST, remote[1])
    if remote[0] and remote[1] == 0:
        _refuse(url, scheme)
    return LinkUrl(scheme, bind=bind, remote=remote if remote[0] else None, ids=ids)


def _refuse(url: str, scheme: str = "") -> NoReturn:
    forms = FORMS[scheme] + "[/?ids=system,component]" if scheme else "one of " + ", ".join(FORMS.values())
    raise InputError("mavlink link", "url", url, forms)


def _number(url: str, scheme: str, text: str, lowest: int, highest: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and lowest <= int(text) <= highest):
        _refuse(url, scheme)
    return int(text)


def _address(url: str, scheme: str, text: str, default: Address) -> Address:
    host, colon, port = text.partition(":")
    if not set(host) <= _HOST_CHARACTERS or len(host) > 253:
        _refuse(url, scheme)
    number = _number(url, scheme, port, 0, 65535) if colon else default[1]
    if scheme == "tcp" and number == 0:
        _refuse(url, scheme)
    return host or default[0], number


def _device(url: str, scheme: str, text: str, baud: str | None) -> Address:
    path, colon, behind = text.rpartition(":")
    if not colon or not (behind.isascii() and behind.isdigit()):
        path, behind = text, ""  # names of /dev/serial/by-path have colons of their own
    if behind and baud is not None:
        _refuse(url, scheme)
    path = path or DEFAULT_DEVICE
    if not path.startswith("/") or path.endswith((":", "/")) or "\0" in path or not path.isprintable():
        _refuse(url, scheme)
    rate = baud if baud is not None else behind
    return path, _number(url, scheme, rate, 1, HIGHEST_BAUD) if rate else DEFAULT_BAUD


def _arguments(url: str, scheme: str, query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=True)
    except ValueError:
        _refuse(url, scheme)
    arguments = dict(pairs)
    if len(arguments) != len(pairs) or not arguments.keys() <= {"ids", "baud"}:
        _refuse(url, scheme)
    if arguments.get("baud") == "":
        _refuse(url, scheme)
    return arguments


def _ids(url: str, scheme: str, text: str) -> tuple[int, int]:
    system, _, component = text.partition(",")
    return _number(url, scheme, system, 1, 255), _number(url, scheme, component, 1, 255)
