"""Changes to the tree of a good file."""

from __future__ import annotations

import copy
import json
from typing import Any


def changed(good: Any, *path_and_value: Any) -> str:
    """The good tree as JSON with the value at a path replaced; with the value KeyError it is left out."""
    *path, last, value = path_and_value
    tree = copy.deepcopy(good)
    node = tree
    for step in path:
        node = node[step]
    if value is KeyError:
        del node[last]
    else:
        node[last] = value
    return json.dumps(tree)
