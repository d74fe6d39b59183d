"""Sizes: short functions in short files, documented where others look. Prints the longest with -s."""

from __future__ import annotations

from statistics import median, quantiles

from architecture.source import ROOT, modules

MODULES = modules()


def test_files_and_functions_are_short() -> None:
    files = sorted((module.lines, f"{module.package}/{module.name}") for module in MODULES)
    functions = sorted((length, name) for module in MODULES for name, length, _ in module.functions())
    lengths, sizes = [n for n, _ in functions], [n for n, _ in files if n > 3]
    print(f"\n{len(files)} files: median {median(sizes):.0f}, p90 {quantiles(sizes, n=10)[-1]:.0f} lines")
    print(f"{len(functions)} functions: median {median(lengths):.0f}, p90 {quantiles(lengths, n=10)[-1]:.0f} lines")
    for n, name in files[-5:] + functions[-10:]:
        print(f"  {n:4} {name}")
    assert files[-1][0] <= 320, files[-1]
    assert functions[-1][0] <= 70, functions[-1]
    assert median(lengths) <= 8
    assert quantiles(lengths, n=10)[-1] <= 25


def test_public_functions_say_what_they_do() -> None:
    functions = [(name, bare) for module in MODULES for name, _, bare in module.functions()]
    bare = [name for name, missing in functions if missing]
    print(f"\n{len(bare)} undocumented: {bare[:20]}")
    # Functions inside functions and callbacks need none; what ruff's D1 rules ask for is held by the linter.
    assert len(bare) <= 0.1 * len(functions)


def test_there_is_about_as_much_test_as_code() -> None:
    code = sum(module.lines for module in MODULES)
    tests = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (ROOT / "tests").rglob("*.py"))
    print(f"\n{tests} lines of test to {code} of code: {tests / code:.2f}")
    assert 0.4 < tests / code < 1.5
