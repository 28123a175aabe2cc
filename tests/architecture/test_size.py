"""Modules and functions stay short enough to be read in one go."""

import ast
from pathlib import Path

import pytest

MODULE_LINES = 400
FUNCTION_LINES = 60

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "tui").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_is_short_and_so_are_its_functions(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert source.count("\n") <= MODULE_LINES
    long = {
        node.name: length
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and (length := node.end_lineno - node.lineno + 1) > FUNCTION_LINES
    }
    assert not long
