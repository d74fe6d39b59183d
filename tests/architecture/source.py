"""The source tree as data: modules, their package and floor, what they import, how long they are."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {
    "lenger_bringup": 5,
    "lenger_training": 4,
    "lenger_mission": 3,
    "lenger_fusion": 3,
    "lenger_safety": 3,
    "lenger_bridge": 3,
    "lenger_sim": 3,
    "lenger_mavlink": 2,
    "lenger_core": 2,
    "lenger_interfaces": 1,
}
"""The house of docs/architecture.md, top floor first."""


@dataclass(frozen=True)
class Module:
    """One Python file of a package."""

    package: str
    path: Path

    @property
    def name(self) -> str:
        """Path below the package's folder."""
        return self.path.relative_to(ROOT / "src" / self.package).as_posix()

    @property
    def is_node(self) -> bool:
        """Whether the file is a shell: the only kind that meets ROS."""
        return self.path.name.endswith("_node.py")

    @property
    def is_ros_helper(self) -> bool:
        """Whether the file is one of the ROS helpers of the shared model."""
        return self.name.startswith("lenger_core/ros/")

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @cached_property
    def lines(self) -> int:
        """Lines of the file."""
        return len(self.path.read_text(encoding="utf-8").splitlines())

    @cached_property
    def imports(self) -> frozenset[str]:
        """Dotted names of everything imported, also inside functions."""
        found: set[str] = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{self.name}:{node.lineno}: relative import"
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
        return frozenset(found)

    @property
    def top_imports(self) -> set[str]:
        """First parts of the imported names."""
        return {name.split(".")[0] for name in self.imports}

    def functions(self) -> Iterator[tuple[str, int, bool]]:
        """Yield (name with line, length in lines, whether public and undocumented) of every function."""
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                bare = not node.name.startswith("_") and ast.get_docstring(node) is None
                yield f"{self.package}/{self.name}:{node.lineno} {node.name}", length, bare

    def names(self, pattern: str) -> set[str]:
        """Return the identifiers in the file that match a regular expression."""
        text = re.compile(pattern)
        found: set[str] = set()
        for node in ast.walk(self.tree):
            word = getattr(node, "id", None) or getattr(node, "attr", None) or getattr(node, "arg", None)
            word = word or (node.name if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else None)
            if isinstance(word, str) and text.search(word):
                found.add(word)
        return found

    def calls_without_arguments(self) -> set[str]:
        """Return the last names of everything called with empty parentheses."""
        calls = [n for n in ast.walk(self.tree) if isinstance(n, ast.Call) and not n.args and not n.keywords]
        return {getattr(call.func, "attr", getattr(call.func, "id", "")) for call in calls}


def modules() -> list[Module]:
    """Return the Python files of all packages, without launch shims and setup.py."""
    found = []
    for package in FLOORS:
        folder = ROOT / "src" / package / package
        found += [Module(package, path) for path in sorted(folder.rglob("*.py"))]
    return found
