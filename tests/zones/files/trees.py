"""Changes to the tree of a good file."""

from __future__ import annotations

import copy
import json
from typing import Any


def changed_tree(good: Any, *path_and_value: Any) -> Any:
    """A copy of the good tree with the value at a path replaced; with the value KeyError it is left out."""
    *path, last, value = path_and_value
    tree = copy.deepcopy(good)
    node = tree
    for step in path:
        node = node[step]
    if value is KeyError:
        del node[last]
    else:
        node[last] = value
    return tree


def changed(good: Any, *path_and_value: Any) -> str:
    """The same as JSON."""
    return json.dumps(changed_tree(good, *path_and_value))
