"""MAVROS's link URLs: known forms, refusals, and any text."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_mavlink.link_url import FORMS, LinkUrl, parse_link_url

ANY = ("0.0.0.0", 14555)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("udp://@", LinkUrl("udp", bind=ANY)),
        ("udp://:14540@127.0.0.1:14557", LinkUrl("udp", ("0.0.0.0", 14540), ("127.0.0.1", 14557))),
        ("UDP://LocalHost:14540@Gcs.Local", LinkUrl("udp", ("localhost", 14540), ("gcs.local", 14550))),
        (
            "udp://:14540@10.0.0.2:14557/?ids=1,240",
            LinkUrl("udp", ("0.0.0.0", 14540), ("10.0.0.2", 14557), ids=(1, 240)),
        ),
        ("udp://:14540@?ids=2,191", LinkUrl("udp", ("0.0.0.0", 14540), ids=(2, 191))),
        ("udp-b://@", LinkUrl("udp-b", ANY, ("255.255.255.255", 14550))),
        ("udp-b://:1@:2", LinkUrl("udp-b", ("0.0.0.0", 1), ("255.255.255.255", 2))),
        ("udp-pb://10.1.1.1@:14551", LinkUrl("udp-pb", ("10.1.1.1", 14555), ("255.255.255.255", 14551))),
        ("tcp://", LinkUrl("tcp", remote=("localhost", 5760))),
        ("tcp://:5763", LinkUrl("tcp", remote=("localhost", 5763))),
        ("tcp://sitl:5760/?ids=1,1", LinkUrl("tcp", remote=("sitl", 5760), ids=(1, 1))),
        ("tcp-l://", LinkUrl("tcp-l", bind=("0.0.0.0", 5760))),
        ("tcp-l://127.0.0.1:0/", LinkUrl("tcp-l", bind=("127.0.0.1", 0))),
        ("/dev/ttyACM0", LinkUrl("serial", device="/dev/ttyACM0", baud=57600)),
        ("/dev/ttyUSB1:921600", LinkUrl("serial", device="/dev/ttyUSB1", baud=921600)),
        ("serial://", LinkUrl("serial", device="/dev/ttyACM0", baud=57600)),
        ("serial:///dev/ttyS0:115200?ids=1,240", LinkUrl("serial", device="/dev/ttyS0", baud=115200, ids=(1, 240))),
        ("serial:///dev/ttyS0?baud=115200", LinkUrl("serial", device="/dev/ttyS0", baud=115200)),
        (
            "serial-hwfc:///dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0:57600",
            LinkUrl("serial-hwfc", device="/dev/serial/by-path/pci-0000:00:14.0-usb-0:1:1.0", baud=57600),
        ),
    ],
)
def test_urls(url: str, expected: LinkUrl) -> None:
    assert parse_link_url(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ttyACM0",
        "http://localhost",
        "udp:/:14540@",
        "udp://:99999@",
        "udp://:port@",
        "udp://:@",
        "udp://:1@h:2/path",
        "udp://a@b@c",
        "udp://[::1]:14540@",
        "udp://h:1@h:0",
        "udp-b://:1@host:2",
        "udp://:1@?baud=57600",
        "udp://:1@?ids=1",
        "udp://:1@?ids=0,1",
        "udp://:1@?ids=1,256",
        "udp://:1@?ids=1,1&ids=2,2",
        "udp://:1@?idz=1,1",
        "tcp://host:0",
        "tcp://host:५",
        "serial:///dev/ttyS0:0",
        "serial:///dev/ttyS0:99999999",
        "serial:///dev/ttyS0:57600?baud=57600",
        "serial:///dev/ttyS0:fast:",
        "serial://dev/ttyS0",
        "/dev/tty\0",
    ],
)
def test_bad_urls_name_the_value_and_what_is_valid(url: str) -> None:
    with pytest.raises(InputError) as error:
        parse_link_url(url)
    scheme = "serial" if url.startswith("/") else url.partition("://")[0]
    assert error.value.value == url
    assert FORMS.get(scheme, "udp://[bind_host]") in str(error.value)


PARTS = [
    "udp",
    "udp-b",
    "udp-pb",
    "tcp",
    "tcp-l",
    "serial",
    "serial-hwfc",
    "://",
    ":",
    "@",
    "/",
    "?",
    "&",
    "ids=",
    "baud=",
]
PARTS += ["1,1", ",", "14540", "65536", "host", "127.0.0.1", "/dev/ttyS0", "-1", " ", "٣", "\0"]
pieces = st.lists(st.sampled_from(PARTS), max_size=9).map("".join)


@settings(max_examples=500, deadline=None)
@given(st.one_of(pieces, st.text(max_size=40), st.tuples(st.sampled_from(list(FORMS)), pieces).map("://".join)))
def test_any_text_parses_to_something_usable_or_is_refused(url: str) -> None:
    try:
        parsed = parse_link_url(url)
    except InputError:
        return
    assert parsed.scheme in FORMS
    for address in (parsed.bind, parsed.remote):
        assert address is None or (address[0] and 0 <= address[1] <= 65535)
    assert bool(parsed.device) == bool(parsed.baud) == parsed.scheme.startswith("serial")
    assert parsed.ids is None or all(1 <= number <= 255 for number in parsed.ids)
