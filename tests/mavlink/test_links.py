"""UDP links over the real loopback interface."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lenger_core.errors import InputError, MissingError
from lenger_mavlink.links import UdpLink, open_link, parse_udp_url

ANY = ("127.0.0.1", 0)


def test_datagrams_both_ways(wait_until: Callable[..., None]) -> None:
    a = UdpLink(ANY)
    b = UdpLink(ANY, a.bound)
    try:
        a.send(b"nobody is there yet")
        b.send(b"one")
        b.send(b"two")
        got: list[bytes] = []
        wait_until(lambda: len(got_so_far(got, a)) == 2, 5.0)
        assert got == [b"one", b"two"]
        a.send(b"answer")  # to whoever spoke last
        back: list[bytes] = []
        wait_until(lambda: len(got_so_far(back, b)) == 1, 5.0)
        assert back == [b"answer"]
    finally:
        a.close()
        b.close()


def got_so_far(got: list[bytes], link: UdpLink) -> list[bytes]:
    got += link.receive()
    return got


def test_receive_does_not_block_and_a_dead_peer_does_not_raise() -> None:
    gone = UdpLink(ANY)
    link = UdpLink(ANY, gone.bound)
    gone.close()
    try:
        for _ in range(5):
            link.send(b"x")
            assert link.receive() == []
    finally:
        link.close()


def test_a_taken_port_is_named() -> None:
    first = UdpLink(ANY)
    try:
        with pytest.raises(MissingError, match=str(first.bound[1])):
            UdpLink(first.bound)
    finally:
        first.close()


@pytest.mark.parametrize(
    ("url", "bind", "peer"),
    [
        ("udp://:14540@127.0.0.1:14580", ("0.0.0.0", 14540), ("127.0.0.1", 14580)),
        ("udp://127.0.0.1:14580@127.0.0.1:14540", ("127.0.0.1", 14580), ("127.0.0.1", 14540)),
        ("udp://:14550@", ("0.0.0.0", 14550), None),
        ("udp://@10.0.0.2", ("0.0.0.0", 14540), ("10.0.0.2", 14557)),
        ("udp://:14550", ("0.0.0.0", 14550), None),
    ],
)
def test_urls(url: str, bind: tuple[str, int], peer: tuple[str, int] | None) -> None:
    assert parse_udp_url(url, ("0.0.0.0", 14540), 14557) == (bind, peer)


@pytest.mark.parametrize("url", ["", "tcp://localhost:5760", "udp://:99999@", "udp://:port@", "udp://:1@h:2/path"])
def test_bad_urls_say_what_is_valid(url: str) -> None:
    with pytest.raises(InputError, match="udp://"):
        open_link(url)
