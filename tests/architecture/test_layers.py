"""The import contracts of pyproject.toml hold, and they notice when they do not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def linted(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False
    )


def test_every_contract_is_kept(root: Path) -> None:
    result = linted(root)
    assert result.returncode == 0, result.stdout + result.stderr


BREACHES = [
    ("tui.sim.model.packet", "tui.session"),
    ("tui.sim.netfilter.rules", "tui.sim.routing.network"),
    ("tui.sim.model.packet", "time"),
    ("tui.session", "rich"),
    ("tui.sim.model.cluster", "yaml"),
    ("tui.sim.services", "networkx"),
]


def broken(root: Path, folder: Path, module: str, line: str) -> str:
    """What the linter says of a copy of the program in which one module has one more line."""
    shutil.copy(root / "pyproject.toml", folder)
    shutil.copytree(root / "tui", folder / "tui", ignore=shutil.ignore_patterns("__pycache__"))
    with folder.joinpath(*module.split(".")).with_suffix(".py").open("a") as file:
        file.write(f"\n{line}\n")
    result = linted(folder)
    assert result.returncode == 1
    return result.stdout


@pytest.mark.parametrize(("module", "imported"), BREACHES)
def test_a_breach_is_named(root: Path, tmp_path: Path, module: str, imported: str) -> None:
    said = broken(root, tmp_path, module, f"import {imported}")
    assert f"{module} -> {imported}" in said


def test_a_module_without_a_layer_is_named(root: Path, tmp_path: Path) -> None:
    said = broken(root, tmp_path, "tui.elsewhere", '"""In no layer."""')
    assert "tui.elsewhere" in said
