"""Nothing that could make two runs differ is imported or called where results must repeat."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

REPEATABLE = ("comparison", "course", "session.py", "sim", "words")
UNREPEATABLE = {"asyncio", "asyncssh", "random", "rich", "secrets", "socket", "textual", "time"}

OUTSIDE_WORLD = {"io", "os", "pathlib", "shutil", "subprocess", "tempfile", "threading", "urllib"}
"""What a core without files, processes and threads has no use for."""
OUTSIDE_CALLS = {"breakpoint", "input", "open", "print"}
"""Built-in functions that reach out of the program."""


def modules(root: Path, *parts: str) -> Iterator[Path]:
    """Every module of these parts of the package."""
    for part in parts:
        path = root / "tui" / part
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def imported(tree: ast.AST) -> set[str]:
    """The top-level packages that a module names in an import, wherever it stands."""
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    } | {
        node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
    }
    return {name.partition(".")[0] for name in names}


def called(tree: ast.AST) -> set[str]:
    """The plain names that a module calls."""
    return {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


@pytest.mark.parametrize("part", REPEATABLE)
def test_no_terminal_clock_chance_or_socket(root: Path, part: str) -> None:
    found = {
        str(path.relative_to(root)): breach
        for path in modules(root, part)
        if (breach := imported(ast.parse(path.read_bytes())) & UNREPEATABLE)
    }
    assert not found


def test_the_core_reaches_nothing_outside(root: Path) -> None:
    found = {}
    for path in modules(root, "sim", "session.py"):
        tree = ast.parse(path.read_bytes())
        if breach := (imported(tree) & OUTSIDE_WORLD) | (called(tree) & OUTSIDE_CALLS):
            found[str(path.relative_to(root))] = breach
    assert not found


def test_every_part_exists(root: Path) -> None:
    assert all(list(modules(root, part)) for part in REPEATABLE)


def test_imports_and_calls_are_seen_wherever_they_stand() -> None:
    tree = ast.parse("def f():\n    import os.path\n    from random import choice\n    open('x')")
    assert imported(tree) == {"os", "random"}
    assert called(tree) == {"open"}
