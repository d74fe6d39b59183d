"""Broken files of any text format, made from good ones; and the law that every reader is held to."""

from __future__ import annotations

import json
import resource
import tracemalloc
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from lenger_core.errors import InputError

CAMPAIGN_CASES = 10_000
SAMPLE_CASES = 60
SEED = 20260718
QUICK = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
MAX_MEMORY_MB = 1_000

ODD_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
) | st.sampled_from([10**400, -0.0, 5e-324, 1e308, 181, 91, [], {}, [[]], "\ud800", "\x00", "Point"])

PIECES = st.binary(max_size=10) | st.sampled_from(
    [b"", b"\t", b" ", b"\n", b"\r", b"#", b"nan", b"1e999", b"-1e400", b"9" * 500, b"-", b".", b",", b"\x00", b"<",
     b">", b"&#0;", b"]]>", b"<!DOCTYPE a>", b"{", b"]", b'"', b"\\u", b"16", b"22", b"177", b"\xef\xbb\xbf", b"\xff",
     b"0,0 0,0"]
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a tree."""
    keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
    return [path, *(deeper for key in keys for deeper in places(node[key], (*path, key)))]


@st.composite
def mutated_trees(draw: st.DrawFn, good: Sequence[str]) -> str:
    """A good JSON file with values replaced, deleted or doubled."""
    tree = {"root": json.loads(draw(st.sampled_from(good)))}
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from(places(tree)[1:]))
        node: Any = tree
        for key in path[:-1]:
            node = node[key]
        action = draw(st.sampled_from(["replace", "delete", "double"]))
        if action == "delete" and len(path) > 1:
            del node[path[-1]]
        elif action == "double" and isinstance(node, list):
            node.extend([node[path[-1]]] * draw(st.integers(1, 30)))
        else:
            node[path[-1]] = deepcopy(draw(ODD_VALUES))  # a later change must not reach the samples
    return json.dumps(tree["root"])


@st.composite
def mutated_bytes(draw: st.DrawFn, good: Sequence[str]) -> str:
    """A good file with pieces overwritten, cut out or doubled."""
    raw = bytearray(draw(st.sampled_from(good)).encode())
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, max(len(raw) - 1, 0)))
        end = min(len(raw), start + draw(st.integers(0, 40)))
        raw[start:end] = draw(PIECES | st.just(bytes(raw[start:end]) * 3))
    return raw.decode("utf-8", draw(st.sampled_from(["replace", "surrogateescape"])))


def texts(good: Sequence[str], json_too: bool = False) -> st.SearchStrategy[str]:
    """Return broken files made from good ones, and a few that are none at all."""
    kinds = [mutated_bytes(good), mutated_bytes(good), st.text(max_size=200), st.sampled_from(list(good))]
    return st.one_of(*([mutated_trees(good)] if json_too else []), *kinds)


def read_or_refused(read: Callable[[str], object], text: str) -> bool:
    """Return whether a text was read; what is refused is refused by one line that a terminal can show."""
    try:
        read(text)
    except InputError as error:
        line = str(error)
        assert line.isprintable() and len(line) < 1_000, line
        return False
    return True


def campaign(read: Callable[[str], object], strategy: st.SearchStrategy[str], what: str) -> None:
    """Read 10,000 broken files, and print what became of them and the memory that it took."""
    count = {True: 0, False: 0}

    @seed(SEED)
    @settings(max_examples=CAMPAIGN_CASES, deadline=None, suppress_health_check=QUICK, database=None)
    @given(strategy)
    def run(text: str) -> None:
        count[read_or_refused(read, text)] += 1

    run()
    total = sum(count.values())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024
    print(f"\n{what}, seed {SEED}: {total} files, {count[True]} read, {count[False]} refused, 0 failures")
    print(f"shows fewer than {3.0 / total:.3%} failures a file at 95 %; peak memory {peak_mb:.0f} MB")
    assert total >= CAMPAIGN_CASES
    assert count[True] > 0.02 * total
    assert peak_mb < MAX_MEMORY_MB


def memory_mb(read: Callable[[str], object], text: str) -> float:
    """Return the peak of Python's memory while a text is read or refused."""
    tracemalloc.start()
    try:
        read_or_refused(read, text)
        return tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()
